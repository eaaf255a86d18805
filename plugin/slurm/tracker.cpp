// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/tracker.hpp"

#include <algorithm>
#include <set>

namespace wattfill::slurm {
namespace {

using protocol::Event;

constexpr std::int64_t kHoldFor = 60;   // seconds that a job is held after a refusal that names no event to wait for
constexpr int kRefusalsBeforeHold = 5;  // in a row

// Would the planner do anything differently?
bool same(const protocol::Job& a, const protocol::Job& b) { return a.SerializeAsString() == b.SerializeAsString(); }

bool share_a_core(const Placement& a, std::size_t in_a, const Placement& b, std::size_t in_b) {
  if (a.cores.empty() || b.cores.empty()) return true;
  const auto &x = a.cores[in_a], &y = b.cores[in_b];
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    if (x[i] & y[i]) return true;
  return false;
}

bool overlap(const Placement& a, const Placement& b) {
  for (std::size_t i = 0, j = 0; i < a.nodes.size() && j < b.nodes.size();) {
    if (a.nodes[i] == b.nodes[j] && share_a_core(a, i, b, j)) return true;
    a.nodes[i] < b.nodes[j] ? ++i : ++j;
  }
  return false;
}

}  // namespace

std::int64_t planner_id(const JobKey& key, std::uint32_t restart) {
  if (key.task == kNoTask && restart == 0) return key.job;
  constexpr int kTaskBits = 22;  // Slurm's MaxArraySize is at most 4,000,001
  constexpr int kRestartBits = 8;
  const std::int64_t task = key.task == kNoTask ? 0 : (key.task + 1) & ((1 << kTaskBits) - 1);
  return std::int64_t{1} << 62 | static_cast<std::int64_t>(key.job) << (kTaskBits + kRestartBits) |
         task << kRestartBits | (restart & ((1 << kRestartBits) - 1));
}

Event& Tracker::add(Events& events) const {
  Event& event = events.emplace_back();
  event.set_time_s(now_s_);
  return event;
}

void Tracker::forget(const google::protobuf::RepeatedPtrField<protocol::NodeRun>& may_sleep, const Machine& machine) {
  power_.begin(may_sleep, machine);
  for (const auto& [key, job] : known_) waited_[key] = {job.restart, job.told_s};
  known_.clear();
  keys_.clear();
  available_.clear();
  now_s_ = 0;  // the clock may have been set back
}

Tracker::Known* Tracker::known(std::int64_t id) {
  const auto key = keys_.find(id);
  if (key == keys_.end()) return nullptr;
  const auto job = known_.find(key->second);
  return job == known_.end() || job->second.id != id ? nullptr : &job->second;
}

void Tracker::drop(std::map<JobKey, Known>::iterator& job) {
  keys_.erase(job->second.id);
  job = known_.erase(job);
}

Tracker::Events Tracker::update(const Snapshot& snapshot, Machine& machine, std::int64_t priority_band) {
  now_s_ = std::max(now_s_, snapshot.now_s);
  Views views;
  for (const JobView& job : snapshot.jobs) views[job.key] = &job;
  Events events;
  tell_ends(views, events);
  tell_cleared(views, events);
  tell_nodes(snapshot, machine, events);
  tell_jobs(views, machine, priority_band, events);
  waited_.clear();
  return events;
}

// Active jobs that ended, wait again or hold other nodes; waiting ones that are gone or not eligible.
void Tracker::tell_ends(const Views& views, Events& events) {
  for (auto job = known_.begin(); job != known_.end();) {
    Known& was = job->second;
    const auto found = views.find(job->first);
    const JobView* is = found == views.end() ? nullptr : found->second;
    if (was.active && is && is->clearing) {
      ++job;  // its former run still holds its nodes
      continue;
    }
    const bool stays = is && is->restart == was.restart &&
                       (was.active ? is->active && is->placement == was.placement : is->active || is->eligible);
    if (stays) {
      ++job;
      continue;
    }
    if (was.ended) {
      // told before
    } else if (was.active) {
      add(events).set_end(was.id);
    } else {
      add(events).set_cancel(was.id);
    }
    drop(job);
  }
}

// A job that completes gives its nodes back one by one. When another starts on one of them, the planner, for which a
// job holds all its nodes until it ends, is told that it has ended.
void Tracker::tell_cleared(const Views& views, Events& events) {
  std::multimap<std::int32_t, Known*> holders;
  for (auto& [key, job] : known_)
    if (job.active && !job.ended)
      for (const std::int32_t node : job.placement.nodes) holders.emplace(node, &job);
  for (const auto& [key, view] : views) {
    const auto found = known_.find(key);
    if (!view->active || (found != known_.end() && found->second.active)) continue;
    for (const std::int32_t node : view->placement.nodes)
      for (auto [at, end] = holders.equal_range(node); at != end; ++at) {
        Known& holder = *at->second;
        if (holder.ended || !overlap(holder.placement, view->placement)) continue;
        add(events).set_end(holder.id);
        holder.ended = true;
      }
  }
}

// A node that runs a job counts as available, whatever its state, until its jobs have ended.
void Tracker::tell_nodes(const Snapshot& snapshot, const Machine& machine, Events& events) {
  std::set<std::int32_t> occupied;
  for (const JobView& job : snapshot.jobs) {
    const auto found = known_.find(job.key);
    if (job.active && (found == known_.end() || !found->second.ended))
      occupied.insert(job.placement.nodes.begin(), job.placement.nodes.end());
  }
  for (const auto& [key, job] : known_)
    if (job.active && !job.ended) occupied.insert(job.placement.nodes.begin(), job.placement.nodes.end());
  for (const NodeView& node : snapshot.nodes) {
    if (!machine.has(node.index)) continue;
    const bool available = node.usable || occupied.contains(node.index);
    bool& told = available_.try_emplace(node.index, true).first->second;
    if (told == available) continue;
    auto& change = *add(events).mutable_node();
    change.set_node(machine.planner_node(node.index));
    change.set_available(available);
    told = available;
  }
  power_.tell(snapshot, machine, occupied, now_s_, events);
}

// It has got these nodes.
void Tracker::hold(Known& job, const Placement& placement, bool configuring) const {
  job.active = true;
  job.placement = placement;
  job.started_s = now_s_;
  job.boots = std::ranges::any_of(placement.nodes, [this](std::int32_t node) { return !power_.awake(node); });
  job.not_begun = configuring || job.boots;
}

void Tracker::tell_begun(const JobKey& key, Known& job, Events& events) {
  add(events).set_begun(job.id);
  job.not_begun = false;
  if (job.boots) begun_.push_back({key, now_s_ - job.started_s});
}

// Starts before submissions: what runs takes its nodes before anything new is planned.
void Tracker::tell_jobs(const Views& views, Machine& machine, std::int64_t band, Events& events) {
  for (const bool active : {true, false})
    for (const auto& [key, view] : views)
      if (view->active == active && !view->clearing && (active || view->eligible))
        tell_job(key, *view, machine, band, events);
}

void Tracker::tell_job(const JobKey& key, const JobView& view, Machine& machine, std::int64_t band, Events& events) {
  auto found = known_.find(key);
  if (found != known_.end() && found->second.active) {
    Known& job = found->second;
    if (job.not_begun && !job.ended && !view.configuring) tell_begun(key, job, events);
    return;
  }
  const std::int64_t id = found == known_.end() ? planner_id(key, view.restart) : found->second.id;
  auto job = machine.translate(view, id, band);
  if (!job) {
    // No node can run it: it waits in vain, or it runs where the planner cannot follow.
    if (found == known_.end()) return;
    add(events).set_cancel(id);
    drop(found);
    return;
  }
  job->set_submit_s(std::min(job->submit_s(), now_s_));
  if (found == known_.end()) {
    *add(events).mutable_submit() = *job;
    Known fresh;
    fresh.id = id;
    fresh.restart = view.restart;
    const auto waited = waited_.find(key);
    const bool again = waited != waited_.end() && waited->second.restart == view.restart;
    fresh.told_s = again ? std::min(now_s_, waited->second.since_s) : now_s_;
    found = known_.emplace(key, std::move(fresh)).first;
    keys_[id] = key;
  } else if (!view.active &&
             (!same(found->second.job, *job) || (found->second.held && now_s_ >= found->second.held_until_s))) {
    *add(events).mutable_modify() = *job;
    found->second.held = false;
  }
  Known& now = found->second;
  now.job = *job;
  if (!view.active) return;
  auto& started = *add(events).mutable_started();
  started.set_job(id);
  *started.mutable_nodes() = machine.to_planner(view.placement);
  if (!view.configuring && view.start_s > 0 && view.start_s < now_s_) started.set_since_s(view.start_s);
  hold(now, view.placement, view.configuring);
}

std::optional<Offer> Tracker::offer(const protocol::Proposal& proposal, const Machine& machine) {
  Known* job = known(proposal.job());
  if (!job || job->active) return std::nullopt;
  job->proposed = proposal.nodes();
  return Offer{proposal.job(), keys_.at(proposal.job()), job->restart, machine.to_slurm(proposal.nodes())};
}

Event Tracker::decline(std::int64_t id, std::int64_t now_s) const {
  Event event;
  event.set_time_s(std::max(now_s, now_s_));
  event.mutable_refused()->set_job(id);
  event.mutable_refused()->set_reason(protocol::Refused::NOT_NOW);
  return event;
}

void Tracker::tell_refused(const Answer& answer, Known& job, Events& events) const {
  Event& event = events.emplace_back(decline(answer.id, now_s_));
  if (answer.outcome == Outcome::kStarted) return;
  if (answer.outcome == Outcome::kNotNow && ++job.refusals < kRefusalsBeforeHold) return;
  event.mutable_refused()->set_reason(protocol::Refused::HELD);
  job.held = true;
  job.held_until_s = now_s_ + kHoldFor;
  job.refusals = 0;
}

void Tracker::tell_started(const Answer& answer, const protocol::Allocation& nodes, Known& job, Events& events) {
  auto& event = *add(events).mutable_started();
  event.set_job(job.id);
  *event.mutable_nodes() = nodes;
  hold(job, answer.placement, answer.configuring);
  job.held = false;
}

Tracker::Events Tracker::answer(const std::vector<Answer>& answers, const Machine& machine, std::int64_t now_s) {
  now_s_ = std::max(now_s_, now_s);
  Events refusals, starts;
  for (const Answer& answer : answers) {
    Known* offered = known(answer.id);
    if (!offered) continue;
    // Of an array Slurm starts the first task that waits; the tasks are alike.
    const auto found = known_.find(answer.started);
    Known* started = answer.outcome == Outcome::kStarted && found != known_.end() ? &found->second : nullptr;
    const protocol::Allocation nodes = started ? machine.to_planner(answer.placement) : protocol::Allocation();
    const bool as_proposed = started == offered && nodes.SerializeAsString() == offered->proposed.SerializeAsString();
    if (!as_proposed) tell_refused(answer, *offered, refusals);
    if (started && !started->active) tell_started(answer, nodes, *started, starts);  // else the next update tells of it
  }
  refusals.insert(refusals.end(), std::make_move_iterator(starts.begin()), std::make_move_iterator(starts.end()));
  return refusals;
}

std::vector<std::int64_t> Tracker::waiting(std::size_t most) const {
  std::vector<const Known*> jobs;
  for (const auto& [key, job] : known_)
    if (!job.active) jobs.push_back(&job);
  std::stable_sort(jobs.begin(), jobs.end(), [](const Known* a, const Known* b) {
    return a->job.priority() != b->job.priority() ? a->job.priority() > b->job.priority()
                                                  : a->job.submit_s() < b->job.submit_s();
  });
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < jobs.size() && i < most; ++i) ids.push_back(jobs[i]->id);
  return ids;
}

std::optional<JobKey> Tracker::key_of(std::int64_t id) const {
  const auto key = keys_.find(id);
  return key == keys_.end() ? std::nullopt : std::optional(key->second);
}

std::size_t Tracker::active_count() const {
  return static_cast<std::size_t>(
      std::count_if(known_.begin(), known_.end(), [](const auto& job) { return job.second.active; }));
}

std::size_t Tracker::waiting_count() const { return known_.size() - active_count(); }

std::int64_t Tracker::longest_wait_s(std::int64_t now_s) const {
  std::int64_t longest = 0;
  for (const auto& [key, job] : known_)
    if (!job.active) longest = std::max(longest, now_s - job.told_s);
  return longest;
}

}  // namespace wattfill::slurm
