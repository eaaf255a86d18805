// The mean of all runtimes of a user so far, never above the request; the request for a user without an ended job.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "runtime-predictor/predictor.hpp"

namespace wattfill {

class UserMean final : public Predictor {
 public:
  std::string_view name() const override { return "user-mean"; }
  Prediction predict(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;

 private:
  struct Sum {
    std::int64_t jobs = 0;
    std::int64_t seconds = 0;
  };
  std::unordered_map<std::int32_t, Sum> users_;
};

}  // namespace wattfill
