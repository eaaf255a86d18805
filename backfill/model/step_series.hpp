// A value over time that changes in steps: a power cap, a tariff, a carbon intensity.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

class StepSeries {
 public:
  struct Step {
    SimTime from{};
    std::int64_t value = 0;
    bool operator==(const Step&) const = default;
  };

  StepSeries() = default;
  explicit StepSeries(std::int64_t constant) : steps_{{SimTime{}, constant}} {}
  // Steps in strictly ascending order of time, the first value holding before them too. With a period > 0 the steps
  // lie within [0, period) and repeat for ever (a day, a week).
  explicit StepSeries(std::vector<Step> steps, Seconds period = Seconds{0})
      : steps_(std::move(steps)), period_(period) {}

  bool empty() const { return steps_.empty(); }
  Seconds period() const { return period_; }
  const std::vector<Step>& steps() const { return steps_; }

  // O(log steps). Precondition: not empty.
  std::int64_t at(SimTime time) const { return steps_[index(phase(time))].value; }

  // The first time after `time` at which the value may change; kNever if it never does.
  SimTime next_change(SimTime time) const {
    if (steps_.size() < 2) return kNever;
    const SimTime in = phase(time);
    const auto it = after(in);
    if (it != steps_.end()) return time + (it->from - in);
    return period_ > Seconds{0} ? time + (steps_.front().from + period_ - in) : kNever;
  }

  // Over all time. Precondition: not empty.
  std::int64_t lowest() const { return std::ranges::min(steps_, {}, &Step::value).value; }
  std::int64_t highest() const { return std::ranges::max(steps_, {}, &Step::value).value; }
  bool constant() const { return lowest() == highest(); }

  bool operator==(const StepSeries&) const = default;

 private:
  // Where a time falls within the period; a period has no beginning, so times before 0 wrap around too.
  SimTime phase(SimTime time) const {
    if (period_ == Seconds{0}) return time;
    const Seconds in = time.time_since_epoch() % period_;
    return SimTime{in < Seconds{0} ? in + period_ : in};
  }
  std::vector<Step>::const_iterator after(SimTime time) const {
    return std::upper_bound(steps_.begin(), steps_.end(), time, [](SimTime t, const Step& s) { return t < s.from; });
  }
  std::size_t index(SimTime time) const {
    const auto it = after(time);
    // Before the first step of a period, the last one of the period before still holds.
    if (it == steps_.begin()) return period_ > Seconds{0} ? steps_.size() - 1 : 0;
    return static_cast<std::size_t>(it - steps_.begin()) - 1;
  }

  std::vector<Step> steps_;
  Seconds period_{};
};

}  // namespace wattfill
