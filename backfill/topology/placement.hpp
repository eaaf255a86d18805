// Which of the free nodes a job gets.
//
// A placement fills node types in an order, as far as each goes, and chooses nodes within each type. Terms of a
// PlacementSpec that order types (most-efficient, fastest) say the first, the others the second; what no term says is
// the request's order and first fit.
//
// Several terms are a vote: each order of types that a term asks for, with each choice of nodes that a term asks for,
// gives one candidate. Every term ranks the candidates by its own cost (the rank: how many have a lower cost); the sum
// of weight times rank decides, the lowest wins, and of equals the one of the terms that come first. This is Borda's
// count: costs of different units need no common scale, and all is integers. A term's cost is
//   first-fit           the sum of the node numbers       contiguous         the number of runs of consecutive nodes
//   fewest-switches     the number of switches            smallest-diameter  the most hops between two of the nodes
//   most-efficient      the energy of the processors      fastest            how slow the slowest node is
//                       for a second of reference work
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/topology/free_nodes.hpp"
#include "backfill/topology/placement_groups.hpp"
#include "backfill/topology/placement_nodes.hpp"
#include "backfill/topology/placement_spec.hpp"

namespace wattfill {

class Network;

struct PlacementRequest {
  struct Share {
    std::int32_t node_type;
    std::int32_t per_node;  // processors of this job that one node of the type takes
  };
  std::int32_t processors;
  std::span<const Share> from;  // each type once
};

// What a job gets of each of some consecutive nodes, in units as in FreeNodes.
struct NodeGrant {
  NodeRun nodes;
  std::int32_t units;
};

class Placement {
 public:
  // `network` may be null. Throws TopologyError where a term needs a network and there is none. The network must
  // outlive the placement.
  Placement(const Cluster& cluster, const PlacementSpec& spec, const Network* network);

  // By ascending nodes; valid until the next call. `free`: for each node type. Precondition: the request fits.
  //
  // Where nodes are shared by core, a job gets few nodes: as many cores as can be of the nodes with the most to give,
  // and the rest on the node that it fills most tightly; the strategy decides between nodes with as many free cores.
  // Linear in the runs of free nodes and the switches, and for a job that one node can hold in the units of a node.
  std::span<const NodeGrant> place(const PlacementRequest& request, std::span<const FreeNodes> free);

  // Whether the request fits.
  bool fits(const PlacementRequest& request, std::span<const FreeNodes> free) const;

 private:
  using Share = PlacementRequest::Share;

  // How a type gives itself to a job.
  struct Terms {
    std::int32_t most;   // units that a job takes of one node
    std::int32_t worth;  // processors of the job in a unit
  };
  struct TypeCost {
    std::int64_t energy;  // microjoules of a unit at work for a second of reference work
    std::int64_t speed;   // millionths
  };
  struct Plan {
    std::vector<NodeGrant> grants;
    std::int64_t energy;
    std::int64_t slowest;
  };

  Terms terms_of(const Share& share, const FreeNodes& free) const;
  void order_types(PlacementStrategy strategy, std::span<const Share> from);
  void plan(std::span<const Share> from, PlacementStrategy choice, std::int64_t processors,
            std::span<const FreeNodes> free, Plan& plan);
  void fill(const FreeNodes& free, std::int64_t units, std::int32_t most, PlacementStrategy choice, Plan& plan);
  std::span<const NodeIndex> nodes(const Plan& plan);
  std::int64_t cost(PlacementStrategy strategy, const Plan& plan);
  const Plan& elect(std::size_t plans);

  const Network* network_;
  PlacementSpec spec_;
  std::vector<PlacementStrategy> type_orders_;   // those that spec_ names
  std::vector<PlacementStrategy> node_choices_;  // those that spec_ names, else first fit
  bool whole_nodes_;
  std::vector<TypeCost> type_costs_;
  NodeChooser chooser_;

  // Room that is used again.
  FewestGroups groups_;
  std::vector<Share> ordered_;
  std::vector<NodeRun> runs_;
  std::vector<NodeIndex> nodes_;
  std::vector<Plan> plans_;
  std::vector<std::int64_t> costs_, scores_;
};

}  // namespace wattfill
