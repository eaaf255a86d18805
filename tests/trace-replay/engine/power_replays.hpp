// Random machines whose nodes sleep, workloads with long quiet times for them, and replays that are watched.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/backfill/node_types.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/random_power.hpp"
#include "tests/trace-replay/engine/power_watch.hpp"
#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace wattfill::testing {

// Meters a replay; the meter throws at what cannot be.
class MeterObserver final : public ReplayObserver {
 public:
  MeterObserver(const Workload& workload, const Cluster& cluster)
      : workload_(workload), meter_(cluster, {workload.jobs.front().job.submit, true, true}) {}

  void started(std::size_t job, const Proposal& where, SimTime now) override {
    MeteredJob metered;
    metered.job = static_cast<std::uint32_t>(job);
    metered.processors = workload_.jobs[job].job.processors;
    meter_.job_started(metered, where.allocation, last_ = now);
  }
  void ended(std::size_t job, JobFate fate, SimTime now) override {
    meter_.job_ended(static_cast<std::uint32_t>(job), last_ = now, fate != JobFate::kCancelledRunning);
  }
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) override {
    last_ = now;
    if (change == PowerChange::kSleepBegun) meter_.sleep_begun(nodes, sleep_state, now);
    if (change == PowerChange::kAsleep) meter_.asleep(nodes, now);
    if (change == PowerChange::kWakeBegun) meter_.wake_begun(nodes, now);
    if (change == PowerChange::kAwake) meter_.awake(nodes, now);
    if (change == PowerChange::kBootFailed) meter_.boot_failed(nodes, now);
  }
  // Verified.
  EnergyReport finish() {
    EnergyReport report = meter_.finish(last_);
    verify(report);
    return report;
  }

 private:
  const Workload& workload_;
  EnergyMeter meter_;
  SimTime last_{};
};

// `lengthen`: transitions last up to so many times six seconds.
inline Cluster random_sleepers(Random& random, std::int64_t types, std::int64_t lengthen) {
  Cluster cluster;
  cluster.name = "random";
  cluster.allocation = AllocationMode::kWholeNodes;
  for (std::int64_t t = 0; t < types; ++t) {
    const std::int64_t speed = types == 1 ? 1'000'000 : random.between(1, 4) * 500'000;
    NodeType& type = cluster.node_types.emplace_back(
        node_type("type" + std::to_string(t), random.between32(2, 8), random.between32(1, 3), speed));
    const std::int64_t longer = random.between(1, lengthen);
    type.power = ordinary_power(random);
    for (SleepState& state : type.power.sleep)
      for (Transition* transition : {&state.enter, &state.leave}) {
        transition->duration *= longer;
        transition->energy = transition->energy * longer;
      }
  }
  return cluster;
}

inline Workload random_bursts(Random& random, const Cluster& cluster, std::int64_t jobs) {
  const auto processors = static_cast<std::int32_t>(cluster.processors());
  const std::int64_t longest = random.chance(50) ? 100 : 20;
  std::vector<SmallJob> all;
  std::int64_t submit = random.between(0, 1000);
  for (std::int64_t i = 0; i < jobs; ++i) {
    if (random.chance(60)) submit += random.between(0, random.chance(10) ? 10 * longest : longest / 3);
    if (random.chance(1)) submit += 86'400 * random.between(0, 1) + 1000;
    const std::int32_t widest = random.chance(70) ? std::max(1, processors / 3) : processors;
    const std::int64_t requested = random.between(1, longest);
    const std::int64_t runtime = random.chance(33) ? requested : random.between(1, requested);
    all.push_back({submit, random.between32(1, widest), requested, runtime, random.between32(0, 4)});
  }
  return workload_of(all);
}

inline void withdraw_some(Workload& workload, Random& random) {
  workload.cancel_at.assign(workload.jobs.size(), kNever);
  for (std::size_t i = 0; i < workload.jobs.size(); ++i)
    if (random.chance(25)) workload.cancel_at[i] = workload.jobs[i].job.submit + Seconds{random.between(0, 60)};
}

inline PowerSpec random_power_spec(Random& random) {
  PowerSpec spec;
  constexpr PowerStrategy kStrategies[] = {PowerStrategy::kTimeout, PowerStrategy::kBreakEven, PowerStrategy::kTimeline,
                                           PowerStrategy::kForecast};
  spec.strategy = kStrategies[random.index(std::size(kStrategies))];
  spec.timeout = Seconds{random.between(0, 30)};
  spec.risk = random.between32(1, 1'000'000);
  if (random.chance(30)) spec.warm_spares = random.between32(1, 3);
  if (random.chance(30)) spec.sleeps_per_day = random.between32(1, 4);
  if (random.chance(50)) spec.boots_at_once = random.between32(1, 3);
  return spec;
}

struct PowerReplay {
  ReplayResult result;
  EnergyReport energy;
  PowerCounts counts;
  std::vector<std::int64_t> allocated;  // by job: when it got its nodes, -1: never
};

// Without power management where the policy says so. Checks what always holds.
inline PowerReplay watched_replay(const Workload& workload, const Cluster& cluster, const PolicySpec& policy,
                                  std::int32_t boot_failures = 0, bool bounded = false) {
  SchedulerOptions options = scheduler_options(policy, workload, 0, PassRule::kEachInstant);
  options.cluster = std::make_shared<Cluster>(cluster);
  BackfillScheduler scheduler(options);
  PowerWatch watch(scheduler, cluster, policy.power, bounded);
  MeterObserver meter(workload, cluster);
  ReplayOptions replaying;
  replaying.observer = &meter;
  replaying.boot_failures = boot_failures;
  if (policy.power.manages()) replaying.cluster = &cluster;
  PowerReplay replayed;
  replayed.result = replay(workload, watch, replaying);
  replayed.energy = meter.finish();
  replayed.counts = watch.counts;
  EXPECT_EQ(scheduler.queued(), 0U);
  EXPECT_EQ(scheduler.running(), 0U);
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const JobOutcome& outcome = replayed.result.outcomes[i];
    const auto got = watch.allocated.find(workload.jobs[i].job.id);
    replayed.allocated.push_back(got == watch.allocated.end() ? -1 : seconds_since_epoch(got->second));
    if (workload.cancel_at.empty()) {
      EXPECT_TRUE(outcome.fate == JobFate::kCompleted || outcome.fate == JobFate::kKilledAtLimit) << "job " << i + 1;
    }
    if (outcome.start == kNever) continue;
    EXPECT_EQ(seconds_since_epoch(outcome.start), replayed.allocated.back() + outcome.boot_s) << "job " << i + 1;
    EXPECT_EQ(outcome.fate == JobFate::kUnfinished, false) << "job " << i + 1;
  }
  EXPECT_EQ(replayed.energy.sleeps, replayed.counts.sleeps);
  EXPECT_EQ(replayed.energy.wakes, replayed.counts.boots + replayed.result.boot_failures);
  return replayed;
}

}  // namespace wattfill::testing
