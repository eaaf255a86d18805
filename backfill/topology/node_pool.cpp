#include "backfill/topology/node_pool.hpp"

#include <cassert>
#include <cstddef>
#include <span>
#include <string>

#include "backfill/topology/network.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {

NodePool::NodePool(const Cluster& cluster, const PlacementSpec& spec, const Network* network)
    : cluster_(cluster), by_core_(cluster.allocation == AllocationMode::kCores), placement_(cluster, spec, network) {
  if (cluster.allocation == AllocationMode::kCounts)
    throw TopologyError("cluster '" + cluster.name +
                        "' only counts processors; jobs are placed where it allocates whole nodes or cores");
  assert(network == nullptr || network->nodes() == cluster.nodes());
  NodeIndex first = 0;
  for (const NodeType& type : cluster.node_types) {
    const auto number = static_cast<std::int32_t>(free_.size());
    const std::int32_t units = by_core_ ? type.processors : 1;
    FreeNodes& free = free_.emplace_back(first, first + type.count, units);
    for (NodeIndex node = first; node < first + type.count; ++node) free.add(node, units);
    nodes_.insert(nodes_.end(), static_cast<std::size_t>(type.count), NodeState{number, units, true});
    if (by_core_) {
      if (type.insides.cores.size() != static_cast<std::size_t>(type.processors))
        throw TopologyError("cluster '" + cluster.name + "': node type '" + type.name + "' has " +
                            std::to_string(type.processors) + " processors, but " +
                            std::to_string(type.insides.cores.size()) + " cores inside; as many are right");
      all_cores_.push_back(CoreSet::all(type.processors));
      free_sets_.insert(free_sets_.end(), static_cast<std::size_t>(type.count), all_cores_.back());
      pickers_.emplace_back(type.insides);
    }
    first += type.count;
  }
}

bool NodePool::allocate(const Request& request, Allocation& out) {
  assert(request.processors > 0);
  if (!placement_.fits(request, free_)) return false;
  const std::span<const NodeGrant> grants = placement_.place(request, free_);
  out.nodes.resize(grants.size());
  out.cores.resize(by_core_ ? grants.size() : 0);
  for (std::size_t i = 0; i < grants.size(); ++i) {
    const auto [node, units] = grants[i];
    out.nodes[i] = node;
    if (by_core_) {
      CoreSet& free = free_set(node);
      out.cores[i] =
          units == state(node).free ? free : pickers_[static_cast<std::size_t>(type_of(node))].pick(free, units);
      free -= out.cores[i];
    }
    change_free(node, -units);
  }
  return true;
}

bool NodePool::is_free(const Allocation& allocation) const {
  for (std::size_t i = 0; i < allocation.nodes.size(); ++i) {
    const NodeIndex node = allocation.nodes[i];
    assert(i == 0 || allocation.nodes[i - 1] < node);
    const NodeState& s = state(node);
    if (!s.available) return false;
    if (allocation.cores.empty()) {
      if (s.free != units_of(s)) return false;
      continue;
    }
    CoreSet missing = allocation.cores[i];
    missing -= free_sets_[static_cast<std::size_t>(node)];
    if (!missing.empty()) return false;
  }
  return true;
}

bool NodePool::take(const Allocation& allocation) {
  assert(allocation.cores.empty() || (by_core_ && allocation.cores.size() == allocation.nodes.size()));
  if (!is_free(allocation)) return false;
  for (std::size_t i = 0; i < allocation.nodes.size(); ++i) {
    const NodeIndex node = allocation.nodes[i];
    if (allocation.cores.empty()) {
      if (by_core_) free_set(node) -= all_cores_[static_cast<std::size_t>(type_of(node))];
      change_free(node, -units_of(state(node)));
    } else {
      free_set(node) -= allocation.cores[i];
      change_free(node, -allocation.cores[i].size());
    }
  }
  return true;
}

void NodePool::release(const Allocation& allocation) {
  for (std::size_t i = 0; i < allocation.nodes.size(); ++i) {
    const NodeIndex node = allocation.nodes[i];
    if (allocation.cores.empty()) {
      if (by_core_) free_set(node) |= all_cores_[static_cast<std::size_t>(type_of(node))];
      change_free(node, units_of(state(node)));
    } else {
      free_set(node) |= allocation.cores[i];
      change_free(node, allocation.cores[i].size());
    }
  }
}

void NodePool::change_free(NodeIndex node, std::int32_t units) {
  NodeState& s = state(node);
  FreeNodes& free = of_type(s.type);
  assert(s.available);
  if (s.free > 0) free.remove(node, s.free);
  s.free += units;
  assert(s.free >= 0 && s.free <= free.units_per_node());
  if (s.free > 0) free.add(node, s.free);
}

void NodePool::set_available(NodeIndex node, bool available) {
  NodeState& s = state(node);
  assert(s.free == units_of(s));
  if (s.available == available) return;
  s.available = available;
  if (available)
    of_type(s.type).add(node, s.free);
  else
    of_type(s.type).remove(node, s.free);
}

std::int64_t NodePool::free_cores(std::int32_t type) const {
  const std::int64_t units = of_type(type).free_units();
  return by_core_ ? units : units * cluster_.node_types[static_cast<std::size_t>(type)].processors;
}

std::int32_t NodePool::used_cores(NodeIndex node) const {
  const NodeState& s = state(node);
  const std::int32_t used = units_of(s) - s.free;
  return by_core_ ? used : used * cluster_.node_types[static_cast<std::size_t>(s.type)].processors;
}

std::int32_t NodePool::used_packages(NodeIndex node) const {
  const NodeState& s = state(node);
  const auto type = static_cast<std::size_t>(s.type);
  if (s.free == units_of(s)) return 0;
  if (!by_core_ || s.free == 0) return cluster_.node_types[type].insides.packages;
  CoreSet used = all_cores_[type];
  used -= free_sets_[static_cast<std::size_t>(node)];
  return pickers_[type].packages_in_use(used);
}

}  // namespace wattfill
