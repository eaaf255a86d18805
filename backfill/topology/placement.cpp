#include "backfill/topology/placement.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "backfill/model/int128.hpp"
#include "backfill/topology/network.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

// Of a processor at work, for a second of reference work, in microjoules, rounded down.
std::int64_t processor_energy(const NodeType& type) {
  const Int128 nanojoules = Int128{type.power.active.count} * 1'000'000'000;
  return static_cast<std::int64_t>(nanojoules / (Int128{type.speed.millionths} * type.processors));
}

}  // namespace

Placement::Placement(const Cluster& cluster, const PlacementSpec& spec, const Network* network)
    : network_(network),
      spec_(spec),
      whole_nodes_(cluster.allocation == AllocationMode::kWholeNodes),
      chooser_(network) {
  if (spec_.terms.empty()) spec_.terms.push_back({});
  for (const PlacementSpec::Term& term : spec_.terms) {
    const PlacementStrategyInfo& strategy = info(term.strategy);
    if (strategy.needs_network && network == nullptr)
      throw TopologyError("placement " + std::string(strategy.name) + " needs a network, but cluster '" + cluster.name +
                          "' describes none; add one, or place by first-fit or contiguous");
    (strategy.orders_types ? type_orders_ : node_choices_).push_back(term.strategy);
  }
  if (node_choices_.empty()) node_choices_.push_back(PlacementStrategy::kFirstFit);
  for (const NodeType& type : cluster.node_types)
    type_costs_.push_back({processor_energy(type) * (whole_nodes_ ? type.processors : 1),
                           static_cast<std::int64_t>(type.speed.millionths)});
  plans_.resize(std::max<std::size_t>(type_orders_.size(), 1) * node_choices_.size());
}

Placement::Terms Placement::terms_of(const Share& share, const FreeNodes& free) const {
  assert(share.per_node > 0);
  if (whole_nodes_) return {1, share.per_node};
  return {std::min(share.per_node, free.units_per_node()), 1};
}

bool Placement::fits(const PlacementRequest& request, std::span<const FreeNodes> free) const {
  std::int64_t needed = request.processors;
  for (const Share& share : request.from) {
    const FreeNodes& nodes = free[static_cast<std::size_t>(share.node_type)];
    const Terms terms = terms_of(share, nodes);
    needed -= nodes.obtainable(terms.most) * terms.worth;
    if (needed <= 0) return true;
  }
  return false;
}

std::span<const NodeGrant> Placement::place(const PlacementRequest& request, std::span<const FreeNodes> free) {
  const bool order = !type_orders_.empty() && request.from.size() > 1;
  std::size_t plans = 0;
  for (std::size_t i = 0; i < (order ? type_orders_.size() : 1); ++i) {
    std::span<const Share> from = request.from;
    if (order) {
      order_types(type_orders_[i], from);
      from = ordered_;
    }
    for (const PlacementStrategy choice : node_choices_) plan(from, choice, request.processors, free, plans_[plans++]);
  }
  return plans == 1 ? plans_.front().grants : elect(plans).grants;
}

void Placement::order_types(PlacementStrategy strategy, std::span<const Share> from) {
  ordered_.assign(from.begin(), from.end());
  const auto cost = [&](const Share& share) {
    const TypeCost& type = type_costs_[static_cast<std::size_t>(share.node_type)];
    return strategy == PlacementStrategy::kFastest ? -type.speed : type.energy;
  };
  std::ranges::stable_sort(ordered_, {}, cost);
}

void Placement::plan(std::span<const Share> from, PlacementStrategy choice, std::int64_t processors,
                     std::span<const FreeNodes> free, Plan& plan) {
  plan.grants.clear();
  plan.energy = 0;
  plan.slowest = std::numeric_limits<std::int64_t>::max();
  for (const Share& share : from) {
    const FreeNodes& nodes = free[static_cast<std::size_t>(share.node_type)];
    const Terms terms = terms_of(share, nodes);
    const std::int64_t needed = (processors + terms.worth - 1) / terms.worth;
    const std::int64_t units = std::min(needed, nodes.obtainable(terms.most));
    if (units == 0) continue;
    fill(nodes, units, terms.most, choice, plan);
    const TypeCost& cost = type_costs_[static_cast<std::size_t>(share.node_type)];
    plan.energy += cost.energy * units;
    plan.slowest = std::min(plan.slowest, cost.speed);
    processors -= units * terms.worth;
    if (processors <= 0) break;
  }
  assert(processors <= 0);
  std::ranges::sort(plan.grants, {}, [](const NodeGrant& grant) { return grant.nodes.first; });
}

void Placement::fill(const FreeNodes& free, std::int64_t units, std::int32_t most, PlacementStrategy choice,
                     Plan& plan) {
  groups_.clear(free.units_per_node());
  for (std::int32_t size = 1; size <= free.units_per_node(); ++size) groups_.add(size, free.with_free(size).size());
  groups_.cover(units, most);
  for (std::int32_t size = free.units_per_node(); size > 0; --size) {
    const std::int32_t whole = groups_.whole(size);
    const std::int32_t wanted = whole + (size == groups_.last() ? 1 : 0);
    if (wanted == 0) continue;
    runs_.clear();
    chooser_.choose(choice, free.with_free(size), wanted, runs_);
    const bool last = whole < wanted;  // the last one chosen gives less
    if (last) --runs_.back().length;
    for (const NodeRun run : runs_)
      if (run.length > 0) plan.grants.push_back({run, std::min(size, most)});
    if (last) plan.grants.push_back({{runs_.back().end(), 1}, groups_.rest()});
  }
}

std::span<const NodeIndex> Placement::nodes(const Plan& plan) {
  nodes_.clear();
  for (const auto& [run, units] : plan.grants)
    for (NodeIndex node = run.first; node < run.end(); ++node) nodes_.push_back(node);
  return nodes_;
}

std::int64_t Placement::cost(PlacementStrategy strategy, const Plan& plan) {
  std::int64_t cost = 0;
  switch (strategy) {
    case PlacementStrategy::kFirstFit:
      for (const NodeIndex node : nodes(plan)) cost += node;
      break;
    case PlacementStrategy::kContiguous:
      for (std::size_t i = 1; i < plan.grants.size(); ++i)
        cost += plan.grants[i].nodes.first != plan.grants[i - 1].nodes.end() ? 1 : 0;
      break;
    case PlacementStrategy::kFewestSwitches:
      return network_->switches_spanned(nodes(plan));
    case PlacementStrategy::kSmallestDiameter:
      return network_->diameter(nodes(plan));
    case PlacementStrategy::kMostEfficient:
      return plan.energy;
    case PlacementStrategy::kFastest:
      return -plan.slowest;
  }
  return cost;
}

const Placement::Plan& Placement::elect(std::size_t plans) {
  scores_.assign(plans, 0);
  costs_.resize(plans);
  for (const PlacementSpec::Term& term : spec_.terms) {
    for (std::size_t i = 0; i < plans; ++i) costs_[i] = cost(term.strategy, plans_[i]);
    for (std::size_t i = 0; i < plans; ++i)
      scores_[i] += std::ranges::count_if(costs_, [&](std::int64_t c) { return c < costs_[i]; }) * term.weight;
  }
  return plans_[static_cast<std::size_t>(std::ranges::min_element(scores_) - scores_.begin())];
}

}  // namespace wattfill
