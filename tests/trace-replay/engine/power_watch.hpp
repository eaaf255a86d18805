// A scheduler that passes everything on to another one, keeps its own books of nodes and jobs, and objects to whatever
// power management must not do.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "backfill/model/scheduler.hpp"
#include "backfill/power/power_spec.hpp"

namespace wattfill::testing {

struct PowerCounts {
  std::int64_t sleeps = 0;
  std::int64_t boots = 0;
  std::int64_t jobs_that_waited = 0;  // for their nodes to wake
  std::int64_t withdrawn = 0;         // of those, while they did
  std::int64_t bounded = 0;           // jobs that had to be first in the queue for a start
};

class PowerWatch final : public Scheduler {
 public:
  // `bounded`: no job may get its nodes later than the shadow time that it first had at the head of the queue. For one
  // node type, first come first served, and estimates that are upper bounds.
  PowerWatch(Scheduler& inner, const Cluster& cluster, const PowerSpec& spec, bool bounded)
      : inner_(inner),
        cluster_(cluster),
        spec_(spec),
        types_(cluster),
        bounded_(bounded),
        nodes_(static_cast<std::size_t>(types_.nodes())) {}

  JobHandle submit(const Job& job, SimTime now) override {
    const JobHandle handle = inner_.submit(job, now);
    jobs_[key(handle)] = {job, {}, {}, {}, false, kNever};
    queue_.insert({job.submit, job.id});
    return handle;
  }
  void modify(JobHandle job, const Job& changed, SimTime now) override { inner_.modify(job, changed, now); }
  void end(JobHandle job, SimTime now) override {
    Held& of = jobs_.at(key(job));
    for (const NodeIndex n : of.nodes) EXPECT_EQ(std::exchange(node(n).job, kNobody), of.job.id);
    counts.withdrawn += of.boots;
    inner_.end(job, now);
    jobs_.erase(key(job));
  }
  void cancel(JobHandle job, SimTime now) override {
    const Job& of = jobs_.at(key(job)).job;
    queue_.erase({of.submit, of.id});
    inner_.cancel(job, now);
    jobs_.erase(key(job));
  }
  void requeue(JobHandle job, SimTime now) override { inner_.requeue(job, now); }
  SimTime overrun(JobHandle job, SimTime now) override {
    return jobs_.at(key(job)).estimated_end = inner_.overrun(job, now);
  }
  void capacity_changed(std::int32_t processors, SimTime now) override { inner_.capacity_changed(processors, now); }
  void reservation_changed(const AdvanceReservation& reservation, SimTime now) override {
    inner_.reservation_changed(reservation, now);
  }
  void node_changed(NodeIndex n, bool available, SimTime now) override { inner_.node_changed(n, available, now); }
  void power_changed(NodeRun nodes, bool awake, SimTime now) override {
    for (NodeIndex n = nodes.first; n < nodes.end(); ++n)
      become(n, awake ? State::kWaking : State::kFallingAsleep, awake ? State::kAwake : State::kAsleep);
    inner_.power_changed(nodes, awake, now);
  }
  SimTime begun(JobHandle job, SimTime now) override {
    Held& of = jobs_.at(key(job));
    EXPECT_TRUE(std::exchange(of.boots, false));
    for (const NodeIndex n : of.nodes) EXPECT_EQ(node(n).state, State::kAwake);
    return of.estimated_end = inner_.begun(job, now);
  }
  SimTime started(JobHandle job, SimTime now) override { return inner_.started(job, now); }
  SimTime started_on(JobHandle job, const Allocation& nodes, SimTime now) override {
    return inner_.started_on(job, nodes, now);
  }
  void refused(JobHandle job, Refusal reason, SimTime now) override { inner_.refused(job, reason, now); }
  Pass schedule(SimTime now, Budget budget) override {
    const Pass pass = inner_.schedule(now, budget);
    for (const PowerAction& action : pass.power) carry_out(action, now);
    for (const Proposal& proposal : pass.proposals) {
      if (proposal.backfilled) bound_head(now);
      take(proposal, now);
    }
    EXPECT_GT(pass.next_wakeup, now);
    if (pass.complete) {
      bound_head(now);
      expect_spares();
    }
    return pass;
  }
  SimTime expected_start(JobHandle job, SimTime now) override { return inner_.expected_start(job, now); }
  SchedulerStatistics statistics() const override { return inner_.statistics(); }
  std::size_t queued() const override { return inner_.queued(); }
  std::size_t running() const override { return inner_.running(); }

  PowerCounts counts;
  std::map<JobId, SimTime> allocated;  // when each job got its nodes

