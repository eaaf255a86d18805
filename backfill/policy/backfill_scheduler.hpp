// The scheduler: one loop with a queue order, a backfill order, a reservation depth and two estimate sources.
//
// A pass starts jobs from the head of the queue while they fit. The first that does not fit, and as many more as the
// reservation depth says, get reservations; what is left is a hole, and jobs in backfill order fill it.
//   depth 0      no reservation: whatever fits starts (greedy)
//   depth 1      the hole has two steps, shadow time and extra processors (EASY); no timeline is built
//   depth k      reservations on a timeline that is made anew in each pass
//   all          reservations are held from submission on and only ever move to earlier times (conservative)
// Where the machine is nothing but processors, which is most replays of archive traces, jobs are compared with one
// count ("plain"); else each class of nodes has its own, and Machine and Plan tell in which way a job runs best.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "backfill/model/estimate_source.hpp"
#include "backfill/model/scheduler.hpp"
#include "backfill/policy/job_queue.hpp"
#include "backfill/policy/job_table.hpp"
#include "backfill/policy/machine.hpp"
#include "backfill/policy/out_of_work.hpp"
#include "backfill/policy/plan.hpp"
#include "backfill/policy/policy_spec.hpp"
#include "backfill/policy/power_control.hpp"
#include "backfill/policy/reservation_book.hpp"
#include "backfill/topology/node_pool.hpp"

namespace wattfill {

// Which processors count as free in a pass.
enum class FreeRule {
  kEnded,      // those of jobs that have ended, as a real controller sees it
  kEstimated,  // those of the estimate profile: a running job whose estimated end has come no longer counts, even if
               // its end has not been reported yet (the SC'15 simulator's rule; counts only)
};

struct SchedulerOptions {
  PolicySpec policy;
  // The machine: so many processors (> 0), or a cluster and, for placements that need one, the network between its
  // nodes. Where the cluster gives nodes an identity, proposals name them.
  std::int32_t processors = 0;
  std::shared_ptr<const Cluster> cluster = nullptr;
  std::shared_ptr<const Network> network = nullptr;
  // So many nodes of each type get no job, for the sake of a power cap (power_cap.hpp); they sleep where nodes sleep.
  // Empty: all work. Only where nodes are given whole. Jobs that do not fit beside the most that are out at any time
  // are held. Where the number changes, all passes plan ahead, and holes are filled by the estimates to fit; those must
  // be upper bounds for the number to be kept to at all times.
  std::vector<StepSeries> out_of_work;
  LimitRule limit = LimitRule::kScaled;
  FreeRule free_rule = FreeRule::kEnded;
  // The sources that the policy names. They may be one object, which is then told of each event once.
  std::shared_ptr<EstimateSource> fit_estimates = std::make_shared<RequestedTime>();
  std::shared_ptr<EstimateSource> order_estimates = fit_estimates;
  std::shared_ptr<EstimateSource> fill_estimates = nullptr;  // none: those to fit
};

class BackfillScheduler final : public Scheduler {
 public:
  explicit BackfillScheduler(SchedulerOptions options);

  JobHandle submit(const Job& job, SimTime now) override;
  void modify(JobHandle job, const Job& changed, SimTime now) override;
  void end(JobHandle job, SimTime now) override;
  void cancel(JobHandle job, SimTime now) override;
  void requeue(JobHandle job, SimTime now) override;
  SimTime overrun(JobHandle job, SimTime now) override;
  void capacity_changed(std::int32_t processors, SimTime now) override;
  void node_changed(NodeIndex node, bool available, SimTime now) override;
  void power_changed(NodeRun nodes, bool awake, SimTime now) override;
  SimTime begun(JobHandle job, SimTime now) override;
  void reservation_changed(const AdvanceReservation& reservation, SimTime now) override;

  SimTime started(JobHandle job, SimTime now) override;
  SimTime started_on(JobHandle job, const Allocation& nodes, SimTime now) override;
  void refused(JobHandle job, Refusal reason, SimTime now) override;

  Pass schedule(SimTime now, Budget budget) override;
  SimTime expected_start(JobHandle job, SimTime now) override;

