// Confidence intervals by resampling whole blocks.
//
// A schedule's figures are correlated in time: a backlog lasts for days. What is drawn with replacement are therefore
// blocks of weeks (Kuensch 1989; Carlstein 1986 for blocks that do not overlap), which keeps all correlation within a
// block; blocks are taken as independent of each other. Both policies of a comparison live through the same blocks, so
// a resample draws the same blocks for both: the interval is that of a paired comparison. Where there are several
// traces, each is a stratum: one block less is drawn than it has, for then resamples spread as the statistic does, in
// strata of any sizes (McCarthy and Snowden 1985; Rao and Wu 1988).
//
// The ends are percentiles of the resampled statistic. With few blocks these alone are too close, because the spread
// itself is estimated; so the levels are widened as Student's t distribution is wider than the normal one (Hesterberg
// 2015, "expanded percentile interval"), with the degrees of freedom that strata of unequal sizes and spreads leave
// (Satterthwaite 1946).
//
// How accurate is this? On simulated ratios of means over lognormal blocks (2,000 simulations each), intervals of
// nominally 95 % held the truth in 91 % with 6 blocks, 91 % with 9, 92 % with 12 and 93 % with 24; with two strata of
// 9 and 6, 24 and 6, 40 and 6 blocks in 94, 93 and 93 %, and in 86 % where the blocks of the 6 spread three times as
// much. Fewer than 6 blocks hold less (4: 86 %), because resamples cannot go beyond the extreme blocks: no interval is
// given then. On single strata of 8 to 48 blocks plain percentiles held 82 to 94 %, BCa (Efron 1987) widened alike 83
// to 94 %, bootstrap-t 85 to 95 % at up to 2.7 times the width. The heavier the tails of the blocks, the lower.
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

// The mean of resampled values and their percentiles. Nothing where there are too few for the outermost to be one
// (fewer than 39, for 95 %). O(n log n).
std::optional<Interval> percentile_interval(std::vector<double> values, double confidence);

inline constexpr std::size_t kLeastBlocksForInterval = 6;  // in every stratum

// `statistic` is told how often each block counts, all weights of a stratum adding up to its blocks or to one less, and
// must be finite. Nothing where there is no stratum, or one with fewer than kLeastBlocksForInterval blocks.
// Deterministic. Throws std::invalid_argument for an empty stratum, a confidence outside (0, 1), fewer than 100
// resamples, or a statistic that is not finite. Time: resamples + blocks + 1 calls of the statistic.
std::optional<Interval> bootstrap_interval(std::span<const std::size_t> blocks_by_stratum,
                                           const std::function<double(const BlockWeights&)>& statistic,
                                           const BootstrapOptions& options = {});

}  // namespace wattfill
