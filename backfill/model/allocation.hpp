// What a job gets of a machine whose nodes have an identity.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/core_set.hpp"

namespace wattfill {

// Nodes are numbered from 0 through all node types in the order of the cluster file.
using NodeIndex = std::int32_t;

struct Allocation {
  std::vector<NodeIndex> nodes;  // ascending, each once
  std::vector<CoreSet> cores;    // where nodes are shared: for each node, the cores of this job; else empty
  bool operator==(const Allocation&) const = default;
};

// Consecutive nodes.
struct NodeRun {
  NodeIndex first;
  std::int32_t length;
  NodeIndex end() const { return first + length; }
  bool operator==(const NodeRun&) const = default;
};

// Calls visit(run) for each run of consecutive nodes, as long as can be. `nodes`: ascending, each once. O(r log n) with
// r runs of n nodes.
template <class Visit>
void for_each_run(std::span<const NodeIndex> nodes, Visit&& visit) {
  for (std::size_t begin = 0; begin < nodes.size();) {
    // The n-th node from here on is the n-th consecutive one only if none between is absent: a search by doubling.
    const auto is_run = [&](std::size_t length) {
      if (length > nodes.size() - begin) return false;
      assert(nodes[begin + length - 1] - nodes[begin] >= static_cast<NodeIndex>(length) - 1);
      return nodes[begin + length - 1] - nodes[begin] == static_cast<NodeIndex>(length) - 1;
    };
    std::size_t length = 1;
    std::size_t step = 1;
    for (; is_run(length + step); step *= 2) length += step;
    for (; step > 0; step /= 2)
      if (is_run(length + step)) length += step;
    visit(NodeRun{nodes[begin], static_cast<std::int32_t>(length)});
    begin += length;
  }
}

}  // namespace wattfill
