// The waiting jobs under a queue order and a backfill order, with promotion by age.
//
// A job is promoted when the promotion age has passed since its turn. Its turn comes at once, or, where the policy
// names a share of the backlog, when so much work has left the queue as that share of the work that waited before it:
// with 100 % when first come, first served would have come to it. However overloaded the machine, a job is old only
// when it is late. The age is a constant, or a share of the longest time that a turn took to come of late, whichever is
// longer: where all wait for days, half a day more is not late.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "backfill/policy/backlog.hpp"
#include "backfill/policy/candidate_groups.hpp"
#include "backfill/policy/job_table.hpp"
#include "backfill/policy/policy_spec.hpp"
#include "backfill/policy/recent_longest.hpp"

namespace wattfill {

inline constexpr Seconds kTurnsRemembered{365 * 24 * 3600};

class JobQueue {
 public:
  JobQueue(JobTable& jobs, const PolicySpec& policy);

  // A job waits from now on; a job that comes back keeps its turn. Jobs of one instant in order of (submit time, id).
  // Where it starts at once, depart() follows and the job is never inserted.
  void arrive(Slot slot, SimTime now) {
    if (promotion_backlog_percent_ > 0) count_arrival(slot, now);
  }
  // A job that has arrived is proposed, starts or is withdrawn.
  void depart(Slot slot, SimTime now) {
    if (promotion_backlog_percent_ > 0) count_departure(slot, now);
  }
  // A job that has departed was served; if it arrives again, then as if for the first time.
  void served(Slot slot);

  // Puts a job that has arrived into the queue; its estimates must be set. Sets its scores. `began`: the first
  // submission of all.
  void insert(Slot slot, SimTime now, SimTime began);
  void erase(Slot slot, SimTime now);
  // Undoes an erase().
  void put_back(Slot slot, SimTime now);
  // Moves a queued job to where these estimates to order and to fill put it.
  void estimate_anew(Slot slot, Seconds order, Seconds fill, SimTime now, SimTime began);

  // Moves every job whose promotion is due into the arrival-ordered list. True if there was one.
  bool promote(SimTime now);
  // When the next promotion is due if nothing more leaves the queue; kNever if none.
  SimTime next_promotion();

  bool empty() const { return backfill_.empty() && promoted_.empty(); }
  std::size_t size() const { return backfill_.size() + promoted_.size(); }

  // The first job in queue order; kNoSlot if the queue is empty.
  Slot head(SimTime now) {
    if (!promoted_.empty()) return promoted_.first(now);
    return one_order_ ? backfill_.first(now) : queue_.first(now);
  }
  // True when a job that is not in the queue would be its head. The queue must not be empty.
  bool leads(Slot slot, SimTime now, SimTime began);
  // The first job in backfill order that the hole of its group can take, hole_of(group), by this estimate; kNoSlot if
  // there is none.
  // Promoted jobs come first. Only for policies that fill holes and do not hold a reservation for every job.
  template <class HoleOf>
  Slot candidate(HoleOf&& hole_of, FillBy estimate, SimTime now) {
    const Slot slot = promoted_.empty() ? kNoSlot : promoted_.first_in(hole_of, estimate, now);
    return slot != kNoSlot ? slot : backfill_.first_in(hole_of, estimate, now);
  }

  // True when the queue order changes while jobs wait.
  bool time_varying() const { return info(queue_order_).time_varying; }
  // True when `a` comes before `b` in queue order.
  bool before(Slot a, Slot b, SimTime now) const;
  // All jobs in queue order. O(n log n).
  std::vector<Slot> in_order(SimTime now) const;

 private:
  static constexpr int kQueueRole = 0;
  static constexpr int kBackfillRole = 1;
  struct Due {
    SimTime at;
    SimTime submit;
    JobId id;
    JobHandle job;
    bool operator>(const Due& o) const {
      return at != o.at ? at > o.at : submit != o.submit ? submit > o.submit : id > o.id;
    }
  };
  struct Turn {
    Backlog::Work at;
    JobHandle job;
    bool operator>(const Turn& o) const { return at != o.at ? at > o.at : job.slot > o.job.slot; }
  };
  // What only promotion asks of a job that waits or runs.
  struct Aging {
    Backlog::Work turn = 0;  // the departed work at which its turn has come
    SimTime arrived{};       // when it began to wait for its turn; a host may tell of a job long after its submission
    SimTime due = kNever;    // when it is promoted, once its turn has come
    std::uint32_t generation = 0;  // of the slot's job
    bool in_backlog = false;       // counted as waiting work
    bool has_turn = false;         // turn is set
  };
  Aging& aging(Slot slot);
  void count_arrival(Slot slot, SimTime now);
  void count_departure(Slot slot, SimTime now);
  bool waits(JobHandle job) const;
  void set_scores(Slot slot, SimTime began);
  void await_promotion(Slot slot, SimTime now);
  void turn_came(Slot slot, SimTime now);
  Seconds promotion_age(SimTime now);

  JobTable& jobs_;
  Order queue_order_;
  Order backfill_order_;
  bool one_order_;  // both roles share backfill_
  std::optional<Seconds> promotion_age_;
  std::int32_t promotion_backlog_percent_;
  std::int32_t promotion_age_percent_;
  Backlog backlog_;
  RecentLongest longest_turn_{kTurnsRemembered};
  std::vector<Aging> aging_;                // by slot, where jobs are promoted
  SimTime latest_submit_ = SimTime::min();  // of all jobs that ever were in the queue
  CandidateGroups queue_;
  CandidateGroups backfill_;
  CandidateGroups promoted_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;  // jobs whose turn has not come
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;      // the others
};

}  // namespace wattfill
