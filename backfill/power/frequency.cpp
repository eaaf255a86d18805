#include "backfill/power/frequency.hpp"

#include <algorithm>

#include "backfill/model/int128.hpp"

namespace wattfill {
namespace {

void set_level(NodeType& type, std::int32_t level) {
  auto& frequencies = type.power.frequencies;
  const auto lower = frequencies.begin() + std::min<std::ptrdiff_t>(level, std::ssize(frequencies));
  if (lower == frequencies.begin()) return;
  type.speed = (lower - 1)->speed;
  type.power.active = (lower - 1)->active;
  frequencies.erase(frequencies.begin(), lower);
}

std::int32_t most_efficient_level(const NodeType& type) {
  const NodePower& power = type.power;
  const Milliwatts unused = power.sleep.empty() ? power.idle : power.sleep.back().power;
  Milliwatts least = power.active - unused;
  Speed of_least = type.speed;
  std::int32_t best = 0;
  for (std::int32_t level = 1; level <= std::ssize(power.frequencies); ++level) {
    const FrequencyState& state = power.frequencies[static_cast<std::size_t>(level) - 1];
    const Milliwatts more = state.active - unused;
    if (Int128{more.count} * of_least.millionths >= Int128{least.count} * state.speed.millionths) continue;
    least = more;
    of_least = state.speed;
    best = level;
  }
  return best;
}

}  // namespace

Cluster at_frequency(Cluster cluster, std::int32_t level) {
  for (NodeType& type : cluster.node_types) set_level(type, level);
  return cluster;
}

Cluster at_most_efficient_frequency(Cluster cluster) {
  for (NodeType& type : cluster.node_types) set_level(type, most_efficient_level(type));
  return cluster;
}

}  // namespace wattfill
