// What may start now without touching any reservation: the wider a job, the shorter it must be.
//
// EASY's rule is the case of two steps: up to `extra` processors for any time, up to `free` until the shadow time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

class Hole {
 public:
  struct Step {
    std::int64_t processors;  // jobs up to this width ...
    Seconds window;           // ... may run for so long
  };

  void clear() { steps_.clear(); }
  // Steps in order of growing width and shrinking window. A step no wider than the one before adds nothing.
  void add(std::int64_t processors, Seconds window) {
    if (processors > widest() && window > Seconds{0}) steps_.push_back({processors, window});
  }

  bool empty() const { return steps_.empty(); }
  std::int64_t widest() const { return steps_.empty() ? 0 : steps_.back().processors; }

  std::span<const Step> steps() const { return steps_; }
  // The most processors that a job may take for so long.
  std::int64_t widest_for(Seconds duration) const {
    std::int64_t widest = 0;
    for (const Step& step : steps_)
      if (step.window >= duration) widest = step.processors;
    return widest;
  }

  // The longest runtime that a job of this width may have; zero where it is too wide.
  Seconds window(std::int64_t processors) const {
    for (const Step& step : steps_)
      if (processors <= step.processors) return step.window;
    return Seconds{0};
  }

 private:
  std::vector<Step> steps_;
};

}  // namespace wattfill
