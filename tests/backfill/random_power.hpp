// Random powers of a node, small numbers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "backfill/model/cluster.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

// Whatever can be metered.
inline NodePower random_power(Random& random) {
  NodePower power;
  power.idle = {random.between(1, 100)};
  power.active = {random.between(120, 250)};
  for (auto states = random.between(0, 3); states > 0; --states) {
    SleepState state;
    state.power = {random.between(0, 120)};
    for (Transition* transition : {&state.enter, &state.leave}) {
      transition->duration = Seconds{random.between(0, 6)};
      if (transition->duration > Seconds{0}) transition->energy = {random.between(0, 700)};
    }
    power.sleep.push_back(state);
  }
  return power;
}

// Like a real node's: from light to deep each state draws less and costs more to leave, beside sleeping on, and
// transitions draw no less than idling.
inline NodePower ordinary_power(Random& random) {
  NodePower power = random_power(random);
  Milliwatts lighter = power.idle;
  std::int64_t leaving = 0;  // the lighter state
  for (SleepState& state : power.sleep) {
    state.power = lighter = {random.between(0, lighter.count)};
    if (state.leave.duration == Seconds{0}) state.leave.duration = Seconds{1};
    for (Transition* transition : {&state.enter, &state.leave})
      transition->energy = std::max(transition->energy, power.idle * transition->duration);
    const Millijoules asleep = state.power * state.leave.duration;
    state.leave.energy = std::max(state.leave.energy, asleep + Millijoules{leaving});
    leaving = (state.leave.energy - asleep).count;
  }
  return power;
}

}  // namespace wattfill::testing
