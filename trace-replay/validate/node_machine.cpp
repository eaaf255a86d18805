#include "trace-replay/validate/node_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "backfill/model/int128.hpp"
#include "backfill/topology/insides_reader.hpp"

namespace wattfill::judge {
namespace {

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

}  // namespace

NodeMachine::NodeMachine(std::int64_t processors) {
  Type& type = types_.emplace_back();
  type.nodes = type.units = processors;
}

NodeMachine::NodeMachine(const Cluster& cluster, LimitRule limit)
    : allocation_(cluster.allocation), limit_(limit), rules_(cluster.access) {
  std::int64_t first = 0;
  for (const NodeType& given : cluster.node_types) {
    Type& type = types_.emplace_back();
    type.name = given.name;
    type.first_node = first;
    type.nodes = given.count;
    type.processors = given.processors;
    type.units = whole_nodes() ? type.nodes : type.nodes * type.processors;
    type.memory_kb = given.memory_kb;
    type.speed_millionths = given.speed.millionths;
    type.insides = given.insides;
    first += type.nodes;
  }
}

std::size_t NodeMachine::type_of(std::int64_t node) const {
  std::size_t type = 0;
  while (node >= types_[type].first_node + types_[type].nodes) ++type;
  return type;
}

bool NodeMachine::allowed(const TraceEntry& job, Seconds estimate, std::size_t type) const {
  for (const AccessRule& rule : rules_) {
    const std::int32_t number = rule.field == AccessRule::Field::kQueue ? job.queue : job.partition;
    if (number != rule.number) continue;
    if (std::find(rule.node_types.begin(), rule.node_types.end(), static_cast<std::int32_t>(type)) ==
        rule.node_types.end())
      return false;
  }
  return (limit_ == LimitRule::kScaled || duration_on(estimate, type) <= job.requested) &&
         holds(job, type, types_[type].units) > 0;
}

// A whole node holds as many processors as its memory allows. Where nodes are shared, a processor comes with its part
// of the node's memory, and a job that needs more takes more processors.
std::int64_t NodeMachine::holds(const TraceEntry& job, std::size_t type, std::int64_t units) const {
  const Type& of = types_[type];
  if (whole_nodes()) {
    const bool limited = job.memory_kb > 0 && of.memory_kb > 0;
    return units * (limited ? std::min<std::int64_t>(of.processors, of.memory_kb / job.memory_kb) : of.processors);
  }
  return units / units_for(job, type, 1);
}

std::int64_t NodeMachine::units_for(const TraceEntry& job, std::size_t type, std::int64_t processors) const {
  if (whole_nodes()) return divided_up(processors, holds(job, type, 1));
  const std::int64_t memory_of_one = types_[type].memory_kb / types_[type].processors;
  if (job.memory_kb <= 0 || memory_of_one <= 0) return processors;
  const std::int64_t for_one = divided_up(job.memory_kb, memory_of_one);
  // Beyond every machine, whatever the exact number; and no product that overflows.
  if (for_one > std::numeric_limits<std::int64_t>::max() / processors) return std::numeric_limits<std::int64_t>::max();
  return processors * for_one;
}

std::vector<Way> NodeMachine::ways(const TraceEntry& job, Seconds estimate) const {
  std::vector<Way> ways;
  for (std::size_t type = 0; type < types_.size(); ++type) {
    if (!allowed(job, estimate, type)) continue;
    const std::int64_t units = units_for(job, type, job.processors);
    if (units <= types_[type].units) ways.push_back({{type}, units, duration_on(estimate, type)});
  }
  if (!ways.empty()) return ways;
  if (std::optional<Way> across = way_across(job, estimate)) ways.push_back(std::move(*across));
  return ways;
}

std::optional<Way> NodeMachine::way_across(const TraceEntry& job, Seconds estimate) const {
  std::vector<std::size_t> fastest_first(types_.size());
  std::iota(fastest_first.begin(), fastest_first.end(), std::size_t{0});
  std::stable_sort(fastest_first.begin(), fastest_first.end(), [this](std::size_t a, std::size_t b) {
    return types_[a].speed_millionths > types_[b].speed_millionths;
  });
  Way way;
  std::int64_t held = 0;
  for (const std::size_t type : fastest_first) {
    if (!allowed(job, estimate, type)) continue;
    way.types.insert(way.types.begin(), type);
    held += holds(job, type, types_[type].units);
    if (held < job.processors) continue;
    way.duration = duration_on(estimate, way.types.front());
    return way;
  }
  return std::nullopt;
}

Seconds NodeMachine::duration_on(Seconds reference, std::size_t type) const {
  const std::int64_t speed = types_[type].speed_millionths;
  return Seconds{static_cast<std::int64_t>((Int128{reference.count()} * 1'000'000 + speed - 1) / speed)};
}

Seconds NodeMachine::duration(Seconds reference, const std::vector<TypeUnits>& taken) const {
  Seconds longest{0};
  for (const TypeUnits& of : taken) longest = std::max(longest, duration_on(reference, of.type));
  return longest;
}

std::optional<Seconds> NodeMachine::runtime(const TraceEntry& job, const std::vector<TypeUnits>& taken) const {
  if (taken.empty()) return std::nullopt;
  const Seconds scaled = duration(job.runtime, taken);
  return limit_ == LimitRule::kReal ? std::min(scaled, job.requested) : scaled;
}

NodeUse NodeMachine::use_of(const TraceEntry& job, const ScheduleRow& row) const {
  NodeUse use;
  if (has_identity()) {
    for (const ProcessorRange& range : row.allocation) {
      if (range.last >= nodes()) use.outside = std::max(range.first, nodes());
      for (std::int64_t node = range.first; node <= std::min(range.last, nodes() - 1); ++node)
        use.nodes.push_back(node);
    }
    if (allocation_ == AllocationMode::kCores && !row.allocation.empty()) read_cores(row.cpusets, use);
  }
  count_taken(job, use);
  return use;
}

// "0:0x0000000f 3:0x000000f0": for each node of the job, in their order.
void NodeMachine::read_cores(const std::string& cpusets, NodeUse& use) const {
  std::size_t at = 0;
  for (const std::int64_t node : use.nodes) {
    at = std::min(cpusets.find_first_not_of(' ', at), cpusets.size());
    const std::size_t end = std::min(cpusets.find(' ', at), cpusets.size());
    const std::string item = cpusets.substr(at, end - at);
    const std::string label = fmt::format("{}:", node);
    if (!item.starts_with(label)) {
      use.bad_cores = fmt::format("\"{}\" where the cores of node {} should stand", item.substr(0, 60), node);
      return use.cores.clear();
    }
    try {
      use.cores.push_back(cores_of_cpuset(types_[type_of(node)].insides, std::string_view(item).substr(label.size())));
    } catch (const TopologyError& error) {
      use.bad_cores = fmt::format("node {}: {}", node, error.what());
      return use.cores.clear();
    }
    if (use.cores.back().empty()) {
      use.bad_cores = fmt::format("node {} without a core", node);
      return use.cores.clear();
    }
    at = end;
  }
  if (cpusets.find_first_not_of(' ', at) == std::string::npos) return;
  use.bad_cores = fmt::format("\"{}\" behind the job's last node", cpusets.substr(at, 60));
}

void NodeMachine::count_taken(const TraceEntry& job, NodeUse& use) const {
  if (!has_identity()) {
    if (types_.size() == 1) use.taken = {{0, units_for(job, 0, job.processors)}};
    return;
  }
  const bool by_core = allocation_ == AllocationMode::kCores;
  if (by_core && use.cores.size() != use.nodes.size()) return;
  std::vector<std::int64_t> units(types_.size(), 0);
  for (std::size_t i = 0; i < use.nodes.size(); ++i) units[type_of(use.nodes[i])] += by_core ? use.cores[i].size() : 1;
  for (std::size_t type = 0; type < units.size(); ++type)
    if (units[type] > 0) use.taken.push_back({type, units[type]});
}

}  // namespace wattfill::judge
