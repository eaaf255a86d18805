// The mean of a user's last two runtimes (Tsafrir, Etsion, Feitelson 2007), never above the request.
#pragma once

#include <unordered_map>

#include "backfill/model/estimate_source.hpp"

namespace wattfill {

// Until a user has two finished jobs the request serves. The mean is rounded down, as in the published schedules, and
// is at least one second.
class LastTwo final : public EstimateSource {
 public:
  std::string_view name() const override { return "last-two"; }
  Seconds at_submit(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;

 private:
  struct History {
    Seconds last{0};
    Seconds previous{0};
    int finished = 0;  // counted up to two
  };
  std::unordered_map<std::int32_t, History> users_;
};

}  // namespace wattfill
