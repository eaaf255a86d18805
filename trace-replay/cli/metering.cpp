#include "trace-replay/cli/metering.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace wattfill::cli {
namespace {

// Seconds from a Monday, 00:00 local time, to second 0 of the trace.
Seconds since_monday(const SwfHeader& header) {
  const std::int64_t start = header.integer("UnixStartTime");
  if (start <= 0) return Seconds{0};
  const std::int64_t zone = header.find("TimeZone") == nullptr ? 0 : header.integer("TimeZone");
  constexpr std::int64_t kFirstMonday = 4 * 86400;  // the Unix epoch was a Thursday
  return Seconds{start + std::max<std::int64_t>(zone, -86400) - kFirstMonday};
}

// A periodic series whose time 0 becomes `zero`.
StepSeries seen_from(const StepSeries& series, Seconds zero) {
  if (series.period() == Seconds{0}) return series;
  std::vector<StepSeries::Step> steps = series.steps();
  for (StepSeries::Step& step : steps) {
    const Seconds from = (step.from - zero).time_since_epoch() % series.period();
    step.from = SimTime{from < Seconds{0} ? from + series.period() : from};
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  return StepSeries(std::move(steps), series.period());
}

}  // namespace

Cluster on_the_clock_of(const Workload& workload, Cluster cluster) {
  const Seconds zero = since_monday(workload.header);
  for (StepSeries* series : {&cluster.facility.power_cap, &cluster.facility.tariff, &cluster.facility.carbon})
    *series = seen_from(*series, zero);
  return cluster;
}

bool can_be_metered(const Cluster& cluster) {
  const bool one_type = cluster.node_types.size() == 1;
  return (one_type || cluster.allocation != AllocationMode::kCounts) &&
         std::all_of(cluster.node_types.begin(), cluster.node_types.end(),
                     [](const NodeType& type) { return type.power.active > Milliwatts{0}; });
}

Metering::Metering(const Workload& workload, const Cluster& cluster, bool whole)
    : workload_(workload),
      cluster_(on_the_clock_of(workload, cluster)),
      meter_(cluster_, {workload.jobs.empty() ? SimTime{} : workload.jobs.front().job.submit, whole, whole}) {}

void Metering::started(std::size_t job, const Proposal& where, SimTime now) {
  const TraceJob& of = workload_.jobs[job];
  MeteredJob metered;
  metered.job = static_cast<std::uint32_t>(job);
  metered.processors = of.job.processors;
  metered.user = of.job.user;
  metered.queue = of.job.queue;
  metered.work_processor_s = of.runtime.count() * of.job.processors;
  meter_.job_started(metered, where.allocation, now);
}

void Metering::ended(std::size_t job, JobFate fate, SimTime now) {
  meter_.job_ended(static_cast<std::uint32_t>(job), now, fate != JobFate::kCancelledRunning);
}

void Metering::power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) {
  switch (change) {
    case PowerChange::kSleepBegun:
      return meter_.sleep_begun(nodes, sleep_state, now);
    case PowerChange::kAsleep:
      return meter_.asleep(nodes, now);
    case PowerChange::kWakeBegun:
      return meter_.wake_begun(nodes, now);
    case PowerChange::kAwake:
      return meter_.awake(nodes, now);
    case PowerChange::kBootFailed:
      return meter_.boot_failed(nodes, now);
  }
}

EnergyReport Metering::finish(const ReplayResult& result, SimTime horizon) {
  horizon = std::max(horizon, workload_.jobs.empty() ? SimTime{} : workload_.jobs.front().job.submit);
  for (const JobOutcome& outcome : result.outcomes) {
    horizon = std::max(horizon, outcome.submit);
    if (outcome.end != kNever) horizon = std::max(horizon, outcome.end);
  }
  EnergyReport report = meter_.finish(horizon);
  verify(report);
  return report;
}

}  // namespace wattfill::cli
