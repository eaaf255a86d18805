#include "trace-replay/engine/replay.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <unordered_map>

#include "trace-replay/engine/arrivals.hpp"
#include "trace-replay/engine/event_heap.hpp"
#include "trace-replay/engine/node_states.hpp"
#include "trace-replay/huge_pages.hpp"

namespace wattfill {
namespace {

class Engine {
 public:
  Engine(const Workload& workload, Scheduler& scheduler, const ReplayOptions& options)
      : workload_(workload), scheduler_(scheduler), options_(options), jobs_(workload.jobs.size()) {
    result_.outcomes.reserve(jobs_);
    prefer_huge_pages(result_.outcomes);
    handles_.resize(jobs_);
    if (options.arrivals != Arrivals::kRecorded) {
      follow_ups_ = std::make_unique<FollowUps>(follow_ups(workload, options.arrivals));
      for (const TraceJob& job : workload.jobs) result_.outcomes.push_back({.submit = job.job.submit});
    }
    for (std::size_t i = 0; i < workload.cancel_at.size(); ++i)
      if (workload.cancel_at[i] != kNever) cancellations_.push(event(workload.cancel_at[i], i));
    if (options.cluster) nodes_ = std::make_unique<NodeStates>(*options.cluster, options);
  }

  ReplayResult run() {
    skip_followers();
    look_ahead();
    while (true) {
      SimTime now = std::min(arrival_, ends_.next());
      // In most replays nothing but submissions and terminations ever happens.
      const bool timers = !released_.empty() || !overruns_.empty() || !cancellations_.empty() || wakeup_ != kNever;
      if (timers) now = std::min({now, released_.next(), overruns_.next(), cancellations_.next(), wakeup_});
      if (nodes_) now = std::min(now, nodes_->next());
      if (now >= kNever || (nodes_ && now > options_.until && !jobs_go_on())) break;
      if (options_.pass == PassRule::kEachInstant)
        instant(now, timers);
      else
        events_of(now);
    }
    result_.scheduler = scheduler_.statistics();
    if (nodes_) result_.boot_failures = nodes_->boot_failures();
    return std::move(result_);
  }

 private:
  // Nodes may sleep and wake for ever.
  bool jobs_go_on() const {
    return arrival_ != kNever || !ends_.empty() || !released_.empty() || !cancellations_.empty() || !booting_.empty() ||
           (waiting_ > 0 && (jobs_need_wakeup_ || nodes_->next() != kNever));
  }

  static TimedEvent event(SimTime at, std::size_t job) {
    return {at, static_cast<std::uint32_t>(job), static_cast<std::uint32_t>(job)};
  }

  void instant(SimTime now, bool timers) {
    while (ends_.next() == now) end_next(now);
    while (nodes_ && nodes_->next() == now) nodes_->end_next(scheduler_, [&](std::size_t i) { begin(i, now); });
    if (timers) {
      while (overruns_.next() == now) overrun_next(now);
      while (cancellations_.next() == now) cancel_next(now);
    }
    while (arrival_ == now) submit_next(now);
    if (follow_ups_)
      while (released_.next() == now) submit(released_.pop().job, now);
    pass(now);
  }

  void events_of(SimTime now) {
    bool passed = false;
    const auto then_pass = [&] {
      pass(now);
      passed = true;
    };
    while (overruns_.next() == now) overrun_next(now);
    while (cancellations_.next() == now)
      if (cancel_next(now)) then_pass();
    while (true) {
      if (arrival_ == now) {
        submit_next(now);
      } else if (released_.next() == now) {
        submit(released_.pop().job, now);
      } else if (ends_.next() == now) {
        end_next(now);
      } else {
        break;
      }
      then_pass();
    }
    if (!passed && wakeup_ == now) then_pass();
  }

  void submit(std::size_t i, SimTime now) {
    handles_[i] = enter(i, now);
    const JobHandle handle = handles_[i];
    ++waiting_;
    if (handle.slot >= job_of_slot_.size()) job_of_slot_.resize(handle.slot + 1);
    job_of_slot_[handle.slot] = static_cast<std::uint32_t>(i);
    if (!workload_.cancel_at.empty() && workload_.cancel_at[i] <= now) withdraw(i, now);
  }

