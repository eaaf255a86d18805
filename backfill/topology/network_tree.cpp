#include "backfill/topology/network_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace wattfill {
namespace {

std::int32_t farthest(const std::vector<std::int32_t>& links) {
  return static_cast<std::int32_t>(std::ranges::max_element(links) - links.begin());
}

// The switch one link nearer to where the links are counted from.
std::int32_t step_towards(const NetworkGraph& graph, const std::vector<std::int32_t>& links, std::int32_t s) {
  const auto [begin, end] = boost::adjacent_vertices(static_cast<std::size_t>(s), graph);
  return static_cast<std::int32_t>(
      *std::find_if(begin, end, [&](std::size_t other) { return links[other] < links[static_cast<std::size_t>(s)]; }));
}

std::int32_t middle(const NetworkGraph& graph) {
  const std::vector<std::int32_t> from_end = links_from(graph, farthest(links_from(graph, 0)));
  std::int32_t s = farthest(from_end);
  for (std::int32_t steps = from_end[static_cast<std::size_t>(s)] / 2; steps > 0; --steps)
    s = step_towards(graph, from_end, s);
  return s;
}

// What is below each switch.
struct Below {
  std::vector<NodeIndex> first_node;
  std::vector<std::int32_t> hosts;
};

Below count_below(const std::vector<std::int32_t>& parent, const std::vector<std::int32_t>& depth,
                  const std::vector<NodeIndex>& first_node) {
  Below below{first_node, {}};
  for (const NodeIndex node : first_node) below.hosts.push_back(node == kNoNode ? 0 : 1);
  std::vector<std::size_t> deepest_first(parent.size());
  std::iota(deepest_first.begin(), deepest_first.end(), std::size_t{0});
  std::ranges::sort(deepest_first, [&](std::size_t a, std::size_t b) { return depth[a] > depth[b]; });
  for (const std::size_t s : deepest_first) {
    const auto up = static_cast<std::size_t>(parent[s]);
    if (up == s) continue;
    below.first_node[up] = std::min(below.first_node[up], below.first_node[s]);
    below.hosts[up] += below.hosts[s];
  }
  return below;
}

}  // namespace

RootedTree hang_up(const NetworkGraph& graph, const std::vector<NodeIndex>& first_node) {
  RootedTree tree;
  const std::int32_t root = middle(graph);
  const std::vector<std::int32_t> depth = links_from(graph, root);
  const std::int32_t deepest = *std::ranges::max_element(depth);
  tree.uniform = true;
  for (std::size_t s = 0; s < depth.size(); ++s) {
    const auto self = static_cast<std::int32_t>(s);
    tree.parent.push_back(self == root ? root : step_towards(graph, depth, self));
    if (first_node[s] != kNoNode && depth[s] != deepest) tree.uniform = false;
  }
  if (!tree.uniform) return tree;

  const Below below = count_below(tree.parent, depth, first_node);
  std::vector<std::size_t> open{static_cast<std::size_t>(root)};
  while (!open.empty()) {
    const std::size_t s = open.back();
    open.pop_back();
    const auto first = static_cast<std::int32_t>(tree.hosts.size());
    if (first_node[s] != kNoNode) tree.hosts.push_back(static_cast<std::int32_t>(s));
    if (below.hosts[s] > 1) tree.domains.push_back({deepest - depth[s], first, first + below.hosts[s]});
    const std::size_t children = open.size();
    for (auto [child, end] = boost::adjacent_vertices(s, graph); child != end; ++child)
      if (depth[*child] > depth[s]) open.push_back(*child);
    std::sort(open.begin() + static_cast<std::ptrdiff_t>(children), open.end(),
              [&](std::size_t a, std::size_t b) { return below.first_node[a] > below.first_node[b]; });
  }
  std::ranges::stable_sort(tree.domains, {}, &NetworkDomain::level);
  return tree;
}

}  // namespace wattfill
