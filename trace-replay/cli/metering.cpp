#include "trace-replay/cli/metering.hpp"

#include <algorithm>

namespace wattfill::cli {

bool can_be_metered(const Cluster& cluster) {
  const bool one_type = cluster.node_types.size() == 1;
  return (one_type || cluster.allocation != AllocationMode::kCounts) &&
         std::all_of(cluster.node_types.begin(), cluster.node_types.end(),
                     [](const NodeType& type) { return type.power.active > Milliwatts{0}; });
}

Metering::Metering(const Workload& workload, const Cluster& cluster, bool whole)
    : workload_(workload),
      meter_(cluster, {workload.jobs.empty() ? SimTime{} : workload.jobs.front().job.submit, whole, whole}) {}

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

EnergyReport Metering::finish(const ReplayResult& result) {
  SimTime horizon = workload_.jobs.empty() ? SimTime{} : workload_.jobs.front().job.submit;
  for (const JobOutcome& outcome : result.outcomes) {
    horizon = std::max(horizon, outcome.submit);
    if (outcome.end != kNever) horizon = std::max(horizon, outcome.end);
  }
  EnergyReport report = meter_.finish(horizon);
  verify(report);
  return report;
}

}  // namespace wattfill::cli
