// What an idle gap of a node costs, awake or asleep, and from which length on sleep pays.
#pragma once

#include <cstdint>

#include "backfill/model/cluster.hpp"

namespace wattfill {

inline constexpr std::int32_t kAwake = -1;  // instead of an index into NodePower::sleep

// The energy of a gap that is spent asleep, both transitions included. Precondition: they fit into it.
constexpr Millijoules asleep_through(const SleepState& state, Seconds gap) {
  return state.enter.energy + state.leave.energy + state.power * (gap - state.enter.duration - state.leave.duration);
}

// From how many whole seconds on sleep, transitions included, takes less energy than idling, if transitions took no
// time (Irani, Shukla, Gupta 2003):
//   T = (E_enter + E_leave - P_sleep (t_enter + t_leave)) / (P_idle - P_sleep)
// Idling for so long before falling asleep takes at most twice the energy of the optimum for the same gaps (ski
// rental), to the second's idling that whole seconds cost. kForever where sleep never pays.
Seconds competitive_timeout(const NodePower& power, const SleepState& state);

// The shortest whole gap in which sleeping takes less energy than idling: the same, but never less than both
// transitions.
Seconds break_even(const NodePower& power, const SleepState& state);

// The state in which a gap of a known length costs the least energy; kAwake where none saves anything.
std::int32_t best_state(const NodePower& power, Seconds gap);

}  // namespace wattfill
