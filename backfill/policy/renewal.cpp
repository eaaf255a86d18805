// Estimates that are renewed while jobs wait: what an ended job tells about those that were submitted beside it.
#include <algorithm>

#include "backfill/policy/backfill_scheduler.hpp"

namespace wattfill {

// Of its user's waiting jobs those that were submitted nearest to it, before and after.
void BackfillScheduler::renew_estimates(const Job& ended, SimTime now) {
  const auto next = of_user_.lower_bound({ended.user, ended.submit, ended.id, 0});
  auto it = next;
  for (std::int32_t i = 0; i < options_.policy.renewals && it != of_user_.end() && it->user == ended.user; ++i, ++it)
    renew_estimates(it->slot, now);
  it = next;
  for (std::int32_t i = 0; i < options_.policy.renewals && it != of_user_.begin(); ++i) {
    if ((--it)->user != ended.user) break;
    renew_estimates(it->slot, now);
  }
}

void BackfillScheduler::renew_estimates(Slot slot, SimTime now) {
  const JobEntry& entry = jobs_[slot];
  WaitEstimates estimates{entry.order, entry.fill};
  if (const auto order = order_.while_waiting(entry.job, now)) estimates.order = *order;
  if (!fills_by_fit_)
    if (const auto fill = fill_.while_waiting(entry.job, now)) estimates.fill = *fill;
  estimate_anew(slot, estimates, now);
}

// Of a job that waits. What fills is never longer than what is reserved.
void BackfillScheduler::estimate_anew(Slot slot, WaitEstimates estimates, SimTime now) {
  JobEntry& entry = jobs_[slot];
  estimates.order = std::max(Seconds{1}, estimates.order);
  estimates.fill = std::clamp(estimates.fill, Seconds{1}, entry.fit);
  if (estimates == WaitEstimates{entry.order, entry.fill}) return;
  put_aside_back(now);
  if (entry.state != JobState::kQueued) {
    entry.order = estimates.order;
    entry.fill = estimates.fill;
    return;
  }
  queue_.estimate_anew(slot, estimates.order, estimates.fill, now, began_);
  book_.order_changed();
}

BackfillScheduler::WaitEstimates BackfillScheduler::wait_estimates(JobHandle job) const {
  const JobEntry& entry = jobs_[jobs_.slot(job)];
  return {entry.order, entry.fill};
}

void BackfillScheduler::set_wait_estimates(JobHandle job, const WaitEstimates& estimates, SimTime now) {
  changed();
  estimate_anew(jobs_.slot(job), estimates, now);
}

}  // namespace wattfill
