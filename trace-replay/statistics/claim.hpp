// What may be said of two policies: one sentence for each metric, with its interval and its test.
//
// The samples are blocks of weeks of one continuous replay, and recorded traces. Replicas of a trace with shaken
// submissions are its noise and no further samples: they are averaged block by block. Nor are a trace's replays on
// several machines or at several loads: the logarithms of their ratios are averaged, over the same blocks.
//
// How much better: for each trace the ratio of the two policies' means over all its blocks, pooled as the mean of the
// ratios' logarithms with equal weight for each trace (the geometric mean, the only one that does not depend on which
// policy is the denominator: Fleming and Wallace 1986). The interval is that of the block bootstrap (bootstrap.hpp)
// with the traces as strata: it tells what other weeks on these machines would have given. What other machines would
// give is read off from the number of traces. There is none where a trace has fewer blocks than an interval needs.
//
// How sure: Wilcoxon's signed-rank test on the logarithms of the ratios in each block, all blocks of all traces alike,
// corrected by Holm for all claims made together; the paired t test beside it, uncorrected. A difference is called
// shown where the interval leaves out zero, the corrected p is below 1 - confidence, and both point the same way.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "trace-replay/statistics/bootstrap.hpp"

namespace wattfill {

// A metric's sum over the jobs of a block; less is better.
struct BlockSum {
  std::int64_t jobs = 0;
  double sum = 0;
};

// The same blocks under two policies, on one machine at one load: [replica][block]. A replica counts where neither
// policy's list is empty, as that of a replay that failed is.
struct PairedSetting {
  std::vector<std::vector<BlockSum>> a, b;
};

// The same weeks are a block in all settings: where machines keep other jobs and one has more blocks, they join its
// last. A block in which either policy has no jobs in some setting is left out.
struct PairedTrace {
  std::string trace;
  std::vector<PairedSetting> settings;
};

struct ClaimMetric {
  std::string key;           // as in comparison.json
  std::string words;         // as in a sentence
  bool logarithmic = false;  // the sums are of natural logarithms: the metric is a geometric mean
  double offset = 0;         // added to each mean, so that means of zero have a ratio
};

struct PolicyPair {
  ClaimMetric metric;
  std::string a, b;
  std::vector<PairedTrace> traces;
};

// NaN: not known, because there are too few blocks or all are equal.
struct Claim {
  std::string metric, a, b;
  double better_percent = 0, low = 0, high = 0;  // by how much a's mean is below b's; negative: worse
  double p_wilcoxon = 0, p_t = 0;
  double p_holm = 0;       // of p_wilcoxon
  double effect_size = 0;  // matched-pairs rank-biserial correlation, from -1 to 1 (a better in every block)
  int blocks_better = 0, blocks = 0;
  int traces_better = 0, traces = 0;
  std::string text;
};

// One claim for each pair, in their order, corrected for all of them. With so few blocks that Wilcoxon's test cannot
// fall below 1 - confidence (five or less, for 95 %) no test and no interval is given; where only some trace has too
// few, no interval. Throws std::invalid_argument where the replicas or blocks of the two policies do not match, or
// those of two replicas, or a mean is not above zero.
std::vector<Claim> make_claims(std::span<const PolicyPair> pairs, const BootstrapOptions& options = {});

// The same where each replica is a draw of the workload (weeks or users, with replacement), the same for both policies
// in all settings: the samples are the draws, which stand in the place of blocks in a claim, each with its mean over
// all its blocks. As draws of the bootstrap (Efron 1979) they give the interval, as their percentiles; there is no
// test.
std::vector<Claim> make_drawn_claims(std::span<const PolicyPair> pairs, double confidence = 0.95);

// To six digits, so that the bytes do not depend on the library's last bit; null for what is not known.
nlohmann::ordered_json rounded(double value);
nlohmann::ordered_json claim_json(const Claim& claim);

}  // namespace wattfill
