// Events and answers; the pass itself is in pass.cpp.
#include "backfill/policy/backfill_scheduler.hpp"

#include <algorithm>
#include <stdexcept>

namespace wattfill {
namespace {

bool is_running(JobState state) { return state == JobState::kRunning || state == JobState::kProposed; }

inline void require(bool condition, const char* message) {
  if (!condition) [[unlikely]]
    throw std::invalid_argument(message);
}

}  // namespace

BackfillScheduler::BackfillScheduler(SchedulerOptions options)
    : options_(std::move(options)),
      fit_(*options_.fit_estimates),
      order_(*options_.order_estimates),
      one_source_(options_.fit_estimates == options_.order_estimates),
      holds_all_(options_.policy.reservation_depth == kReserveAll && options_.policy.backfill_order.has_value()),
      wakes_itself_(holds_all_ || options_.policy.promotion_age.has_value()),
      queue_(jobs_, options_.policy),
      book_(jobs_, queue_),
      free_(options_.processors) {
  require(options_.processors > 0, "scheduler: the machine needs at least one processor");
}

template <class Tell>
void BackfillScheduler::tell_sources(Tell&& tell) {
  tell(fit_);
  if (!one_source_) tell(order_);
}

// Anything but a submission or the passing of time ends what is known of holes and half-finished plans.
void BackfillScheduler::changed() {
  plan_valid_ = false;
  hole_stands_ = false;
}

void BackfillScheduler::set_estimates(JobEntry& entry, SimTime now) {
  const auto bounded = [&](Seconds s) { return std::clamp(s, Seconds{1}, std::max(Seconds{1}, entry.job.requested)); };
  entry.fit = entry.initial_fit = bounded(fit_.at_submit(entry.job, now));
  entry.order = one_source_ ? entry.fit : bounded(order_.at_submit(entry.job, now));
}

JobHandle BackfillScheduler::submit(const Job& job, SimTime now) {
  require(job.processors > 0 && job.requested > Seconds{0}, "scheduler: a job needs processors and a requested time");
  if (began_ == kNever) began_ = job.submit;
  plan_valid_ = false;
  const Slot slot = jobs_.add(job);
  set_estimates(jobs_[slot], now);
  fresh_.push_back(slot);
  ++waiting_;
  return jobs_.handle(slot);
}

// Takes a waiting job out of wherever it waits.
void BackfillScheduler::leave_waiting(Slot slot, SimTime now) {
  put_aside_back(now);
  switch (jobs_[slot].state) {
    case JobState::kFresh:
      std::erase(fresh_, slot);
      break;
    case JobState::kQueued:
      queue_.erase(slot, now);
      if (holds_all_ && std::erase(fresh_, slot) == 0 && !book_stale_) book_.withdraw(slot, now);
      break;
    case JobState::kDeferred:
      std::erase_if(deferred_, [&](const Deferred& d) { return d.job == jobs_.handle(slot); });
      break;
    default:
      break;
  }
  --waiting_;
}

void BackfillScheduler::modify(JobHandle handle, const Job& changed_job, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(changed_job.processors > 0 && changed_job.requested > Seconds{0},
          "scheduler: a job needs processors and a requested time");
  require(!is_running(jobs_[slot].state), "scheduler: only a waiting job can be modified");
  leave_waiting(slot, now);
  changed();
  JobEntry& entry = jobs_[slot];
  const bool ask_again = entry.job.requested != changed_job.requested || entry.job.processors != changed_job.processors;
  const SimTime submit = entry.job.submit;
  entry.job = changed_job;
  entry.job.submit = submit;
  if (ask_again) set_estimates(entry, now);
  entry.state = JobState::kFresh;
  fresh_.push_back(slot);
  ++waiting_;
}

void BackfillScheduler::occupy(Slot slot, SimTime now) {
  JobEntry& entry = jobs_[slot];
  entry.start = now;
  entry.estimated_end = now + entry.fit;
  free_ -= entry.job.processors;
  releases_.add(entry.estimated_end, entry.job.processors);
  ++running_;
}

void BackfillScheduler::vacate(Slot slot, SimTime now) {
  const JobEntry& entry = jobs_[slot];
  if (entry.estimated_end > expired_until_) {
    releases_.remove(entry.estimated_end, entry.job.processors);
    free_ += entry.job.processors;
  }
  if (holds_all_ && !book_stale_) book_.released(now, entry.estimated_end, entry.job.processors);
  --running_;
}

void BackfillScheduler::end(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(is_running(jobs_[slot].state), "scheduler: end of a job that does not run");
  changed();
  vacate(slot, now);
  const JobEntry& entry = jobs_[slot];
  tell_sources([&](EstimateSource& s) { s.ended(entry.job, now, now - entry.start); });
  jobs_.remove(slot);
}

void BackfillScheduler::cancel(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(!is_running(jobs_[slot].state), "scheduler: cancel of a job that runs; report its end instead");
  changed();
  leave_waiting(slot, now);
  tell_sources([&](EstimateSource& s) { s.cancelled(jobs_[slot].job, now); });
  jobs_.remove(slot);
}

void BackfillScheduler::requeue(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(is_running(jobs_[slot].state), "scheduler: requeue of a job that does not run");
  changed();
  vacate(slot, now);
  JobEntry& entry = jobs_[slot];
  entry.fit = entry.initial_fit;
  entry.overruns = 0;
  entry.promoted = false;
  entry.state = JobState::kFresh;
  fresh_.push_back(slot);
  ++waiting_;
}

SimTime BackfillScheduler::overrun(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  JobEntry& entry = jobs_[slot];
  require(is_running(entry.state), "scheduler: overrun of a job that does not run");
  changed();
  const bool counted_free = entry.estimated_end <= expired_until_;
  if (!counted_free) releases_.remove(entry.estimated_end, entry.job.processors);
  entry.fit = fit_.after_overrun(entry.job, entry.initial_fit, ++entry.overruns);
  entry.estimated_end = std::max(entry.start + entry.fit, now + Seconds{1});
  releases_.add(entry.estimated_end, entry.job.processors);
  if (counted_free) free_ -= entry.job.processors;
  book_stale_ = true;  // reservations made with the shorter estimate may not hold any more
  return entry.estimated_end;
}

void BackfillScheduler::capacity_changed(std::int32_t processors, SimTime /*now*/) {
  require(processors >= 0, "scheduler: negative capacity");
  changed();
  free_ += processors - options_.processors;
  options_.processors = processors;
  book_stale_ = true;
}

void BackfillScheduler::reservation_changed(const AdvanceReservation& reservation, SimTime /*now*/) {
  require(reservation.processors >= 0 && reservation.start <= reservation.end,
          "scheduler: a reservation needs processors and a start before its end");
  changed();
  std::erase_if(advance_, [&](const AdvanceReservation& r) { return r.id == reservation.id; });
  if (reservation.processors > 0) advance_.push_back(reservation);
  book_stale_ = true;
}

void BackfillScheduler::started(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(jobs_[slot].state != JobState::kRunning, "scheduler: start of a job that runs already");
  if (jobs_[slot].state != JobState::kProposed) {  // of the host's own accord
    changed();
    leave_waiting(slot, now);
    occupy(slot, now);
    book_stale_ = true;
  }
  JobEntry& entry = jobs_[slot];
  entry.state = JobState::kRunning;
  ++statistics_.started;
  tell_sources([&](EstimateSource& s) { s.started(entry.job, now); });
}

void BackfillScheduler::refused(JobHandle handle, Refusal reason, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  JobEntry& entry = jobs_[slot];
  require(entry.state == JobState::kProposed, "scheduler: refusal of a job that was not proposed");
  changed();
  vacate(slot, now);
  ++waiting_;
  ++statistics_.refused;
  if (reason == Refusal::kHeld) {
    entry.state = JobState::kHeld;
    return;
  }
  entry.state = JobState::kDeferred;
  deferred_.push_back({handle, now});
}

SchedulerStatistics BackfillScheduler::statistics() const {
  SchedulerStatistics all = statistics_;
  all.reservations_moved = book_.moved();
  return all;
}

}  // namespace wattfill