  // Jobs that follow no other arrive in their order, and their outcomes are made as they come.
  JobHandle enter(std::size_t i, SimTime now) {
    if (!follow_ups_) {
      result_.outcomes.push_back({.submit = now});
      return scheduler_.submit(workload_.jobs[i].job, now);
    }
    Job job = workload_.jobs[i].job;
    job.submit = result_.outcomes[i].submit = now;
    return scheduler_.submit(job, now);
  }

  // Takes a waiting job out of the queue.
  void withdraw(std::size_t i, SimTime now) {
    result_.outcomes[i].fate = JobFate::kCancelledWaiting;
    scheduler_.cancel(handles_[i], now);
    --waiting_;
    release_followers(i, now);
  }

  void submit_next(SimTime now) {
    submit(next_++, now);
    skip_followers();
    look_ahead();
  }

  void look_ahead() { arrival_ = next_ < jobs_ ? workload_.jobs[next_].job.submit : kNever; }

  // Jobs that follow another one are submitted by its end.
  void skip_followers() {
    if (!follow_ups_) return;
    while (next_ < jobs_ && follow_ups_->follows[next_] != FollowUps::kNone) ++next_;
  }

  void release_followers(std::size_t i, SimTime now) {
    if (!follow_ups_) return;
    for (std::uint32_t c = follow_ups_->first_child[i]; c != FollowUps::kNone; c = follow_ups_->next_child[c]) {
      SimTime at = now + follow_ups_->think[c];
      if (options_.arrivals == Arrivals::kDependent) at = std::max(at, workload_.jobs[c].job.submit);
      released_.push(event(at, c));
    }
  }

  void end_next(SimTime now) {
    const std::size_t i = ends_.pop().job;
    JobOutcome& outcome = result_.outcomes[i];
    if (outcome.fate == JobFate::kCancelledRunning) return;
    // Where requests are runtimes, reaching the request is no sign of a limit.
    const TraceJob& job = workload_.jobs[i];
    const bool at_limit = (job.runtime == job.job.requested && !workload_.report.clairvoyant) ||
                          (options_.limit == LimitRule::kReal && now - outcome.start == job.job.requested);
    outcome.fate = at_limit ? JobFate::kKilledAtLimit : JobFate::kCompleted;
    finish(i, now);
  }

  void finish(std::size_t i, SimTime now) {
    result_.outcomes[i].end = now;
    if (options_.observer) options_.observer->ended(i, result_.outcomes[i].fate, now);
    scheduler_.end(handles_[i], now);
    release_followers(i, now);
    constexpr std::int64_t kTick = 1 << 14;
    if (++ended_ % kTick == 0 && options_.progress) options_.progress(ended_);
  }

  void overrun_next(SimTime now) {
    const std::size_t i = overruns_.pop().job;
    const JobOutcome& outcome = result_.outcomes[i];
    if (outcome.fate != JobFate::kUnfinished) return;
    watch(i, scheduler_.overrun(handles_[i], now));
  }

  // The host reports an overrun when the estimate ends before the job does.
  void watch(std::size_t i, SimTime estimated_end) {
    if (estimated_end < result_.outcomes[i].end) overruns_.push(event(estimated_end, i));
  }

  // True when that changed something: not for a job that has ended or ends now, nor for one that has not arrived yet,
  // which is withdrawn at its arrival.
  bool cancel_next(SimTime now) {
    const std::size_t i = cancellations_.pop().job;
    if (handles_[i] == JobHandle{}) return false;
    JobOutcome& outcome = result_.outcomes[i];
    if (outcome.fate != JobFate::kUnfinished) return false;
    if (outcome.start == kNever) {
      if (booting_.contains(i))
        withdraw_booting(i, now);
      else
        withdraw(i, now);
      return true;
    }
    if (outcome.end <= now) return false;
    outcome.fate = JobFate::kCancelledRunning;
    finish(i, now);
    return true;
  }

  void pass(SimTime now) {
    while (true) {
      const Pass pass = scheduler_.schedule(now);
      if (!pass.power.empty()) carry_out(pass.power, now);
      for (const Proposal& proposal : pass.proposals) start(proposal, now);
      wakeup_ = pass.next_wakeup;
      jobs_need_wakeup_ = pass.jobs_need_wakeup;
      if (pass.complete) break;
    }
    result_.longest_queue = std::max(result_.longest_queue, waiting_);
  }

