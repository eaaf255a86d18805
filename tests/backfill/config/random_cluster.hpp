// Random clusters that use every field that a file has, in the shape that parse_cluster gives them.
#pragma once

#include <string>

#include "backfill/model/cluster.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

// Without a topology, which only hwloc could check.
Cluster random_cluster(Random& random);

}  // namespace wattfill::testing
