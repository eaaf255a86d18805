// Fat tree, dragonfly and torus.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "backfill/topology/network_layout.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

class Shape {
 public:
  Shape(const Cluster& cluster, const std::string& kind)
      : where_("cluster '" + cluster.name + "': network: " + kind + ": "), nodes_(cluster.nodes()) {}

  void at_least_one(const std::string& what, std::int32_t value) const {
    if (value < 1) throw TopologyError(where_ + what + " is " + std::to_string(value) + "; at least 1 is right");
  }

  // a * b switches or links; a bound keeps a slip of the pen from filling the memory.
  std::int64_t product(std::int64_t a, std::int64_t b) const {
    constexpr std::int64_t kMost = 20'000'000;
    if (b > 0 && a > kMost / b)
      throw TopologyError(where_ + "more than " + std::to_string(kMost) + " switches or links; fewer are right");
    return a * b;
  }

  // Nodes fill the switches in order.
  NetworkLayout fill(std::int64_t switches_for_nodes, std::int32_t per_switch) const {
    if (nodes_ < 1) throw TopologyError(where_ + "the cluster has no nodes; at least 1 is right");
    if (switches_for_nodes * per_switch < nodes_)
      throw TopologyError(where_ + std::to_string(switches_for_nodes) + " switches with " + std::to_string(per_switch) +
                          " nodes each hold " + std::to_string(switches_for_nodes * per_switch) +
                          " nodes, but the cluster has " + std::to_string(nodes_) + "; as many or more would be right");
    NetworkLayout layout;
    for (std::int64_t node = 0; node < nodes_; ++node)
      layout.switch_of.push_back(static_cast<std::int32_t>(node / per_switch));
    layout.host_switches = layout.switch_of.back() + 1;
    return layout;
  }

 private:
  std::string where_;
  std::int64_t nodes_;
};

// Cuts the switches with nodes into domains of so many.
void add_domains(NetworkLayout& layout, std::int32_t level, std::int64_t switches) {
  for (std::int64_t first = 0; first < layout.host_switches; first += switches) {
    const auto end = static_cast<std::int32_t>(std::min<std::int64_t>(first + switches, layout.host_switches));
    if (end - first > 1) layout.domains.push_back({level, static_cast<std::int32_t>(first), end});
  }
}

}  // namespace

NetworkLayout lay_out(const FatTree& tree, const Cluster& cluster) {
  const Shape shape(cluster, "fat tree");
  shape.at_least_one("nodes_per_switch", tree.nodes_per_switch);
  std::int64_t leaves = 1;
  for (std::size_t i = 0; i < tree.arity.size(); ++i) {
    shape.at_least_one("arity " + std::to_string(i + 1), tree.arity[i]);
    leaves = shape.product(leaves, tree.arity[i]);
  }
  shape.product(leaves, static_cast<std::int64_t>(tree.arity.size()) + 1);  // where switches have one child each
  NetworkLayout layout = shape.fill(leaves, tree.nodes_per_switch);

  // Level by level from the leaves; the root is the last.
  std::vector<std::int32_t> parent;
  std::int64_t at_level = leaves;
  std::int64_t below = 1;  // leaves below a switch of the level
  for (std::size_t level = 0; level < tree.arity.size(); ++level) {
    const auto above = static_cast<std::int32_t>(static_cast<std::int64_t>(parent.size()) + at_level);
    for (std::int64_t i = 0; i < at_level; ++i)
      parent.push_back(above + static_cast<std::int32_t>(i / tree.arity[level]));
    at_level /= tree.arity[level];
    below *= tree.arity[level];
    add_domains(layout, static_cast<std::int32_t>(level) + 1, below);
  }
  parent.push_back(static_cast<std::int32_t>(parent.size()));

  auto graph = std::make_unique<NetworkGraph>(parent.size());
  for (std::size_t s = 0; s + 1 < parent.size(); ++s) boost::add_edge(s, static_cast<std::size_t>(parent[s]), *graph);
  layout.graph = std::move(graph);
  layout.hierarchical = true;
  layout.distances = std::make_unique<TreeDistances>(std::move(parent));
  return layout;
}

NetworkLayout lay_out(const Dragonfly& dragonfly, const Cluster& cluster) {
  const Shape shape(cluster, "dragonfly");
  shape.at_least_one("nodes_per_router", dragonfly.nodes_per_router);
  shape.at_least_one("routers_per_group", dragonfly.routers_per_group);
  shape.at_least_one("groups", dragonfly.groups);
  const std::int32_t in_group = dragonfly.routers_per_group;
  const std::int64_t routers = shape.product(dragonfly.groups, in_group);
  shape.product(routers, in_group);
  shape.product(dragonfly.groups, dragonfly.groups);
  NetworkLayout layout = shape.fill(routers, dragonfly.nodes_per_router);
  auto distances = std::make_unique<DragonflyDistances>(dragonfly);

  auto graph = std::make_unique<NetworkGraph>(static_cast<std::size_t>(routers));
  const auto link = [&](std::int32_t a, std::int32_t b) {
    boost::add_edge(static_cast<std::size_t>(a), static_cast<std::size_t>(b), *graph);
  };
  for (std::int32_t group = 0; group < dragonfly.groups; ++group) {
    const std::int32_t first = group * in_group;
    for (std::int32_t a = first; a < first + in_group; ++a)
      for (std::int32_t b = a + 1; b < first + in_group; ++b) link(a, b);
    for (std::int32_t other = group + 1; other < dragonfly.groups; ++other)
      link(distances->gateway(group, other), distances->gateway(other, group));
  }
  add_domains(layout, 1, in_group);
  if (layout.host_switches > in_group) add_domains(layout, 2, routers);
  layout.graph = std::move(graph);
  layout.hierarchical = true;
  layout.distances = std::move(distances);
  return layout;
}

NetworkLayout lay_out(const Torus& torus, const Cluster& cluster) {
  const Shape shape(cluster, "torus");
  shape.at_least_one("nodes_per_router", torus.nodes_per_router);
  shape.at_least_one("the number of dimensions", static_cast<std::int32_t>(torus.dimensions.size()));
  std::int64_t routers = 1;
  for (std::size_t i = 0; i < torus.dimensions.size(); ++i) {
    shape.at_least_one("dimension " + std::to_string(i + 1), torus.dimensions[i]);
    routers = shape.product(routers, torus.dimensions[i]);
  }
  shape.product(routers, static_cast<std::int64_t>(torus.dimensions.size()));
  NetworkLayout layout = shape.fill(routers, torus.nodes_per_router);

  auto graph = std::make_unique<NetworkGraph>(static_cast<std::size_t>(routers));
  std::int64_t stride = routers;
  for (const std::int32_t length : torus.dimensions) {
    stride /= length;
    for (std::int64_t router = 0; router < routers; ++router) {
      const std::int64_t at = router / stride % length;
      const bool last = at + 1 == length;
      if (last && length <= 2) continue;  // around two routers there is one link, around one none
      boost::add_edge(static_cast<std::size_t>(router),
                      static_cast<std::size_t>(last ? router - at * stride : router + stride), *graph);
    }
  }
  add_domains(layout, 1, routers);
  layout.graph = std::move(graph);
  layout.distances = std::make_unique<TorusDistances>(torus);
  return layout;
}

}  // namespace wattfill
