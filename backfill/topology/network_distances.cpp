#include "backfill/topology/network_distances.hpp"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <cstdlib>

namespace wattfill {

std::int64_t SwitchDistances::sum(std::span<const SwitchLoad> loads) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < loads.size(); ++i)
    for (std::size_t j = i + 1; j < loads.size(); ++j)
      sum += loads[i].nodes * loads[j].nodes * between(loads[i].at, loads[j].at);
  return sum;
}

std::int32_t SwitchDistances::most(std::span<const SwitchLoad> loads) const {
  std::int32_t most = 0;
  for (std::size_t i = 0; i < loads.size(); ++i)
    for (std::size_t j = i + 1; j < loads.size(); ++j) most = std::max(most, between(loads[i].at, loads[j].at));
  return most;
}

TreeDistances::TreeDistances(std::vector<std::int32_t> parents) : parent_(std::move(parents)) {
  depth_.assign(parent_.size(), -1);
  std::vector<std::int32_t> path;
  for (std::int32_t s = 0; s < static_cast<std::int32_t>(parent_.size()); ++s) {
    std::int32_t up = s;
    for (; depth(up) < 0 && parent(up) != up; up = parent(up)) path.push_back(up);
    std::int32_t deep = std::max(depth(up), 0);
    depth_[static_cast<std::size_t>(up)] = deep;
    for (; !path.empty(); path.pop_back()) depth_[static_cast<std::size_t>(path.back())] = ++deep;
  }
}

std::int32_t TreeDistances::between(std::int32_t a, std::int32_t b) const {
  std::int32_t links = 0;
  for (; a != b; ++links) {
    if (depth(a) < depth(b)) std::swap(a, b);
    a = parent(a);
  }
  return links;
}

// A link is crossed by each pair with one node below and one not below it.
std::int64_t TreeDistances::sum(std::span<const SwitchLoad> loads) const {
  std::vector<SwitchLoad> waiting(loads.begin(), loads.end());
  std::ranges::stable_sort(waiting, {}, [this](const SwitchLoad& load) { return depth(load.at); });
  std::int64_t nodes = 0;
  for (const SwitchLoad& load : loads) nodes += load.nodes;

  std::vector<SwitchLoad> here;  // the subtrees at the level that is being left, each once
  std::int64_t sum = 0;
  while (here.size() + waiting.size() > 1) {
    const std::int32_t level = here.empty() ? depth(waiting.back().at) : depth(here.front().at);
    for (; !waiting.empty() && depth(waiting.back().at) == level; waiting.pop_back()) here.push_back(waiting.back());
    std::ranges::sort(here, {}, &SwitchLoad::at);
    std::size_t last = 0;
    for (std::size_t i = 1; i < here.size(); ++i) {
      if (here[i].at == here[last].at)
        here[last].nodes += here[i].nodes;
      else
        here[++last] = here[i];
    }
    here.resize(last + 1);
    if (here.size() + waiting.size() == 1) break;
    for (SwitchLoad& load : here) {
      sum += load.nodes * (nodes - load.nodes);
      load.at = parent(load.at);
    }
  }
  return sum;
}

// The farthest from anywhere is one end of a longest path.
std::int32_t TreeDistances::most(std::span<const SwitchLoad> loads) const {
  if (loads.empty()) return 0;
  const auto farthest = [&](std::int32_t from) {
    return std::ranges::max(loads, {}, [&](const SwitchLoad& load) { return between(from, load.at); }).at;
  };
  const std::int32_t end = farthest(loads.front().at);
  return between(end, farthest(end));
}

std::int32_t DragonflyDistances::between(std::int32_t a, std::int32_t b) const {
  const std::int32_t here = a / routers_;
  const std::int32_t there = b / routers_;
  if (here == there) return a == b ? 0 : 1;
  const std::int32_t direct = 1 + (a != gateway(here, there) ? 1 : 0) + (b != gateway(there, here) ? 1 : 0);
  if (direct < 3) return direct;
  // Shorter only through a router of a third group that both have a link to.
  for (std::int32_t link = a % routers_; link < groups_ - 1; link += routers_) {
    const std::int32_t third = link < here ? link : link + 1;
    if (gateway(third, here) == gateway(third, there) && gateway(there, third) == b) return 2;
  }
  return 3;
}

namespace {

std::int32_t around(std::int32_t a, std::int32_t b, std::int32_t length) {
  const std::int32_t way = std::abs(a - b);
  return std::min(way, length - way);
}

}  // namespace

std::int32_t TorusDistances::between(std::int32_t a, std::int32_t b) const {
  std::int32_t links = 0;
  for (std::size_t i = dimensions_.size(); i-- > 0; a /= dimensions_[i], b /= dimensions_[i])
    links += around(a % dimensions_[i], b % dimensions_[i], dimensions_[i]);
  return links;
}

// Dimension by dimension, from the nodes at each coordinate.
std::int64_t TorusDistances::sum(std::span<const SwitchLoad> loads) const {
  std::int64_t sum = 0;
  std::int32_t stride = 1;
  for (std::size_t i = dimensions_.size(); i-- > 0; stride *= dimensions_[i]) {
    const std::int32_t length = dimensions_[i];
    std::vector<std::int64_t> at(static_cast<std::size_t>(length), 0);
    for (const SwitchLoad& load : loads) at[static_cast<std::size_t>(load.at / stride % length)] += load.nodes;
    std::vector<std::pair<std::int32_t, std::int64_t>> used;
    for (std::int32_t c = 0; c < length; ++c)
      if (at[static_cast<std::size_t>(c)] > 0) used.emplace_back(c, at[static_cast<std::size_t>(c)]);
    for (std::size_t a = 0; a < used.size(); ++a)
      for (std::size_t b = a + 1; b < used.size(); ++b)
        sum += used[a].second * used[b].second * around(used[a].first, used[b].first, length);
  }
  return sum;
}

std::vector<std::int32_t> links_from(const NetworkGraph& graph, std::int32_t from) {
  std::vector<std::int32_t> links(boost::num_vertices(graph), -1);
  links[static_cast<std::size_t>(from)] = 0;
  boost::breadth_first_search(
      graph, static_cast<std::size_t>(from),
      boost::visitor(boost::make_bfs_visitor(boost::record_distances(links.data(), boost::on_tree_edge()))));
  return links;
}

GraphDistances::GraphDistances(const NetworkGraph& graph) : graph_(graph) {
  const std::size_t switches = boost::num_vertices(graph);
  if (switches > kTableSwitches) {
    rows_.resize(kRows);
    return;
  }
  table_.reserve(switches * switches);
  for (std::size_t from = 0; from < switches; ++from)
    for (const std::int32_t links : links_from(graph, static_cast<std::int32_t>(from)))
      table_.push_back(static_cast<std::uint16_t>(links));
}

const GraphDistances::Row& GraphDistances::row(std::int32_t from) const {
  auto found = std::ranges::find(rows_, from, &Row::from);
  if (found == rows_.end()) {
    found = std::ranges::min_element(rows_, {}, &Row::asked);
    *found = {from, 0, links_from(graph_, from)};
  }
  found->asked = ++questions_;
  return *found;
}

std::int32_t GraphDistances::between(std::int32_t a, std::int32_t b) const {
  if (rows_.empty())
    return table_[static_cast<std::size_t>(a) * boost::num_vertices(graph_) + static_cast<std::size_t>(b)];
  return row(a).links[static_cast<std::size_t>(b)];
}

}  // namespace wattfill
