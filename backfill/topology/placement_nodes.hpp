// Which nodes of a set, where all are equally good to hold a job: by their numbers or by the network.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/topology/node_set.hpp"
#include "backfill/topology/placement_groups.hpp"
#include "backfill/topology/placement_spec.hpp"

namespace wattfill {

class Network;

class NodeChooser {
 public:
  // `network` may be null where no strategy needs it.
  explicit NodeChooser(const Network* network) : network_(network) {}

  // Appends `count` of the candidates, ascending. Precondition: 0 < count <= candidates. A strategy that orders node
  // types has no say here and means first fit.
  void choose(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count, std::vector<NodeIndex>& out);

 private:
  struct Run {
    NodeIndex first;
    std::int32_t length;
  };

  void contiguous(const NodeSet& candidates, std::int32_t count, std::vector<NodeIndex>& out);

  const Network* network_;

  // Room that is used again.
  FewestGroups groups_;
  std::vector<Run> runs_;
};

}  // namespace wattfill
