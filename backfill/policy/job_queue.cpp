#include "backfill/policy/job_queue.hpp"

#include <algorithm>

namespace wattfill {

namespace {

// Where nobody fills holes, or all hold reservations, no candidate is ever asked for.
CandidateIndex::Asked asked_of(const PolicySpec& policy) {
  const bool fills = policy.backfill_order && policy.reservation_depth != kReserveAll;
  return fills ? CandidateIndex::Asked::kFirstInHole : CandidateIndex::Asked::kFirstOnly;
}

}  // namespace

JobQueue::JobQueue(JobTable& jobs, const PolicySpec& policy)
    : jobs_(jobs),
      queue_order_(policy.queue_order),
      backfill_order_(policy.backfill_order.value_or(policy.queue_order)),
      one_order_(queue_order_ == backfill_order_),
      promotion_age_(policy.promotion_age),
      queue_(jobs, queue_order_, kQueueRole, CandidateIndex::Asked::kFirstOnly),
      backfill_(jobs, backfill_order_, kBackfillRole, asked_of(policy)),
      promoted_(jobs, Order::kFcfs, kBackfillRole, asked_of(policy)) {}

void JobQueue::insert(Slot slot, SimTime now, SimTime began) {
  JobEntry& e = jobs_[slot];
  e.score[kBackfillRole] = score(backfill_order_, e.job, e.order, began);
  e.score[kQueueRole] = one_order_ ? e.score[kBackfillRole] : score(queue_order_, e.job, e.order, began);
  e.state = JobState::kQueued;
  latest_submit_ = std::max(latest_submit_, e.job.submit);
  if (promotion_age_) {
    const SimTime due = e.job.submit + *promotion_age_;
    e.promoted = due <= now;
    if (e.promoted)
      e.score[kBackfillRole] = {};
    else
      due_.push({due, e.job.submit, e.job.id, jobs_.handle(slot)});
  }
  put_back(slot, now);
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

bool JobQueue::due_is_waiting(const Due& due) const {
  const JobEntry& e = jobs_[due.job.slot];
  return e.generation == due.job.generation && e.state == JobState::kQueued && !e.promoted;
}

bool JobQueue::promote(SimTime now) {
  bool any = false;
  for (; !due_.empty() && due_.top().at <= now; due_.pop()) {
    if (!due_is_waiting(due_.top())) continue;
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
  while (!due_.empty() && !due_is_waiting(due_.top())) due_.pop();
  return due_.empty() ? kNever : due_.top().at;
}

Slot JobQueue::head(SimTime now) {
  if (!promoted_.empty()) return promoted_.first(now);
  return one_order_ ? backfill_.first(now) : queue_.first(now);
}

bool JobQueue::leads(Slot slot, SimTime now, SimTime began) {
  JobEntry& e = jobs_[slot];
  if (promotion_age_ && e.job.submit + *promotion_age_ <= now) return true;  // let insert() decide
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
