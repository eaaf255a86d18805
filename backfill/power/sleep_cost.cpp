#include "backfill/power/sleep_cost.hpp"

#include <algorithm>

namespace wattfill {

Seconds competitive_timeout(const NodePower& power, const SleepState& state) {
  const Seconds both = state.enter.duration + state.leave.duration;
  const std::int64_t saved = (power.idle - state.power).count;
  if (saved <= 0) return kForever;
  const Millijoules extra = state.enter.energy + state.leave.energy - state.power * both;
  return Seconds{extra.count < 0 ? 0 : extra.count / saved + 1};
}

Seconds break_even(const NodePower& power, const SleepState& state) {
  return std::max(state.enter.duration + state.leave.duration, competitive_timeout(power, state));
}

}  // namespace wattfill
