// Replays under a power cap that changes with time, watched from power and starts.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backfill/power/power_cap.hpp"
#include "tests/trace-replay/engine/power_replays.hpp"

namespace wattfill::testing {

using Strings = std::vector<std::string>;

// Beside metering: what nodes do ("sleep 0-2 @100"), and that no more are in use than the cap leaves at that time.
class CapObserver final : public ReplayObserver {
 public:
  CapObserver(const Workload& workload, const Cluster& cluster, const std::vector<StepSeries>& out)
      : meter(workload, cluster),
        cluster_(cluster),
        types_(cluster),
        out_(out),
        in_use_(cluster.node_types.size()),
        deep_(cluster.node_types.size()) {}

  void started(std::size_t job, const Proposal& where, SimTime now) override {
    if (job >= nodes_of_.size()) nodes_of_.resize(job + 1);
    nodes_of_[job] = where.allocation->nodes;
    for (const NodeIndex n : nodes_of_[job]) ++in_use_[types_.type_of(n)];
    for (std::size_t type = 0; type < out_.size(); ++type)
      EXPECT_LE(in_use_[type], cluster_.node_types[type].count - out_[type].at(now))
          << "of type " << type << " at " << seconds_since_epoch(now);
    meter.started(job, where, now);
  }
  void ended(std::size_t job, JobFate fate, SimTime now) override {
    for (const NodeIndex n : nodes_of_[job]) --in_use_[types_.type_of(n)];
    meter.ended(job, fate, now);
  }
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) override {
    constexpr const char* kNames[] = {"sleep", "asleep", "wake", "awake", "failed"};
    log.push_back(std::string(kNames[static_cast<int>(change)]) +
                  (sleep_state > 0 ? "/" + std::to_string(sleep_state) : "") + " " + std::to_string(nodes.first) + "-" +
                  std::to_string(nodes.end() - 1) + " @" + std::to_string(seconds_since_epoch(now)));
    meter.power_changed(nodes, change, sleep_state, now);
    const std::size_t type = types_.type_of(nodes.first);
    if (static_cast<std::size_t>(sleep_state) + 1 < cluster_.node_types[type].power.sleep.size()) return;
    if (change == PowerChange::kAsleep) deep_[type][now] += nodes.length;
    if (change == PowerChange::kWakeBegun) deep_[type][now] -= nodes.length;
  }

  // As many nodes as are out of work are in their deepest sleep, at each instant of [from, end).
  void expect_deep_sleep(SimTime from, SimTime end) const {
    for (std::size_t type = 0; type < out_.size(); ++type) {
      if (cluster_.node_types[type].power.sleep.empty()) continue;
      std::int64_t asleep = 0;
      auto change = deep_[type].begin();
      for (SimTime at = from; at < end;) {
        for (; change != deep_[type].end() && change->first <= at; ++change) asleep += change->second;
        EXPECT_GE(asleep, out_[type].at(at)) << "of type " << type << " at " << seconds_since_epoch(at);
        const SimTime next = change == deep_[type].end() ? end : change->first;
        at = std::min(next, out_[type].next_change(at));
      }
    }
  }

  MeterObserver meter;
  Strings log;

 private:
  const Cluster& cluster_;
  NodeTypes types_;
  const std::vector<StepSeries>& out_;
  std::vector<std::int64_t> in_use_;                   // by type
  std::vector<std::map<SimTime, std::int64_t>> deep_;  // by type: how many more are in their deepest sleep from then on
  std::vector<std::vector<NodeIndex>> nodes_of_;
};

struct CappedReplay {
  ReplayResult result;
  EnergyReport energy;
  Strings log;
  std::int64_t room_mw = 0;  // the least that was left below the cap
};

// The nodes that are out at first fall asleep first: until then the cap may not hold.
inline std::int64_t least_room(const EnergyReport& energy, const StepSeries& cap, SimTime from) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::vector<PowerSeries::Step> steps;
  energy.power.for_each([&](const PowerSeries::Step& step) { steps.push_back(step); });
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const SimTime end = i + 1 < steps.size() ? steps[i + 1].from : energy.end;
    for (SimTime at = std::max(steps[i].from, from); at < end; at = cap.next_change(at)) {
      const std::int64_t room = cap.at(at) - steps[i].power.total().count;
      EXPECT_GE(room, 0) << "at " << seconds_since_epoch(at);
      least = std::min(least, room);
    }
  }
  return least;
}

