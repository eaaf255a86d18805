#include "plugin/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "plugin/conversions.hpp"

namespace wattfill {
namespace {

using protocol::Event;

SchedulerOptions remembering(SchedulerOptions options, const std::shared_ptr<Memory>& memory) {
  if (options.order_estimates == options.fit_estimates) options.order_estimates = memory;
  if (options.fill_estimates == options.fit_estimates) options.fill_estimates = memory;
  options.fit_estimates = memory;
  return options;
}

// "Never" is 0 in messages.
std::int64_t seconds_or_0(SimTime time) { return time >= kNever ? 0 : seconds_since_epoch(time); }

}  // namespace

Planner::Planner(const plugin::Config& config, HostAbilities host, const plugin::State* state)
    : Planner(set_up(config, host), state) {}

Planner::Planner(Setup setup, const plugin::State* state)
    : options_(std::move(setup.scheduler)),
      warnings_(std::move(setup.warnings)),
      median_(std::move(setup.median)),
      memory_(std::make_shared<Memory>(options_.fit_estimates, setup.remembered_jobs)),
      scheduler_(remembering(options_, memory_)),
      now_(std::numeric_limits<std::int64_t>::min()) {
  if (options_.cluster && options_.cluster->allocation != AllocationMode::kCounts) {
    nodes_.emplace(*options_.cluster);
    down_.resize(static_cast<std::size_t>(nodes_->nodes()));
    asleep_.resize(down_.size());
    moving_.resize(down_.size());
  }
  if (state) restore(*state);
}

Planner::Known& Planner::known(JobId job) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) throw std::invalid_argument(fmt::format("job {}: not known", job));
  return at->second;
}

void Planner::check_time(std::int64_t now) const {
  if (now < now_) throw std::invalid_argument(fmt::format("time {}: it was {} before", now, now_));
  constexpr std::int64_t kLatest = std::int64_t{1} << 53;
  if (now > kLatest || now < -kLatest) throw std::invalid_argument(fmt::format("time {}: out of range", now));
}

void Planner::check_since(std::int64_t since, SimTime now) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 33;  // centuries
  if (since > seconds_since_epoch(now) || since < seconds_since_epoch(now) - kLongest)
    throw std::invalid_argument(fmt::format("since {}: not within the time before the event", since));
}

std::int64_t Planner::apply(const Event& event) {
  check_time(event.time_s());
  const SimTime now = time_of(event.time_s());
  std::int64_t result = 0;
  switch (event.what_case()) {
    case Event::kSubmit:
      submit(event.submit(), now);
      break;
    case Event::kModify:
      modify(event.modify(), now);
      break;
    case Event::kEnd: {
      const Known& entry = known(event.end());
      const bool booted = boots(entry);
      scheduler_.end(entry.handle, now);
      booting_ -= booted;
      forget(event.end());
      break;
    }
    case Event::kCancel:
      scheduler_.cancel(known(event.cancel()).handle, now);
      forget(event.cancel());
      break;
    case Event::kRequeue:
      requeue(event.requeue(), now);
      break;
    case Event::kOverrun:
      result = seconds_since_epoch(scheduler_.overrun(known(event.overrun()).handle, now));
      known(event.overrun()).overruns.push_back(event.time_s());
      break;
    case Event::kCapacity:
      scheduler_.capacity_changed(event.capacity(), now);
      capacity_ = event.capacity();
      break;
    case Event::kNode:
      node_changed(event.node(), now);
      break;
    case Event::kPower:
      power_changed(event.power(), now);
      break;
    case Event::kBegun:
      result = begun(event.begun(), now, now);
      break;
    case Event::kReservation:
      reserve(event.reservation(), now);
      break;
    case Event::kStarted:
      result = started(event.started(), now);
      break;
    case Event::kRefused:
      refused(event.refused(), now);
      break;
    case Event::WHAT_NOT_SET:
      throw std::invalid_argument("event: says nothing; it may be of a later version");
  }
  now_ = event.time_s();
  return result;
}

