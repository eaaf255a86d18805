// The network between the nodes: regular ones are large enough for all nodes, links of one's own join all of them.
#include <fmt/format.h>

#include <unordered_map>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/config/hostlist.hpp"
#include "backfill/topology/network.hpp"
#include "backfill/topology/topology_error.hpp"

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

using SwitchOf = std::unordered_map<std::string, std::string>;  // of each node; empty: not known yet

// What can be said of a link without knowing the others; the rest is up to Network.
void check_link(const Section& section, const ExplicitLinks::Link& link, SwitchOf& switch_of) {
  using L = config::Link;
  if (link.a == link.b) section.fail(L::kBFieldNumber, fmt::format("\"{}\" is linked with itself", link.a));
  auto node = switch_of.find(link.a);
  const auto other = switch_of.find(link.b);
  if (node == switch_of.end() && other == switch_of.end()) return;
  if (node != switch_of.end() && other != switch_of.end())
    section.fail(L::kBFieldNumber, fmt::format(R"("{}" and "{}" are nodes; nodes hang on switches)", link.a, link.b));
  const std::string& at = node == switch_of.end() ? link.a : link.b;
  if (node == switch_of.end()) node = other;
  if (!node->second.empty() && node->second != at)
    section.fail(fmt::format(R"(node "{}" hangs on switch "{}" already; one is right)", node->first, node->second));
  node->second = at;
}

ExplicitLinks read_links(const Section& section, const config::Network& in, const std::vector<std::string>& nodes) {
  using L = config::Link;
  ExplicitLinks out;
  SwitchOf switch_of;
  for (const std::string& node : nodes) switch_of.emplace(node, "");
  for (int i = 0; i < in.link_size(); ++i) {
    const Section link = section.in(config::Network::kLinkFieldNumber, i);
    const std::vector<std::string> from = read_ends(link, L::kAFieldNumber, in.link(i).a());
    const std::vector<std::string> to = read_ends(link, L::kBFieldNumber, in.link(i).b());
    if (from.size() * to.size() + out.links.size() > kMostLinks)
      link.fail(fmt::format("more than {} links", kMostLinks));
    for (const std::string& a : from)
      for (const std::string& b : to) {
        out.links.push_back({a, b});
        check_link(link, out.links.back(), switch_of);
      }
  }
  return out;
}

NetworkSpec read_spec(const Section& section, const config::Network& in, const std::vector<std::string>& nodes) {
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

}  // namespace

void read_network(const Section& section, const config::Network& in, const std::vector<std::string>& nodes,
                  Cluster& cluster) {
  cluster.network = read_spec(section, in, nodes);
  if (!std::holds_alternative<ExplicitLinks>(cluster.network)) return;
  try {
    const Network whole(cluster, nodes);
  } catch (const TopologyError& error) {
    section.fail(error.what());
  }
}

}  // namespace wattfill
