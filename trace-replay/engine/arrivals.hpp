// Which job waits for which: dependencies and users' sessions.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/time.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// For each job the one that it follows, and how long after its end it arrives.
//
// Fields 17 and 18 decide where a job has them (a think time of -1 counts as 0). In a closed loop a job without them
// follows, within its user's session, the job of the same user that ended last, as recorded, at or before its
// submission; the think time is the difference. A pause of more than 20 minutes ends the session (Zakay and Feitelson
// 2012): the next job then arrives on its own, at its recorded time. Jobs whose predecessor was dropped by the recipe
// arrive on their own. Where jobs follow one another in a circle, which a damaged trace may hold, the first of them by
// submission arrives on its own.
struct FollowUps {
  static constexpr std::uint32_t kNone = 0xffffffffU;
  static constexpr Seconds kSessionBreak{20 * 60};

  std::vector<std::uint32_t> follows;  // kNone: it arrives on its own
  std::vector<Seconds> think;
  std::vector<std::uint32_t> first_child;  // jobs that follow this one, a list through next_child
  std::vector<std::uint32_t> next_child;
};

// The workload must have its links. O(n log n).
FollowUps follow_ups(const Workload& workload, Arrivals arrivals);

}  // namespace wattfill
