#include "backfill/topology/network.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <variant>

#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

NetworkLayout layout_of(const Cluster& cluster, std::span<const std::string> node_names) {
  return std::visit(
      [&](const auto& shape) -> NetworkLayout {
        using Shape = std::decay_t<decltype(shape)>;
        if constexpr (std::is_same_v<Shape, std::monostate>)
          throw TopologyError("cluster '" + cluster.name +
                              "' describes no network; a fat tree, a dragonfly, a torus or links are right");
        else if constexpr (std::is_same_v<Shape, ExplicitLinks>)
          return lay_out(shape, cluster, node_names);
        else
          return lay_out(shape, cluster);
      },
      cluster.network);
}

}  // namespace

Network::Network(const Cluster& cluster, std::span<const std::string> node_names)
    : layout_(layout_of(cluster, node_names)), starts_(static_cast<std::size_t>(layout_.host_switches) + 1, 0) {
  nodes_.resize(layout_.switch_of.size());
  for (NodeIndex node = 0; node < nodes(); ++node) nodes_[static_cast<std::size_t>(node)] = node;
  std::ranges::stable_sort(nodes_, {}, [this](NodeIndex node) { return switch_of(node); });
  for (const std::int32_t s : layout_.switch_of) ++starts_[static_cast<std::size_t>(s) + 1];
  for (std::size_t s = 1; s < starts_.size(); ++s) starts_[s] += starts_[s - 1];
}

std::vector<SwitchLoad> Network::loads(std::span<const NodeIndex> nodes) const {
  std::vector<std::int32_t> at;
  at.reserve(nodes.size());
  for (const NodeIndex node : nodes) at.push_back(switch_of(node));
  if (!std::ranges::is_sorted(at)) std::ranges::sort(at);
  std::vector<SwitchLoad> loads;
  for (const std::int32_t s : at) {
    if (loads.empty() || loads.back().at != s) loads.push_back({s, 0});
    ++loads.back().nodes;
  }
  return loads;
}

MeanHops Network::mean_hops(std::span<const NodeIndex> nodes) const {
  const auto count = static_cast<std::int64_t>(nodes.size());
  const std::int64_t pairs = count * (count - 1) / 2;
  return {2 * pairs + layout_.distances->sum(loads(nodes)), pairs};
}

std::int32_t Network::diameter(std::span<const NodeIndex> nodes) const {
  return nodes.size() < 2 ? 0 : 2 + layout_.distances->most(loads(nodes));
}

std::int32_t Network::switches_spanned(std::span<const NodeIndex> nodes) const {
  return static_cast<std::int32_t>(loads(nodes).size());
}

}  // namespace wattfill
