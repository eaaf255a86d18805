// At which of their frequencies the nodes of a machine work: one for each node type, as sites set it.
#pragma once

#include <cstdint>

#include "backfill/model/cluster.hpp"

namespace wattfill {

// The machine with every type at its `level`-th frequency below full speed, at most the lowest that it has: its speed
// and active power are those of that frequency, and lower ones are all that is left to choose from. Level 0 is the
// machine itself. Precondition: level >= 0.
Cluster at_frequency(Cluster cluster, std::int32_t level);

// The machine with each type at the frequency at which a piece of work takes the least energy beyond what the node
// would draw in its deepest sleep state, or idle where it has none, for as long; ties go to the faster one. So where
// nodes sleep soundly full speed is often best ("race to sleep"), where they idle dearly it seldom is.
Cluster at_most_efficient_frequency(Cluster cluster);

}  // namespace wattfill
