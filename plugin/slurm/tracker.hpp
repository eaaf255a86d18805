// SPDX-License-Identifier: GPL-2.0-or-later
// What the planner was told, and the events by which it learns what has changed since.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "plugin/protocol.pb.h"
#include "plugin/slurm/host.hpp"
#include "plugin/slurm/machine.hpp"
#include "plugin/slurm/power_desk.hpp"

namespace wattfill::slurm {

// The planner's number of a job: Slurm's own for most jobs, else (array tasks, requeued jobs) one above 2^62.
std::int64_t planner_id(const JobKey& key, std::uint32_t restart);

// A keyed difference of snapshots. Absence from the eligible jobs means "not eligible now": the job is withdrawn, and
// told again when it is back. Events come in the order in which the planner can take them: ends, withdrawals, nodes,
// starts, submissions.
class Tracker {
 public:
  using Events = std::vector<wattfill::protocol::Event>;

  // The events that bring a planner from what it was told to this snapshot.
  Events update(const Snapshot& snapshot, Machine& machine, std::int64_t priority_band);
  // A planner that knows nothing: the next update tells all. `may_sleep`: nodes of whose power it decides.
  void forget(const google::protobuf::RepeatedPtrField<wattfill::protocol::NodeRun>& may_sleep, const Machine& machine);
  PowerDesk& power() { return power_; }

  // What a proposal names; nothing if the planner names a job that it was not told to wait.
  std::optional<Offer> offer(const wattfill::protocol::Proposal& proposal, const Machine& machine);
  // The events that answer the offers. Refusals come first: a start on other nodes than those that were proposed, which
  // is told as one of the host's own after a refusal, may need what another proposal held.
  Events answer(const std::vector<Answer>& answers, const Machine& machine, std::int64_t now_s);
  // In observe mode: nothing was started.
  wattfill::protocol::Event decline(std::int64_t id, std::int64_t now_s) const;

  // Ids of waiting jobs, by descending priority, then by age; `most` of them.
  std::vector<std::int64_t> waiting(std::size_t most) const;
  // Jobs that have begun to run since the last call, of those whose nodes had to boot.
  struct Begun {
    JobKey key;
    std::int64_t waited_s = 0;  // since they were started
  };
  std::vector<Begun> take_begun() { return std::exchange(begun_, {}); }
  std::optional<JobKey> key_of(std::int64_t id) const;
  std::size_t waiting_count() const;
  std::size_t active_count() const;
  std::int64_t longest_wait_s(std::int64_t now_s) const;  // since it was first told, of a job that waits

 private:
  struct Known {
    std::int64_t id = 0;
    std::uint32_t restart = 0;
    bool active = false;
    bool ended = false;  // the planner was told so, though it still clears some of its nodes
    bool held = false;   // refused until something changes
    std::int64_t held_until_s = 0;
    int refusals = 0;        // in a row
    bool not_begun = false;  // it is active, but its nodes have to boot, or the controller prepares them
    bool boots = false;      // the former
    std::int64_t started_s = 0;
    std::int64_t told_s = 0;
    wattfill::protocol::Job job;
    Placement placement;
    wattfill::protocol::Allocation proposed;
  };
  using Views = std::map<JobKey, const JobView*>;
  // Since when a job waits, beyond the conversation in which the planner was first told of it.
  struct Waiting {
    std::uint32_t restart = 0;
    std::int64_t since_s = 0;
  };

  void tell_ends(const Views& views, Events& events);
  void tell_refused(const Answer& answer, Known& job, Events& events) const;
  void tell_started(const Answer& answer, const wattfill::protocol::Allocation& nodes, Known& job, Events& events);
  void tell_cleared(const Views& views, Events& events);
  void tell_nodes(const Snapshot& snapshot, const Machine& machine, Events& events);
  void tell_jobs(const Views& views, Machine& machine, std::int64_t band, Events& events);
  void tell_job(const JobKey& key, const JobView& view, Machine& machine, std::int64_t band, Events& events);
  void hold(Known& job, const Placement& placement, bool configuring) const;
  void tell_begun(const JobKey& key, Known& job, Events& events);
  Known* known(std::int64_t id);
  wattfill::protocol::Event& add(Events& events) const;
  void drop(std::map<JobKey, Known>::iterator& job);

  std::map<JobKey, Known> known_;
  std::map<JobKey, Waiting> waited_;  // of the conversation before, until all are told again
  std::unordered_map<std::int64_t, JobKey> keys_;
  PowerDesk power_;
  std::vector<Begun> begun_;
  std::map<std::int32_t, bool> available_;  // nodes, as told; a node that is not here is available
  std::int64_t now_s_ = 0;
};

}  // namespace wattfill::slurm
