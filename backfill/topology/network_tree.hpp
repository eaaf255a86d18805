// A network without loops, hung up at the middle of a longest path: there the root of a tree of switches is.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/topology/network_layout.hpp"

namespace wattfill {

inline constexpr NodeIndex kNoNode = std::numeric_limits<NodeIndex>::max();

struct RootedTree {
  std::vector<std::int32_t> parent;  // by switch; the root is its own
  // Whether all switches with nodes are equally far from the root. Only then:
  bool uniform = false;
  std::vector<std::int32_t> hosts;     // the switches with nodes, those below one switch in a row
  std::vector<NetworkDomain> domains;  // ranges of `hosts`
};

// `graph`: a tree in which each switch without nodes has two links or more. `first_node`: the lowest node at each
// switch, or kNoNode. O(switches log switches).
RootedTree hang_up(const NetworkGraph& graph, const std::vector<NodeIndex>& first_node);

}  // namespace wattfill