  [[gnu::noinline]] void carry_out(std::span<const PowerAction> actions, SimTime now) {
    if (!nodes_) throw std::invalid_argument("replay: the scheduler lets nodes sleep; give the options its cluster");
    for (const PowerAction& action : actions) nodes_->act(action, now);
  }

  void start(const Proposal& proposal, SimTime now) {
    const std::size_t i = job_of_slot_[proposal.job.slot];
    JobOutcome& outcome = result_.outcomes[i];
    outcome.backfilled = proposal.backfilled;
    outcome.node_type = static_cast<std::uint16_t>(proposal.node_type);
    if (nodes_ && !nodes_->hold(i, *proposal.allocation))
      booting_.emplace(i, Booting{proposal, now});
    else
      run(i, proposal, proposal.estimated_end, now);
    scheduler_.started(proposal.job, now);
    --waiting_;
  }

  void run(std::size_t i, const Proposal& proposal, SimTime estimated_end, SimTime now) {
    JobOutcome& outcome = result_.outcomes[i];
    outcome.start = now;
    outcome.end = now + runtime(i, proposal);
    ends_.push({outcome.end, starts_++, static_cast<std::uint32_t>(i)});
    watch(i, estimated_end);
    if (options_.observer) options_.observer->started(i, proposal, now);
  }

  // Its nodes are awake.
  void begin(std::size_t i, SimTime now) {
    const auto of = booting_.find(i);
    const Booting booting = of->second;
    booting_.erase(of);
    result_.outcomes[i].boot_s = static_cast<std::int32_t>((now - booting.since).count());
    run(i, booting.proposal, scheduler_.begun(booting.proposal.job, now), now);
  }

  // It holds nodes, but never ran.
  void withdraw_booting(std::size_t i, SimTime now) {
    const auto of = booting_.find(i);
    nodes_->withdraw(*of->second.proposal.allocation);
    booting_.erase(of);
    result_.outcomes[i].fate = JobFate::kCancelledWaiting;
    scheduler_.end(handles_[i], now);
    release_followers(i, now);
  }

  // On the nodes that it gets.
  Seconds runtime(std::size_t i, const Proposal& proposal) {
    const TraceJob& job = workload_.jobs[i];
    if (proposal.speed == Speed{} && !options_.stretch) return job.runtime;
    const auto type = static_cast<std::size_t>(proposal.node_type);
    if (type >= result_.type_speeds.size()) result_.type_speeds.resize(type + 1);
    result_.type_speeds[type] = proposal.speed;
    Seconds runtime = proposal.speed.duration(job.runtime);
    if (options_.stretch && proposal.allocation) runtime = options_.stretch(runtime, *proposal.allocation);
    return options_.limit == LimitRule::kReal ? std::min(runtime, job.job.requested) : runtime;
  }

  struct Booting {
    Proposal proposal;
    SimTime since;
  };

  const Workload& workload_;
  Scheduler& scheduler_;
  const ReplayOptions& options_;
  const std::size_t jobs_;
  ReplayResult result_;
  std::vector<JobHandle> handles_;
  std::vector<std::uint32_t> job_of_slot_;
  std::unique_ptr<FollowUps> follow_ups_;

  std::size_t next_ = 0;  // the next recorded arrival, and its time
  SimTime arrival_ = kNever;
  std::uint32_t starts_ = 0;  // jobs started so far, the tie rule of terminations
  std::int64_t ended_ = 0;
  std::size_t waiting_ = 0;
  EventHeap ends_;
  EventHeap overruns_;
  EventHeap released_;  // arrivals that followed the end of another job
  EventHeap cancellations_;
  std::unique_ptr<NodeStates> nodes_;                 // where they sleep
  std::unordered_map<std::size_t, Booting> booting_;  // jobs that hold nodes which wake
  SimTime wakeup_ = kNever;
  bool jobs_need_wakeup_ = false;
};

}  // namespace

ReplayResult replay(const Workload& workload, Scheduler& scheduler, const ReplayOptions& options) {
  if (options.cluster && options.pass != PassRule::kEachInstant)
    throw std::invalid_argument("replay: nodes sleep only with one pass for each instant");
  return Engine(workload, scheduler, options).run();
}

}  // namespace wattfill
