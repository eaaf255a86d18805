#include "trace-replay/energy/job_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trace-replay/energy/parts.hpp"

namespace wattfill {

JobAccounts::Slot JobAccounts::open(const MeteredJob& job, SimTime now) {
  if (job.job >= slot_of_.size())
    slot_of_.resize(std::max<std::size_t>(job.job + std::size_t{1}, slot_of_.size() * 2), kNone);
  Slot& slot = slot_of_[job.job];
  if (slot != kNone) throw std::logic_error(fmt::format("metering: job {} starts, but it runs already", job.job));
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(running_.size()));
    running_.emplace_back();
  }
  slot = free_.back();
  free_.pop_back();
  Running& running = running_[slot];
  running.job = job.job;
  running.processors = job.processors;
  running.user = job.user;
  running.queue = job.queue;
  running.work_processor_s = job.work_processor_s;
  running.start = running.since = now;
  running.power = running.energy = 0;
  return slot;
}

JobAccounts::Slot JobAccounts::find(std::uint32_t job) const {
  if (job >= slot_of_.size() || slot_of_[job] == kNone)
    throw std::logic_error(fmt::format("metering: job {} does not run", job));
  return slot_of_[job];
}

void JobAccounts::settle(Running& job, SimTime now) {
  job.energy = checked_add(job.energy, checked_multiply(job.power, (now - job.since).count()));
  job.since = now;
}

void JobAccounts::close(Slot slot, SimTime now, bool completed) {
  Running& job = running_[slot];
  settle(job, now);
  Millijoules energy{job.energy};
  if (scale_ != 1) {
    const std::int64_t sum = checked_add(remainder_, job.energy);
    energy = {sum / scale_};
    remainder_ = sum % scale_;
  }
  if (per_job_) {
    if (job.job >= by_job_.size()) by_job_.resize(slot_of_.size());
    by_job_[job.job] += energy;
  }
  for (Account* account : {&by_user_[job.user], &by_queue_[job.queue]}) {
    ++account->jobs;
    account->energy += energy;
  }
  ++jobs_;
  if (completed) completed_work_ = checked_add(completed_work_, job.work_processor_s);
  slot_of_[job.job] = kNone;
  free_.push_back(slot);
}

void JobAccounts::fill(EnergyReport& report, SimTime now) {
  for (const Slot slot : slot_of_)
    if (slot != kNone) close(slot, now, false);
  report.by_job = std::move(by_job_);
  report.by_user = sorted(by_user_);
  report.by_queue = sorted(by_queue_);
  report.jobs = jobs_;
  report.completed_work_processor_s = completed_work_;
}

std::vector<AccountEnergy> JobAccounts::sorted(const Accounts& accounts) {
  std::vector<AccountEnergy> all;
  for (const auto& [id, account] : accounts) all.push_back({id, account.jobs, account.energy});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

}  // namespace wattfill
