#include "trace-replay/metrics/block_claims.hpp"

namespace wattfill {
namespace {

struct Claimed {
  ClaimMetric metric;
  double (*sum)(const Block&);
};

const Claimed kClaimed[] = {
    {{"mean_bounded_slowdown", "mean bounded slowdown", false, 0},
     [](const Block& block) { return block.sum_bounded_slowdown; }},
    {{"geometric_mean_bounded_slowdown", "geometric mean bounded slowdown", true, 0},
     [](const Block& block) { return block.sum_log_bounded_slowdown; }},
    {{"mean_wait_s", "mean wait", false, 1}, [](const Block& block) { return static_cast<double>(block.sum_wait_s); }},
};

std::vector<std::vector<BlockSum>> sums_of(const Claimed& claimed, const std::vector<std::vector<Block>>& replicas) {
  std::vector<std::vector<BlockSum>> sums(replicas.size());
  for (std::size_t r = 0; r < replicas.size(); ++r)
    for (const Block& block : replicas[r]) sums[r].push_back({block.jobs, claimed.sum(block)});
  return sums;
}

PairedTrace paired(const Claimed& claimed, const TraceBlocks& trace, std::size_t policy) {
  PairedTrace pairs{trace.trace, {}};
  for (const SettingBlocks& setting : trace.settings)
    pairs.settings.push_back({sums_of(claimed, setting.at(policy)), sums_of(claimed, setting.front())});
  return pairs;
}

std::vector<PolicyPair> pairs_with_first(std::span<const std::string> policies, std::span<const TraceBlocks> traces) {
  std::vector<PolicyPair> pairs;
  for (std::size_t p = 1; p < policies.size(); ++p)
    for (const Claimed& claimed : kClaimed) {
      PolicyPair& pair = pairs.emplace_back(PolicyPair{claimed.metric, policies[p], policies.front(), {}});
      for (const TraceBlocks& trace : traces) pair.traces.push_back(paired(claimed, trace, p));
    }
  return pairs;
}

}  // namespace

std::vector<Claim> claims_against_first(std::span<const std::string> policies, std::span<const TraceBlocks> traces,
                                        const BootstrapOptions& options) {
  return make_claims(pairs_with_first(policies, traces), options);
}

std::vector<Claim> drawn_claims_against_first(std::span<const std::string> policies,
                                              std::span<const TraceBlocks> traces) {
  return make_drawn_claims(pairs_with_first(policies, traces));
}

}  // namespace wattfill
