// The scheduling pass; events and answers are in backfill_scheduler.cpp.
#include <algorithm>

#include "backfill/policy/backfill_scheduler.hpp"

namespace wattfill {

Pass BackfillScheduler::schedule(SimTime now, Budget budget) {
  ++statistics_.passes;
  proposals_.clear();
  budget_ = budget.work;
  if (options_.free_rule == FreeRule::kEstimated) {
    const std::int64_t expired = releases_.expire(now);
    if (expired > 0) changed();
    free_ += expired;
    expired_until_ = std::max(expired_until_, now);
  }
  if (options_.policy.promotion_age && queue_.promote(now)) {
    changed();
    book_.order_changed();
  }
  if (hole_stands_ && admit_into_hole(now)) return {proposals_, next_wakeup(now), true};
  admit(now);
  const bool planned = options_.policy.reservation_depth > 1 || !advance_.empty();
  const bool complete = holds_all_ ? pass_held(now) : planned ? pass_planned(now) : pass_easy(now);
  if (complete && !aside_.empty()) put_aside_back(now);
  return {proposals_, complete ? next_wakeup(now) : now, complete};
}

// The commonest pass of all: one job was submitted and nothing else happened since the last one. It starts in the hole
// that the last pass left, or waits; no other job can. False where that is not sure and the whole pass has to be made.
bool BackfillScheduler::admit_into_hole(SimTime now) {
  if (fresh_.empty() && deferred_.empty() && now < shadow_ && !queue_.time_varying()) return true;
  if (fresh_.size() != 1 || !deferred_.empty() || now >= shadow_ || queue_.time_varying() || budget_ <= 0) return false;
  const Slot slot = fresh_.front();
  const JobEntry& entry = jobs_[slot];
  const std::int64_t processors = entry.job.processors;
  const bool waiting = !queue_.empty();
  if (waiting && queue_.leads(slot, now, began_)) return false;
  const bool by_shadow = now + entry.fit <= shadow_;
  const bool fits = processors <= free_ && (by_shadow || processors <= extra_);
  if (fits && (!waiting || options_.policy.backfill_order)) {
    --budget_;
    if (waiting && !by_shadow) extra_ -= processors;
    propose(slot, now, waiting);
  } else {
    queue_.insert(slot, now, began_);
    hole_stands_ = waiting;  // else it is the new head and no shadow time is known
  }
  fresh_.clear();
  return true;
}

// Puts submitted, modified and once refused jobs into the queue.
void BackfillScheduler::admit(SimTime now) {
  if (!deferred_.empty()) {
    std::erase_if(deferred_, [&](const Deferred& d) {
      if (d.until >= now) return false;
      fresh_.push_back(d.job.slot);
      jobs_[d.job.slot].state = JobState::kFresh;
      changed();
      return true;
    });
  }
  if (fresh_.empty()) return;
  if (fresh_.size() > 1) {  // jobs of one instant, whatever the order of the host's calls
    std::sort(fresh_.begin(), fresh_.end(), [this](Slot a, Slot b) {
      const Job& one = jobs_[a].job;
      const Job& other = jobs_[b].job;
      return one.submit != other.submit ? one.submit < other.submit : one.id < other.id;
    });
  }
  // Jobs that find an empty queue and room start at once, without a detour through the indexes.
  const bool simple = !holds_all_ && advance_.empty() && aside_.empty() &&
                      (fresh_.size() == 1 || info(options_.policy.queue_order).arrival_ordered);
  std::size_t i = 0;
  for (; simple && i < fresh_.size() && queue_.empty() && jobs_[fresh_[i]].job.processors <= free_; ++i) {
    if (!spend()) break;
    propose(fresh_[i], now, false);
  }
  if (i == fresh_.size()) {
    fresh_.clear();
    return;
  }
  put_aside_back(now);
  fresh_.erase(fresh_.begin(), fresh_.begin() + static_cast<std::ptrdiff_t>(i));
  for (const Slot slot : fresh_)
    if (jobs_[slot].state == JobState::kFresh) queue_.insert(slot, now, began_);
  if (!holds_all_) fresh_.clear();  // the book places them once it is compressed, maybe in a later call
}

void BackfillScheduler::propose(Slot slot, SimTime now, bool backfilled) {
  JobEntry& entry = jobs_[slot];
  if (entry.state == JobState::kQueued) queue_.erase(slot, now);
  entry.state = JobState::kProposed;
  --waiting_;
  occupy(slot, now);
  statistics_.backfilled += backfilled;
  proposals_.push_back({jobs_.handle(slot), entry.estimated_end, backfilled});
}

// `head` becomes the first job that does not fit; kNoSlot when none is left.
bool BackfillScheduler::start_heads(SimTime now, Slot& head) {
  for (head = kNoSlot; !queue_.empty(); head = kNoSlot) {
    head = queue_.head(now);
    if (jobs_[head].job.processors > free_) return true;
    if (!spend()) return false;
    propose(head, now, false);
  }
  return true;
}

bool BackfillScheduler::pass_easy(SimTime now) {
  hole_stands_ = false;
  Slot head;
  if (!start_heads(now, head)) return false;
  shadow_ = kNever;
  extra_ = 0;
  if (head != kNoSlot && options_.policy.backfill_order) {
    if (options_.policy.reservation_depth > 0) {
      // An overdue job ends at any moment, but not yet.
      const auto at = releases_.earliest(jobs_[head].job.processors - free_, now + Seconds{1});
      shadow_ = at.time;
      extra_ = at.extra;
    }
    if (!fill_easy(now)) return false;
  }
  hole_stands_ = true;
  return true;
}

bool BackfillScheduler::fill_easy(SimTime now) {
  while (free_ > 0) {
    hole_.clear();
    hole_.add(std::min(extra_, free_), kForever);
    hole_.add(free_, shadow_ == kNever ? kForever : shadow_ - now);
    ++statistics_.candidate_searches;
    const Slot slot = queue_.candidate(hole_, now);
    if (slot == kNoSlot) break;
    if (!spend()) return false;
    if (now + jobs_[slot].fit > shadow_) extra_ -= jobs_[slot].job.processors;
    propose(slot, now, true);
  }
  return true;
}

void BackfillScheduler::build_timeline(Timeline& timeline, SimTime now) const {
  timeline.reset(free_, now);
  std::int64_t overdue = 0;
  std::vector<std::pair<SimTime, std::int64_t>> later;
  releases_.for_each([&](SimTime at, std::int64_t processors) {
    if (at <= now)
      overdue += processors;
    else
      later.emplace_back(at, processors);
  });
  timeline.append_releases(now + Seconds{1}, overdue, later);
  for (const AdvanceReservation& r : advance_) timeline.reserve(std::max(r.start, now), r.end, r.processors);
}

// Starts from the head of the queue while jobs fit, and reservations for as many of those that do not as the depth
// says.
bool BackfillScheduler::reserve_planned(SimTime now) {
  const std::int32_t depth = options_.policy.backfill_order ? options_.policy.reservation_depth : 1;
  while (!queue_.empty() && (aside_.empty() || static_cast<std::int32_t>(aside_.size()) < depth)) {
    const Slot head = queue_.head(now);
    const JobEntry& entry = jobs_[head];
    const SimTime start = plan_.earliest_fit(entry.job.processors, entry.fit, now);
    if (start > now && depth == 0) return true;
    if (!spend()) return false;
    if (start != kNever) plan_.reserve(start, start + entry.fit, entry.job.processors);
    if (start == now) {
      propose(head, now, !aside_.empty());
    } else {
      queue_.erase(head, now);
      aside_.push_back(head);
    }
  }
  return true;
}

bool BackfillScheduler::fill_planned(SimTime now) {
  while (!queue_.empty()) {
    plan_.hole(hole_);
    ++statistics_.candidate_searches;
    const Slot slot = queue_.candidate(hole_, now);
    if (slot == kNoSlot) return true;
    if (!spend()) return false;
    plan_.reserve(now, now + jobs_[slot].fit, jobs_[slot].job.processors);
    propose(slot, now, true);
  }
  return true;
}

bool BackfillScheduler::pass_planned(SimTime now) {
  if (!plan_valid_ || plan_time_ != now) {
    put_aside_back(now);
    build_timeline(plan_, now);
    plan_valid_ = true;
    plan_time_ = now;
  }
  if (!reserve_planned(now)) return false;
  return !options_.policy.backfill_order || fill_planned(now);
}

void BackfillScheduler::put_aside_back(SimTime now) {
  plan_valid_ = false;
  for (const Slot slot : aside_) queue_.put_back(slot, now);
  aside_.clear();
}

// All reservations anew, in queue order: after an estimate proved too short or the machine changed.
void BackfillScheduler::rebuild_book(SimTime now) {
  build_timeline(plan_, now);
  book_.reset(plan_);
  for (const Slot slot : queue_.in_order(now)) book_.place(slot, now);
  fresh_.clear();
  book_stale_ = false;
}

bool BackfillScheduler::pass_held(SimTime now) {
  // An overdue job has no end that a reservation could rely on, and a host that comes late has let one pass.
  const bool overdue = releases_.front() <= now;
  if (book_stale_ || overdue || book_.next_start() < now) {
    rebuild_book(now);
    book_stale_ = overdue;
  } else {
    book_.advance(now);
    if (!book_.compress(now, budget_)) return false;
    if (fresh_.size() > 1)
      std::sort(fresh_.begin(), fresh_.end(), [&](Slot a, Slot b) { return queue_.before(a, b, now); });
    for (const Slot slot : fresh_) book_.place(slot, now);
    fresh_.clear();
  }
  for (Slot slot = book_.due(now); slot != kNoSlot; slot = book_.due(now)) {
    if (!spend()) return false;
    book_.take(slot);
    propose(slot, now, slot != queue_.head(now));
  }
  return true;
}

SimTime BackfillScheduler::next_own_wakeup(SimTime now) {
  SimTime next = deferred_.empty() ? kNever : now + Seconds{1};
  if (options_.policy.promotion_age) next = std::min(next, queue_.next_promotion());
  if (holds_all_) next = std::min(next, book_.next_start());
  for (const AdvanceReservation& r : advance_) {
    if (r.start > now) next = std::min(next, r.start);
    if (r.end > now) next = std::min(next, r.end);
  }
  return next;
}

SimTime BackfillScheduler::expected_start(JobHandle handle, SimTime now) {
  const Slot wanted = jobs_.slot(handle);
  const JobState state = jobs_[wanted].state;
  if (state == JobState::kRunning || state == JobState::kProposed) return jobs_[wanted].start;
  if (state == JobState::kHeld || state == JobState::kDeferred) return kNever;
  if (holds_all_ && !book_stale_ && book_.holds(wanted)) return book_.start_of(wanted);
  put_aside_back(now);
  changed();
  for (const Slot slot : fresh_)
    if (jobs_[slot].state == JobState::kFresh) queue_.insert(slot, now, began_);
  if (!holds_all_) fresh_.clear();
  Timeline timeline;
  build_timeline(timeline, now);
  SimTime earliest = now;
  for (const Slot slot : queue_.in_order(now)) {
    const JobEntry& entry = jobs_[slot];
    const SimTime start = timeline.earliest_fit(entry.job.processors, entry.fit, earliest);
    if (slot == wanted) return start;
    if (!options_.policy.backfill_order) earliest = start;  // nobody passes it
    if (start != kNever) timeline.reserve(start, start + entry.fit, entry.job.processors);
  }
  return kNever;
}

}  // namespace wattfill
