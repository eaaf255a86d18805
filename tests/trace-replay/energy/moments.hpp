// A replayed schedule as events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "trace-replay/engine/replay.hpp"

namespace wattfill::testing {

// Starts and ends of a replayed schedule in order of time, ends first.
struct Moment {
  SimTime at;
  bool start;
  std::uint32_t job;
};

inline std::vector<Moment> moments(const Workload& workload, const ReplayResult& result) {
  std::vector<Moment> all;
  for (std::uint32_t i = 0; i < workload.jobs.size(); ++i) {
    if (result.outcomes[i].start == kNever) continue;
    all.push_back({result.outcomes[i].start, true, i});
    all.push_back({result.outcomes[i].start + workload.jobs[i].runtime, false, i});
  }
  std::sort(all.begin(), all.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at, a.start, a.job) < std::tie(b.at, b.start, b.job);
  });
  return all;
}

}  // namespace wattfill::testing
