#include "backfill/power/power_cap.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "backfill/model/int128.hpp"

namespace wattfill {
namespace {

// What a node frees that does not work.
Milliwatts freed(const NodeType& type, bool nodes_sleep) {
  const NodePower& power = type.power;
  const bool sleeps = nodes_sleep && !power.sleep.empty();
  return power.active - (sleeps ? power.sleep.back().power : power.idle);
}

}  // namespace

std::vector<std::int32_t> nodes_out_of_work(const Cluster& cluster, Milliwatts cap, bool nodes_sleep) {
  const std::vector<NodeType>& types = cluster.node_types;
  Milliwatts excess = Milliwatts{} - cap;
  for (const NodeType& type : types) excess += type.power.active * type.count;
  std::vector<std::size_t> order(types.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto throughput = [&](std::size_t t) { return Int128{types[t].processors} * types[t].speed.millionths; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return throughput(a) * freed(types[b], nodes_sleep).count < throughput(b) * freed(types[a], nodes_sleep).count;
  });
  std::vector<std::int32_t> out(types.size());
  for (const std::size_t t : order) {
    const Milliwatts each = freed(types[t], nodes_sleep);
    if (excess.count <= 0 || each.count <= 0) continue;
    out[t] =
        static_cast<std::int32_t>(std::min<std::int64_t>(types[t].count, (excess.count + each.count - 1) / each.count));
    excess -= each * out[t];
  }
  if (excess.count > 0)
    throw CapTooLow("power cap: with all nodes " + std::string(nodes_sleep ? "asleep" : "idle") +
                    " the machine draws " + std::to_string((excess + cap).count / 1000) + " W, the cap is " +
                    std::to_string(cap.count / 1000) + " W");
  return out;
}

Cluster at_work(Cluster cluster, std::span<const std::int32_t> out_of_work) {
  for (std::size_t type = 0; type < out_of_work.size(); ++type) cluster.node_types[type].count -= out_of_work[type];
  return cluster;
}

Milliwatts lowest_cap(const Cluster& cluster) {
  const auto& steps = cluster.facility.power_cap.steps();
  return {std::min_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
            return a.value < b.value;
          })->value};
}

}  // namespace wattfill
