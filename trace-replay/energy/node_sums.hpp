// A sum for every node, to which runs of nodes add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/allocation.hpp"

namespace wattfill {

// Kept as differences between neighbours: adding touches the two ends of a run only. They are added up modulo 2^64, so
// every sum that 64 bits hold is right.
class NodeSums {
 public:
  explicit NodeSums(NodeIndex nodes) : steps_(static_cast<std::size_t>(nodes) + 1) {}

  // Adds the amount to each node of the run. O(1).
  void add(NodeRun run, std::int64_t amount) {
    steps_[static_cast<std::size_t>(run.first)] += static_cast<std::uint64_t>(amount);
    steps_[static_cast<std::size_t>(run.end())] -= static_cast<std::uint64_t>(amount);
  }

  // By node. O(nodes).
  std::vector<std::int64_t> all() const {
    std::vector<std::int64_t> sums;
    std::uint64_t sum = 0;
    for (std::size_t node = 0; node + 1 < steps_.size(); ++node)
      sums.push_back(static_cast<std::int64_t>(sum += steps_[node]));
    return sums;
  }

 private:
  std::vector<std::uint64_t> steps_;
};

}  // namespace wattfill
