// Schedulers that step through every second of a small workload. They are made in another way than the judge: no
// events, no extra-nodes arithmetic, no list of changes; only "how much is free in each second" and the definition.
#pragma once

#include <cstdint>
#include <vector>

#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/validation.hpp"

namespace wattfill::judge {

struct BruteForceResult {
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> promises;  // conservative: the reservation made at submission
};

// A seeded workload with many ties in time, `jobs` jobs on up to `machine` processors.
std::vector<TraceEntry> random_trace(std::uint32_t seed, std::size_t jobs, std::int64_t machine);

// `request` gives processors, policy (fcfs, easy, easy-sjbf, conservative), estimates and pass.
BruteForceResult brute_force(const std::vector<TraceEntry>& trace, const ValidationRequest& request);

}  // namespace wattfill::judge
