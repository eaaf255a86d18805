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

// Without steps that change nothing.
StepSeries simplest(std::vector<StepSeries::Step> steps, Seconds period) {
  const auto same = [](const StepSeries::Step& a, const StepSeries::Step& b) { return a.value == b.value; };
  steps.erase(std::unique(steps.begin(), steps.end(), same), steps.end());
  if (steps.size() == 1) return StepSeries(steps.front().value);
  return StepSeries(std::move(steps), period);
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

std::vector<StepSeries> nodes_out_of_work(const Cluster& cluster, const StepSeries& cap, bool nodes_sleep) {
  std::vector<std::vector<StepSeries::Step>> steps(cluster.node_types.size());
  for (const StepSeries::Step& step : cap.steps()) {
    const std::vector<std::int32_t> out = nodes_out_of_work(cluster, Milliwatts{step.value}, nodes_sleep);
    for (std::size_t type = 0; type < out.size(); ++type) steps[type].push_back({step.from, out[type]});
  }
  std::vector<StepSeries> series;
  series.reserve(steps.size());
  for (std::vector<StepSeries::Step>& of_type : steps) series.push_back(simplest(std::move(of_type), cap.period()));
  return series;
}

StepSeries highest_ahead(const StepSeries& series, Seconds ahead) {
  if (ahead == Seconds{0} || series.constant()) return series;
  const Seconds period = series.period();
  if (period > Seconds{0} && ahead >= period) return StepSeries(series.highest());
  std::vector<SimTime> times;
  for (const StepSeries::Step& step : series.steps()) {
    const SimTime before = step.from - ahead;
    times.push_back(step.from);
    times.push_back(period > Seconds{0} && before < SimTime{} ? before + period : before);
  }
  if (period == Seconds{0}) times.push_back(series.steps().front().from - ahead - Seconds{1});  // what holds before
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<StepSeries::Step> steps;
  for (const SimTime from : times) {
    std::int64_t most = series.at(from);
    for (SimTime at = series.next_change(from); at <= from + ahead; at = series.next_change(at))
      most = std::max(most, series.at(at));
    steps.push_back({from, most});
  }
  return simplest(std::move(steps), period);
}

Seconds time_to_deepest_sleep(const NodeType& type) {
  const std::vector<SleepState>& states = type.power.sleep;
  if (states.empty()) return Seconds{0};
  Seconds up = states.back().leave.duration;
  for (std::size_t s = 0; s + 1 < states.size(); ++s)
    up = std::max(up, states[s].enter.duration + states[s].leave.duration);
  return up + states.back().enter.duration;
}

Cluster at_work(Cluster cluster, std::span<const StepSeries> out_of_work) {
  for (std::size_t type = 0; type < out_of_work.size(); ++type)
    cluster.node_types[type].count -= static_cast<std::int32_t>(out_of_work[type].highest());
  return cluster;
}

}  // namespace wattfill
