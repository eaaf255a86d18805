#include "backfill/topology/node_pool.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>

#include "backfill/topology/network.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

void append(NodeRun run, std::vector<NodeIndex>& nodes) {
  nodes.resize(nodes.size() + static_cast<std::size_t>(run.length));
  std::iota(nodes.end() - run.length, nodes.end(), run.first);
}

}  // namespace

NodePool::NodePool(const Cluster& cluster, const PlacementSpec& spec, const Network* network)
    : cluster_(cluster),
      by_core_(cluster.allocation == AllocationMode::kCores),
      types_(cluster),
      down_(static_cast<std::size_t>(types_.nodes())),
      placement_(cluster, spec, network) {
  if (cluster.allocation == AllocationMode::kCounts)
    throw TopologyError("cluster '" + cluster.name +
                        "' only counts processors; jobs are placed where it allocates whole nodes or cores");
  assert(network == nullptr || network->nodes() == cluster.nodes());
  for (std::size_t t = 0; t < cluster.node_types.size(); ++t) {
    const NodeType& type = cluster.node_types[t];
    const NodeRun nodes = types_.of_type(t);
    const std::int32_t units = by_core_ ? type.processors : 1;
    free_.emplace_back(nodes.first, nodes.end(), units).add(nodes, units);
    if (!by_core_) continue;
    if (type.insides.cores.size() != static_cast<std::size_t>(type.processors))
      throw TopologyError("cluster '" + cluster.name + "': node type '" + type.name + "' has " +
                          std::to_string(type.processors) + " processors, but " +
                          std::to_string(type.insides.cores.size()) + " cores inside; as many are right");
    free_sets_.insert(free_sets_.end(), static_cast<std::size_t>(type.count), types_.all_cores(t));
    pickers_.emplace_back(type.insides);
  }
}

bool NodePool::allocate(const Request& request, Allocation& out) {
  assert(request.processors > 0);
  if (sleeps_) return allocate_by_tier(request, out);
  if (!placement_.fits(request, free_)) return false;
  const std::span<const NodeGrant> grants = placement_.place(request, free_);
  std::size_t nodes = 0;
  for (const NodeGrant& grant : grants) nodes += static_cast<std::size_t>(grant.nodes.length);
  // Room for just as many, since the host may keep thousands of allocations.
  out.nodes.clear();
  out.nodes.reserve(nodes);
  out.cores.clear();
  out.cores.reserve(by_core_ ? nodes : 0);
  for (const auto& [run, units] : grants) {
    const std::size_t type = types_.type_of(run.first);
    append(run, out.nodes);
    if (units == free_[type].units_per_node()) {
      if (by_core_) out.cores.resize(out.nodes.size(), types_.all_cores(type));
      take_whole(type, run);
      continue;
    }
    for (NodeIndex node = run.first; node < run.end(); ++node) {
      const CoreSet& free = free_set(node);
      out.cores.push_back(units == free.size() ? free : pickers_[type].pick(free, units));
      take_part(type, node, out.cores.back());
    }
  }
  return true;
}

// What is ready soonest first; within a tier the placement chooses.
bool NodePool::allocate_by_tier(const Request& request, Allocation& out) {
  assert(request.from.size() == 1 && !by_core_);
  const auto [type, per_node] = request.from.front();
  std::int64_t needed = (request.processors + per_node - 1) / per_node;
  std::int64_t there = 0;
  for (std::size_t r = 0; r < kReadinesses; ++r) there += unused(type, static_cast<Readiness>(r)).size();
  if (there < needed) return false;
  out.nodes.clear();
  out.nodes.reserve(static_cast<std::size_t>(needed));
  out.cores.clear();
  runs_.clear();
  for (std::size_t r = 0; needed > 0; ++r) {
    std::vector<FreeNodes>& free = tier(static_cast<Readiness>(r));
    const std::int64_t some = std::min<std::int64_t>(needed, unused(type, static_cast<Readiness>(r)).size());
    if (some == 0) continue;
    const Request part{static_cast<std::int32_t>(some * per_node), request.from};
    for (const NodeGrant& grant : placement_.place(part, free)) {
      runs_.push_back(grant.nodes);
      free[static_cast<std::size_t>(type)].remove(grant.nodes, 1);
    }
    needed -= some;
  }
  std::sort(runs_.begin(), runs_.end(), [](NodeRun a, NodeRun b) { return a.first < b.first; });
  for (const NodeRun run : runs_) append(run, out.nodes);
  return true;
}

void NodePool::make_tiers() {
  if (by_core_) throw TopologyError("cluster '" + cluster_.name + "' shares nodes by core; only whole nodes sleep");
  sleeps_ = true;
  readiness_.assign(static_cast<std::size_t>(nodes()), Readiness::kAwake);
  for (std::vector<FreeNodes>& tier : away_)
    for (std::size_t t = 0; t < free_.size(); ++t) {
      const NodeRun all = types_.of_type(t);
      tier.emplace_back(all.first, all.end(), 1);
    }
}

