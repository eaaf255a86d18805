// The figures of consecutive blocks of weeks, all cut from one continuous replay.
//
// A replay that begins with an empty machine is no sample of a busy one; so the replay runs through, warm, and only its
// metrics are cut, by submission. Blocks of at least four weeks keep what is correlated in time together: they are what
// statistics/bootstrap.hpp resamples and statistics/claim.hpp tests.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "trace-replay/engine/replay.hpp"
#include "trace-replay/metrics/summary.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

inline constexpr Seconds kFourWeeks{std::int64_t{28} * 24 * 3600};

// Sums over the jobs that were submitted from `begin` on and before `end` and ran to their end or limit.
struct Block {
  SimTime begin{};
  SimTime end{};
  std::int64_t jobs = 0;
  double sum_bounded_slowdown = 0;
  double sum_log_bounded_slowdown = 0;  // natural logarithms
  std::int64_t sum_wait_s = 0;
};

// The ends of blocks: block i begins at place i and ends before place i + 1. They fill the steady window of the
// recorded submissions (SummaryOptions) with blocks of the given length; what is left at the end joins the last block,
// and a window shorter than one block is one. Empty without jobs or
// window. Cut once for a trace, from its workload as recorded,
// the same bounds serve every policy and every shaken replica, so that blocks can be paired. O(jobs).
std::vector<SimTime> block_bounds(const Workload& workload, const SummaryOptions& options, Seconds length = kFourWeeks);

// Jobs belong to the block of their recorded submission, also where they enter the queue later (closed loop), so that
// all policies have the same jobs in a block. The sums are added in the order of the jobs. `bounds` ascend; there are
// as many outcomes as jobs. O(jobs * log(blocks)).
std::vector<Block> cut_blocks(const Workload& workload, const ReplayResult& result, std::span<const SimTime> bounds);

// The array "blocks" of docs/formats.md.
nlohmann::ordered_json blocks_json(std::span<const Block> blocks);

// What blocks_json gave. Throws nlohmann::json::exception for anything else.
std::vector<Block> blocks_from_json(const nlohmann::ordered_json& json);

}  // namespace wattfill
