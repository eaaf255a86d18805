// Where runtime estimates come from. The core takes a source and asks; it does not know what stands behind it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backfill/model/job.hpp"

namespace wattfill {

// The corrected estimate after the k-th overrun, k from 1 (Tsafrir, Etsion, Feitelson 2007): the initial estimate plus
// 1, 5, 15, 30 min, 1, 2, 5, 10, 20, 50, 100 h, and never beyond the request. Beyond the table's end, the request.
inline Seconds tsafrir_correction(Seconds initial, Seconds requested, int overruns) {
  constexpr std::array<std::int64_t, 11> kSteps = {60, 300, 900, 1800, 3600, 7200, 18000, 36000, 72000, 180000, 360000};
  if (overruns < 1) return std::min(initial, requested);
  if (overruns > static_cast<int>(kSteps.size())) return requested;
  return std::min(initial + Seconds{kSteps[static_cast<std::size_t>(overruns - 1)]}, requested);
}

// A source learns only from the events that it is told, in their order; it never looks ahead. Deterministic.
class EstimateSource {
 public:
  virtual ~EstimateSource() = default;

  virtual std::string_view name() const = 0;

  // The estimate for a job that enters the queue. Called once for each submission. Result > 0 and at most
  // job.requested; what only orders may be any index > 0, for instance one that grows faster than the runtime.
  virtual Seconds at_submit(const Job& job, SimTime now) = 0;

  // The estimate for a job that has waited since at_submit(), with what was learned in between; nullopt: as it was.
  // Teaches the source nothing, so that it makes no difference to later estimates whether it was asked.
  virtual std::optional<Seconds> while_waiting(const Job& /*job*/, SimTime /*now*/) { return std::nullopt; }

  // The estimate of a running job that has outlived the one before, `overruns` times in all. Result greater than the
  // time that it has run, unless that reaches the request.
  virtual Seconds after_overrun(const Job& job, Seconds initial, int overruns) {
    return tsafrir_correction(initial, job.requested, overruns);
  }

  virtual void started(const Job& /*job*/, SimTime /*now*/) {}
  virtual void ended(const Job& /*job*/, SimTime /*now*/, Seconds /*runtime*/) {}
  virtual void cancelled(const Job& /*job*/, SimTime /*now*/) {}

  // Of the learned model that answers now, for records; 0: there is none.
  virtual std::uint64_t model_digest() { return 0; }

  // True when the estimates bound the runtime from above, so that reservations made with them hold.
  virtual bool upper_bound() const { return false; }
};

// The user's request: the bound that the system enforces.
class RequestedTime final : public EstimateSource {
 public:
  std::string_view name() const override { return "requested"; }
  Seconds at_submit(const Job& job, SimTime) override { return job.requested; }
  bool upper_bound() const override { return true; }
};

}  // namespace wattfill
