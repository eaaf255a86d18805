// Events and answers; the pass itself is in pass.cpp, what a power cap asks for in cap.cpp.
#include "backfill/policy/backfill_scheduler.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <typeinfo>
#include <utility>

#include "backfill/policy/require.hpp"
#include "backfill/power/power_cap.hpp"

namespace wattfill {
namespace {

bool is_running(JobState state) { return state == JobState::kRunning || state == JobState::kProposed; }

bool sleeps(const SchedulerOptions& options) {
  return options.cluster && nodes_sleep(options.policy, *options.cluster);
}

OutOfWork out_of_work(const SchedulerOptions& options) {
  if (options.out_of_work.empty()) return {};
  require(options.cluster != nullptr, "scheduler: only nodes can be kept out of work");
  return {*options.cluster, options.out_of_work, sleeps(options)};
}

Demands demands_of(const SchedulerOptions& options) {
  require(options.cluster || options.processors > 0, "scheduler: the machine needs at least one processor");
  if (!options.cluster) return Demands(options.processors);
  return {at_work(*options.cluster, options.out_of_work), options.limit};
}

TypePreference type_preference(const SchedulerOptions& options) {
  const PolicySpec& policy = options.policy;
  TypePreference preference;
  preference.by_energy = std::ranges::any_of(policy.placement.terms, [](const PlacementSpec::Term& t) {
    return t.strategy == PlacementStrategy::kMostEfficient;
  });
  preference.slowdown = policy.energy_slowdown;
  preference.nodes_sleep = sleeps(options);
  return preference;
}

bool is_requested_time(const EstimateSource& source) { return typeid(source) == typeid(RequestedTime); }

bool has_identity(const SchedulerOptions& options) {
  return options.cluster && options.cluster->allocation != AllocationMode::kCounts;
}

}  // namespace

BackfillScheduler::BackfillScheduler(SchedulerOptions options)
    : options_(std::move(options)),
      fit_(*options_.fit_estimates),
      order_(*options_.order_estimates),
      fill_(options_.fill_estimates ? *options_.fill_estimates : fit_),
      one_source_(options_.fit_estimates == options_.order_estimates),
      fills_by_fit_(&fill_ == &fit_),
      fills_by_order_(&fill_ == &order_),
      only_requests_(is_requested_time(fit_) && is_requested_time(order_) && is_requested_time(fill_)),
      renews_(options_.policy.renewals > 0 && !only_requests_),
      holds_all_(options_.policy.reservation_depth == kReserveAll && options_.policy.backfill_order.has_value()),
      out_(out_of_work(options_)),
      capped_(out_.changes()),
      wakes_itself_(holds_all_ || options_.policy.promotion_age.has_value() || capped_),
      time_counts_(options_.free_rule == FreeRule::kEstimated || options_.policy.promotion_age.has_value()),
      queue_(jobs_, options_.policy),
      machine_(demands_of(options_), type_preference(options_)),
      plain_(machine_.plain()),
      one_(machine_.classes().front()),
      capacity_(static_cast<std::int32_t>(machine_.demands().of_class(0).units)),
      class_holes_(machine_.classes().size()),
      plan_(machine_),
      book_(jobs_, queue_, machine_, plan_) {
  if (has_identity(options_))
    pool_ = std::make_unique<NodePool>(*options_.cluster, options_.policy.placement, options_.network.get());
  if (sleeps(options_)) {
    require(options_.policy.reservation_depth <= 1, "scheduler: nodes sleep only with a reservation depth of 0 or 1");
    power_ = std::make_unique<PowerControl>(*options_.cluster, options_.policy.power, *pool_);
  }
  if (out_.types() > 0) keep_out_of_work();
  require(options_.free_rule == FreeRule::kEnded || (plain_ && !pool_),
          "scheduler: estimated ends free processors only where processors are counted");
}

// Anything but a submission or the passing of time ends what is known of holes and half-finished plans.
void BackfillScheduler::changed() {
  plan_valid_ = false;
  hole_stands_ = false;
}

inline void BackfillScheduler::set_estimates(JobEntry& entry, SimTime now) {
  if (only_requests_) {
    entry.fit = entry.initial_fit = entry.order = entry.fill = entry.job.requested;
    return;
  }
  const Seconds fit = fit_.at_submit(entry.job, now);
  entry.fit = entry.initial_fit = std::clamp(fit, Seconds{1}, std::max(Seconds{1}, entry.job.requested));
  entry.order = one_source_ ? entry.fit : std::max(Seconds{1}, order_.at_submit(entry.job, now));
  const Seconds fill = fills_by_fit_ ? entry.fit : fills_by_order_ ? entry.order : fill_.at_submit(entry.job, now);
  entry.fill = std::clamp(fill, Seconds{1}, entry.fit);
}

// A job waits to be looked at; one that can never run here is held until that changes.
inline void BackfillScheduler::enter(Slot slot) {
  JobEntry& entry = jobs_[slot];
  count_waiting(slot);
  if (!plain_) {
    if (capped_) longest_ = std::max(longest_, entry.fit);
    entry.group = machine_.demands().group_of(entry.job, entry.fit);
    if (machine_.group_of(entry).options.empty()) {
      entry.state = JobState::kHeld;
      return;
    }
  }
  entry.state = JobState::kFresh;
  fresh_.push_back(slot);
}

JobHandle BackfillScheduler::submit(const Job& job, SimTime now) {
  require(job.processors > 0 && job.requested > Seconds{0}, "scheduler: a job needs processors and a requested time");
  if (began_ == kNever) began_ = job.submit;
  if (power_) power_->begin(now);
  plan_valid_ = false;
  const Slot slot = jobs_.add(job);
  set_estimates(jobs_[slot], now);
  enter(slot);
  if (options_.policy.shift.by != ShiftSpec::By::kNothing) shift(slot, now);
  return jobs_.handle(slot);
}

// A fresh job is considered again after that time.
void BackfillScheduler::defer(Slot slot, SimTime until) {
  jobs_[slot].state = JobState::kDeferred;
  deferred_.push_back({jobs_.handle(slot), until});
  deferred_until_ = std::min(deferred_until_, until);
}

// A job that can wait does so until power is cheap or clean.
void BackfillScheduler::shift(Slot slot, SimTime now) {
  const JobEntry& entry = jobs_[slot];
  const ShiftSpec& spec = options_.policy.shift;
  if (entry.state != JobState::kFresh || !options_.cluster || !can_wait(spec, entry.job)) return;
  const Facility& facility = options_.cluster->facility;
  const StepSeries& series = spec.by == ShiftSpec::By::kTariff ? facility.tariff : facility.carbon;
  const SimTime start = best_start(series, now, entry.fit, spec.most);
  if (start <= now) return;
  fresh_.pop_back();
  defer(slot, start - Seconds{1});
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
  queue_.depart(slot, now);
  count_no_longer_waiting(slot);
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
  enter(slot);
}

Takes& BackfillScheduler::takes_of(Slot slot) {
  if (slot >= takes_.size()) takes_.resize(slot + 1);
  return takes_[slot];
}

Allocation& BackfillScheduler::allocation_of(Slot slot) {
  while (slot >= allocations_.size()) allocations_.emplace_back();
  return allocations_[slot];
}

// Calls visit(class, units) for each class of which the job takes something.
template <class Visit>
void BackfillScheduler::for_each_take(Slot slot, Visit&& visit) {
  if (plain_) {
    visit(std::size_t{0}, jobs_[slot].job.processors);
    return;
  }
  for (const Take& take : takes_[slot]) visit(static_cast<std::size_t>(take.in_class), take.units);
}

// Takes what the job's takes say; its speed must be set.
void BackfillScheduler::occupy(Slot slot, SimTime begin) {
  JobEntry& entry = jobs_[slot];
  entry.start = begin;
  entry.estimated_end = begin + entry.speed.duration(entry.fit);
  for_each_take(slot, [&](std::size_t in_class, std::int32_t units) {
    ClassState& c = machine_.classes()[in_class];
    c.free -= units;
    c.releases.add(entry.estimated_end, units);
  });
  ++running_;
}

// The same for a job that has its nodes; it begins when they are awake. Returns how long that takes.
Seconds BackfillScheduler::hold_and_wake(Slot slot, SimTime now) {
  const Seconds boot = power_->hold(allocations_[slot], now);
  jobs_[slot].boots = boot > Seconds{0};
  occupy(slot, now + boot);
  return boot;
}

void BackfillScheduler::vacate(Slot slot, SimTime now) {
  const JobEntry& entry = jobs_[slot];
  if (entry.estimated_end > expired_until_) {
    for_each_take(slot, [&](std::size_t in_class, std::int32_t units) {
      ClassState& c = machine_.classes()[in_class];
      c.releases.remove(entry.estimated_end, units);
      c.free += units;
    });
  }
  if (pool_) {
    const Allocation nodes = std::exchange(allocations_[slot], {});  // a slot does not keep the room of its widest job
    pool_->release(nodes);
    if (power_) power_->gave_back(nodes, now);
  }
  if (holds_all_ && !book_stale_)
    for_each_take(slot, [&](std::size_t c, std::int32_t units) { book_.released(c, now, entry.estimated_end, units); });
  --running_;
}

// Nodes for what the job takes of each class. The counts say that there are enough.
void BackfillScheduler::bind(Slot slot) {
  const JobEntry& entry = jobs_[slot];
  Allocation& allocation = allocation_of(slot);
  const auto allocate = [&](std::int32_t node_type, std::int32_t per_node, std::int32_t processors, Allocation& out) {
    const NodePool::Share share{node_type, per_node};
    if (!pool_->allocate({processors, {&share, 1}}, out))
      throw std::logic_error("scheduler: the free nodes do not agree with their count");
  };
  if (plain_) {
    allocate(0, options_.cluster->node_types.front().processors, entry.job.processors, allocation);
    return;
  }
  Takes& takes = takes_[slot];
  std::sort(takes.begin(), takes.end(), [](const Take& a, const Take& b) { return a.in_class < b.in_class; });
  allocation.nodes.clear();
  allocation.cores.clear();
  const bool whole = options_.cluster->allocation == AllocationMode::kWholeNodes;
  for (const Take& take : takes) {
    if (static_cast<std::size_t>(take.in_class) >= machine_.demands().node_classes()) break;  // licences
    const std::int32_t processors = options_.cluster->node_types[static_cast<std::size_t>(take.in_class)].processors;
    Allocation& part = &take == &takes.front() ? allocation : bound_;
    allocate(take.in_class, processors, whole ? take.units * processors : take.units, part);
    if (&part == &allocation) continue;
    allocation.nodes.insert(allocation.nodes.end(), part.nodes.begin(), part.nodes.end());
    allocation.cores.insert(allocation.cores.end(), part.cores.begin(), part.cores.end());
  }
}

// What the host's own choice of nodes takes, and its speed. Throws where the job cannot be there.
BackfillScheduler::HostChoice BackfillScheduler::host_choice(const JobEntry& entry, const Allocation& nodes) const {
  const bool whole = options_.cluster->allocation == AllocationMode::kWholeNodes;
  HostChoice choice{{}, {std::numeric_limits<std::int64_t>::max()}};
  std::vector<std::int32_t> units(options_.cluster->node_types.size());
  for (std::size_t i = 0; i < nodes.nodes.size(); ++i) {
    const auto type = static_cast<std::size_t>(pool_->type_of(nodes.nodes[i]));
    const std::int32_t all = options_.cluster->node_types[type].processors;
    units[type] += whole ? 1 : nodes.cores.empty() ? all : nodes.cores[i].size();
    choice.speed = std::min(choice.speed, options_.cluster->node_types[type].speed);
  }
  require(!nodes.nodes.empty() && (!plain_ || units.front() == entry.job.processors),
          "scheduler: the host starts a job on more or fewer cores than it has processors");
  for (std::size_t c = 0; c < units.size(); ++c)
    if (units[c] > 0) choice.takes.push_back({static_cast<std::int32_t>(c), units[c]});
  const auto& licences = machine_.group_of(entry).licences;
  choice.takes.insert(choice.takes.end(), licences.begin(), licences.end());
  return choice;
}

// Whether a job can be on these nodes, those that were proposed for it counting as free.
bool BackfillScheduler::is_free_for(Slot slot, const Allocation& nodes) {
  if (jobs_[slot].state != JobState::kProposed) return pool_->is_free(nodes);
  pool_->release(allocations_[slot]);
  const bool free = pool_->is_free(nodes);
  pool_->take(allocations_[slot]);
  return free;
}

void BackfillScheduler::end(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(is_running(jobs_[slot].state), "scheduler: end of a job that does not run");
  changed();
  vacate(slot, now);
  const JobEntry& entry = jobs_[slot];
  if (entry.boots) {  // it never ran
    tell_sources([&](EstimateSource& s) { s.cancelled(entry.job, now); });
  } else {
    const Seconds runtime = entry.speed.reference(now - entry.start);
    tell_sources([&](EstimateSource& s) { s.ended(entry.job, now, runtime); });
  }
  if (renews_) renew_estimates(entry.job, now);
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
  queue_.served(slot);
  enter(slot);
}

// A running job's estimated end is another one than before: reservations made with that may not hold any more.
void BackfillScheduler::expect_end(Slot slot, SimTime before) {
  const bool counted_free = before <= expired_until_;
  for_each_take(slot, [&](std::size_t in_class, std::int32_t units) {
    ClassState& c = machine_.classes()[in_class];
    if (counted_free)
      c.free -= units;
    else
      c.releases.remove(before, units);
    c.releases.add(jobs_[slot].estimated_end, units);
  });
  book_stale_ = true;
}

SimTime BackfillScheduler::overrun(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  JobEntry& entry = jobs_[slot];
  require(is_running(entry.state), "scheduler: overrun of a job that does not run");
  changed();
  const SimTime before = entry.estimated_end;
  entry.fit = fit_.after_overrun(entry.job, entry.initial_fit, ++entry.overruns);
  entry.estimated_end = entry.start + entry.speed.duration(entry.fit);
  // A host that lets a job run beyond its request: it is believed to go on for a sixteenth of the time it has had.
  if (entry.estimated_end <= now) entry.estimated_end = now + std::max(Seconds{1}, (now - entry.start) / 16);
  expect_end(slot, before);
  return entry.estimated_end;
}

void BackfillScheduler::capacity_changed(std::int32_t processors, SimTime /*now*/) {
  require(processors >= 0, "scheduler: negative capacity");
  require(plain_ && !pool_, "scheduler: the capacity of a machine with nodes changes node by node");
  changed();
  one_.free += processors - capacity_;
  capacity_ = processors;
  book_stale_ = true;
}

void BackfillScheduler::power_changed(NodeRun nodes, bool awake, SimTime now) {
  require(power_ && nodes.first >= 0 && nodes.end() <= pool_->nodes(), "scheduler: no such nodes that could sleep");
  require(awake || power_->can_sleep(nodes), "scheduler: nodes that have no sleep state sleep");
  changed();
  power_->changed(nodes, awake, now);
}

SimTime BackfillScheduler::begun(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  JobEntry& entry = jobs_[slot];
  require(entry.state == JobState::kRunning, "scheduler: a job begins that was not started");
  entry.boots = false;
  if (entry.start == now) return entry.estimated_end;
  changed();
  const SimTime before = entry.estimated_end;
  entry.start = now;
  entry.estimated_end = now + entry.speed.duration(entry.fit);
  expect_end(slot, before);
  return entry.estimated_end;
}

void BackfillScheduler::reservation_changed(const AdvanceReservation& reservation, SimTime /*now*/) {
  require(reservation.processors >= 0 && reservation.start <= reservation.end,
          "scheduler: a reservation needs processors and a start before its end");
  changed();
  std::erase_if(advance_, [&](const AdvanceReservation& r) { return r.id == reservation.id; });
  if (reservation.processors > 0) advance_.push_back(reservation);
  book_stale_ = true;
}

SimTime BackfillScheduler::answer_start(Slot slot, SimTime now) {
  JobEntry& entry = jobs_[slot];
  entry.state = JobState::kRunning;
  ++statistics_.started;
  tell_sources([&](EstimateSource& s) { s.started(entry.job, now); });
  return entry.estimated_end;
}

SimTime BackfillScheduler::started(JobHandle handle, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(jobs_[slot].state != JobState::kRunning, "scheduler: start of a job that runs already");
  if (jobs_[slot].state != JobState::kProposed) {  // of the host's own accord
    require(plain_ && !pool_, "scheduler: the host starts a job and does not say on which nodes");
    changed();
    leave_waiting(slot, now);
    occupy(slot, now);
    book_stale_ = true;
  }
  return answer_start(slot, now);
}

SimTime BackfillScheduler::started_on(JobHandle handle, const Allocation& nodes, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  require(jobs_[slot].state != JobState::kRunning, "scheduler: start of a job that runs already");
  require(pool_ != nullptr, "scheduler: nodes are named where only processors are counted");
  const bool proposed = jobs_[slot].state == JobState::kProposed;
  if (proposed && allocations_[slot] == nodes) return answer_start(slot, now);
  const HostChoice choice = host_choice(jobs_[slot], nodes);
  require(is_free_for(slot, nodes), "scheduler: the host starts a job on nodes that are not free");
  changed();
  if (proposed)
    vacate(slot, now);
  else
    leave_waiting(slot, now);
  pool_->take(nodes);
  allocation_of(slot) = nodes;
  takes_of(slot) = choice.takes;
  jobs_[slot].speed = choice.speed;
  hold(slot, now);
  book_stale_ = true;
  return answer_start(slot, now);
}

void BackfillScheduler::refused(JobHandle handle, Refusal reason, SimTime now) {
  const Slot slot = jobs_.slot(handle);
  JobEntry& entry = jobs_[slot];
  require(entry.state == JobState::kProposed, "scheduler: refusal of a job that was not proposed");
  changed();
  vacate(slot, now);
  count_waiting(slot);
  ++statistics_.refused;
  if (reason == Refusal::kHeld) {
    entry.state = JobState::kHeld;
    return;
  }
  defer(slot, now);
}

SchedulerStatistics BackfillScheduler::statistics() const {
  SchedulerStatistics all = statistics_;
  all.reservations_moved = book_.moved();
  return all;
}

}  // namespace wattfill
