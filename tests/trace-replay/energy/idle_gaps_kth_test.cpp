// What sleep could save of a schedule whose figures are known: KTH-SP2 under EASY on Taurus nodes, lowest indices
// first.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/energy/moments.hpp"
#include "tests/trace-replay/reference/traces.hpp"
#include "trace-replay/energy/idle_gaps.hpp"

namespace wattfill::testing {
namespace {

TEST(IdleGaps, OfKthOnTaurusNodes) {
  WATTFILL_NEEDS(path_of(kKth));
  const Workload workload = load(kKth);
  const ReplayResult result = replayed(workload, preset("easy"), kKth.processors);
  const Cluster cluster = taurus_cluster(100, AllocationMode::kWholeNodes);
  IdleGaps gaps(cluster, workload.jobs.front().job.submit);
  std::set<NodeIndex> free;
  for (NodeIndex node = 0; node < 100; ++node) free.insert(node);
  std::map<std::uint32_t, std::vector<NodeIndex>> held;
  const std::vector<Moment> all = moments(workload, result);
  std::int64_t work_seconds = 0;
  for (const auto& [at, start, job] : all) {
    std::vector<NodeIndex>& nodes = held[job];
    if (!start) {
      gaps.released(nodes, at);
      free.insert(nodes.begin(), nodes.end());
      continue;
    }
    for (std::int32_t left = workload.jobs[job].job.processors; left > 0; --left)
      nodes.push_back(free.extract(free.begin()).value());
    gaps.held(nodes, at);
    work_seconds += static_cast<std::int64_t>(nodes.size()) * workload.jobs[job].runtime.count();
  }
  const IdleGapsOfType report = gaps.finish(all.back().at).total;
  const double always_on = static_cast<double>((Milliwatts{190'738} * Seconds{work_seconds} + report.idle).count);
  const auto saved = [&](Millijoules energy) {
    return 100 * static_cast<double>((report.idle - energy).count) / always_on;
  };
  EXPECT_NEAR(saved(Millijoules{0}), 18.6, 0.05);
  EXPECT_NEAR(saved(report.given.energy), 16.3, 0.05);
  EXPECT_NEAR(saved(report.ceiling), 16.7, 0.05);
  EXPECT_LT(report.lifo.energy, report.given.energy);
  EXPECT_LT(report.ceiling, report.lifo.energy);
  EXPECT_LE(report.any_assignment, report.lifo.energy);
  EXPECT_NEAR(saved(report.any_assignment), saved(report.lifo.energy), 1e-4);
}

}  // namespace
}  // namespace wattfill::testing