  // For explanations, after a pass: the waiting jobs in queue order, O(n log n), and the first of them. Held and
  // deferred jobs are not among them.
  std::vector<JobHandle> queue(SimTime now);
  std::optional<JobHandle> head(SimTime now);
  std::int64_t free_processors() const;
  // Of a running job: when it is estimated to end, and whether it waits for its nodes to wake.
  SimTime estimated_end(JobHandle job) const { return jobs_[jobs_.slot(job)].estimated_end; }
  bool boots(JobHandle job) const { return jobs_[jobs_.slot(job)].boots; }
  // The estimates that may be renewed while a job waits, for records: what is put back is what was there.
  struct WaitEstimates {
    Seconds order{};
    Seconds fill{};
    bool operator==(const WaitEstimates&) const = default;
  };
  WaitEstimates wait_estimates(JobHandle job) const;
  void set_wait_estimates(JobHandle job, const WaitEstimates& estimates, SimTime now);
  // Whether the host may start a job of its own accord without saying on which nodes.
  bool counts_plainly() const { return plain_ && !pool_; }

  SchedulerStatistics statistics() const override;
  std::size_t queued() const override { return waiting_; }
  std::size_t running() const override { return running_; }

 private:
  // Events (backfill_scheduler.cpp).
  void set_estimates(JobEntry& entry, SimTime now);
  void enter(Slot slot);
  void count_waiting(Slot slot) {
    ++waiting_;
    if (renews_) of_user_.insert(of_user(slot));
  }
  void count_no_longer_waiting(Slot slot) {
    --waiting_;
    if (renews_) of_user_.erase(of_user(slot));
  }
  void defer(Slot slot, SimTime until);
  void shift(Slot slot, SimTime now);
  void leave_waiting(Slot slot, SimTime now);
  template <class Visit>
  void for_each_take(Slot slot, Visit&& visit);
  void occupy(Slot slot, SimTime begin);
  Seconds hold(Slot slot, SimTime now) {
    if (power_) return hold_and_wake(slot, now);
    occupy(slot, now);
    return Seconds{0};
  }
  Seconds hold_and_wake(Slot slot, SimTime now);
  void vacate(Slot slot, SimTime now);
  void expect_end(Slot slot, SimTime before);
  Takes& takes_of(Slot slot);
  Allocation& allocation_of(Slot slot);
  void bind(Slot slot);
  struct HostChoice {
    Takes takes;
    Speed speed;  // of the slowest node
  };
  HostChoice host_choice(const JobEntry& entry, const Allocation& nodes) const;
  bool is_free_for(Slot slot, const Allocation& nodes);
  SimTime answer_start(Slot slot, SimTime now);
  template <class Tell>
  void tell_sources(Tell&& tell) {
    if (only_requests_) return;
    tell(fit_);
    if (!one_source_) tell(order_);
    if (!fills_by_fit_ && !fills_by_order_) tell(fill_);
  }
  void changed();

  // Estimates that are renewed while jobs wait (renewal.cpp).
  [[gnu::noinline]] void renew_estimates(const Job& ended, SimTime now);
  void renew_estimates(Slot slot, SimTime now);
  void estimate_anew(Slot slot, WaitEstimates estimates, SimTime now);

  // The power cap (cap.cpp).
  void keep_out_of_work();
  [[gnu::noinline]] void keep_to_cap(SimTime now);
  void take_out(std::size_t type, std::int64_t nodes, SimTime now);
  void put_back(std::size_t type, std::int64_t nodes, SimTime now);
  Seconds longest_hold() const;
  SimTime plan_until(SimTime now) const;
  std::int64_t put_back_by(std::size_t in_class, SimTime at) const;

  // The pass (pass.cpp). Each returns false when the budget is used up. Most replays make passes of one kind, EASY's on
  // plain processors; what those need is inlined into one function, and what they do not is kept out of it.
  Pass make_pass(SimTime now);
  [[gnu::noinline]] Pass make_pass_with_power(SimTime now);
  [[gnu::noinline]] void let_time_pass(SimTime now);
  Pass passed(SimTime now);
  void manage_power(SimTime now);
  bool hole_stands(SimTime now) const;
  bool admit_into_hole(SimTime now);
  bool take_hole(Slot slot, SimTime now, bool waiting);
  // True when a job that nobody is before can start at once and has nothing better to wait for. Else `choice` is what
  // it waits for; where all is plain that is left open.
  bool take_at_once(Slot slot, SimTime now, Choice& choice) {
    return plain_ ? jobs_[slot].job.processors <= one_.free : take_choice_at_once(slot, now, choice);
  }
  bool take_choice_at_once(Slot slot, SimTime now, Choice& choice);
  void take_choice(Slot slot, const Choice& choice);
  std::int32_t slowest_type(Slot slot) const;
  void admit(SimTime now);
  [[gnu::noinline]] void admit_deferred(SimTime now);
  void line_up(SimTime now);
  bool start_heads(SimTime now, Slot& head, Choice& choice);
  void reserve_easy(SimTime now, Slot head, const Choice& choice);
  bool pass_easy(SimTime now);
  template <class Look, class Settle>
  bool fill(SimTime now, Slot head, Look&& look, Settle&& settle);
  [[gnu::noinline]] void reserve_again(SimTime now, Slot head);
  bool fill_beside_head(SimTime now, Slot head);
  [[gnu::noinline]] bool fill_classes_beside_head(SimTime now, Slot head);
  [[gnu::noinline]] bool pass_planned(SimTime now);
  [[gnu::noinline]] bool pass_held(SimTime now);
  bool reserve_planned(SimTime now);
  void tell_reservation();
  bool fill_planned(SimTime now);
  void put_aside_back(SimTime now);
  void rebuild_book(SimTime now);
  void propose(Slot slot, SimTime now, bool backfilled);
  bool spend() { return budget_-- > 0; }
  SimTime next_wakeup(SimTime now) {
    return !wakes_itself_ && deferred_.empty() && advance_.empty() ? kNever : next_own_wakeup(now);
  }
  SimTime next_own_wakeup(SimTime now);

