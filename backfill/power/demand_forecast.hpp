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
// Time: O(depths) a sample, O(1) amortised a change. Memory: some 1.3 MB; counts of one situation stand side by side
// for all depths, since they are asked and taught together.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
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
  std::int64_t likely(double probability) const;

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
  struct Sample {
    Sample(const Situation& in, std::int64_t nodes, int levels)
        : situation(in), unused(nodes), least(nodes), depths(levels) {}
    Situation situation;
    std::int64_t unused;
    std::int64_t least;
    int depths;                                 // levels whose depth there was
    std::array<std::uint8_t, kMostLevels> age;  // by level, of those
  };
  // Where the counts of a situation begin, from the coarsest to the finest: one for each level; from the third on,
  // those of an age after those of a younger one.
  struct Tables {
    std::array<std::size_t, 5> first;
    bool weekly;  // else the last one is the one before
  };

  static int week_hour(SimTime at);
  Tables tables(const Situation& situation) const;
  Situation situation(SimTime at) const;
  int age_of_level(int level, SimTime at) const { return ages_.of(at - since_[static_cast<std::size_t>(level)]); }
  void find_levels();
  void sample(SimTime at);
  void sample_until(SimTime now);
  void learn_until(SimTime now);
  void learn(const Sample& sample);
  void fade();
  double chance(const Tables& tables, int age, int level) const;
  std::size_t cell(const Tables& tables, std::size_t table, int age, int level) const {
    return tables.first[table] + static_cast<std::size_t>(table < 2 ? level : age * levels_ + level);
  }

  Seconds window_;
  OctaveAges ages_;
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
  std::vector<Idle> stack_;                   // its top is the last one
  int there_ = 0;                             // levels whose depth there is
  std::array<SimTime, kMostLevels> since_{};  // by level, of those: unused since
  std::deque<Sample> pending_;
  std::vector<Counts> counts_;
};

}  // namespace wattfill
