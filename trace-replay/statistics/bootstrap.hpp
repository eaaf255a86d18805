// Confidence intervals by resampling whole blocks.
//
// A schedule's figures are correlated in time: a backlog lasts for days. What is drawn with replacement are therefore
// blocks of weeks (Kuensch 1989; Carlstein 1986 for blocks that do not overlap), which keeps all correlation within a
// block; blocks are taken as independent of each other. Both policies of a comparison live through the same blocks, so
// a resample draws the same blocks for both: the interval is that of a paired comparison. Where there are several
// traces, each is a stratum: as many of its blocks are drawn as it has (Davison and Hinkley 1997, section 3.2).
//
// The ends are percentiles of the resampled statistic. With few blocks these alone are too close, because resamples
// spread by n - 1 where the sample tells n, and because the spread itself is estimated; so the levels are widened as
// Student's t distribution is wider than the normal one (Hesterberg 2015, "expanded percentile interval").
//
// How accurate is this? On simulated ratios of means over 8 to 48 lognormal blocks, intervals of nominally 95 % held
// the truth in 88 to 95 % of 1,000 simulations each; plain percentiles in 82 to 94 %, BCa (Efron 1987) widened alike in
// 83 to 94 %, bootstrap-t in 85 to 95 % at up to 2.7 times the width. The heavier the tails of the blocks, the lower.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace wattfill {

// How often each block counts, by stratum: [stratum][block].
using BlockWeights = std::vector<std::vector<double>>;

struct BootstrapOptions {
  double confidence = 0.95;
  std::size_t resamples = 9999;
  std::uint64_t seed = 1;
};

struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
};

// `statistic` is told how often each block counts, all weights of a stratum adding up to its blocks (or to one less,
// for the jackknife), and must be finite. Without an interval: nothing where no stratum has two blocks; strata with one
// block take part, but tell nothing about the spread. Deterministic. Throws std::invalid_argument for an empty stratum,
// a confidence outside (0, 1), fewer than 100 resamples, or a statistic that is not finite.
// Time: resamples + 1 calls of the statistic.
std::optional<Interval> bootstrap_interval(std::span<const std::size_t> blocks_by_stratum,
                                           const std::function<double(const BlockWeights&)>& statistic,
                                           const BootstrapOptions& options = {});

}  // namespace wattfill
