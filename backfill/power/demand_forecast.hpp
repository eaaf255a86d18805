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
// Time: O(depths) a sample, O(1) amortised a change. Memory: some 1.3 MB.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

class DemandForecast {
 public:
  static constexpr int kOutlooks = 6;

  DemandForecast(std::int64_t nodes, Seconds window);

  // From now on so many nodes are unused, and the outlook is this, 0 <= outlook < kOutlooks. Times do not decrease.
  void observe(std::int64_t unused, int outlook, SimTime now);

  // The most nodes from the top of the stack of which each is needed within the window with at least this probability.
  // Precision: one of the depths 1, 2, 3, 4, 6, 8, 12, 16, ...
  std::int64_t likely(double probability) const;

  // When the forecast for so many nodes from the top may be another one though nothing is observed.
  SimTime next_change(std::int64_t nodes, SimTime now) const;
  Seconds window() const { return window_; }

 private:
  static constexpr int kAges = 14;
  static constexpr int kActivities = 4;
  static constexpr int kHours = 24;
  static constexpr int kWeekHours = 168;
  static constexpr double kPrior = 40;

  struct Counts {
    float total = 0;
    float needed = 0;
    void add(bool was_needed) {
      total += 1;
      needed += was_needed ? 1 : 0;
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
  struct Sample {
    Situation situation;
    int depths;                       // levels whose depth there was
    std::array<std::int8_t, 40> age;  // by level
    std::int64_t unused;
    std::int64_t least;
  };

  static std::int64_t depth_of(int level);
  int age_of(Seconds unused) const;
  static int week_hour(SimTime at);
  // Counts for a situation, from the coarsest to the finest.
  std::array<std::size_t, 5> cells(int level, int age, const Situation& situation) const;
  Situation situation(SimTime at) const;
  // Calls visit(level, age) for the levels there are, until it returns false.
  template <class Visit>
  void for_each_level(SimTime now, Visit&& visit) const;
  void sample(SimTime at);
  void sample_until(SimTime now);
  void learn_until(SimTime now);
  void learn(const Sample& sample);
  void fade();
  double chance(const std::array<std::size_t, 5>& cells) const;

  Seconds window_;
  Seconds step_;
  int levels_ = 0;
  bool began_ = false;
  SimTime now_{};
  SimTime next_sample_{};
  SimTime next_freed_sample_{};  // when nodes come free
  SimTime next_fade_{};
  std::int64_t unused_ = 0;
  int outlook_ = 0;
  std::vector<Idle> stack_;  // its top is the last one
  std::deque<Sample> pending_;
  std::vector<Counts> counts_;
};

}  // namespace wattfill