void Planner::submit(const protocol::Job& message, SimTime now) {
  if (jobs_.contains(message.id())) throw std::invalid_argument(fmt::format("job {}: known already", message.id()));
  Known entry;
  entry.job = job_of(message);
  entry.handle = scheduler_.submit(entry.job, now);
  entry.entered = now;
  entry.sequence = entered_++;
  entry.predicted = (median_ ? median_->at_submit(entry.job, now) : entry.job.requested).count();
  const std::uint32_t slot = entry.handle.slot;
  if (slot >= id_of_slot_.size()) id_of_slot_.resize(slot + 1);
  id_of_slot_[slot] = message.id();
  jobs_.emplace(message.id(), std::move(entry));
}

void Planner::modify(const protocol::Job& message, SimTime now) {
  Known& entry = known(message.id());
  const Job changed = job_of(message);
  scheduler_.modify(entry.handle, changed, now);
  const SimTime submit = entry.job.submit;
  const bool asked = changed.requested != entry.job.requested || changed.processors != entry.job.processors;
  entry.job = changed;
  entry.job.submit = submit;
  if (asked) entry.predicted = (median_ ? median_->at_submit(entry.job, now) : entry.job.requested).count();
}

std::int64_t Planner::started(const protocol::Started& message, SimTime now) {
  Known& entry = known(message.job());
  if (message.has_since_s()) check_since(message.since_s(), now);
  SimTime end;
  if (message.has_nodes()) {
    if (!nodes_) throw std::invalid_argument("started: nodes are named where only processors are counted");
    Allocation nodes = allocation_of(message.nodes(), *nodes_, *options_.cluster);
    end = scheduler_.started_on(entry.handle, nodes, now);
    entry.own = std::move(nodes);
    entry.allocation = nullptr;
  } else {
    end = scheduler_.started(entry.handle, now);
  }
  answered(entry);
  entry.started = now;
  booting_ += boots(entry);
  if (message.has_since_s() && message.since_s() < seconds_since_epoch(now))
    return begun(message.job(), time_of(message.since_s()), now);
  return seconds_since_epoch(end);
}

// `since`: not after now.
std::int64_t Planner::begun(JobId job, SimTime since, SimTime now) {
  Known& entry = known(job);
  const bool booted = boots(entry);
  const SimTime end = scheduler_.begun(entry.handle, since);
  booting_ -= booted;
  if (booted) entry.begun = since;
  if (since < now) {
    entry.started = since;
    memory_->began(job, since);
  }
  return seconds_since_epoch(end);
}

std::int64_t Planner::estimated_end(JobId job) {
  return seconds_since_epoch(scheduler_.estimated_end(known(job).handle));
}

void Planner::refused(const protocol::Refused& message, SimTime now) {
  Known& entry = known(message.job());
  scheduler_.refused(entry.handle, message.reason() == protocol::Refused::HELD ? Refusal::kHeld : Refusal::kNotNow,
                     now);
  answered(entry);
  entry.allocation = nullptr;
}

void Planner::requeue(JobId job, SimTime now) {
  Known& entry = known(job);
  const bool booted = boots(entry);
  scheduler_.requeue(entry.handle, now);
  booting_ -= booted;
  answered(entry);
  entry.started.reset();
  entry.begun.reset();
  entry.overruns.clear();
  entry.allocation = nullptr;
  entry.own = {};
}

void Planner::answered(Known& entry) {
  if (std::exchange(entry.proposed, false)) --unanswered_;
}

void Planner::forget(JobId job) {
  const auto at = jobs_.find(job);
  answered(at->second);
  jobs_.erase(at);
}