void NodePool::set_readiness(NodeRun run, Readiness readiness) {
  if (!sleeps_) make_tiers();
  for_each_readiness(run, [&](std::size_t, Readiness before, NodeRun part) { set_readiness(part, before, readiness); });
}

void NodePool::set_readiness(NodeRun run, Readiness before, Readiness readiness) {
  assert(sleeps_ && readiness_[at(run.first)] == before);
  if (before == readiness) return;
  const std::size_t type = types_.type_of(run.first);
  tier(before)[type].move_unused(run, tier(readiness)[type]);
  std::fill_n(readiness_.begin() + run.first, run.length, readiness);
}

bool NodePool::is_free(const Allocation& allocation) const {
  bool free = true;
  types_.for_each_part(
      allocation,
      [&](std::size_t type, NodeRun run) {
        if (!sleeps_) {
          free = free && free_[type].unused().has(run);
          return;
        }
        for_each_readiness(
            run, [&](std::size_t, Readiness r, NodeRun part) { free = free && tier(r)[type].unused().has(part); });
      },
      [&](std::size_t, NodeIndex node, const CoreSet& cores) {
        free = free && is_available(node) && free_set(node).includes(cores);
      });
  return free;
}

bool NodePool::take(const Allocation& allocation) {
  assert(allocation.cores.empty() || (by_core_ && allocation.cores.size() == allocation.nodes.size()));
  if (!is_free(allocation)) return false;
  types_.for_each_part(
      allocation, [this](std::size_t type, NodeRun run) { take_whole(type, run); },
      [this](std::size_t type, NodeIndex node, const CoreSet& cores) { take_part(type, node, cores); });
  return true;
}

void NodePool::release(const Allocation& allocation) {
  types_.for_each_part(
      allocation,
      [this](std::size_t type, NodeRun run) {
        give_whole(type, run);
        if (by_core_) std::fill_n(free_sets_.begin() + run.first, run.length, types_.all_cores(type));
      },
      [this](std::size_t type, NodeIndex node, const CoreSet& cores) {
        CoreSet free = free_set(node);
        set_free(type, node, free |= cores);
      });
}

void NodePool::give_whole(std::size_t type, NodeRun run) {
  if (!sleeps_) return free_[type].add(run, free_[type].units_per_node());
  for_each_readiness(run, [&](std::size_t, Readiness r, NodeRun part) { tier(r)[type].add(part, 1); });
}

void NodePool::take_whole(std::size_t type, NodeRun run) {
  if (sleeps_)
    return for_each_readiness(run, [&](std::size_t, Readiness r, NodeRun part) { tier(r)[type].remove(part, 1); });
  free_[type].remove(run, free_[type].units_per_node());
  if (by_core_) std::fill_n(free_sets_.begin() + run.first, run.length, CoreSet(free_[type].units_per_node()));
}

void NodePool::take_part(std::size_t type, NodeIndex node, const CoreSet& cores) {
  CoreSet free = free_set(node);
  set_free(type, node, free -= cores);
}

void NodePool::set_free(std::size_t type, NodeIndex node, const CoreSet& cores) {
  assert(is_available(node));
  CoreSet& now = free_set(node);
  if (!now.empty()) free_[type].remove(node, now.size());
  now = cores;
  if (!now.empty()) free_[type].add(node, now.size());
}

void NodePool::set_available(NodeIndex node, bool available) {
  assert(used_cores(node) == 0);
  if (is_available(node) == available) return;
  down_[at(node)] = !available;
  FreeNodes& free = nodes_like(node);
  if (available)
    free.add(node, free.units_per_node());
  else
    free.remove(node, free.units_per_node());
}

std::int64_t NodePool::free_cores(std::int32_t type) const {
  const std::int64_t units = free_[static_cast<std::size_t>(type)].free_units();
  return by_core_ ? units : units * cluster_.node_types[static_cast<std::size_t>(type)].processors;
}

std::int32_t NodePool::used_cores(NodeIndex node) const {
  if (is_free(node) || !is_available(node)) return 0;
  const std::int32_t all = cluster_.node_types[types_.type_of(node)].processors;
  return by_core_ ? all - free_set(node).size() : all;
}

std::int32_t NodePool::used_packages(NodeIndex node) const {
  const std::size_t type = types_.type_of(node);
  const std::int32_t used = used_cores(node);
  if (used == 0) return 0;
  if (used == cluster_.node_types[type].processors) return cluster_.node_types[type].insides.packages;
  CoreSet of_jobs = types_.all_cores(type);
  of_jobs -= free_set(node);
  return pickers_[type].packages_in_use(of_jobs);
}

}  // namespace wattfill
