// Of which type a node is, by its number, and what an allocation has of each type.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"

namespace wattfill {

class NodeTypes {
 public:
  explicit NodeTypes(const Cluster& cluster) {
    NodeIndex end = 0;
    for (const NodeType& type : cluster.node_types) {
      ends_.push_back(end += type.count);
      all_cores_.push_back(CoreSet::all(type.processors));
    }
  }

  NodeIndex nodes() const { return ends_.empty() ? 0 : ends_.back(); }
  NodeRun of_type(std::size_t type) const {
    const NodeIndex first = type == 0 ? 0 : ends_[type - 1];
    return {first, ends_[type] - first};
  }
  // Precondition: there is such a node. O(log(types)).
  std::size_t type_of(NodeIndex node) const {
    assert(node >= 0 && node < nodes());
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), node) - ends_.begin());
  }

  const CoreSet& all_cores(std::size_t type) const { return all_cores_[type]; }

  // Calls visit(type, run) for each run of consecutive nodes of one type; otherwise as wattfill::for_each_run().
  template <class Visit>
  void for_each_run(std::span<const NodeIndex> nodes, Visit&& visit) const {
    wattfill::for_each_run(nodes, [&](NodeRun run) {
      for (std::size_t type = type_of(run.first); run.length > 0; ++type) {
        const NodeRun part{run.first, std::min(run.end(), ends_[type]) - run.first};
        if (part.length > 0) visit(type, part);
        run = {part.end(), run.length - part.length};
      }
    });
  }

  // Calls whole(type, run) for consecutive nodes of one type of which the allocation has all cores, and part(type,
  // node, cores) for each other node. Without cores it has whole nodes. O(nodes) with cores, else as for_each_run().
  template <class Whole, class Part>
  void for_each_part(const Allocation& allocation, Whole&& whole, Part&& part) const {
    auto cores = allocation.cores.begin();
    for_each_run(allocation.nodes, [&](std::size_t type, NodeRun run) {
      if (allocation.cores.empty()) return whole(type, run);
      NodeRun all{run.first, 0};
      for (NodeIndex node = run.first; node < run.end(); ++node, ++cores) {
        if (*cores == all_cores_[type]) {
          ++all.length;
          continue;
        }
        if (all.length > 0) whole(type, all);
        part(type, node, *cores);
        all = {node + 1, 0};
      }
      if (all.length > 0) whole(type, all);
    });
  }

 private:
  std::vector<NodeIndex> ends_;     // by type, one beyond its last node
  std::vector<CoreSet> all_cores_;  // by type
};

}  // namespace wattfill
