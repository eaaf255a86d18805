// From which length on an idle gap of a node is better slept.
#pragma once

#include "backfill/model/cluster.hpp"

namespace wattfill {

// From how many whole seconds on sleep, transitions included, takes less energy than idling, if transitions took no
// time (Irani, Shukla, Gupta 2003):
//   T = (E_enter + E_leave - P_sleep (t_enter + t_leave)) / (P_idle - P_sleep)
// Idling for so long before falling asleep takes at most twice the energy of the optimum for the same gaps (ski
// rental), to the second's idling that whole seconds cost. kForever where sleep never pays.
Seconds competitive_timeout(const NodePower& power, const SleepState& state);

// The shortest whole gap in which sleeping takes less energy than idling: the same, but never less than both
// transitions.
Seconds break_even(const NodePower& power, const SleepState& state);

}  // namespace wattfill
