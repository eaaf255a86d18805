// How likely an unused node is needed within a window of time: learned online, never looking ahead.
//
// Unused nodes form a stack: those that came free last are used first. At regular times, for nodes at some depths of
// the stack, and whenever nodes come free, a sample is taken of the situation, and when its window has passed, of
// whether the demand reached that depth. The situation is the depth, for how long the node has been unused, the outlook
// (what the scheduler knows of the next reservation), the hour of the day and of the week. A fixed timeout is the
// special case that knows of this only the time that a node has been unused. Finer situations that were seldom seen
// lean on the coarser ones that hold them, as if kPrior samples had come from there. Old samples fade, a fifth of their
// weight every four weeks.
//
// Time: O(depths) a sample and an answer, O(1) amortised a change. Memory: some 1.3 MB; counts of one situation stand
// side by side for all depths, since they are asked and taught together.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "backfill/model/time.hpp"
#include "backfill/power/octave_ages.hpp"

namespace wattfill {

class DemandForecast {
 public:
  static constexpr int kOutlooks = 6;

  DemandForecast(std::int64_t nodes, Seconds window);

  // From now on so many nodes are unused, and the outlook is this, 0 <= outlook < kOutlooks. Times do not decrease.
  void observe(std::int64_t unused, int outlook, SimTime now);

  // The most nodes from the top of the stack of which each is needed within the window with at least this probability.
  // Precision: one of the depths 1, 2, 3, 4, 6, 8, 12, 16, ...
  std::int64_t likely(double probability) const {
    return likely(probability, 0, std::numeric_limits<std::int64_t>::max());
  }
  // The same as far as it is between these two: where it is no more than `from`, any number that is no more, and where
  // it is no less than `to`, any that is no less. That needs fewer looks.
  std::int64_t likely(double probability, std::int64_t from, std::int64_t to) const;

  // When the forecast for so many nodes from the top may be another one though nothing is observed.
  SimTime next_change(std::int64_t nodes, SimTime now) const;
  Seconds window() const { return window_; }

 private:
  static constexpr int kAges = OctaveAges::kAges;
  static constexpr std::size_t kMostLevels = 40;
  static constexpr int kActivities = 4;
  static constexpr std::size_t kHours = 24;
  static constexpr std::size_t kWeekHours = 168;
  static constexpr double kPrior = 40;

  struct Counts {
    float total = 0;
    float needed = 0;
    void operator+=(const Counts& o) {
      total += o.total;
      needed += o.needed;
    }
  };
  struct Idle {
    SimTime since;
    std::int64_t nodes;
  };
  // What is the same at all depths.
  struct Situation {
    int outlook;
    int activity;  // how much was needed in the window before
    SimTime at;
  };
  // By level: the cell of the age of its node, for how long that has been unused, in a table that tells ages apart.
  using Cells = std::array<std::uint16_t, kMostLevels>;
  struct Sample {
    Situation situation;
    std::int64_t unused;
    std::int64_t least;
    int levels;         // whose depth there was
    std::size_t cells;  // which of cells_
  };
  // Those whose window has not passed. Regular ones are half a window apart and the others an eighth, or more: twelve
  // at most.
  class Pending {
   public:
    bool empty() const { return first_ == end_; }
    const Sample& front() const { return samples_[first_ % kMost]; }
    const Sample& back() const { return samples_[(end_ - 1) % kMost]; }
    void pop_front() { ++first_; }
    void push_back(const Sample& sample) {
      assert(end_ - first_ < kMost);
      samples_[end_++ % kMost] = sample;
    }
    // From now on so many nodes are unused. The least of an older sample is no more than that of a younger one.
    void fall_to(std::int64_t unused) {
      for (std::size_t i = end_; i != first_ && samples_[(i - 1) % kMost].least > unused; --i)
        samples_[(i - 1) % kMost].least = unused;
    }

    static constexpr std::size_t kMost = 16;

   private:
    std::array<Sample, kMost> samples_;
    std::size_t first_ = 0, end_ = 0;
  };
  // Where the counts of a situation begin, from the coarsest to the finest: one for each level; behind the ageless
  // ones, one for each age and level.
  static constexpr std::size_t kTables = 5;
  static constexpr std::size_t kAgeless = 2;
  struct Tables {
    std::array<std::size_t, kTables> first;
    bool weekly;  // else the last one is the one before
  };

  static int week_hour(SimTime at);
  Tables tables(const Situation& situation) const;
  Situation situation(SimTime at) const;
  void find_levels() const;
  std::size_t find_cells(SimTime at) const;
  void sample(SimTime at);
  void sample_until(SimTime now);
  void learn_until(SimTime now);
  void learn(const Sample& sample);
  void fade();
  // Down to this level; all, where it is the last one that there is.
  std::int64_t nodes(int level) const {
    return level + 1 == there_ ? unused_ : depths_[static_cast<std::size_t>(level)];
  }
  const Counts& counts(const Tables& tables, std::size_t table, int level, std::size_t cell) const {
    return counts_[tables.first[table] + (table < kAgeless ? static_cast<std::size_t>(level) : cell)];
  }
  double chance(const Tables& tables, int level, std::size_t cell) const;
  bool is_likely(const Tables& tables, int level, std::size_t cell, double probability) const;

  Seconds window_;
  OctaveAges octaves_;
  Seconds step_;
  int levels_ = 0;
  std::array<std::int64_t, kMostLevels> depths_{};  // by level
  bool began_ = false;
  SimTime now_{};
  SimTime next_sample_{};
  SimTime next_freed_sample_{};  // when nodes come free
  SimTime next_fade_{};
  std::int64_t unused_ = 0;
  int outlook_ = 0;
  std::vector<Idle> stack_;  // its top is the last one
  Pending pending_;
  std::vector<Counts> counts_;
  // Found where they are asked for, since many changes come and go unasked; and shared by most samples, which are of a
  // stretch in which nothing changes and nodes seldom grow older than their octave.
  mutable bool levels_known_ = false;
  mutable int there_ = 0;                             // levels whose depth there is
  mutable std::array<SimTime, kMostLevels> since_{};  // by level, of those: unused since
  mutable std::array<Cells, Pending::kMost> cells_{};
  mutable std::size_t latest_cells_ = 0;
  mutable SimTime cells_until_ = -kForever + SimTime{};  // when one of them is another one
};

}  // namespace wattfill
