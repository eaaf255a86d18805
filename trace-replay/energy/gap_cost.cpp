#include "trace-replay/energy/gap_cost.hpp"

#include <algorithm>

namespace wattfill {

Milliwatts deepest_power(const NodePower& power) {
  Milliwatts least = power.idle;
  for (const SleepState& state : power.sleep) least = std::min(least, state.power);
  return least;
}

GapCosts::GapCosts(const NodePower& power) : held_{{Seconds{0}, power.idle.count, 0}}, horizon_(held_) {
  for (const SleepState& state : power.sleep) {
    const std::int64_t asleep = state.power.count;
    const Int128 enter = Int128{state.enter.energy.count} - Int128{asleep} * state.enter.duration.count();
    const Int128 leave = Int128{state.leave.energy.count} - Int128{asleep} * state.leave.duration.count();
    held_.push_back({state.enter.duration + state.leave.duration, asleep, enter + leave});
    horizon_.push_back({state.enter.duration, asleep, enter});
  }
  for (std::size_t way = 0; way < held_.size(); ++way) horizon_relaxed_.push_back(relaxed(way));
}

// A way spares at the horizon what waking would have cost. If a deeper way never spares less than a lighter one, the
// horizon only makes deeper ways cheaper against lighter ones, and the deepest cheapest way there is at least as deep:
// the order of the slopes. So a deeper way is granted what any lighter one spares.
GapCosts::Way GapCosts::relaxed(std::size_t way) const {
  Way result = horizon_[way];
  Int128 spared = held_[way].fixed - horizon_[way].fixed;
  for (std::size_t other = 0; other < held_.size(); ++other)
    if (held_[other].power > held_[way].power) spared = std::max(spared, held_[other].fixed - horizon_[other].fixed);
  result.fixed = held_[way].fixed - spared;
  return result;
}

GapCosts::Cost GapCosts::cheapest(Seconds length, GapEnd end) const {
  const std::vector<Way>& all = ways(end);
  Cost best{all.front().at(length), false};
  for (auto way = all.begin() + 1; way != all.end(); ++way)
    if (length >= way->least && way->at(length) < best.millijoules) best = {way->at(length), true};
  return best;
}

Int128 GapCosts::concave(Seconds length, GapEnd end) const {
  const std::vector<Way>& all = end == GapEnd::kHeld ? held_ : horizon_relaxed_;
  Int128 best = all.front().at(length);
  for (const Way& way : all) best = std::min(best, way.at(length));
  return best;
}

}  // namespace wattfill
