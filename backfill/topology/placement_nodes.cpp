#include "backfill/topology/placement_nodes.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

#include "backfill/topology/network.hpp"

namespace wattfill {

void NodeChooser::choose(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count,
                         std::vector<NodeRun>& out) {
  assert(count > 0 && count <= candidates.size());
  if (count == candidates.size()) return candidates.append_lowest(count, out);
  switch (strategy) {
    case PlacementStrategy::kContiguous:
      return contiguous(candidates, count, out);
    case PlacementStrategy::kFewestSwitches:
    case PlacementStrategy::kSmallestDiameter:
      return by_switches(strategy, candidates, count, out);
    case PlacementStrategy::kFirstFit:
    case PlacementStrategy::kMostEfficient:
    case PlacementStrategy::kFastest:
      return candidates.append_lowest(count, out);
  }
}

void NodeChooser::contiguous(const NodeSet& candidates, std::int32_t count, std::vector<NodeRun>& out) {
  runs_.clear();
  std::int32_t longest = 0;
  candidates.for_each_run([&](NodeRun run) {
    runs_.push_back(run);
    longest = std::max(longest, run.length);
    return true;
  });
  groups_.clear(longest);
  for (const NodeRun& run : runs_) groups_.add(run.length);
  groups_.cover(count, longest);
  for (const NodeRun& run : runs_)
    if (const std::int32_t used = groups_.claim(run.length); used > 0) out.push_back({run.first, used});
}

void NodeChooser::by_switches(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count,
                              std::vector<NodeRun>& out) {
  at_switch_.assign(static_cast<std::size_t>(network_->host_switches()), 0);
  candidates.for_each([&](NodeIndex node) { ++at_switch_[static_cast<std::size_t>(network_->switch_of(node))]; });
  if (const std::int32_t s = tightest_switch(count); s >= 0) return append(candidates, s, count, out);

  if (strategy == PlacementStrategy::kSmallestDiameter && !network_->hierarchical()) {
    const std::span<const std::int32_t> used = balls_.smallest(*network_, at_switch_, count);
    for (std::size_t s = 0; s < used.size(); ++s)
      if (used[s] > 0) append(candidates, static_cast<std::int32_t>(s), used[s], out);
  } else {
    const NetworkDomain& domain = network_->domains()[best_domain(strategy, count)];
    cover(domain.first_switch, domain.end_switch, count);
    for (std::int32_t s = domain.first_switch; s < domain.end_switch; ++s) {
      const std::int32_t here = at_switch_[static_cast<std::size_t>(s)];
      if (here == 0) continue;
      if (const std::int32_t used = groups_.claim(here); used > 0) append(candidates, s, used, out);
    }
  }
}

std::int32_t NodeChooser::tightest_switch(std::int32_t count) const {
  std::int32_t best = -1;
  std::int32_t fewest = std::numeric_limits<std::int32_t>::max();
  for (std::size_t s = 0; s < at_switch_.size(); ++s) {
    if (at_switch_[s] < count || at_switch_[s] >= fewest) continue;
    best = static_cast<std::int32_t>(s);
    fewest = at_switch_[s];
  }
  return best;
}

std::size_t NodeChooser::best_domain(PlacementStrategy strategy, std::int32_t count) {
  before_.resize(at_switch_.size() + 1);
  before_[0] = 0;
  std::partial_sum(at_switch_.begin(), at_switch_.end(), before_.begin() + 1);
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  Part best{kMost, kMost, kMost, 0};
  const std::span<const NetworkDomain> domains = network_->domains();
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const auto& [level, first, end] = domains[i];
    const std::int32_t held = before_[static_cast<std::size_t>(end)] - before_[static_cast<std::size_t>(first)];
    if (held < count) continue;
    if (strategy == PlacementStrategy::kFewestSwitches) {
      best = std::min(best, Part{cover(first, end, count), level, held, i});
    } else {
      if (level > best.first_key) break;
      best = std::min(best, Part{level, cover(first, end, count), held, i});
    }
  }
  return best.domain;
}

std::int32_t NodeChooser::cover(std::int32_t first_switch, std::int32_t end_switch, std::int32_t count) {
  const auto begin = at_switch_.begin() + first_switch;
  const auto end = at_switch_.begin() + end_switch;
  const std::int32_t largest = *std::max_element(begin, end);
  groups_.clear(largest);
  std::for_each(begin, end, [this](std::int32_t nodes) { groups_.add(nodes); });
  return groups_.cover(count, largest);
}

void NodeChooser::append(const NodeSet& candidates, std::int32_t host_switch, std::int32_t count,
                         std::vector<NodeRun>& out) {
  for (const NodeIndex node : network_->nodes_of(host_switch)) {
    if (count == 0) return;
    if (!candidates.covers(node) || !candidates.has(node)) continue;
    if (!out.empty() && out.back().end() == node)
      ++out.back().length;
    else
      out.push_back({node, 1});
    --count;
  }
}

}  // namespace wattfill
