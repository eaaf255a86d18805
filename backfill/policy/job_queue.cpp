#include "backfill/policy/job_queue.hpp"

#include <algorithm>

namespace wattfill {

namespace {

// Where nobody fills holes, or all hold reservations, no candidate is ever asked for.
CandidateIndex::Asked asked_of(const PolicySpec& policy) {
  const bool fills = policy.backfill_order && policy.reservation_depth != kReserveAll;
  return fills ? CandidateIndex::Asked::kFirstInHole : CandidateIndex::Asked::kFirstOnly;
}

Backlog::Work work_of(const Job& job) { return static_cast<Int128>(job.processors) * job.requested.count(); }

}  // namespace

JobQueue::JobQueue(JobTable& jobs, const PolicySpec& policy)
    : jobs_(jobs),
      queue_order_(policy.queue_order),
      backfill_order_(policy.backfill_order.value_or(policy.queue_order)),
      one_order_(queue_order_ == backfill_order_),
      promotion_age_(policy.promotion_age),
      promotion_backlog_percent_(policy.promotion_age ? policy.promotion_backlog_percent : 0),
      promotion_age_percent_(policy.promotion_age_percent),
      queue_(jobs, queue_order_, kQueueRole, CandidateIndex::Asked::kFirstOnly),
      backfill_(jobs, backfill_order_, kBackfillRole, asked_of(policy)),
      promoted_(jobs, Order::kFcfs, kBackfillRole, asked_of(policy)) {}

JobQueue::Aging& JobQueue::aging(Slot slot) {
  if (slot >= aging_.size()) aging_.resize(slot + 1);
  Aging& of = aging_[slot];
  const std::uint32_t generation = jobs_[slot].generation;
  if (of.generation != generation) of = {.generation = generation};  // another job had the slot
  return of;
}

void JobQueue::count_arrival(Slot slot, SimTime now) {
  const Job& job = jobs_[slot].job;
  Aging& age = aging(slot);
  if (age.in_backlog) return;
  if (age.has_turn) {  // refused or modified since
    backlog_.came_back(work_of(job));
  } else {
    // What departs at this instant has not departed yet, so that it makes no difference how far a pass has come.
    const Backlog::Work departed = backlog_.departed_before(now);
    const Backlog::Work ahead = backlog_.waiting() + backlog_.departed() - departed;
    age.turn = departed + ahead * promotion_backlog_percent_ / 100;
    age.has_turn = true;
    age.arrived = now;
    age.due = age.turn <= backlog_.departed() ? job.submit + promotion_age(now) : kNever;
  }
  backlog_.arrive(work_of(job));
  age.in_backlog = true;
}

void JobQueue::count_departure(Slot slot, SimTime now) {
  if (!aging(slot).in_backlog) return;
  aging(slot).in_backlog = false;
  backlog_.depart(work_of(jobs_[slot].job), now);
  for (; !turns_.empty() && turns_.top().at <= backlog_.departed(); turns_.pop()) {
    const JobHandle job = turns_.top().job;
    if (job.slot == slot || !waits(job) || aging(job.slot).due != kNever) continue;
    turn_came(job.slot, now);
    due_.push({aging(job.slot).due, jobs_[job.slot].job.submit, jobs_[job.slot].job.id, job});
  }
}

// Of a job whose turn comes at `now`.
Seconds JobQueue::promotion_age(SimTime now) {
  if (promotion_age_percent_ == 0) return *promotion_age_;
  return std::max(*promotion_age_, longest_turn_.before(now) * promotion_age_percent_ / 100);
}

// A promotion at this instant would be too late for some passes, so it is due after it.
void JobQueue::turn_came(Slot slot, SimTime now) {
  Aging& age = aging(slot);
  age.due = now + std::max(promotion_age(now), Seconds{1});
  longest_turn_.tell(now - age.arrived, now);
}

void JobQueue::served(Slot slot) {
  jobs_[slot].promoted = false;
  if (promotion_age_) aging(slot).has_turn = false;
}

void JobQueue::set_scores(Slot slot, SimTime began) {
  JobEntry& e = jobs_[slot];
  e.score[kBackfillRole] = score(backfill_order_, e.job, e.order, began);
  e.score[kQueueRole] = one_order_ ? e.score[kBackfillRole] : score(queue_order_, e.job, e.order, began);
}

void JobQueue::estimate_anew(Slot slot, Seconds order, Seconds fill, SimTime now, SimTime began) {
  erase(slot, now);
  JobEntry& e = jobs_[slot];
  e.order = order;
  e.fill = fill;
  if (!e.promoted) set_scores(slot, began);
  put_back(slot, now);
}

void JobQueue::insert(Slot slot, SimTime now, SimTime began) {
  JobEntry& e = jobs_[slot];
  set_scores(slot, began);
  e.state = JobState::kQueued;
  latest_submit_ = std::max(latest_submit_, e.job.submit);
  if (promotion_age_) await_promotion(slot, now);
  put_back(slot, now);
}

// Promoted at once where that is due, else in line for it.
void JobQueue::await_promotion(Slot slot, SimTime now) {
  JobEntry& e = jobs_[slot];
  Aging& age = aging(slot);
  if (!age.has_turn) age.due = e.job.submit + *promotion_age_;
  if (age.due == kNever && age.turn <= backlog_.departed()) turn_came(slot, now);
  e.promoted = age.due <= now;
  if (e.promoted)
    e.score[kBackfillRole] = {};
  else if (age.due != kNever)
    due_.push({age.due, e.job.submit, e.job.id, jobs_.handle(slot)});
  else
    turns_.push({age.turn, jobs_.handle(slot)});
}

void JobQueue::put_back(Slot slot, SimTime now) {
  if (jobs_[slot].promoted) {
    promoted_.insert(slot, now);
    return;
  }
  backfill_.insert(slot, now);
  if (!one_order_) queue_.insert(slot, now);
}

void JobQueue::erase(Slot slot, SimTime now) {
  if (jobs_[slot].promoted) {
    promoted_.erase(slot, now);
    return;
  }
  backfill_.erase(slot, now);
  if (!one_order_) queue_.erase(slot, now);
}

bool JobQueue::waits(JobHandle job) const {
  const JobEntry& e = jobs_[job.slot];
  return e.generation == job.generation && e.state == JobState::kQueued && !e.promoted;
}

bool JobQueue::promote(SimTime now) {
  bool any = false;
  for (; !due_.empty() && due_.top().at <= now; due_.pop()) {
    if (!waits(due_.top().job)) continue;
    const Slot slot = due_.top().job.slot;
    erase(slot, now);
    jobs_[slot].promoted = true;
    jobs_[slot].score[kBackfillRole] = {};
    promoted_.insert(slot, now);
    any = true;
  }
  return any;
}

SimTime JobQueue::next_promotion() {
  while (!due_.empty() && !waits(due_.top().job)) due_.pop();
  return due_.empty() ? kNever : due_.top().at;
}

bool JobQueue::leads(Slot slot, SimTime now, SimTime began) {
  JobEntry& e = jobs_[slot];
  if (promotion_age_) {
    const Aging& age = aging(slot);
    if ((age.has_turn ? age.due : e.job.submit + *promotion_age_) <= now) return true;  // let insert() decide
  }
  if (queue_order_ == Order::kFcfs && e.job.submit > latest_submit_) return false;
  const Slot first = head(now);
  e.score[kQueueRole] = score(queue_order_, e.job, e.order, began);
  return before(slot, first, now);
}

bool JobQueue::before(Slot a, Slot b, SimTime now) const {
  const JobEntry& ea = jobs_[a];
  const JobEntry& eb = jobs_[b];
  if (ea.promoted != eb.promoted) return ea.promoted;
  const Score sa = ea.promoted ? Score{} : ea.score[kQueueRole];
  const Score sb = eb.promoted ? Score{} : eb.score[kQueueRole];
  return precedes({sa, ea.job.submit, ea.job.id}, {sb, eb.job.submit, eb.job.id}, now);
}

std::vector<Slot> JobQueue::in_order(SimTime now) const {
  std::vector<Slot> all;
  all.reserve(size());
  const auto collect = [&all](Slot s) { all.push_back(s); };
  promoted_.for_each(collect);
  backfill_.for_each(collect);
  std::sort(all.begin(), all.end(), [&](Slot a, Slot b) { return before(a, b, now); });
  return all;
}

}  // namespace wattfill