// Under the cluster's own cap. Checks that it holds, and that all jobs end.
inline CappedReplay capped_replay(const Workload& workload, const Cluster& cluster, const PolicySpec& policy) {
  SchedulerOptions options = scheduler_options(policy, workload, 0, PassRule::kEachInstant);
  options.cluster = std::make_shared<Cluster>(cluster);
  const bool sleep = nodes_sleep(policy, cluster);
  options.out_of_work = nodes_out_of_work(cluster, cluster.facility.power_cap, sleep);
  BackfillScheduler scheduler(options);
  CapObserver observer(workload, cluster, options.out_of_work);
  ReplayOptions replaying;
  replaying.observer = &observer;
  if (sleep) replaying.cluster = &cluster;
  CappedReplay replayed;
  replayed.result = replay(workload, scheduler, replaying);
  replayed.energy = observer.meter.finish();
  replayed.log = std::move(observer.log);
  EXPECT_EQ(scheduler.queued(), 0U);
  EXPECT_EQ(scheduler.running(), 0U);
  Seconds first{0};
  for (const NodeType& type : cluster.node_types) first = std::max(first, sleep ? time_to_deepest_sleep(type) : first);
  if (sleep) observer.expect_deep_sleep(replayed.energy.begin + first, replayed.energy.end);
  replayed.room_mw = least_room(replayed.energy, cluster.facility.power_cap, replayed.energy.begin + first);
  return replayed;
}

// From what little work needs to what all nodes draw.
inline std::int64_t random_cap(Random& random, const Cluster& cluster, bool sleep) {
  std::int64_t least = 0, most = 0;
  for (const NodeType& type : cluster.node_types) {
    const NodePower& power = type.power;
    least += type.count * (sleep && !power.sleep.empty() ? power.sleep.back().power : power.idle).count;
    most += type.count * power.active.count;
  }
  return least + (most - least) * random.between(50, 100) / 100;
}

inline StepSeries random_cap_series(Random& random, const Cluster& cluster, bool sleep) {
  const std::int64_t period = random.chance(60) ? random.between(50, 1000) : 0;
  std::vector<StepSeries::Step> steps;
  SimTime from = at(random.between(0, 40));
  for (std::int64_t n = random.between(2, 6); n > 0 && (period == 0 || from < at(period)); --n) {
    steps.push_back({from, random_cap(random, cluster, sleep)});
    from += Seconds{random.between(1, random.chance(50) ? 30 : 300)};
  }
  return StepSeries(steps, Seconds{period});
}

inline Cluster least_at_work(const Cluster& cluster, bool sleep) {
  return at_work(cluster, nodes_out_of_work(cluster, cluster.facility.power_cap, sleep));
}

struct CapSums {
  std::int64_t steps = 0, sleeps = 0, at_the_cap = 0;
};

inline PolicySpec random_capped_policy(Random& random) {
  constexpr Order kOrders[] = {Order::kFcfs, Order::kSjf, Order::kSaf, Order::kWfp3, Order::kF1};
  PolicySpec policy;
  policy.queue_order = kOrders[random.index(std::size(kOrders))];
  if (random.chance(80)) policy.backfill_order = kOrders[random.index(std::size(kOrders))];
  policy.reservation_depth = random.between32(0, 1);
  if (random.chance(30)) policy.fill_estimates = "last-two";
  if (random.chance(20)) policy.promotion_age = Seconds{random.between(10, 60)};
  if (random.chance(30)) policy.placement = placement_from_text("most-efficient+contiguous");
  if (random.chance(20)) policy.energy_slowdown = 1'000'000;
  if (random.chance(75)) {
    policy.power = random_power_spec(random);
  } else {
    policy.reservation_depth = random.chance(50) ? kReserveAll : 3;
    policy.fill_estimates.clear();
    if (random.chance(50)) policy.backfill_order = policy.queue_order;
  }
  return policy;
}

inline void random_capped_replay(Random& random, CapSums& sums) {
  Cluster cluster = random_sleepers(random, random.between(1, 3), random.chance(50) ? 1 : 8);
  for (NodeType& type : cluster.node_types) {
    type.count += 1;
    for (SleepState& state : type.power.sleep)  // no transition draws more than work, not even in its last second
      for (Transition* transition : {&state.enter, &state.leave}) {
        transition->power = {random.between(type.power.idle.count, type.power.active.count)};
        transition->energy = transition->power * transition->duration;
      }
  }
  const PolicySpec policy = random_capped_policy(random);
  const bool sleep = nodes_sleep(policy, cluster);
  cluster.facility.power_cap = random_cap_series(random, cluster, sleep);
  const Cluster least = least_at_work(cluster, sleep);
  if (least.processors() == 0) return;
  const Workload workload = random_bursts(random, least, random.between(20, 120));
  const CappedReplay replayed = capped_replay(workload, cluster, policy);
  for (const JobOutcome& outcome : replayed.result.outcomes)
    EXPECT_TRUE(outcome.fate == JobFate::kCompleted || outcome.fate == JobFate::kKilledAtLimit);
  sums.steps += replayed.energy.power.steps();
  sums.sleeps += replayed.energy.sleeps;
  sums.at_the_cap += replayed.room_mw < 250;
}

}  // namespace wattfill::testing
