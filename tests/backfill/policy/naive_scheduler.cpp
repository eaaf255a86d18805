#include "tests/backfill/policy/naive_scheduler.hpp"

#include <algorithm>
#include <tuple>

#include "backfill/model/int128.hpp"

namespace wattfill::testing {

void NaiveProfile::take(SimTime from, SimTime to, std::int64_t processors) {
  from = std::max(from, now_);
  if (from >= to) return;
  changes_[from] -= processors;
  changes_[to] += processors;
}

SimTime NaiveProfile::earliest_fit(std::int64_t processors, Seconds duration) const {
  std::int64_t level = free_;
  SimTime since = level >= processors ? now_ : kNever;
  for (const auto& [time, change] : changes_) {
    if (since != kNever && time >= since + duration && time > now_) return since;
    level += change;
    if (level < processors) since = kNever;
    if (level >= processors && since == kNever) since = time;
  }
  return since;
}

NaiveScheduler::NaiveScheduler(const SmallWorkload& workload, SchedulerOptions options)
    : jobs_(workload.jobs), options_(std::move(options)), promotion_(options_.policy), states_(jobs_.size()) {}

void NaiveScheduler::submit(std::size_t job, SimTime now) {
  if (began_ == kNever) began_ = jobs_[job].job.submit;
  State& state = states_[job];
  state.fit = state.initial_fit = options_.fit_estimates->at_submit(jobs_[job].job, now);
  state.order = options_.order_estimates == options_.fit_estimates
                    ? state.fit
                    : options_.order_estimates->at_submit(jobs_[job].job, now);
  state.fill = options_.fill_estimates ? std::min(state.fit, options_.fill_estimates->at_submit(jobs_[job].job, now))
                                       : state.fit;
  waiting_.push_back(job);
}

void NaiveScheduler::end(std::size_t job, SimTime now) {
  std::erase(running_, job);
  options_.fit_estimates->ended(jobs_[job].job, now, now - states_[job].start);
  const auto place = [&](std::size_t i) { return std::make_tuple(jobs_[i].job.submit, jobs_[i].job.id); };
  const auto between = [&](std::size_t a, std::size_t b) {  // waiting jobs of the user, both ends included
    return std::count_if(waiting_.begin(), waiting_.end(), [&](std::size_t i) {
      return jobs_[i].job.user == jobs_[job].job.user && place(i) >= std::min(place(a), place(b)) &&
             place(i) <= std::max(place(a), place(b));
    });
  };
  for (const std::size_t i : waiting_)
    if (jobs_[i].job.user == jobs_[job].job.user && between(i, job) <= options_.policy.renewals) renew(i, now);
}

void NaiveScheduler::renew(std::size_t job, SimTime now) {
  State& state = states_[job];
  state.order = options_.order_estimates->while_waiting(jobs_[job].job, now).value_or(state.order);
  if (options_.fill_estimates)
    state.fill = std::min(state.fit, options_.fill_estimates->while_waiting(jobs_[job].job, now).value_or(state.fill));
}

SimTime NaiveScheduler::overrun(std::size_t job, SimTime now) {
  State& state = states_[job];
  const Seconds fit = options_.fit_estimates->after_overrun(jobs_[job].job, state.initial_fit, ++state.overruns);
  state.estimated_end = std::max(state.start + fit, now + Seconds{1});
  rebuild_ = true;
  return state.estimated_end;
}

void NaiveScheduler::cancel(std::size_t job, SimTime now) {
  std::erase(waiting_, job);
  if (promotion_.knows(jobs_[job].job.id)) promotion_.depart(jobs_[job].job.id, now);
}

// A pass is the first to see what was submitted since the last one.
void NaiveScheduler::admit(SimTime now) {
  std::vector<std::size_t> fresh;
  for (const std::size_t i : waiting_)
    if (!promotion_.knows(jobs_[i].job.id)) fresh.push_back(i);
  const auto place = [&](std::size_t i) { return std::make_tuple(jobs_[i].job.submit, jobs_[i].job.id); };
  std::sort(fresh.begin(), fresh.end(), [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
  for (const std::size_t i : fresh) promotion_.arrive(jobs_[i].job, now);
}

// Promoted jobs in order of arrival, then the others by score.
std::vector<std::size_t> NaiveScheduler::sorted(Order order, SimTime now) const {
  const auto key = [&](std::size_t i) {
    const Job& job = jobs_[i].job;
    const bool old = promotion_.promoted(jobs_[i].job.id, now);
    const Score s = score(order, job, states_[i].order, began_);
    const Int128 value = s.base - static_cast<Int128>(s.rate) * (now - job.submit).count();
    return std::make_tuple(!old, old ? Int128{0} : value, job.submit, job.id);
  };
  std::vector<std::size_t> queue = waiting_;
  std::sort(queue.begin(), queue.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return queue;
}

// Whether a running job's processors count as taken.
bool NaiveScheduler::counts(std::size_t job, SimTime now) const {
  return options_.free_rule == FreeRule::kEnded || states_[job].estimated_end > now;
}

// An overdue job is expected to end at any moment, but not yet.
SimTime NaiveScheduler::release_of(std::size_t job, SimTime now) const {
  return std::max(states_[job].estimated_end, now + Seconds{1});
}

std::int64_t NaiveScheduler::free(SimTime now) const {
  std::int64_t free = options_.processors;
  for (const std::size_t r : running_)
    if (counts(r, now)) free -= jobs_[r].job.processors;
  return free;
}

void NaiveScheduler::start(std::size_t job, SimTime now, Decision& decision) {
  std::erase(waiting_, job);
  promotion_.depart(jobs_[job].job.id, now);
  running_.push_back(job);
  states_[job].start = now;
  states_[job].estimated_end = now + states_[job].fit;
  decision.starts.push_back({job, states_[job].estimated_end});
}

// Starts jobs in queue order up to the first that does not fit; returns that one's index, or the number of jobs.
std::size_t NaiveScheduler::start_heads(SimTime now, Decision& decision) {
  for (const std::size_t i : sorted(options_.policy.queue_order, now)) {
    if (jobs_[i].job.processors > free(now)) return i;
    start(i, now, decision);
  }
  return jobs_.size();
}

// Depth 0 and 1: nobody, or the head, holds a reservation. Where what fills the hole may run on beyond it, all is
// decided anew after each start.
void NaiveScheduler::fill_easy(SimTime now, Decision& decision) {
  const std::size_t head = start_heads(now, decision);
  if (head == jobs_.size() || !options_.policy.backfill_order) return;
  const bool late = promotion_.promoted(jobs_[head].job.id, now);
  const bool slips = options_.fill_estimates && !late;
  while (fill_beside(head, late, slips, now, decision) && slips) {
  }
}

// True when a job was started; then, if the reservation slips, only one.
bool NaiveScheduler::fill_beside(std::size_t head, bool late, bool slips, SimTime now, Decision& decision) {
  bool any = false;
  SimTime shadow = kNever;
  std::int64_t extra = 0;
  if (options_.policy.reservation_depth == 1) {
    std::map<SimTime, std::int64_t> releases;
    for (const std::size_t r : running_)
      if (counts(r, now)) releases[release_of(r, now)] += jobs_[r].job.processors;
    std::int64_t will_be_free = free(now);
    for (const auto& [time, processors] : releases) {
      will_be_free += processors;
      if (will_be_free < jobs_[head].job.processors) continue;
      shadow = time;
      extra = will_be_free - jobs_[head].job.processors;
      break;
    }
  }
  for (const std::size_t i : sorted(*options_.policy.backfill_order, now)) {
    const std::int32_t processors = jobs_[i].job.processors;
    if (i == head || processors > free(now)) continue;
    const bool in_time = now + (late ? states_[i].fit : states_[i].fill) <= shadow;
    if (!in_time && processors > extra) continue;
    if (!in_time) extra -= processors;
    start(i, now, decision);
    any = true;
    if (slips) break;
  }
  return any;
}

NaiveProfile NaiveScheduler::profile_of_running(SimTime now) const {
  NaiveProfile profile(now, options_.processors);
  for (const std::size_t r : running_)
    if (counts(r, now)) profile.take(now, release_of(r, now), jobs_[r].job.processors);
  return profile;
}

// Depth 2 and more: the first jobs of the queue that cannot start now hold reservations.
void NaiveScheduler::plan(SimTime now, Decision& decision) {
  NaiveProfile profile = profile_of_running(now);
  std::vector<bool> seen(jobs_.size(), false);
  std::int32_t held = 0;
  for (const std::size_t i : sorted(options_.policy.queue_order, now)) {
    if (held == options_.policy.reservation_depth) break;
    seen[i] = true;
    const SimTime t = profile.earliest_fit(jobs_[i].job.processors, states_[i].fit);
    if (t != kNever) profile.take(t, t + states_[i].fit, jobs_[i].job.processors);
    if (t == now)
      start(i, now, decision);
    else
      ++held;
  }
  for (const std::size_t i : sorted(*options_.policy.backfill_order, now)) {
    if (seen[i] || profile.earliest_fit(jobs_[i].job.processors, states_[i].fit) != now) continue;
    profile.take(now, now + states_[i].fit, jobs_[i].job.processors);
    start(i, now, decision);
  }
}

// Sweeps in queue order until no reservation can move to an earlier start.
void NaiveScheduler::compress(SimTime now, NaiveProfile& profile) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const std::size_t i : sorted(options_.policy.queue_order, now)) {
      State& s = states_[i];
      if (!s.placed) continue;
      const std::int32_t processors = jobs_[i].job.processors;
      if (s.reserved != kNever) profile.give(s.reserved, s.reserved + s.fit, processors);
      const SimTime t = profile.earliest_fit(processors, s.fit);
      moved = moved || t < s.reserved;
      s.reserved = std::min(s.reserved, t);
      if (s.reserved != kNever) profile.take(s.reserved, s.reserved + s.fit, processors);
    }
  }
}

void NaiveScheduler::conservative(SimTime now, Decision& decision) {
  bool overdue = false;
  for (const std::size_t r : running_) overdue = overdue || (counts(r, now) && states_[r].estimated_end <= now);
  NaiveProfile profile = profile_of_running(now);
  if (rebuild_ || overdue) {
    for (const std::size_t i : waiting_) states_[i].placed = false;
  } else {
    for (const std::size_t i : waiting_) {
      const State& s = states_[i];
      if (s.placed && s.reserved != kNever) profile.take(s.reserved, s.reserved + s.fit, jobs_[i].job.processors);
    }
    compress(now, profile);
  }
  rebuild_ = overdue;
  const std::vector<std::size_t> queue = sorted(options_.policy.queue_order, now);
  for (const std::size_t i : queue) {
    State& s = states_[i];
    if (s.placed) continue;
    s.placed = true;
    s.reserved = profile.earliest_fit(jobs_[i].job.processors, s.fit);
    if (s.reserved != kNever) profile.take(s.reserved, s.reserved + s.fit, jobs_[i].job.processors);
  }
  for (const std::size_t i : queue)
    if (states_[i].reserved <= now) start(i, now, decision);
}

Decision NaiveScheduler::schedule(SimTime now) {
  const PolicySpec& policy = options_.policy;
  Decision decision;
  admit(now);
  const bool all = policy.reservation_depth == kReserveAll && policy.backfill_order;
  if (all)
    conservative(now, decision);
  else if (policy.reservation_depth <= 1 || !policy.backfill_order)
    fill_easy(now, decision);
  else
    plan(now, decision);
  for (const std::size_t i : waiting_) {
    if (all) decision.wakeup = std::min(decision.wakeup, states_[i].reserved);
    if (const SimTime due = promotion_.due(jobs_[i].job.id); due > now)
      decision.wakeup = std::min(decision.wakeup, due);
  }
  return decision;
}

}  // namespace wattfill::testing
