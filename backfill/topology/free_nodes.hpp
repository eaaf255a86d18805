// The nodes of one type that are up, by how much of each is free.
//
// What is free is counted in units: the node itself where nodes are taken whole (one unit), else its cores.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/node_set.hpp"

namespace wattfill {

class FreeNodes {
 public:
  // The nodes [begin, end), all down at first.
  FreeNodes(NodeIndex begin, NodeIndex end, std::int32_t units_per_node)
      : with_free_(static_cast<std::size_t>(units_per_node) + 1, NodeSet(begin, end)) {}

  std::int32_t units_per_node() const { return static_cast<std::int32_t>(with_free_.size()) - 1; }
  std::int64_t free_units() const { return free_units_; }

  // The nodes that have exactly so many units free.
  const NodeSet& with_free(std::int32_t units) const { return with_free_[static_cast<std::size_t>(units)]; }
  const NodeSet& unused() const { return with_free_.back(); }

  void add(NodeIndex node, std::int32_t units) {
    with_free_[static_cast<std::size_t>(units)].add(node);
    free_units_ += units;
  }
  void remove(NodeIndex node, std::int32_t units) {
    with_free_[static_cast<std::size_t>(units)].remove(node);
    free_units_ -= units;
  }

  // The same for all nodes of a run.
  void add(NodeRun run, std::int32_t units) {
    with_free_[static_cast<std::size_t>(units)].add(run);
    free_units_ += std::int64_t{units} * run.length;
  }
  void remove(NodeRun run, std::int32_t units) {
    with_free_[static_cast<std::size_t>(units)].remove(run);
    free_units_ -= std::int64_t{units} * run.length;
  }

  // Moves those of the run that nobody uses into another pool of the same nodes.
  void move_unused(NodeRun run, FreeNodes& to) {
    const std::int64_t units = std::int64_t{units_per_node()} * with_free_.back().move(run, to.with_free_.back());
    free_units_ -= units;
    to.free_units_ += units;
  }

  // How many free units a job can get that takes no more than `most` of any node. O(units of a node) if those are more.
  std::int64_t obtainable(std::int32_t most) const {
    if (most >= units_per_node()) return free_units_;
    std::int64_t sum = 0;
    for (std::int32_t units = 1; units <= units_per_node(); ++units)
      sum += static_cast<std::int64_t>(with_free(units).size()) * std::min(units, most);
    return sum;
  }

 private:
  std::vector<NodeSet> with_free_;
  std::int64_t free_units_ = 0;
};

}  // namespace wattfill
