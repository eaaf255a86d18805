// What a job gets of a machine whose nodes have an identity.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/core_set.hpp"

namespace wattfill {

// Nodes are numbered from 0 through all node types in the order of the cluster file.
using NodeIndex = std::int32_t;

struct Allocation {
  std::vector<NodeIndex> nodes;  // ascending
  std::vector<CoreSet> cores;    // where nodes are shared: for each node, the cores of this job; else empty
  bool operator==(const Allocation&) const = default;
};

}  // namespace wattfill
