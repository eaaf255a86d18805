// The network between the nodes.
//
// A distance is counted in hops: the links that a message crosses on a shortest way, those between node and switch
// included. So it is 2 between nodes of one switch, and 0 from a node to itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "backfill/topology/network_layout.hpp"
#include "backfill/topology/network_stretch.hpp"

namespace wattfill {

// Regular networks answer by closed forms, others from a table as long as they have few switches; no table grows with
// the square of the nodes. Any number of threads may share a network, but one of explicit links that is no tree and has
// more than 1024 switches only by turns.
class Network {
 public:
  // `node_names`: of all nodes in their order, needed for explicit links only. The cluster is not needed afterwards.
  // Throws TopologyError: a cluster without a network, numbers below 1, fewer ports than nodes, names that do not
  // match, switches that no way joins.
  explicit Network(const Cluster& cluster, std::span<const std::string> node_names = {});

  std::int32_t nodes() const { return static_cast<std::int32_t>(layout_.switch_of.size()); }
  std::int32_t switches() const { return static_cast<std::int32_t>(boost::num_vertices(*layout_.graph)); }
  const NetworkGraph& graph() const { return *layout_.graph; }

  // Switches that have nodes come first.
  std::int32_t host_switches() const { return layout_.host_switches; }
  std::int32_t switch_of(NodeIndex node) const { return layout_.switch_of[static_cast<std::size_t>(node)]; }
  std::span<const NodeIndex> nodes_of(std::int32_t host_switch) const {
    const auto s = static_cast<std::size_t>(host_switch);
    return std::span(nodes_).subspan(starts_[s], starts_[s + 1] - starts_[s]);
  }

  // The parts of the network, by level; where it is hierarchical a part of a lower level has a smaller diameter. Else
  // there is one only, which is all.
  std::span<const NetworkDomain> domains() const { return layout_.domains; }
  bool hierarchical() const { return layout_.hierarchical; }

  std::int32_t hops(NodeIndex a, NodeIndex b) const {
    return a == b ? 0 : 2 + layout_.distances->between(switch_of(a), switch_of(b));
  }

  // Of a job on these nodes, each named once. Sorted by switch, as ascending nodes are in regular networks, they cost
  // nothing more than to be read. Beyond that: in trees O(switches * depth), for the mean in a torus
  // O(switches + square of a dimension), else the square of the job's switches.
  MeanHops mean_hops(std::span<const NodeIndex> nodes) const;
  std::int32_t diameter(std::span<const NodeIndex> nodes) const;  // the most hops between two of them
  std::int32_t switches_spanned(std::span<const NodeIndex> nodes) const;

 private:
  std::vector<SwitchLoad> loads(std::span<const NodeIndex> nodes) const;

  NetworkLayout layout_;
  std::vector<NodeIndex> nodes_;     // by switch
  std::vector<std::size_t> starts_;  // of each switch's nodes in nodes_
};

}  // namespace wattfill
