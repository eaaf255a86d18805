// What a node draws, and what must hold for it to be metered.
#pragma once

#include <cstdint>

#include "backfill/model/cluster.hpp"

namespace wattfill {

inline constexpr std::int32_t kFullSpeed = -1;

// Of a node with all cores at work. `frequency` is an index into NodePower::frequencies, or kFullSpeed. Throws
// std::logic_error if the type has no such state.
Milliwatts active_power(const NodeType& type, std::int32_t frequency);

// NodePower's formula, of a node with `cores` > 0 of its cores and `packages` of its packages in use.
Milliwatts power_in_use(const NodeType& type, std::int32_t frequency, std::int32_t cores, std::int32_t packages);

// In its last second a transition draws what its whole seconds before have left of its energy.
Milliwatts first_power(const Transition& transition);
Milliwatts last_second_power(const Transition& transition);

// Throws std::invalid_argument, naming cluster, type and field, unless no power is negative, a transition's energy
// covers its whole seconds at its power (and a transition without duration costs nothing), with shared nodes the
// insides agree with `processors` and active power covers idle power and all packages, and no sum can overflow.
void check_power(const Cluster& cluster);

}  // namespace wattfill
