#include "trace-replay/cli/yardsticks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backfill/policy/demand.hpp"

namespace wattfill::cli {
namespace {

SimTime begin_of(const Workload& workload) {
  return workload.jobs.empty() ? SimTime{} : workload.jobs.front().job.submit;
}

double percent_below(Millijoules less, Millijoules whole) {
  return whole.count > 0 ? 100 * (1 - static_cast<double>(less.count) / static_cast<double>(whole.count)) : 0;
}

}  // namespace

YardstickObserver::YardstickObserver(const Workload& workload, const Cluster& cluster)
    : workload_(workload), cluster_(cluster), gaps_(cluster, begin_of(workload)) {}

void YardstickObserver::started(std::size_t job, const Proposal& where, SimTime now) {
  gaps_.held(where.allocation->nodes, now);
  held_.insert_or_assign(job, where.allocation->nodes);
}

void YardstickObserver::ended(std::size_t job, JobFate /*fate*/, SimTime now) {
  const auto of = held_.find(job);
  gaps_.released(of->second, now);
  held_.erase(of);
}

// Jobs that got their work done, at full speed on whole nodes. One that runs across several types does so at the speed
// of the slowest, and the fastest that together hold it are no faster than its option.
std::optional<LeastEnergyBound> YardstickObserver::least(const ReplayResult& result, Seconds horizon,
                                                         LimitRule limit) const {
  if (cluster_.node_types.size() < 2 || cluster_.allocation != AllocationMode::kWholeNodes) return std::nullopt;
  LeastEnergy least(cluster_, horizon);
  Demands demands(cluster_, limit);
  std::vector<std::int64_t> node_seconds(demands.node_classes());
  std::vector<std::int64_t> room(node_seconds.size());
  for (std::size_t i = 0; i < workload_.jobs.size(); ++i) {
    const Seconds work = work_done(workload_, result, i);
    if (work <= Seconds{0}) continue;
    const Job& job = workload_.jobs[i].job;
    // Wherever some estimate lets it run: where walltime limits are real, short estimates open more types.
    const DemandGroup& group = demands.group(demands.group_of(job, Seconds{1}));
    const RunOption& option = group.options.front();
    for (std::size_t c = 0; c < node_seconds.size(); ++c) {
      const ClassDemand& demand = group.demand[c];
      const Speed own = demands.of_class(c).speed;
      const Speed speed = option.classes.size() > 1 ? std::min(own, option.speed) : own;
      node_seconds[c] = demand.allowed() ? demand.units(job.processors) * speed.duration(work).count() : kForbidden;
      room[c] = demand.allowed() ? demand.processors(demands.of_class(c).units) : 0;
    }
    least.add(node_seconds, room, job.processors);
  }
  return least.solve();
}

Yardsticks YardstickObserver::finish(const ReplayResult& result, const EnergyReport& report, LimitRule limit) {
  const IdleGapsReport gaps = gaps_.finish(report.end);
  const Millijoules jobs = report.it[Component::kJobs];
  Yardsticks out;
  out.always_on = jobs + gaps.total.idle;
  out.given = jobs + gaps.total.given.energy;
  out.oracle = jobs + gaps.total.lifo.energy;
  out.ceiling = jobs + gaps.total.ceiling;
  out.least = least(result, report.duration(), limit);
  return out;
}

std::vector<std::pair<std::string, std::string>> yardstick_text(const Yardsticks& y, Millijoules actual) {
  const auto below = [&](Millijoules less) { return fmt::format("{:.3f} %", percent_below(less, y.always_on)); };
  std::vector<std::pair<std::string, std::string>> lines = {
      {"saved of the same schedule always on", below(actual)},
      {"  oracle of this schedule, its nodes", below(y.given)},
      {"  oracle, nodes exchanged", below(y.oracle)},
      {"  ceiling: unused time asleep", below(y.ceiling)},
      {"  share of the oracle's saving", fmt::format("{:.2f} %", 100 * y.share_saved(actual))}};
  if (y.least)
    lines.emplace_back("above the lower bound of any schedule",
                       fmt::format("{:.2f} %", -percent_below(actual, y.least->bound)));
  return lines;
}

std::string yardstick_json(const Yardsticks& y, Millijoules actual) {
  nlohmann::ordered_json json = {{"always_on_mj", y.always_on.count},
                                 {"oracle_given_nodes_mj", y.given.count},
                                 {"oracle_mj", y.oracle.count},
                                 {"ceiling_mj", y.ceiling.count},
                                 {"share_of_oracle_saving", y.share_saved(actual)}};
  if (y.least) {
    json["lower_bound_mj"] = y.least->bound.count;
    json["lower_bound_gap"] = y.least->gap();
  }
  return json.dump();
}

}  // namespace wattfill::cli
