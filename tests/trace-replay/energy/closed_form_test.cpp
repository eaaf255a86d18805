// A machine whose nodes never sleep uses, to the millijoule, the processors' time at work times active power and the
// rest of its processors' time times idle power, whatever the schedule: on generated workloads and archive traces under
// EASY.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/energy/moments.hpp"
#include "tests/trace-replay/reference/traces.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace wattfill::testing {
namespace {

// Meters a schedule; on whole nodes, a job gets those of the lowest indices.
class Metering {
 public:
  Metering(const Cluster& cluster, const Workload& workload, const ReplayResult& result)
      : cluster_(cluster), workload_(workload), moments_(moments(workload, result)) {
    for (NodeIndex i = 0; i < cluster.nodes(); ++i) free_.insert(i);
  }

  EnergyReport run() {
    MeterOptions options;
    options.begin = workload_.jobs.front().job.submit;
    options.record_power = true;
    EnergyMeter meter(cluster_, options);
    std::vector<Allocation> held(workload_.jobs.size());
    for (const auto& [at, start, i] : moments_) {
      const TraceJob& traced = workload_.jobs[i];
      if (!start) {
        meter.job_ended(i, at);
        free_.insert(held[i].nodes.begin(), held[i].nodes.end());
        continue;
      }
      MeteredJob job = metered_job(i, traced.job.processors, traced.job.user);
      job.queue = traced.job.queue;
      job.work_processor_s = traced.job.processors * traced.runtime.count();
      if (cluster_.allocation == AllocationMode::kWholeNodes) held[i] = lowest(job.processors);
      meter.job_started(job, cluster_.allocation == AllocationMode::kWholeNodes ? &held[i] : nullptr, at);
    }
    return meter.finish(moments_.back().at);
  }

 private:
  Allocation lowest(std::int32_t processors) {
    Allocation taken;
    const std::int32_t each = cluster_.node_types.front().processors;
    for (std::int32_t left = processors; left > 0; left -= each) {
      taken.nodes.push_back(*free_.begin());
      free_.erase(free_.begin());
    }
    return taken;
  }

  const Cluster& cluster_;
  const Workload& workload_;
  std::vector<Moment> moments_;
  std::set<NodeIndex> free_;
};

void expect_closed_form(const EnergyReport& report, const Cluster& cluster, const Workload& workload) {
  ASSERT_NO_THROW(verify(report));
  const NodeType& type = cluster.node_types.front();
  Int128 work = 0;
  for (const TraceJob& job : workload.jobs) work += Int128{job.job.processors} * job.runtime.count();
  const Int128 rest = Int128{cluster.processors()} * report.duration().count() - work;
  EXPECT_EQ(report.it[Component::kJobs].count,
            static_cast<std::int64_t>(work * type.power.active.count / type.processors));
  EXPECT_EQ(report.it[Component::kIdle].count,
            static_cast<std::int64_t>(rest * type.power.idle.count / type.processors));
  EXPECT_EQ(report.it.total(), report.it[Component::kJobs] + report.it[Component::kIdle]);
  EXPECT_EQ(report.completed_work_processor_s, static_cast<std::int64_t>(work));
  EXPECT_EQ(report.jobs, static_cast<std::int64_t>(workload.jobs.size()));
}

void expect_closed_form(const Workload& workload, const Cluster& cluster) {
  const ReplayResult result = replayed(workload, preset("easy"), static_cast<std::int32_t>(cluster.processors()));
  expect_closed_form(Metering(cluster, workload, result).run(), cluster, workload);
}

TEST(ClosedForm, GeneratedWorkloads) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const std::int32_t processors : {1, 3, 8})  // of a node: 190.738 W / 3 is no whole number of milliwatts
      expect_closed_form(generated_workload(busy_days(2'000, 240, seed)),
                         taurus_cluster(240 / processors, AllocationMode::kCounts, processors));
}

TEST(ClosedForm, KthOfCountedProcessorsAndOfNodes) {
  WATTFILL_NEEDS(path_of(kKth));
  const Workload workload = load(kKth);
  const ReplayResult result = replayed(workload, preset("easy"), kKth.processors);
  const Cluster counted = taurus_cluster(100, AllocationMode::kCounts);
  const Cluster nodes = taurus_cluster(100, AllocationMode::kWholeNodes);
  const EnergyReport a = Metering(counted, workload, result).run();
  const EnergyReport b = Metering(nodes, workload, result).run();
  expect_closed_form(a, counted, workload);
  expect_closed_form(b, nodes, workload);
  EXPECT_EQ(a.by_job, b.by_job);
  EXPECT_EQ(a.peak_it, b.peak_it);
  EXPECT_EQ(a.power.steps(), b.power.steps());
}

TEST(ClosedForm, BlueOfCountedProcessorsAndOfNodes) {
  WATTFILL_NEEDS(path_of(kBlue));
  const Workload workload = load(kBlue);
  const ReplayResult result = replayed(workload, preset("easy"), kBlue.processors);
  const Cluster counted = taurus_cluster(144, AllocationMode::kCounts, 8);
  expect_closed_form(Metering(counted, workload, result).run(), counted, workload);
  const bool of_whole_nodes = std::all_of(workload.jobs.begin(), workload.jobs.end(),
                                          [](const TraceJob& job) { return job.job.processors % 8 == 0; });
  ASSERT_TRUE(of_whole_nodes);
  const Cluster nodes = taurus_cluster(144, AllocationMode::kWholeNodes, 8);
  expect_closed_form(Metering(nodes, workload, result).run(), nodes, workload);
}

}  // namespace
}  // namespace wattfill::testing
