#include "trace-replay/energy/node_power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trace-replay/energy/parts.hpp"

namespace wattfill {
namespace {

void require(bool holds, const Cluster& cluster, const NodeType& type, const std::string& what) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: node_type \"{}\": {}", cluster.name, type.name, what));
}

void check_transition(const Cluster& cluster, const NodeType& type, const Transition& transition,
                      const std::string& where) {
  require(transition.duration >= Seconds{0}, cluster, type, where + ".duration: negative");
  require(transition.power >= Milliwatts{0}, cluster, type, where + ".power: negative");
  if (transition.duration == Seconds{0}) {
    require(transition.energy == Millijoules{0}, cluster, type,
            where + ".energy: a transition without duration must cost nothing");
    return;
  }
  const std::int64_t whole = checked_multiply(transition.power.count, transition.duration.count() - 1);
  require(transition.energy.count >= whole, cluster, type,
          fmt::format("{}.energy: {} mJ is less than {} mW over its {} whole seconds", where, transition.energy.count,
                      transition.power.count, transition.duration.count() - 1));
}

void check_active(const Cluster& cluster, const NodeType& type, Milliwatts active, const std::string& where) {
  require(active >= Milliwatts{0}, cluster, type, where + ": negative");
  if (cluster.allocation != AllocationMode::kCores) return;
  const Milliwatts least{checked_add(
      type.power.idle.count, checked_multiply<std::int64_t>(type.power.per_package.count, type.insides.packages))};
  require(
      active >= least, cluster, type,
      fmt::format("{}: {} mW is less than the {} mW of idle power and all packages", where, active.count, least.count));
}

void check_insides(const Cluster& cluster, const NodeType& type) {
  const auto cores = static_cast<std::int64_t>(type.insides.cores.size());
  require(cores == type.processors, cluster, type,
          fmt::format("processors: {}, but the topology has {} cores", type.processors, cores));
  for (const NodeCore& core : type.insides.cores)
    require(core.package >= 0 && core.package < type.insides.packages, cluster, type,
            fmt::format("topology: a core of package {}, but there are {}", core.package, type.insides.packages));
}

// The most that a node of the type can draw.
Milliwatts largest_power(const NodeType& type) {
  Milliwatts most = std::max(type.power.idle, type.power.active);
  for (const FrequencyState& state : type.power.frequencies) most = std::max(most, state.active);
  for (const SleepState& state : type.power.sleep)
    for (const Transition* t : {&state.enter, &state.leave})
      most = std::max({most, state.power, first_power(*t), last_second_power(*t)});
  return most;
}

void check_type(const Cluster& cluster, const NodeType& type) {
  require(type.power.idle >= Milliwatts{0}, cluster, type, "power.idle: negative");
  require(type.power.per_package >= Milliwatts{0}, cluster, type, "power.per_package: negative");
  if (cluster.allocation == AllocationMode::kCores) check_insides(cluster, type);
  check_active(cluster, type, type.power.active, "power.active");
  for (const FrequencyState& state : type.power.frequencies)
    check_active(cluster, type, state.active, fmt::format("power.frequency \"{}\": active", state.name));
  for (const SleepState& state : type.power.sleep) {
    const std::string where = fmt::format("power.sleep \"{}\": ", state.name);
    require(state.power >= Milliwatts{0}, cluster, type, where + "power: negative");
    check_transition(cluster, type, state.enter, where + "enter");
    check_transition(cluster, type, state.leave, where + "leave");
  }
}

}  // namespace

Milliwatts active_power(const NodeType& type, std::int32_t frequency) {
  if (frequency == kFullSpeed) return type.power.active;
  const auto index = static_cast<std::size_t>(frequency);
  if (index >= type.power.frequencies.size())
    throw std::logic_error(fmt::format("metering: node type \"{}\" has no frequency state {}", type.name, frequency));
  return type.power.frequencies[index].active;
}

Milliwatts power_in_use(const NodeType& type, std::int32_t frequency, std::int32_t cores, std::int32_t packages) {
  const NodePower& power = type.power;
  const Milliwatts of_cores = active_power(type, frequency) - power.idle - power.per_package * type.insides.packages;
  return power.idle + power.per_package * packages + Milliwatts{of_cores.count * cores / type.processors};
}

Milliwatts first_power(const Transition& transition) {
  return transition.duration > Seconds{1} ? transition.power : last_second_power(transition);
}

Milliwatts last_second_power(const Transition& transition) {
  if (transition.duration == Seconds{0}) return {};
  return {(transition.energy - transition.power * (transition.duration - Seconds{1})).count};
}

void check_power(const Cluster& cluster) {
  std::int64_t most = 0;
  for (const NodeType& type : cluster.node_types) {
    check_type(cluster, type);
    const std::int64_t node = largest_power(type).count;
    checked_multiply<std::int64_t>(node, type.processors);  // shares by cores are quotients of such products
    most = checked_add(most, checked_multiply<std::int64_t>(node, type.count));
  }
  checked_add<std::int64_t>(checked_multiply(most, cluster.facility.pue_millionths), 500'000);
  if (cluster.facility.pue_millionths < 1'000'000)
    throw std::invalid_argument(
        fmt::format("{}: facility: PUE {} millionths is less than 1", cluster.name, cluster.facility.pue_millionths));
}

}  // namespace wattfill
