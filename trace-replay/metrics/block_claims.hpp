// From the blocks of replays to claims: which metrics are claimed, and who is compared with whom.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "trace-replay/metrics/blocks.hpp"
#include "trace-replay/statistics/claim.hpp"

namespace wattfill {

// The replays of one trace on one machine at one load, each cut at the same bounds: [policy][replica][block]. A replay
// that failed has no blocks; a policy is compared over the replicas in which neither it nor the first policy failed.
using SettingBlocks = std::vector<std::vector<std::vector<Block>>>;

struct TraceBlocks {
  std::string trace;
  std::vector<SettingBlocks> settings;
};

// What each policy after the first may say against the first: its mean and geometric mean bounded slowdown and its mean
// wait, in this order, corrected for all claims together. Means of the wait are compared with a second added, so that a
// block in which nobody waits has a ratio. Throws std::invalid_argument where blocks do not match. Deterministic.
std::vector<Claim> claims_against_first(std::span<const std::string> policies, std::span<const TraceBlocks> traces,
                                        const BootstrapOptions& options = {});

// The same where replicas are draws of the workload (make_drawn_claims).
std::vector<Claim> drawn_claims_against_first(std::span<const std::string> policies,
                                              std::span<const TraceBlocks> traces);

}  // namespace wattfill
