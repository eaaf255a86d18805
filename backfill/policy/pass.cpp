// The scheduling pass; events and answers are in backfill_scheduler.cpp.
#include <algorithm>

#include "backfill/policy/backfill_scheduler.hpp"

namespace wattfill {

Pass BackfillScheduler::schedule(SimTime now, Budget budget) {
  ++statistics_.passes;
  proposals_.clear();
  budget_ = budget.work;
  if (capped_) keep_to_cap(now);
  return power_ ? make_pass_with_power(now) : make_pass(now);
}

Pass BackfillScheduler::make_pass_with_power(SimTime now) {
  Pass pass = make_pass(now);
  if (pass.complete) {
    manage_power(now);
    pass.next_wakeup = std::min(pass.next_wakeup, power_->next_decision());
    if (capped_) pass.next_wakeup = std::min(pass.next_wakeup, out_.next_change(now));
  }
  pass.power = power_->hand_out();
  return pass;
}

// The reservation of the head needs those of the unused nodes that it does not leave to others.
void BackfillScheduler::manage_power(SimTime now) {
  const auto reservation = [this](std::size_t type) -> IdleManager::Reservation {
    const ClassState& c = machine_.classes()[type];
    if (queued() == 0 || c.shadow == kNever) return {};
    return {std::clamp<std::int64_t>(c.free - c.extra, 0, std::max<std::int64_t>(0, c.free)), c.shadow};
  };
  power_->decide(reservation, now);
}

// Estimated ends that count as ends, and promotions.
void BackfillScheduler::let_time_pass(SimTime now) {
  if (options_.free_rule == FreeRule::kEstimated) {
    const std::int64_t expired = one_.releases.expire(now);
    if (expired > 0) changed();
    one_.free += expired;
    expired_until_ = std::max(expired_until_, now);
  }
  if (options_.policy.promotion_age && queue_.next_promotion() <= now) {
    if (!aside_.empty()) put_aside_back(now);  // of a pass that a budget ended before this became due
    queue_.promote(now);
    changed();
    book_.order_changed();
  }
}

Pass BackfillScheduler::make_pass(SimTime now) {
  if (time_counts_) let_time_pass(now);
  const bool stands = hole_stands(now);
  if (stands && fresh_.empty()) return passed(now);
  if (power_) power_->tell(machine_.classes(), now);
  if (stands && fresh_.size() == 1 && admit_into_hole(now)) return passed(now);
  admit(now);
  const bool planned = options_.policy.reservation_depth > 1 || !advance_.empty() || capped_;
  const bool complete = holds_all_ ? pass_held(now) : planned ? pass_planned(now) : pass_easy(now);
  if (complete && !aside_.empty()) put_aside_back(now);
  if (complete) return passed(now);
  return {proposals_, now, true, {}, false};
}

Pass BackfillScheduler::passed(SimTime now) {
  const SimTime wakeup = next_wakeup(now);
  return {proposals_, wakeup, wakeup != kNever, {}, true};
}

// No job that waited at the last pass can start.
bool BackfillScheduler::hole_stands(SimTime now) const {
  return hole_stands_ && now <= deferred_until_ && now < shadow_ && !queue_.time_varying();
}

// The commonest pass of all: one job was submitted and nothing else happened since the last one. It starts in the hole
// that the last pass left, or waits; no other job can. False where that is not sure and the whole pass has to be made.
bool BackfillScheduler::admit_into_hole(SimTime now) {
  if (budget_ <= 0) return false;
  const Slot slot = fresh_.front();
  queue_.arrive(slot, now);
  const bool waiting = !queue_.empty();
  if (waiting && queue_.leads(slot, now, began_)) return false;
  if ((!waiting || options_.policy.backfill_order) && take_hole(slot, now, waiting)) {
    --budget_;
    propose(slot, now, waiting);
    if (waiting && reservation_slips_) hole_stands_ = false;
  } else {
    queue_.insert(slot, now, began_);
    hole_stands_ = waiting;  // else it is the new head and no shadow time is known
  }
  fresh_.clear();
  // On several node types it may run where it would not choose to; and nodes sleep and wake by the head's reservation.
  return hole_stands_ || (plain_ && !reservation_slips_);
}

// True when a job can start in the hole that the last pass left, beside the head's reservation where jobs wait.
bool BackfillScheduler::take_hole(Slot slot, SimTime now, bool waiting) {
  const JobEntry& entry = jobs_[slot];
  Choice choice;
  if (!waiting) return take_at_once(slot, now, choice);
  if (plain_) {
    const bool by_shadow = now + entry.filling(fill_by_) <= shadow_;
    if (entry.job.processors > one_.free || (!by_shadow && entry.job.processors > one_.extra)) return false;
    if (!by_shadow) one_.extra -= entry.job.processors;
    return true;
  }
  machine_.holes(class_holes_, now);
  choice = machine_.start_within(entry, entry.filling(fill_by_), class_holes_, now);
  if (choice.start != now) return false;
  take_choice(slot, choice);
  machine_.take_within(entry, entry.filling(fill_by_), choice, class_holes_, takes_of(slot));
  return true;
}

bool BackfillScheduler::take_choice_at_once(Slot slot, SimTime now, Choice& choice) {
  const JobEntry& entry = jobs_[slot];
  choice = machine_.choose(entry, now);
  if (choice.start != now) return false;
  take_choice(slot, choice);
  machine_.take_free(entry, choice.option, takes_of(slot));
  return true;
}

void BackfillScheduler::take_choice(Slot slot, const Choice& choice) {
  JobEntry& entry = jobs_[slot];
  entry.speed = machine_.group_of(entry).options[choice.option].speed;
}

// Considers deferred jobs again whose time has come.
void BackfillScheduler::admit_deferred(SimTime now) {
  deferred_until_ = kNever;
  std::erase_if(deferred_, [&](const Deferred& d) {
    if (d.until >= now) {
      deferred_until_ = std::min(deferred_until_, d.until);
      return false;
    }
    fresh_.push_back(d.job.slot);
    jobs_[d.job.slot].state = JobState::kFresh;
    changed();
    return true;
  });
}

// Puts submitted, modified and once refused jobs into the queue.
void BackfillScheduler::admit(SimTime now) {
  if (now > deferred_until_) admit_deferred(now);
  if (fresh_.empty()) return;
  line_up(now);
  // Jobs that find an empty queue and room start at once, without a detour through the indexes.
  const bool simple = !holds_all_ && advance_.empty() && !capped_ && aside_.empty() &&
                      (fresh_.size() == 1 || info(options_.policy.queue_order).arrival_ordered);
  std::size_t i = 0;
  Choice choice;
  for (; simple && i < fresh_.size() && queue_.empty() && take_at_once(fresh_[i], now, choice); ++i) {
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

// Jobs of one instant arrive in one order, whatever the order of the host's calls.
void BackfillScheduler::line_up(SimTime now) {
  if (fresh_.size() > 1) {
    std::sort(fresh_.begin(), fresh_.end(), [this](Slot a, Slot b) {
      const Job& one = jobs_[a].job;
      const Job& other = jobs_[b].job;
      return one.submit != other.submit ? one.submit < other.submit : one.id < other.id;
    });
  }
  for (const Slot slot : fresh_) queue_.arrive(slot, now);
}

void BackfillScheduler::propose(Slot slot, SimTime now, bool backfilled) {
  JobEntry& entry = jobs_[slot];
  if (entry.state == JobState::kQueued) queue_.erase(slot, now);
  entry.state = JobState::kProposed;
  queue_.depart(slot, now);
  count_no_longer_waiting(slot);
  if (pool_) bind(slot);
  const Seconds boot = hold(slot, now);
  if (power_) power_->tell(machine_.classes(), now);
  statistics_.backfilled += backfilled;
  Proposal& proposal = proposals_.emplace_back();
  proposal.job = jobs_.handle(slot);
  proposal.boot = boot;
  proposal.estimated_end = entry.estimated_end;
  proposal.backfilled = backfilled;
  if (!plain_) {
    proposal.speed = entry.speed;
    proposal.node_type = slowest_type(slot);
  }
  if (pool_) proposal.allocation = &allocations_[slot];
}

std::int32_t BackfillScheduler::slowest_type(Slot slot) const {
  for (const Take& take : takes_[slot])
    if (machine_.demands().of_class(static_cast<std::size_t>(take.in_class)).speed == jobs_[slot].speed)
      return take.in_class;
  return takes_[slot].front().in_class;
}

// `head` becomes the first job that does not start, kNoSlot when none is left, and `choice` what it waits for where
// that is known.
bool BackfillScheduler::start_heads(SimTime now, Slot& head, Choice& choice) {
  for (head = kNoSlot; !queue_.empty(); head = kNoSlot) {
    head = queue_.head(now);
    if (!take_at_once(head, now, choice)) return true;
    if (!spend()) return false;
    propose(head, now, false);
  }
  return true;
}

void BackfillScheduler::reserve_easy(SimTime now, Slot head, const Choice& choice) {
  if (plain_) {
    // An overdue job ends at any moment, but not yet.
    const auto at = one_.releases.earliest(jobs_[head].job.processors - one_.free, now + Seconds{1});
    shadow_ = at.time;
    one_.shadow = at.time;
    one_.extra = at.extra;
    return;
  }
  shadow_ = choice.start;
  machine_.reserve(jobs_[head], choice);
}

bool BackfillScheduler::pass_easy(SimTime now) {
  hole_stands_ = false;
  if (!aside_.empty()) put_aside_back(now);
  Slot head;
  Choice choice;
  if (!start_heads(now, head, choice)) return false;
  shadow_ = kNever;
  machine_.clear_reservation();
  const bool by_fit = fills_by_fit_ || head == kNoSlot || jobs_[head].promoted;
  fill_by_ = by_fit ? FillBy::kFit : FillBy::kFill;
  reservation_slips_ = !by_fit && options_.policy.reservation_depth > 0;
  if (head != kNoSlot && options_.policy.backfill_order) {
    if (options_.policy.reservation_depth > 0) {
      reserve_easy(now, head, choice);
      if (!plain_) {  // it may fit on slower nodes, but waits for those that it has reserved
        queue_.erase(head, now);
        aside_.push_back(head);
      }
    }
    if (!fill_beside_head(now, head)) return false;
  }
  hole_stands_ = true;
  return true;
}

// What was started by an estimate that may be too short holds its nodes by a longer one: so that it makes no difference
// when a pass ends and the next begins, the head's reservation is made anew after each start.
void BackfillScheduler::reserve_again(SimTime now, Slot head) {
  machine_.clear_reservation();
  reserve_easy(now, head, plain_ ? Choice{} : machine_.choose(jobs_[head], now));
}

// Starts jobs in backfill order beside the head while there is one that fits. look() makes the holes of the classes,
// settle(slot) takes what the job needs.
template <class Look, class Settle>
bool BackfillScheduler::fill(SimTime now, Slot head, Look&& look, Settle&& settle) {
  const auto hole_of = [this](std::size_t group) -> const Hole& { return machine_.group_hole(group, class_holes_); };
  while (true) {
    look();
    ++statistics_.candidate_searches;
    const Slot slot = queue_.candidate(hole_of, fill_by_, now);
    if (slot == kNoSlot) return true;
    if (!spend()) return false;
    settle(slot);
    propose(slot, now, true);
    if (reservation_slips_) reserve_again(now, head);
  }
}

bool BackfillScheduler::fill_classes_beside_head(SimTime now, Slot head) {
  return fill(
      now, head, [&] { machine_.holes(class_holes_, now); },
      [&](Slot slot) {
        const JobEntry& entry = jobs_[slot];
        const Choice choice = machine_.start_within(entry, entry.filling(fill_by_), class_holes_, now);
        take_choice(slot, choice);
        machine_.take_within(entry, entry.filling(fill_by_), choice, class_holes_, takes_of(slot));
      });
}

bool BackfillScheduler::fill_beside_head(SimTime now, Slot head) {
  if (!plain_) return fill_classes_beside_head(now, head);
  if (one_.free <= 0) return true;
  return fill(
      now, head, [&] { one_.hole(class_holes_.front(), now); },
      [&](Slot slot) {
        const JobEntry& entry = jobs_[slot];
        if (now + entry.filling(fill_by_) > shadow_) one_.extra -= entry.job.processors;
      });
}

// Starts from the head of the queue while jobs fit, and reservations for as many of those that do not as the depth
// says.
bool BackfillScheduler::reserve_planned(SimTime now) {
  const std::int32_t depth = options_.policy.backfill_order ? options_.policy.reservation_depth : 1;
  while (!queue_.empty() && (aside_.empty() || static_cast<std::int32_t>(aside_.size()) < depth)) {
    const Slot head = queue_.head(now);
    const JobEntry& entry = jobs_[head];
    const Choice choice = capped_ ? plan_.choose(entry) : plan_.best(entry, now);
    if (choice.start > now && depth == 0) return true;
    if (!spend()) return false;
    plan_.reserve(entry, choice, takes_of(head));
    if (choice.start == now) {
      take_choice(head, choice);
      propose(head, now, !aside_.empty());
    } else {
      if (aside_.empty()) shadow_ = choice.start;
      queue_.erase(head, now);
      aside_.push_back(head);
    }
  }
  return true;
}

bool BackfillScheduler::fill_planned(SimTime now) {
  return fill(
      now, kNoSlot, [&] { plan_.holes(class_holes_); },
      [&](Slot slot) {
        const Choice choice = machine_.start_within(jobs_[slot], jobs_[slot].fit, class_holes_, now);
        plan_.reserve(jobs_[slot], choice, takes_of(slot));
        take_choice(slot, choice);
      });
}

// What the first job that waits has reserved: the power manager wants to know.
void BackfillScheduler::tell_reservation() {
  if (aside_.empty() || shadow_ == kNever) return;
  for (const Take& take : takes_of(aside_.front())) {
    ClassState& c = machine_.classes()[static_cast<std::size_t>(take.in_class)];
    c.shadow = shadow_;
    c.extra = c.free_by(shadow_) + put_back_by(static_cast<std::size_t>(take.in_class), shadow_) - take.units;
  }
}

bool BackfillScheduler::pass_planned(SimTime now) {
  fill_by_ = FillBy::kFit;
  reservation_slips_ = false;
  if (!plan_valid_ || plan_time_ != now) {
    put_aside_back(now);
    machine_.clear_reservation();
    shadow_ = kNever;
    plan_.build(now, advance_, out_, plan_until(now));
    plan_valid_ = true;
    plan_time_ = now;
  }
  machine_.wait_across(true);
  const bool complete = reserve_planned(now) && (!options_.policy.backfill_order || fill_planned(now));
  machine_.wait_across(false);
  if (complete && power_) tell_reservation();
  return complete;
}

void BackfillScheduler::put_aside_back(SimTime now) {
  plan_valid_ = false;
  // The last first: so each goes to the front.
  for (; !aside_.empty(); aside_.pop_back()) queue_.put_back(aside_.back(), now);
}

// All reservations anew, in queue order: after an estimate proved too short or the machine changed.
void BackfillScheduler::rebuild_book(SimTime now) {
  plan_until_ = plan_until(now);
  plan_.build(now, advance_, out_, plan_until_);
  book_.clear();
  for (const Slot slot : queue_.in_order(now)) book_.place(slot, now);
  fresh_.clear();
  book_stale_ = false;
}

bool BackfillScheduler::pass_held(SimTime now) {
  // An overdue job has no end that a reservation could rely on, and a host that comes late has let one pass.
  const auto& classes = machine_.classes();
  const bool overdue =
      std::any_of(classes.begin(), classes.end(), [&](const ClassState& c) { return c.releases.front() <= now; });
  const bool short_sighted = capped_ && now + longest_hold() > plan_until_;
  if (book_stale_ || overdue || short_sighted || book_.next_start() < now) {
    rebuild_book(now);
    book_stale_ = overdue;
  } else {
    plan_.advance(now);
    if (!book_.compress(now, budget_)) return false;
    if (fresh_.size() > 1)
      std::sort(fresh_.begin(), fresh_.end(), [&](Slot a, Slot b) { return queue_.before(a, b, now); });
    for (const Slot slot : fresh_) book_.place(slot, now);
    fresh_.clear();
  }
  for (Slot slot = book_.due(now); slot != kNoSlot; slot = book_.due(now)) {
    if (!spend()) return false;
    take_choice(slot, book_.take(slot, takes_of(slot)));
    propose(slot, now, slot != queue_.head(now));
  }
  return true;
}

SimTime BackfillScheduler::next_own_wakeup(SimTime now) {
  SimTime next = deferred_.empty() ? kNever : std::max(deferred_until_, now) + Seconds{1};
  if (options_.policy.promotion_age) next = std::min(next, queue_.next_promotion());
  if (holds_all_) next = std::min(next, book_.next_start());
  if (capped_ && !queue_.empty()) next = std::min(next, out_.next_change(now));
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
  line_up(now);
  for (const Slot slot : fresh_)
    if (jobs_[slot].state == JobState::kFresh) queue_.insert(slot, now, began_);
  if (!holds_all_) fresh_.clear();
  if (power_) power_->tell(machine_.classes(), now);
  Plan plan(machine_);
  plan.build(now, advance_, out_, plan_until(now));
  Takes taken;
  SimTime earliest = now;
  for (const Slot slot : queue_.in_order(now)) {
    const JobEntry& entry = jobs_[slot];
    const Choice choice = plan.best(entry, earliest);
    if (slot == wanted) return choice.start;
    if (!options_.policy.backfill_order) earliest = choice.start;  // nobody passes it
    plan.reserve(entry, choice, taken);
  }
  return kNever;
}

std::vector<JobHandle> BackfillScheduler::queue(SimTime now) {
  put_aside_back(now);
  std::vector<JobHandle> jobs;
  for (const Slot slot : queue_.in_order(now)) jobs.push_back(jobs_.handle(slot));
  return jobs;
}

std::optional<JobHandle> BackfillScheduler::head(SimTime now) {
  put_aside_back(now);
  if (queue_.empty()) return std::nullopt;
  return jobs_.handle(queue_.head(now));
}

std::int64_t BackfillScheduler::free_processors() const {
  const bool whole = options_.cluster && options_.cluster->allocation == AllocationMode::kWholeNodes;
  std::int64_t free = 0;
  for (std::size_t c = 0; c < machine_.demands().node_classes(); ++c)
    free += machine_.classes()[c].free * (whole ? options_.cluster->node_types[c].processors : 1);
  return free;
}

}  // namespace wattfill
