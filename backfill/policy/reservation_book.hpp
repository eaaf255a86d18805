// Conservative backfilling: every waiting job holds a reservation, and none ever slips.
//
// Rule. A job gets the way to run that is estimated to finish first among the running jobs and all reservations held,
// ties by the earlier start; on one class of nodes that is the earliest fit. When units come free before they were
// estimated to, the queue is swept in queue order: a job that can finish earlier (or start earlier and finish then),
// all other reservations left as they are, moves to the best such place. Sweeps repeat until nothing moves. So no
// waiting job could ever do better without touching another one's reservation, and that is also what makes it fast:
// after a change only those jobs can move whose new place would use something that the change has freed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "backfill/policy/job_queue.hpp"
#include "backfill/policy/job_table.hpp"
#include "backfill/policy/machine.hpp"
#include "backfill/policy/plan.hpp"
#include "backfill/timeline/timeline.hpp"

namespace wattfill {

class ReservationBook {
 public:
  // `queue` gives the order of placing and sweeping. The reservations stand in `plan`, which nobody else changes.
  ReservationBook(const JobTable& jobs, const JobQueue& queue, const Machine& machine, Plan& plan)
      : jobs_(jobs),
        queue_(queue),
        machine_(machine),
        plan_(plan),
        one_class_(machine.classes().size() == 1),
        sweeping_(machine.classes().size()),
        freed_(machine.classes().size()) {}

  // Forgets all reservations; the plan has been made anew without them.
  void clear();

  // Gives a job its reservation. Jobs of one instant are placed in queue order.
  void place(Slot slot, SimTime now);
  // A waiting job goes away, and with it its reservation.
  void withdraw(Slot slot, SimTime now);
  // Units of a class that were taken until `until` are free from now on.
  void released(std::size_t in_class, SimTime now, SimTime until, std::int64_t units);

  // Moves reservations to better places. Spends one unit of `budget` on each job examined and stops when it is used
  // up; true when nothing is left to move.
  bool compress(SimTime now, std::int64_t& budget);
  // The queue order has changed (a promotion, a new priority).
  void order_changed() { sorted_ = false; }

  // The first job in the book whose reservation has come; kNoSlot if there is none. O(jobs) where next_start() <= now.
  Slot due(SimTime now);
  // Takes a job out of the book and leaves in the plan what it takes, which `taken` gets.
  Choice take(Slot slot, Takes& taken);

  // The earliest reserved start; kNever if no job waits. O(jobs) after a change, else O(1).
  SimTime next_start() const;
  bool holds(Slot slot) const { return index_of(slot) < slots_.size(); }
  SimTime start_of(Slot slot) const { return starts_[index_of(slot)]; }
  std::int64_t moved() const { return moved_; }

 private:
  std::size_t index_of(Slot slot) const;
  Choice choice(std::size_t index) const;
  Takes taken(std::size_t index) const;
  void enter(std::size_t index, const Choice& choice, const Takes& taken);
  void leave_gap(std::size_t index);
  void drop_gaps();
  void sort(SimTime now);
  bool sweep(SimTime now, std::int64_t& budget);
  bool shift(std::size_t index, SimTime now);
  bool offered(std::size_t index) const;
  bool improve(std::size_t index, SimTime now);
  void move(std::size_t index, SimTime start);
  void note_start(SimTime start);
  template <class Visit>
  void for_each_column(Visit&& visit);

  const JobTable& jobs_;
  const JobQueue& queue_;
  const Machine& machine_;
  Plan& plan_;
  const bool one_class_;

  // The waiting jobs in queue order, column by column. A job taken or withdrawn leaves a gap (no slot, start never,
  // wider than everything) until the next sort.
  std::vector<Slot> slots_;
  std::vector<SimTime> starts_;
  std::vector<Seconds> fits_;  // in the time of the class
  // Of one class: what a job takes of it.
  std::vector<std::int64_t> units_;
  std::vector<int> widths_;  // of the timeline's width classes
  // Of several: the way in which it runs, and what it takes of each.
  std::vector<std::size_t> options_;
  std::vector<Takes> takes_;
  std::size_t gaps_ = 0;
  bool sorted_ = true;

  // By class: what the jobs from cursor_ on have yet to be tried against, and what came free in this sweep, for the
  // next one.
  std::vector<Timeline::Reach> sweeping_;
  std::vector<Timeline::Reach> freed_;
  bool in_sweep_ = false;
  std::size_t cursor_ = 0;
  std::int64_t moved_ = 0;
  mutable SimTime next_start_ = kNever;
  mutable bool next_start_known_ = true;
};

}  // namespace wattfill