void Planner::reserve(const protocol::Reservation& r, SimTime now) {
  scheduler_.reservation_changed({r.id(), time_of(r.start_s()), time_of(r.end_s()), r.processors(), r.node_type()},
                                 now);
  std::erase_if(reservations_, [&](const protocol::Reservation& old) { return old.id() == r.id(); });
  if (r.processors() > 0) reservations_.push_back(r);
}

void Planner::node_changed(const protocol::NodeChange& change, SimTime now) {
  scheduler_.node_changed(change.node(), change.available(), now);
  down_[static_cast<std::size_t>(change.node())] = !change.available();
}

void Planner::power_changed(const protocol::PowerChange& change, SimTime now) {
  if (!nodes_) throw std::invalid_argument("power: only nodes with an identity sleep");
  const NodeRun run = checked_run(change.nodes(), nodes_->nodes());
  scheduler_.power_changed(run, change.awake(), now);
  note_power(run, change.awake(), false);
}

void Planner::note_power(NodeRun nodes, bool awake, bool under_way) {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    const auto node = static_cast<std::size_t>(n);
    asleep_[node] = !awake;
    under_way_ += static_cast<int>(under_way) - static_cast<int>(moving_[node]);
    moving_[node] = under_way;
  }
}

const protocol::Pass& Planner::schedule(std::int64_t now, std::int64_t budget) {
  check_time(now);
  if (budget < 0) throw std::invalid_argument(fmt::format("budget {}: 0 or more is right", budget));
  const Pass pass = scheduler_.schedule(time_of(now), budget == 0 ? Budget{} : Budget{budget});
  now_ = now;
  pass_.Clear();
  pass_.set_time_s(now);
  pass_.set_budget(budget);
  pass_.set_complete(pass.complete);
  pass_.set_next_wakeup_s(seconds_or_0(pass.next_wakeup));
  pass_.set_jobs_need_wakeup(pass.jobs_need_wakeup);
  if (median_) pass_.set_model_digest(median_->model_digest());
  for (const PowerAction& action : pass.power) {
    protocol::PowerAction& out = *pass_.add_power();
    write_run(action.nodes, *out.mutable_nodes());
    out.set_wake(action.wake);
    note_power(action.nodes, action.wake, true);
    out.set_sleep_state(action.sleep_state);
  }
  for (const Proposal& proposal : pass.proposals) write(proposal, *pass_.add_proposal());
  return pass_;
}

void Planner::write(const Proposal& in, protocol::Proposal& out) {
  const JobId id = id_of_slot_[in.job.slot];
  Known& entry = known(id);
  entry.proposed = true;
  entry.allocation = in.allocation;
  ++unanswered_;
  out.set_job(id);
  if (in.allocation) write_allocation(*in.allocation, *out.mutable_nodes());
  out.set_estimated_end_s(seconds_since_epoch(in.estimated_end));
  out.set_backfilled(in.backfilled);
  out.set_boot_s(in.boot.count());
  out.set_node_type(in.node_type);
  out.set_predicted_s(entry.predicted);
  out.set_speed_millionths(in.speed.millionths);
}

std::optional<std::int64_t> Planner::expected_start(JobId job, std::int64_t now) {
  check_time(now);
  const SimTime start = scheduler_.expected_start(known(job).handle, time_of(now));
  now_ = now;
  if (start >= kNever) return std::nullopt;
  return seconds_since_epoch(start);
}

std::vector<JobId> Planner::queue() {
  std::vector<JobId> ids;
  for (const JobHandle job : scheduler_.queue(time_of(now_))) ids.push_back(id_of_slot_[job.slot]);
  return ids;
}

std::optional<JobId> Planner::head() {
  const auto head = scheduler_.head(time_of(now_));
  if (!head) return std::nullopt;
  return id_of_slot_[head->slot];
}

const Job& Planner::job(JobId id) { return known(id).job; }

std::int64_t Planner::predicted(JobId job) const {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) throw std::invalid_argument(fmt::format("job {}: not known", job));
  return at->second.predicted;
}

}  // namespace wattfill
