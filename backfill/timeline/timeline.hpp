// Availability over future time: how many processors are free from when to when.
//
// Two flat sorted arrays, times and free counts; the count at i holds from times[i] to times[i + 1], the last one for
// ever. Neighbouring counts differ. Measured against trees, the arrays win up to some 20,000 breakpoints.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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
  // The largest and the smallest free count during [from, to), from < to.
  std::int64_t most_free(SimTime from, SimTime to) const;
  std::int64_t least_free(SimTime from, SimTime to) const;
  // The first time after `at` at which the count changes; kNever if it never does.
  SimTime next_breakpoint(SimTime at) const;
  // Jobs of 4^c to 4^(c+1) - 1 processors are of width class c; the last class takes all wider ones.
  static constexpr int kWidthClasses = 10;
  static int width_class(std::int64_t processors) {
    return std::min(kWidthClasses, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(processors)) + 1) / 2) -
           1;
  }
  // How many width classes, from the narrowest on, hold a job that so many processors can take.
  static int classes_within(std::int64_t processors) { return processors <= 0 ? 0 : width_class(processors) + 1; }

  // What openings offer: times in which processors came free, and for each width class bounds on the places around
  // them. A job that could not start earlier before can do so now only if it fits into the longest place, or shifts to
  // the left into one.
  struct Reach {
    SimTime low = kNever;  // of the openings
    SimTime high = SimTime::min();
    int classes = 0;                           // wider ones find no place
    std::array<SimTime, kWidthClasses> left;   // where the first place begins, at the earliest
    std::array<SimTime, kWidthClasses> right;  // where the last one ends, at the latest
    std::array<Seconds, kWidthClasses> longest;
    bool empty() const { return classes == 0; }
    void include(const Reach& other);
    bool offers(int width, Seconds duration, SimTime own_start) const {
      const auto c = static_cast<std::size_t>(width);
      return width < classes && own_start > left[c] && (duration <= longest[c] || own_start <= right[c]);
    }
    // Where a job that the openings offer a place may start: from `first`, and before `last`.
    SimTime first_start(int width, Seconds duration) const {
      return std::max(left[static_cast<std::size_t>(width)], low - duration + Seconds{1});
    }
    SimTime last_start(int width, Seconds duration, SimTime own_start) const {
      const SimTime end = right[static_cast<std::size_t>(width)];
      return own_start <= end ? high : std::min(high, end - duration + Seconds{1});
    }
  };
  // The reach of the opening [from, to). O(breakpoints in it).
  Reach reach(SimTime from, SimTime to) const;
  SimTime begin() const { return segments_[first_].time; }
  std::size_t breakpoints() const { return segments_.size() - first_; }

 private:
  struct Segment {
    SimTime time;
    std::int64_t free;
  };

  void change(SimTime from, SimTime to, std::int64_t delta);
  // Index of the segment that holds `at`; at >= begin().
  std::size_t segment(SimTime at) const;

  std::size_t first_ = 0;  // what lies before it is the past, dropped now and then
  std::vector<Segment> segments_;
  mutable std::size_t hint_ = 0;  // where the last search ended; so not even const calls are for several threads
};

}  // namespace wattfill
