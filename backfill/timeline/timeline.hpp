// Availability over future time: how many processors are free from when to when.
//
// Two flat sorted arrays, times and free counts; the count at i holds from times[i] to times[i + 1], the last one for
// ever. Neighbouring counts differ. Measured against trees, the arrays win up to some 20,000 breakpoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "backfill/model/time.hpp"
#include "backfill/timeline/hole.hpp"

namespace wattfill {

class Timeline {
 public:
  explicit Timeline(std::int64_t processors = 0, SimTime begin = SimTime{});

  // Empties it: `processors` free from `begin` on.
  void reset(std::int64_t processors, SimTime begin);

  // Builds the availability of a machine in one sweep, right after reset(): `soon` processors come free at `soon_at`,
  // then the later releases in order of time.
  void append_releases(SimTime soon_at, std::int64_t soon, const std::vector<std::pair<SimTime, std::int64_t>>& later);

  // Forgets the past: the timeline begins at `now`. Amortised O(1) for each breakpoint passed.
  void advance(SimTime now);

  // The earliest time >= from at which `processors` are free for `duration`; kNever if there is none. O(breakpoints).
  SimTime earliest_fit(std::int64_t processors, Seconds duration, SimTime from) const;

  // For a job that holds a reservation at `own` already: the earliest start in [from, min(latest, own)) at which it
  // would fit beside everything else, its own reservation not counted; `own` if there is none. O(breakpoints until
  // latest).
  SimTime earlier_fit(std::int64_t processors, Seconds duration, SimTime from, SimTime latest, SimTime own) const;

  // Takes and gives back processors during [from, to). Counts may become negative (an overcommitted host).
  void reserve(SimTime from, SimTime to, std::int64_t processors) { change(from, to, -processors); }
  void release(SimTime from, SimTime to, std::int64_t processors) { change(from, to, processors); }

  // What may start at `now` and not disturb anything, now = the timeline's begin.
  void hole(Hole& out) const;

  std::int64_t free_at(SimTime at) const;
  // The largest free count during [from, to), from < to.
  std::int64_t most_free(SimTime from, SimTime to) const;
  SimTime begin() const { return times_[first_]; }
  std::size_t breakpoints() const { return times_.size() - first_; }

 private:
  void change(SimTime from, SimTime to, std::int64_t delta);
  // Index of the segment that holds `at`; at >= begin().
  std::size_t segment(SimTime at) const;
  // Makes `at` a breakpoint and returns its index.
  std::size_t cut(SimTime at);
  void merge(std::size_t index);

  std::size_t first_ = 0;  // what lies before it is the past, dropped now and then
  std::vector<SimTime> times_;
  std::vector<std::int64_t> free_;
};

}  // namespace wattfill
