// Random networks of each kind for a cluster, with as many ports as it has nodes or a few more.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

enum class NetworkKind { kFatTree, kDragonfly, kTorus, kLinkedTree, kLinkedGraph };
inline constexpr NetworkKind kAllNetworkKinds[] = {NetworkKind::kFatTree, NetworkKind::kDragonfly, NetworkKind::kTorus,
                                                   NetworkKind::kLinkedTree, NetworkKind::kLinkedGraph};

inline std::vector<std::string> node_names(const Cluster& cluster) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < cluster.nodes(); ++i) names.push_back("n" + std::to_string(i));
  return names;
}

inline std::int32_t per_switch(std::int64_t nodes, std::int64_t switches, Random& random) {
  return static_cast<std::int32_t>((nodes + switches - 1) / switches) + (random.chance(30) ? 1 : 0);
}

inline FatTree random_fat_tree(std::int64_t nodes, Random& random) {
  FatTree tree;
  std::int64_t leaves = 1;
  for (std::int64_t levels = random.between(0, 3); levels > 0; --levels)
    leaves *= tree.arity.emplace_back(random.between32(1, 5));
  tree.nodes_per_switch = per_switch(nodes, leaves, random);
  return tree;
}

inline Dragonfly random_dragonfly(std::int64_t nodes, Random& random) {
  const std::int32_t routers = random.between32(1, 5);
  const std::int32_t groups = random.between32(1, 14);
  return {per_switch(nodes, routers * groups, random), routers, groups};
}

inline Torus random_torus(std::int64_t nodes, Random& random) {
  Torus torus;
  std::int64_t routers = 1;
  for (std::int64_t dimensions = random.between(1, 4); dimensions > 0; --dimensions)
    routers *= torus.dimensions.emplace_back(random.between32(1, 6));
  torus.nodes_per_router = per_switch(nodes, routers, random);
  return torus;
}

// Every switch has a node at least, if there are so many nodes; `more`: links beyond those of a random tree.
inline ExplicitLinks random_links(std::int64_t nodes, std::int64_t more, Random& random) {
  ExplicitLinks links;
  const std::int64_t switches = random.between(1, std::min<std::int64_t>(nodes, 30));
  const auto name = [](std::int64_t s) { return "s" + std::to_string(s); };
  for (std::int64_t s = 1; s < switches; ++s) links.links.push_back({name(s), name(random.between(0, s - 1))});
  for (; more > 0 && switches > 2; --more) {
    const std::int64_t a = random.between(0, switches - 2);
    links.links.push_back({name(a), name(random.between(a + 1, switches - 1))});
  }
  for (std::int64_t node = 0; node < nodes; ++node)
    links.links.push_back({"n" + std::to_string(node), name(node < switches ? node : random.between(0, switches - 1))});
  for (std::size_t i = links.links.size(); i > 1; --i) {
    std::swap(links.links[i - 1], links.links[random.index(i)]);
    if (random.chance(50)) std::swap(links.links[i - 1].a, links.links[i - 1].b);
  }
  return links;
}

inline NetworkSpec random_network(NetworkKind kind, std::int64_t nodes, Random& random) {
  switch (kind) {
    case NetworkKind::kFatTree:
      return random_fat_tree(nodes, random);
    case NetworkKind::kDragonfly:
      return random_dragonfly(nodes, random);
    case NetworkKind::kTorus:
      return random_torus(nodes, random);
    case NetworkKind::kLinkedTree:
      return random_links(nodes, 0, random);
    case NetworkKind::kLinkedGraph:
      return random_links(nodes, random.between(1, 20), random);
  }
  return {};
}

inline Cluster nodes_only(std::int32_t count) {
  Cluster cluster;
  cluster.name = "nodes";
  cluster.allocation = AllocationMode::kWholeNodes;
  cluster.node_types.resize(1);
  cluster.node_types[0].count = count;
  return cluster;
}

}  // namespace wattfill::testing
