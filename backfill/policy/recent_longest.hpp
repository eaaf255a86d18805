// The longest of the times that were told of late.
#pragma once

#include <algorithm>
#include <deque>

#include "backfill/model/time.hpp"

namespace wattfill {

// Amortised O(1); keeps a falling sequence, so that few are kept.
class RecentLongest {
 public:
  explicit RecentLongest(Seconds window) : window_(window) {}

  // `now` never falls, here and below.
  void tell(Seconds time, SimTime now) {
    settle(now);
    at_this_instant_ = std::max(at_this_instant_, time);
  }
  // Of what was told before the instant `now` and not longer ago than the window: the same in all passes of an instant,
  // however they are split. 0 where nothing was.
  Seconds before(SimTime now) {
    settle(now);
    while (!kept_.empty() && kept_.front().at < now - window_) kept_.pop_front();
    return kept_.empty() ? Seconds{0} : kept_.front().time;
  }

 private:
  struct Told {
    SimTime at;
    Seconds time;
  };
  void settle(SimTime now) {
    if (now <= instant_) return;
    if (at_this_instant_ > Seconds{0}) {
      while (!kept_.empty() && kept_.back().time <= at_this_instant_) kept_.pop_back();
      kept_.push_back({instant_, at_this_instant_});
    }
    at_this_instant_ = Seconds{0};
    instant_ = now;
  }

  Seconds window_;
  std::deque<Told> kept_;  // falling
  SimTime instant_ = SimTime::min();
  Seconds at_this_instant_{0};
};

}  // namespace wattfill
