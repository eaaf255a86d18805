// From the description of a network to its switches and links, and where the nodes are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/topology/network_distances.hpp"

namespace wattfill {

// A part of the network that is nearer to itself than to the rest: what is below a switch of a tree, a group of a
// dragonfly; and all.
struct NetworkDomain {
  std::int32_t level;                     // 1 above the switches that have nodes, and so on
  std::int32_t first_switch, end_switch;  // of those that have nodes
};

struct NetworkLayout {
  // Vertices: first the switches that have nodes, numbered so that each domain is a range.
  std::unique_ptr<const NetworkGraph> graph;
  std::int32_t host_switches = 0;       // that have nodes
  std::vector<std::int32_t> switch_of;  // by node
  std::vector<NetworkDomain> domains;   // of two switches with nodes or more; by level and switch; the last is all
  bool hierarchical = false;            // a domain of a lower level has a smaller diameter
  std::unique_ptr<const SwitchDistances> distances;
};

// By the parameters of a fat tree, a dragonfly or a torus; nodes fill the switches in order. A fat tree is laid out as
// a tree: the switches that together make the upper end of a link are one, as its links are fat.
// Throws TopologyError.
NetworkLayout lay_out(const FatTree& shape, const Cluster& cluster);
NetworkLayout lay_out(const Dragonfly& shape, const Cluster& cluster);
NetworkLayout lay_out(const Torus& shape, const Cluster& cluster);

// By links between names: those of the nodes, in their order; all others are switches. Each node is linked to one
// switch. Throws TopologyError.
NetworkLayout lay_out(const ExplicitLinks& links, const Cluster& cluster, std::span<const std::string> node_names);

}  // namespace wattfill