 private:
  static constexpr JobId kNobody = -1;
  enum class State { kAwake, kFallingAsleep, kAsleep, kWaking };
  struct Node {
    State state = State::kAwake;
    JobId job = kNobody;
    std::int64_t day = 0;
    std::int32_t sleeps = 0;  // on that day
  };
  struct Held {
    Job job;
    std::vector<NodeIndex> nodes;
    SimTime estimated_end;
    SimTime since;
    bool boots;
    SimTime bound;
  };
  using Key = std::pair<std::uint32_t, std::uint32_t>;

  static Key key(JobHandle handle) { return {handle.slot, handle.generation}; }
  Node& node(NodeIndex n) { return nodes_.at(static_cast<std::size_t>(n)); }

  void become(NodeIndex n, State from, State to) {
    ASSERT_EQ(node(n).state, from) << "node " << n;
    node(n).state = to;
  }

  void take(const Proposal& proposal, SimTime now) {
    Held& of = jobs_.at(key(proposal.job));
    if (!of.nodes.empty()) ADD_FAILURE() << "job " << of.job.id << " is started twice";
    of.nodes = proposal.allocation->nodes;
    of.estimated_end = proposal.estimated_end;
    for (const NodeIndex n : of.nodes) {
      EXPECT_EQ(std::exchange(node(n).job, of.job.id), kNobody) << "node " << n;
      of.boots = of.boots || node(n).state != State::kAwake;
    }
    EXPECT_EQ(queue_.erase({of.job.submit, of.job.id}), 1U);
    EXPECT_LE(seconds_since_epoch(now), seconds_since_epoch(of.bound)) << "job " << of.job.id;
    counts.bounded += of.bound != kNever;
    counts.jobs_that_waited += of.boots;
    allocated[of.job.id] = now;
  }

  void carry_out(const PowerAction& action, SimTime now) {
    const std::int64_t day = seconds_since_epoch(now) / 86400;
    const std::size_t type = types_.type_of(action.nodes.first);
    ASSERT_EQ(types_.type_of(action.nodes.end() - 1), type);
    for (NodeIndex n = action.nodes.first; n < action.nodes.end(); ++n) {
      if (action.wake) {
        become(n, State::kAsleep, State::kWaking);
        ++counts.boots;
        continue;
      }
      become(n, State::kAwake, State::kFallingAsleep);
      EXPECT_EQ(node(n).job, kNobody) << "node " << n << " falls asleep under a job";
      ++counts.sleeps;
      if (std::exchange(node(n).day, day) != day) node(n).sleeps = 0;
      ++node(n).sleeps;
      EXPECT_TRUE(spec_.sleeps_per_day == 0 || node(n).sleeps <= spec_.sleeps_per_day) << "node " << n;
    }
    const auto waking = std::ranges::count(nodes_, State::kWaking, &Node::state);
    EXPECT_TRUE(spec_.boots_at_once == 0 || waking <= spec_.boots_at_once) << waking << " nodes boot at once";
  }

  // EASY's shadow time, from the definition.
  void bound_head(SimTime now) {
    if (!bounded_ || queue_.empty()) return;
    const JobId id = queue_.begin()->second;
    const auto head = std::ranges::find_if(jobs_, [id](const auto& entry) { return entry.second.job.id == id; });
    if (head->second.bound != kNever) return;
    std::multimap<SimTime, std::int64_t> releases;
    std::int64_t free = std::ssize(nodes_);
    for (const auto& [handle, of] : jobs_) {
      free -= std::ssize(of.nodes);
      if (!of.nodes.empty()) releases.emplace(std::max(of.estimated_end, now + Seconds{1}), std::ssize(of.nodes));
    }
    const std::int32_t per_node = cluster_.node_types.front().processors;
    const std::int64_t needed = (head->second.job.processors + per_node - 1) / per_node;
    for (const auto& [at, nodes] : releases) {
      if (free >= needed) break;
      head->second.bound = at;
      free += nodes;
    }
  }

  // What still falls asleep cannot wake yet.
  void expect_spares() {
    if (spec_.boots_at_once > 0 || !spec_.manages()) return;
    for (std::size_t type = 0; type < cluster_.node_types.size(); ++type) {
      if (cluster_.node_types[type].power.sleep.empty()) continue;
      std::int32_t ready = 0, away = 0;
      const NodeRun all = types_.of_type(type);
      for (NodeIndex n = all.first; n < all.end(); ++n) {
        if (node(n).job != kNobody || node(n).state == State::kFallingAsleep) continue;
        ++(node(n).state == State::kAsleep ? away : ready);
      }
      EXPECT_TRUE(ready >= spec_.warm_spares || away == 0) << ready << " spares of type " << type;
    }
  }

  Scheduler& inner_;
  const Cluster& cluster_;
  PowerSpec spec_;
  NodeTypes types_;
  bool bounded_;
  std::vector<Node> nodes_;
  std::map<Key, Held> jobs_;
  std::set<std::pair<SimTime, JobId>> queue_;  // by arrival
};

}  // namespace wattfill::testing
