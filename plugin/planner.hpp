// The scheduler behind messages: jobs go by the host's own ids, every input is an Event, every output a Pass. What a
// planner knows can be taken out as a State, and a planner made from one goes on from there.
//
// Both a planner that was made from a state and the one that the state was taken from know the same jobs, but the
// former has learned from the remembered jobs only, counts the backlog from anew and offers once more what was refused
// until modified; and a conservative policy makes its reservations anew, in the order of the queue. Two planners made
// from the same state and told the same decide the same.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "backfill/model/node_types.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "plugin/memory.hpp"
#include "plugin/setup.hpp"
#include "plugin/state.pb.h"

namespace wattfill {

class Planner {
 public:
  // `config` is resolved. Throws ConfigError, and std::invalid_argument where the state does not fit the config.
  Planner(const plugin::Config& config, HostAbilities host, const plugin::State* state = nullptr);

  // The estimated end of the job of an overrun, begun or started event; else 0. Throws std::invalid_argument, with
  // nothing changed, for what cannot be: an unknown job, a time before the last one.
  std::int64_t apply(const protocol::Event& event);
  // Valid until the next call. budget 0: no limit.
  const protocol::Pass& schedule(std::int64_t now, std::int64_t budget);
  // None: not as far as can be seen.
  std::optional<std::int64_t> expected_start(JobId job, std::int64_t now);
  // At the reference speed, as predicted when the job was submitted.
  std::int64_t predicted(JobId job) const;

  // For explanations, after a pass. Jobs that were refused or wait for cheap power are not in the queue.
  std::vector<JobId> queue();
  std::optional<JobId> head();
  std::int64_t free_processors() const { return scheduler_.free_processors(); }
  const Job& job(JobId id);
  bool is_running(JobId id) { return known(id).started.has_value(); }

  // Throws std::invalid_argument where that cannot be told: jobs run, and processors are counted by several classes.
  plugin::State state() const;
  std::int64_t time() const { return now_; }  // of the last call
  // No proposal waits for its answer, no started job for its nodes, and no node is on its way to sleep or back: the
  // state says all.
  bool settled() const { return unanswered_ == 0 && booting_ == 0 && under_way_ == 0; }
  // Of a running job.
  std::int64_t estimated_end(JobId job);
  SchedulerStatistics statistics() const { return scheduler_.statistics(); }
  std::size_t queued() const { return scheduler_.queued(); }
  std::size_t running() const { return scheduler_.running(); }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const SchedulerOptions& options() const { return options_; }
  bool knows(JobId job) const { return jobs_.contains(job); }

 private:
  struct Known {
    JobHandle handle;
    Job job;
    SimTime entered{};
    std::uint64_t sequence = 0;  // in the order in which they entered
    std::int64_t predicted = 0;
    bool proposed = false;
    std::optional<SimTime> started;          // it holds nodes since then
    std::optional<SimTime> begun;            // it runs since then, where it had to wait for its nodes
    std::vector<std::int64_t> overruns;      // when
    const Allocation* allocation = nullptr;  // as proposed; the scheduler's
    Allocation own;                          // the host's choice
  };

  Planner(Setup setup, const plugin::State* state);

  Known& known(JobId job);
  void check_time(std::int64_t now) const;
  static void check_since(std::int64_t since, SimTime now);
  void submit(const protocol::Job& job, SimTime now);
  void modify(const protocol::Job& job, SimTime now);
  std::int64_t started(const protocol::Started& started, SimTime now);
  void refused(const protocol::Refused& refused, SimTime now);
  void requeue(JobId job, SimTime now);
  void forget(JobId job);
  void reserve(const protocol::Reservation& reservation, SimTime now);
  void node_changed(const protocol::NodeChange& change, SimTime now);
  void power_changed(const protocol::PowerChange& change, SimTime now);
  void answered(Known& job);
  std::int64_t begun(JobId job, SimTime since, SimTime now);
  bool boots(const Known& job) const { return job.started && scheduler_.boots(job.handle); }
  void write(const Proposal& in, protocol::Proposal& out);
  void note_power(NodeRun nodes, bool awake, bool under_way);
  void restore(const plugin::State& state);

  SchedulerOptions options_;
  std::vector<std::string> warnings_;
  std::shared_ptr<EstimateSource> median_;
  std::shared_ptr<Memory> memory_;  // stands before the fit estimates
  BackfillScheduler scheduler_;
  std::optional<NodeTypes> nodes_;

  std::int64_t now_;
  std::unordered_map<JobId, Known> jobs_;
  std::vector<JobId> id_of_slot_;
  std::uint64_t entered_ = 0;
  std::int64_t unanswered_ = 0;
  std::int64_t booting_ = 0;    // started jobs that wait for their nodes
  std::vector<bool> down_;      // by node
  std::vector<bool> asleep_;    // by node: or falling asleep
  std::vector<bool> moving_;    // by node: a power action was proposed and its end not told yet
  std::int64_t under_way_ = 0;  // how many
  std::vector<protocol::Reservation> reservations_;
  std::optional<std::int32_t> capacity_;
  protocol::Pass pass_;
};

}  // namespace wattfill