  SchedulerOptions options_;
  EstimateSource& fit_;
  EstimateSource& order_;
  EstimateSource& fill_;
  bool one_source_;
  bool fills_by_fit_;    // the source to fill holes is that to fit
  bool fills_by_order_;  // or that to order
  bool only_requests_;   // all estimates are the users' requests, and nobody needs to be asked or told
  bool renews_;          // estimates are renewed while jobs wait
  bool holds_all_;       // conservative
  OutOfWork out_;        // for the sake of a power cap
  bool capped_;          // which changes
  bool wakes_itself_;    // the policy alone may call for a pass: reservations come due, jobs are promoted
  bool time_counts_;     // the passing of time alone may change what a pass finds

  JobTable jobs_;
  JobQueue queue_;
  Machine machine_;
  bool plain_;  // the machine is nothing but processors
  // Its first class, and the only one where all is plain. Free is the capacity less what running and proposed jobs
  // take, under the free rule.
  ClassState& one_;
  SimTime expired_until_ = -kForever + SimTime{};  // releases up to here are counted in one_.free
  std::unique_ptr<NodePool> pool_;                 // where nodes have an identity
  std::unique_ptr<PowerControl> power_;            // where nodes sleep
  Seconds longest_{0};                             // of all fit estimates so far, where the cap changes
  std::deque<Allocation> allocations_;             // by slot, the same; proposals point to them
  std::vector<Takes> takes_;                       // by slot, where not all is plain
  Allocation bound_;                               // scratch
  std::int32_t capacity_;                          // plain: of the machine as it is now
  std::vector<AdvanceReservation> advance_;
  SimTime began_ = kNever;  // the first submission

  std::vector<Slot> fresh_;  // submitted since the last pass
  struct Deferred {
    JobHandle job;
    SimTime until;  // considered again after this time
  };
  std::vector<Deferred> deferred_;
  SimTime deferred_until_ = kNever;  // the earliest of them
  // The waiting jobs by user in order of submission, where estimates are renewed.
  struct OfUser {
    std::int32_t user;
    SimTime submit;
    JobId id;
    Slot slot;
    auto operator<=>(const OfUser&) const = default;
  };
  OfUser of_user(Slot slot) const {
    const Job& job = jobs_[slot].job;
    return {job.user, job.submit, job.id, slot};
  }
  std::set<OfUser> of_user_;
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;

  // A pass in progress.
  std::vector<Proposal> proposals_;
  std::int64_t budget_ = 0;
  std::vector<Hole> class_holes_;  // what may start now, by class
  // EASY's hole after the last pass. As long as nothing but submissions happens it stands, and no queued job fits it.
  bool hole_stands_ = false;
  SimTime shadow_ = kNever;
  FillBy fill_by_ = FillBy::kFit;   // beside the head of the queue
  bool reservation_slips_ = false;  // the head's, with each job that fills the hole
  bool book_stale_ = true;
  bool plan_valid_ = false;
  SimTime plan_time_{};
  SimTime plan_until_{};     // until then the book's plan knows the cap
  Plan plan_;                // where the book is kept, its reservations stand in it
  ReservationBook book_;     // conservative
  std::vector<Slot> aside_;  // jobs with a reservation in plan_, out of the queue until the pass ends

  SchedulerStatistics statistics_;
};

}  // namespace wattfill
