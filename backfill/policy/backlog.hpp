// The work that waits, and a clock that its departures drive.
#pragma once

#include <algorithm>

#include "backfill/model/int128.hpp"
#include "backfill/model/time.hpp"

namespace wattfill {

// Work is processors x requested seconds: whatever inflates requests inflates both what waited before a job and what
// has left since.
class Backlog {
 public:
  using Work = Int128;

  void arrive(Work work) { waiting_ += work; }
  // A job is proposed, or withdrawn. `now` never falls.
  void depart(Work work, SimTime now) {
    waiting_ -= work;
    const Work doubled = std::min(work, returned_);
    returned_ -= doubled;
    if (now > latest_) before_latest_ = departed_;
    latest_ = now;
    departed_ += work - doubled;
  }
  // A job that departed comes back, for the host refused or changed it. The clock does not turn back: so much of what
  // departs next does not count.
  void came_back(Work work) { returned_ += work; }

  Work waiting() const { return waiting_; }
  Work departed() const { return departed_; }
  // What had departed before the instant `now`: the same in all passes of an instant, however they are split.
  Work departed_before(SimTime now) const { return now > latest_ ? departed_ : before_latest_; }

 private:
  Work waiting_ = 0;
  Work departed_ = 0;
  Work before_latest_ = 0;
  Work returned_ = 0;
  SimTime latest_ = SimTime::min();
};

}  // namespace wattfill
