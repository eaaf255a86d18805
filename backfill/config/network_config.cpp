// The network between the nodes: regular ones are large enough for all nodes, links of one's own reach all of them.
#include <fmt/format.h>

#include <numeric>
#include <unordered_map>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMostLinks = 1'000'000;

std::int32_t read_size(const Section& section, int field, int index = -1) {
  return static_cast<std::int32_t>(section.whole(field, 1, kMost, index));
}

// The product of sizes, at most kMost.
std::int64_t ports(std::int64_t first, const std::vector<std::int32_t>& others) {
  for (const std::int32_t size : others) first = std::min(first * size, kMost);
  return first;
}

void check_ports(const Section& section, std::int64_t ports, std::size_t nodes) {
  if (ports < static_cast<std::int64_t>(nodes))
    section.fail(fmt::format("has places for {} nodes, the cluster has {}; make it larger", ports, nodes));
}

FatTree read_fat_tree(const Section& section, const config::FatTree& in, std::size_t nodes) {
  using F = config::FatTree;
  FatTree out;
  out.nodes_per_switch = read_size(section, F::kNodesPerSwitchFieldNumber);
  for (int i = 0; i < in.arity_size(); ++i) out.arity.push_back(read_size(section, F::kArityFieldNumber, i));
  check_ports(section, ports(out.nodes_per_switch, out.arity), nodes);
  return out;
}

Dragonfly read_dragonfly(const Section& section, std::size_t nodes) {
  using D = config::Dragonfly;
  Dragonfly out;
  out.nodes_per_router = read_size(section, D::kNodesPerRouterFieldNumber);
  out.routers_per_group = read_size(section, D::kRoutersPerGroupFieldNumber);
  out.groups = read_size(section, D::kGroupsFieldNumber);
  check_ports(section, ports(out.nodes_per_router, {out.routers_per_group, out.groups}), nodes);
  return out;
}

Torus read_torus(const Section& section, const config::Torus& in, std::size_t nodes) {
  using T = config::Torus;
  Torus out;
  if (in.dimension().empty()) section.fail(T::kDimensionFieldNumber, "missing; give the routers along each dimension");
  for (int i = 0; i < in.dimension_size(); ++i)
    out.dimensions.push_back(read_size(section, T::kDimensionFieldNumber, i));
  if (in.has_nodes_per_router()) out.nodes_per_router = read_size(section, T::kNodesPerRouterFieldNumber);
  check_ports(section, ports(out.nodes_per_router, out.dimensions), nodes);
  return out;
}

std::vector<std::string> read_ends(const Section& section, int field, const std::string& list) {
  try {
    return expand_hostlist(list);
  } catch (const HostlistError& error) {
    section.fail(field, fmt::format("\"{}\": {}", list, error.what()));
  }
}

// Numbers the names of nodes and switches, and knows which hang together.
class Union {
 public:
  int number(const std::string& name) {
    const auto [it, added] = numbers_.emplace(name, static_cast<int>(parents_.size()));
    if (added) parents_.push_back(it->second);
    return it->second;
  }
  bool known(const std::string& name) const { return numbers_.contains(name); }
  int root(int vertex) {
    while (parents_[vertex] != vertex) vertex = parents_[vertex] = parents_[parents_[vertex]];
    return vertex;
  }
  void join(const std::string& a, const std::string& b) { parents_[root(number(a))] = root(number(b)); }

 private:
  std::unordered_map<std::string, int> numbers_;
  std::vector<int> parents_;
};

ExplicitLinks read_links(const Section& section, const config::Network& in, const std::vector<std::string>& nodes) {
  using L = config::Link;
  ExplicitLinks out;
  Union network;
  for (int i = 0; i < in.link_size(); ++i) {
    const Section link = section.in(config::Network::kLinkFieldNumber, i);
    const std::vector<std::string> from = read_ends(link, L::kAFieldNumber, in.link(i).a());
    const std::vector<std::string> to = read_ends(link, L::kBFieldNumber, in.link(i).b());
    if (from.size() * to.size() + out.links.size() > kMostLinks)
      link.fail(fmt::format("more than {} links", kMostLinks));
    for (const std::string& a : from)
      for (const std::string& b : to) {
        if (a == b) link.fail(L::kBFieldNumber, fmt::format("\"{}\" is linked with itself", a));
        out.links.push_back({a, b});
        network.join(a, b);
      }
  }
  for (const std::string& node : nodes) {
    if (!network.known(node)) section.fail(fmt::format("node \"{}\" has no link; every node needs one", node));
    if (network.root(network.number(node)) != network.root(network.number(nodes.front())))
      section.fail(fmt::format("no links lead from node \"{}\" to node \"{}\"", nodes.front(), node));
  }
  return out;
}

}  // namespace

NetworkSpec read_network(const Section& section, const config::Network& in, const std::vector<std::string>& nodes) {
  using N = config::Network;
  if (in.link_size() > 0 && in.regular_case() != N::REGULAR_NOT_SET)
    section.fail(N::kLinkFieldNumber, "beside a regular network; give one of them", 0);
  switch (in.regular_case()) {
    case N::kFatTree:
      return read_fat_tree(section.in(N::kFatTreeFieldNumber), in.fat_tree(), nodes.size());
    case N::kDragonfly:
      return read_dragonfly(section.in(N::kDragonflyFieldNumber), nodes.size());
    case N::kTorus:
      return read_torus(section.in(N::kTorusFieldNumber), in.torus(), nodes.size());
    case N::REGULAR_NOT_SET:
      break;
  }
  if (in.link().empty()) section.fail("empty; give fat_tree, dragonfly, torus or links, or leave it out");
  return read_links(section, in, nodes);
}

}  // namespace wattfill
