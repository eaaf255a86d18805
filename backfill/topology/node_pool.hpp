// Which nodes and cores of the machine are free, and which a job gets.
//
// Nodes are numbered through all types in the order of the cluster file. Where nodes are taken whole an allocation
// names nodes only; where they are shared by core it names, for each node, the cores. Every choice depends on the state
// alone, never on the way to it: ties go to the lower node type, node and core.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "backfill/topology/core_picker.hpp"
#include "backfill/topology/free_nodes.hpp"
#include "backfill/topology/placement.hpp"
#include "backfill/topology/placement_spec.hpp"

namespace wattfill {

class Network;

// How soon a node can serve. Where nodes sleep, jobs get those that are ready sooner.
enum class Readiness : std::uint8_t { kAwake, kWaking, kDozing, kAsleep, kFallingAsleep };
inline constexpr std::size_t kReadinesses = 5;

class NodePool {
 public:
  using Share = PlacementRequest::Share;
  using Request = PlacementRequest;

  // `network` may be null. The cluster and the network must outlive the pool. Throws TopologyError where the placement
  // needs a network and there is none, where the cluster only counts processors, or where cores are shared and a type's
  // insides have not as many as it has processors.
  NodePool(const Cluster& cluster, const PlacementSpec& spec, const Network* network);

  // Chooses nodes (and cores) for a job. False where there are not enough; then nothing has changed. Whole nodes: as
  // many as cover the job's processors. Several types are used in the order given, unless the placement has an order of
  // its own. `out` is used again: no memory is allocated once it has grown.
  bool allocate(const Request& request, Allocation& out);

  bool is_free(const Allocation& allocation) const;
  // Takes what the host has chosen. False where something of it is not free; then nothing has changed. Where nodes are
  // shared, an allocation without cores means all cores of its nodes. Nodes must be ascending.
  bool take(const Allocation& allocation);

  // Gives back what allocate or take has given.
  void release(const Allocation& allocation);

  // A node that is down is not given out. Precondition: nobody uses it.
  void set_available(NodeIndex node, bool available);

  // Nodes are awake at first; those that are not are free all the same. Only where nodes are given whole, and only one
  // node type a request then.
  void set_readiness(NodeRun nodes, Readiness readiness);
  // The same for nodes of one type that all have been equally ready.
  void set_readiness(NodeRun nodes, Readiness before, Readiness readiness);
  Readiness readiness(NodeIndex node) const { return sleeps_ ? readiness_[at(node)] : Readiness::kAwake; }
  // Calls visit(type, readiness, run) for each run of nodes that are of one type and equally ready.
  template <class Visit>
  void for_each_readiness(NodeRun nodes, Visit&& visit) const {
    while (nodes.length > 0) {
      const std::size_t type = types_.type_of(nodes.first);
      const Readiness r = readiness(nodes.first);
      const NodeIndex end = std::min(nodes.end(), types_.of_type(type).end());
      NodeRun part{nodes.first, sleeps_ ? 1 : end - nodes.first};
      while (part.end() < end && readiness_[at(part.end())] == r) ++part.length;
      visit(type, r, part);
      nodes = {part.end(), nodes.length - part.length};
    }
  }
  // Used by nobody, up, and as ready as this. Only once set_readiness() was called, but for kAwake.
  const NodeSet& unused(std::int32_t type, Readiness readiness) const {
    return tier(readiness)[static_cast<std::size_t>(type)].unused();
  }

  std::int32_t node_types() const { return static_cast<std::int32_t>(free_.size()); }
  std::int32_t nodes() const { return types_.nodes(); }
  std::int32_t type_of(NodeIndex node) const { return static_cast<std::int32_t>(types_.type_of(node)); }
  NodeIndex first_node(std::int32_t type) const { return unused(type).begin(); }
  NodeIndex end_node(std::int32_t type) const { return unused(type).end(); }

  // Up, awake and used by nobody.
  const NodeSet& unused(std::int32_t type) const { return free_[static_cast<std::size_t>(type)].unused(); }
  std::int64_t free_nodes(std::int32_t type) const { return unused(type).size(); }
  bool is_free(NodeIndex node) const { return unused(type_of(node), readiness(node)).has(node); }
  bool is_available(NodeIndex node) const { return !down_[at(node)]; }

  // Cores that are up and free. A node that is taken whole has none.
  std::int64_t free_cores(std::int32_t type) const;
  // Cores of the node that jobs hold: all of a node that is taken whole.
  std::int32_t used_cores(NodeIndex node) const;
  // Packages of the node that have a core in use.
  std::int32_t used_packages(NodeIndex node) const;

 private:
  static std::size_t at(NodeIndex node) { return static_cast<std::size_t>(node); }
  std::vector<FreeNodes>& tier(Readiness r) {
    return r == Readiness::kAwake ? free_ : away_[static_cast<std::size_t>(r) - 1];
  }
  const std::vector<FreeNodes>& tier(Readiness r) const {
    return r == Readiness::kAwake ? free_ : away_[static_cast<std::size_t>(r) - 1];
  }
  FreeNodes& nodes_like(NodeIndex node) { return tier(readiness(node))[types_.type_of(node)]; }
  void make_tiers();
  bool allocate_by_tier(const Request& request, Allocation& out);
  void give_whole(std::size_t type, NodeRun run);

  CoreSet& free_set(NodeIndex node) { return free_sets_[static_cast<std::size_t>(node)]; }
  const CoreSet& free_set(NodeIndex node) const { return free_sets_[static_cast<std::size_t>(node)]; }

  void take_whole(std::size_t type, NodeRun run);
  void take_part(std::size_t type, NodeIndex node, const CoreSet& cores);
  void set_free(std::size_t type, NodeIndex node, const CoreSet& cores);

  const Cluster& cluster_;
  bool by_core_;
  NodeTypes types_;
  std::vector<FreeNodes> free_;                                // by node type: those that are awake
  bool sleeps_ = false;                                        // some node once was not awake
  std::vector<Readiness> readiness_;                           // by node, then
  std::array<std::vector<FreeNodes>, kReadinesses - 1> away_;  // by readiness after kAwake and node type, then
  std::vector<NodeRun> runs_;                                  // scratch
  std::vector<bool> down_;                                     // by node
  std::vector<CoreSet> free_sets_;                             // by node, where nodes are shared by core
  std::vector<CorePicker> pickers_;                            // by node type, the same
  Placement placement_;
};

}  // namespace wattfill
