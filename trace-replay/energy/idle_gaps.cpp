#include "trace-replay/energy/idle_gaps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "trace-replay/energy/node_power.hpp"
#include "trace-replay/energy/parts.hpp"

namespace wattfill {
namespace {

std::int64_t in_64_bits(Int128 value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    throw std::overflow_error("idle gaps: a sum takes more than 64 bits");
  return static_cast<std::int64_t>(value);
}

Millijoules energy(Int128 millijoules) { return {in_64_bits(millijoules)}; }

void add(Millijoules& sum, Millijoules more) { sum.count = checked_add(sum.count, more.count); }
void add(GapsSlept& sum, const GapsSlept& more) {
  add(sum.energy, more.energy);
  sum.gaps += more.gaps;
  sum.sleeps += more.sleeps;
}

void add(IdleGapsOfType& sum, const IdleGapsOfType& more) {
  sum.nodes += more.nodes;
  sum.node_seconds = checked_add(sum.node_seconds, more.node_seconds);
  add(sum.idle, more.idle);
  add(sum.given, more.given);
  add(sum.lifo, more.lifo);
  add(sum.any_assignment, more.any_assignment);
  add(sum.ceiling, more.ceiling);
}

}  // namespace

void IdleGaps::Sum::add(const GapCosts::Cost& cost, Seconds length, std::int64_t nodes) {
  if (length == Seconds{0}) return;
  millijoules += cost.millijoules * nodes;
  gaps += nodes;
  if (cost.asleep) sleeps += nodes;
}

GapsSlept IdleGaps::Sum::result() const { return {energy(millijoules), gaps, sleeps}; }

IdleGaps::IdleGaps(const Cluster& cluster, SimTime begin, SimTime end)
    : cluster_(&cluster), types_(cluster), begin_(begin), end_(end), last_(begin) {
  check_power(cluster);
  if (cluster.allocation == AllocationMode::kCounts)
    throw std::invalid_argument(cluster.name + ": idle gaps: counted processors have no nodes, give them an identity");
  if (end < begin) throw std::invalid_argument("idle gaps: the horizon ends before it begins");
  nodes_.assign(static_cast<std::size_t>(types_.nodes()), Node{begin, 0});
  for (const NodeType& type : cluster.node_types) {
    by_type_.push_back({GapCosts(type.power), {}, {}, {}, 0, 0});
    if (type.count > 0) by_type_.back().unused.push_back({begin, type.count});
  }
}

// Whether the event is within the horizon; what is before it moves to its begin.
bool IdleGaps::within(SimTime& now) {
  now = std::max(now, begin_);
  if (now < last_)
    throw std::logic_error(fmt::format("idle gaps: an event at {} s after one at {} s", seconds_since_epoch(now),
                                       seconds_since_epoch(last_)));
  if (now >= end_) return false;
  last_ = now;
  return true;
}

void IdleGaps::check(std::span<const NodeIndex> nodes) const {
  if (nodes.empty()) throw std::logic_error("idle gaps: a job without nodes");
  for (const NodeIndex node : {nodes.front(), nodes.back()})
    if (node < 0 || node >= types_.nodes())
      throw std::logic_error(fmt::format("idle gaps: node {} of {}", node, types_.nodes()));
}

void IdleGaps::held(std::span<const NodeIndex> nodes, SimTime from) {
  if (!within(from)) return;
  check(nodes);
  types_.for_each_run(nodes, [&](std::size_t t, NodeRun run) {
    Type& type = by_type_[t];
    for (std::int64_t left = take(type, run, from); left > 0;) {
      Released& latest = type.unused.back();
      const std::int64_t pairs = std::min(left, latest.nodes);
      pair(type, latest.at, pairs, from, GapEnd::kHeld);
      left -= pairs;
      if ((latest.nodes -= pairs) == 0) type.unused.pop_back();
    }
  });
}

void IdleGaps::released(std::span<const NodeIndex> nodes, SimTime at) {
  if (!within(at)) return;
  check(nodes);
  types_.for_each_run(nodes, [&](std::size_t t, NodeRun run) {
    std::vector<Released>& unused = by_type_[t].unused;
    const std::int64_t freed = leave(run, at);
    if (freed == 0) return;
    if (!unused.empty() && unused.back().at == at) {
      unused.back().nodes += freed;
    } else {
      unused.push_back({at, freed});
    }
  });
}

// Ends the gaps of those that were unused; returns how many.
std::int64_t IdleGaps::take(Type& type, NodeRun run, SimTime now) {
  std::int64_t taken = 0;
  Seconds length{-1};
  GapCosts::Cost cost;
  for (NodeIndex index = run.first; index < run.end(); ++index) {
    Node& node = nodes_[static_cast<std::size_t>(index)];
    if (node.jobs > 0 && cluster_->allocation == AllocationMode::kWholeNodes)
      throw std::logic_error(fmt::format("idle gaps: node {} is held, but it is in use", index));
    if (node.jobs++ > 0) continue;
    ++taken;
    if (now - node.since != length) cost = type.costs.cheapest(length = now - node.since, GapEnd::kHeld);
    type.given.add(cost, length, 1);
    type.node_seconds += length.count();
  }
  return taken;
}

// Returns how many are unused now that were not.
std::int64_t IdleGaps::leave(NodeRun run, SimTime now) {
  std::int64_t freed = 0;
  for (NodeIndex index = run.first; index < run.end(); ++index) {
    Node& node = nodes_[static_cast<std::size_t>(index)];
    if (node.jobs == 0) throw std::logic_error(fmt::format("idle gaps: node {} is released, but it is unused", index));
    if (--node.jobs > 0) continue;
    node.since = now;
    ++freed;
  }
  return freed;
}

void IdleGaps::pair(Type& type, SimTime since, std::int64_t nodes, SimTime now, GapEnd end) {
  const Seconds length = now - since;
  type.lifo.add(type.costs.cheapest(length, end), length, nodes);
  type.concave += type.costs.concave(length, end) * nodes;
}

// The last gaps.
void IdleGaps::close(std::size_t t, SimTime end) {
  Type& type = by_type_[t];
  const NodeRun run = types_.of_type(t);
  for (NodeIndex index = run.first; index < run.end(); ++index) {
    const Node& node = nodes_[static_cast<std::size_t>(index)];
    if (node.jobs > 0) continue;
    const Seconds length = end - node.since;
    type.given.add(type.costs.cheapest(length, GapEnd::kHorizon), length, 1);
    type.node_seconds += length.count();
  }
  for (const Released& unused : type.unused) pair(type, unused.at, unused.nodes, end, GapEnd::kHorizon);
}

IdleGapsReport IdleGaps::finish(SimTime end) {
  IdleGapsReport report;
  report.begin = begin_;
  report.end = std::min(end, end_);
  if (report.end < last_)
    throw std::logic_error(fmt::format("idle gaps: the horizon ends at {} s, before an event at {} s",
                                       seconds_since_epoch(report.end), seconds_since_epoch(last_)));
  for (std::size_t t = 0; t < by_type_.size(); ++t) {
    close(t, report.end);
    const Type& type = by_type_[t];
    const NodeType& of = cluster_->node_types[t];
    IdleGapsOfType& result = report.by_type.emplace_back();
    result.name = of.name;
    result.nodes = of.count;
    result.node_seconds = in_64_bits(type.node_seconds);
    result.idle = energy(type.node_seconds * of.power.idle.count);
    result.given = type.given.result();
    result.lifo = type.lifo.result();
    result.any_assignment = energy(type.concave);
    result.ceiling = energy(type.node_seconds * deepest_power(of.power).count);
    add(report.total, result);
  }
  return report;
}

Millijoules ceiling(const Cluster& cluster, Seconds horizon, std::span<const std::int64_t> held_node_seconds,
                    Millijoules work) {
  if (held_node_seconds.size() != cluster.node_types.size())
    throw std::invalid_argument(
        fmt::format("ceiling: {} node types instead of {}", held_node_seconds.size(), cluster.node_types.size()));
  Int128 sum = work.count;
  for (std::size_t t = 0; t < cluster.node_types.size(); ++t) {
    const NodeType& type = cluster.node_types[t];
    const Int128 unused = Int128{type.count} * horizon.count() - held_node_seconds[t];
    if (unused < 0 || held_node_seconds[t] < 0)
      throw std::invalid_argument(
          fmt::format("ceiling: node type \"{}\": {} node-seconds held, but there are {} nodes "
                      "for {} s",
                      type.name, held_node_seconds[t], type.count, horizon.count()));
    sum += unused * deepest_power(type.power).count;
  }
  return energy(sum);
}

}  // namespace wattfill
