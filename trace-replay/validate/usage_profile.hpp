// Processors promised over future time, as a plain sorted list of changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill::judge {

class UsageProfile {
 public:
  explicit UsageProfile(std::int64_t machine) : machine_(machine) {}

  void add(SimTime from, SimTime to, std::int64_t processors) {
    change(from, processors);
    change(to, -processors);
  }
  void remove(SimTime from, SimTime to, std::int64_t processors) { add(from, to, -processors); }

  // The earliest start, not before `now`, from which `processors` stay free for `duration`; `limit` where there is none
  // before it. One walk through the list: a stretch with too little free moves the start to the stretch's end.
  SimTime earliest_fit(SimTime now, std::int64_t processors, Seconds duration, SimTime limit) const {
    SimTime start = now;
    std::int64_t used = 0;
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      used += changes_[i].processors;
      const SimTime until = i + 1 < changes_.size() ? changes_[i + 1].at : kNever;
      if (until <= start) continue;
      if (changes_[i].at >= start + duration) break;
      if (used + processors > machine_) start = until;
      if (start >= limit) return limit;
    }
    return std::min(start, limit);
  }

 private:
  struct Change {
    SimTime at;
    std::int64_t processors;
  };

  void change(SimTime at, std::int64_t processors) {
    const auto place =
        std::lower_bound(changes_.begin(), changes_.end(), at, [](const Change& c, SimTime t) { return c.at < t; });
    if (place == changes_.end() || place->at != at) {
      changes_.insert(place, {at, processors});
    } else if ((place->processors += processors) == 0) {
      changes_.erase(place);
    }
  }

  std::int64_t machine_;
  std::vector<Change> changes_;
};

}  // namespace wattfill::judge
