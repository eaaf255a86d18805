// Conservative backfilling: every waiting job holds a reservation, and none ever slips. For machines of one class.
//
// Rule. A job gets the earliest fit among the running jobs and all reservations held. When processors come free before
// they were estimated to, the queue is swept in queue order: a job that can start earlier, all other reservations left
// as they are, moves to its earliest such start. Sweeps repeat until nothing moves. So no waiting job could ever start
// earlier without touching another one's reservation, and that is also what makes it fast: after a change only those
// jobs can move whose new place would use something that the change has freed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "backfill/policy/job_queue.hpp"
#include "backfill/policy/job_table.hpp"
#include "backfill/policy/machine.hpp"
#include "backfill/timeline/timeline.hpp"

namespace wattfill {

class ReservationBook {
 public:
  // `queue` gives the order of placing and sweeping.
  ReservationBook(const JobTable& jobs, const JobQueue& queue, const Machine& machine)
      : jobs_(jobs), queue_(queue), machine_(machine) {}

  // Forgets all reservations and starts from an availability made by the caller.
  void reset(const Timeline& availability);

  void advance(SimTime now) { timeline_.advance(now); }

  // Gives a job its reservation, the earliest fit from now on. Jobs of one instant are placed in queue order.
  void place(Slot slot, SimTime now);
  // A waiting job goes away, and with it its reservation.
  void withdraw(Slot slot, SimTime now);
  // Units that were taken until `until` are free from now on.
  void released(SimTime now, SimTime until, std::int64_t units);

  // Moves reservations to earlier starts. Spends one unit of `budget` on each job examined and stops when it is used
  // up; true when nothing is left to move.
  bool compress(SimTime now, std::int64_t& budget);
  // The queue order has changed (a promotion, a new priority).
  void order_changed() { sorted_ = false; }

  // The first job in the book whose reservation has come; kNoSlot if there is none. O(jobs) where next_start() <= now.
  Slot due(SimTime now) const;
  // Takes a job out of the book and leaves its processors taken.
  void take(Slot slot);

  // The earliest reserved start; kNever if no job waits. O(jobs) after a change, else O(1).
  SimTime next_start() const;
  bool holds(Slot slot) const { return index_of(slot) < slots_.size(); }
  SimTime start_of(Slot slot) const { return starts_[index_of(slot)]; }
  std::int64_t moved() const { return moved_; }
  const Timeline& timeline() const { return timeline_; }

 private:
  std::size_t index_of(Slot slot) const;
  void leave_gap(std::size_t index);
  void drop_gaps();
  void sort(SimTime now);
  bool sweep(SimTime now, std::int64_t& budget);
  void move(std::size_t index, SimTime start);

  const JobTable& jobs_;
  const JobQueue& queue_;
  const Machine& machine_;
  Timeline timeline_;

  // The waiting jobs in queue order, column by column. A job taken or withdrawn leaves a gap (no slot, start never,
  // wider than everything) until the next sort.
  std::vector<Slot> slots_;
  std::vector<SimTime> starts_;
  std::vector<std::int64_t> units_;
  std::vector<int> widths_;  // of the timeline's width classes
  std::vector<Seconds> fits_;
  std::size_t gaps_ = 0;
  bool sorted_ = true;

  Timeline::Reach sweeping_;  // what the jobs from cursor_ on have yet to be tried against
  Timeline::Reach freed_;     // what came free in this sweep, for the next one
  bool in_sweep_ = false;
  std::size_t cursor_ = 0;
  std::int64_t moved_ = 0;
  mutable SimTime next_start_ = kNever;
  mutable bool next_start_known_ = true;
};

}  // namespace wattfill
