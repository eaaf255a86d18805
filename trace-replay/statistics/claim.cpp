#include "trace-replay/statistics/claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "backfill/model/portable_math.hpp"
#include "trace-replay/statistics/paired_tests.hpp"

namespace wattfill {
namespace {

constexpr double kUnknownFigure = std::numeric_limits<double>::quiet_NaN();

// Sums over jobs; doubles, because resampling weighs them.
struct Total {
  double jobs = 0;
  double sum = 0;

  void add(const Total& other, double weight) {
    jobs += other.jobs * weight;
    sum += other.sum * weight;
  }
};

struct PairedTotal {
  Total a, b;
};
using PairedBlock = std::vector<PairedTotal>;   // [setting]
using PairedBlocks = std::vector<PairedBlock>;  // of one trace

std::vector<Total> over_replicas(const std::vector<std::vector<BlockSum>>& replicas, const std::string& trace) {
  std::vector<Total> totals(replicas.empty() ? 0 : replicas.front().size());
  for (const std::vector<BlockSum>& blocks : replicas) {
    if (blocks.size() != totals.size())
      throw std::invalid_argument(fmt::format("claim: {}: a replica has {} blocks, the first {}; they must be the same",
                                              trace, blocks.size(), totals.size()));
    for (std::size_t i = 0; i < blocks.size(); ++i)
      totals[i].add({static_cast<double>(blocks[i].jobs), blocks[i].sum}, 1);
  }
  return totals;
}

std::vector<PairedTotal> paired_totals(const PairedSetting& setting, const std::string& trace) {
  const std::vector<Total> a = over_replicas(setting.a, trace);
  const std::vector<Total> b = over_replicas(setting.b, trace);
  if (a.size() != b.size())
    throw std::invalid_argument(fmt::format(
        "claim: {}: {} blocks of one policy, {} of the other; they must be the same", trace, a.size(), b.size()));
  std::vector<PairedTotal> totals;
  for (std::size_t i = 0; i < a.size(); ++i) totals.push_back({a[i], b[i]});
  return totals;
}

bool has_jobs(const PairedBlock& block) {
  return std::all_of(block.begin(), block.end(), [](const PairedTotal& t) { return t.a.jobs > 0 && t.b.jobs > 0; });
}

PairedBlocks paired_blocks(const PairedTrace& trace) {
  std::vector<std::vector<PairedTotal>> settings;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const PairedSetting& setting : trace.settings) {
    settings.push_back(paired_totals(setting, trace.trace));
    least = std::min(least, settings.back().size());
  }
  if (settings.empty() || least == 0) return {};
  PairedBlocks blocks(least, PairedBlock(settings.size()));
  for (std::size_t s = 0; s < settings.size(); ++s)
    for (std::size_t i = 0; i < settings[s].size(); ++i) {
      PairedTotal& total = blocks[std::min(i, least - 1)][s];
      total.a.add(settings[s][i].a, 1);
      total.b.add(settings[s][i].b, 1);
    }
  std::erase_if(blocks, [](const PairedBlock& block) { return !has_jobs(block); });
  return blocks;
}

double log_mean(const Total& total, const ClaimMetric& metric) {
  const double mean = total.sum / total.jobs;
  if (metric.logarithmic) return mean;
  if (!(mean + metric.offset > 0))
    throw std::invalid_argument(fmt::format("claim: a mean of {} is {}; above zero would be right", metric.key, mean));
  return portable_log(mean + metric.offset);
}

// Of a's mean to b's, on average over the settings; below zero, a is better.
double log_ratio(const PairedBlock& block, const ClaimMetric& metric) {
  double sum = 0;
  for (const PairedTotal& total : block) sum += log_mean(total.a, metric) - log_mean(total.b, metric);
  return sum / static_cast<double>(block.size());
}

// The settings of a trace share the weights of its blocks.
double log_ratio(const PairedBlocks& blocks, const std::vector<double>& weights, const ClaimMetric& metric) {
  PairedBlock all(blocks.front().size());
  for (std::size_t i = 0; i < blocks.size(); ++i)
    for (std::size_t s = 0; s < all.size(); ++s) {
      all[s].a.add(blocks[i][s].a, weights[i]);
      all[s].b.add(blocks[i][s].b, weights[i]);
    }
  return log_ratio(all, metric);
}

double better_percent(double log_ratio) { return 100 * (1 - portable_exp(log_ratio)); }

// A claim with what its sentence is made of.
struct Draft {
  const PolicyPair* pair = nullptr;
  Claim claim;
  int blocks_worse = 0;
  int traces_worse = 0;
  bool testable = false;
  std::string short_traces;  // with too few blocks for an interval
};

void count(Draft& draft, const std::vector<PairedBlocks>& traces, const std::vector<double>& by_block) {
  const ClaimMetric& metric = draft.pair->metric;
  Claim& claim = draft.claim;
  claim.traces = static_cast<int>(traces.size());
  claim.blocks = static_cast<int>(by_block.size());
  claim.blocks_better =
      static_cast<int>(std::count_if(by_block.begin(), by_block.end(), [](double d) { return d < 0; }));
  draft.blocks_worse =
      static_cast<int>(std::count_if(by_block.begin(), by_block.end(), [](double d) { return d > 0; }));
  double pooled = 0;
  for (const PairedBlocks& blocks : traces) {
    const double ratio = log_ratio(blocks, std::vector<double>(blocks.size(), 1.0), metric);
    claim.traces_better += ratio < 0;
    draft.traces_worse += ratio > 0;
    pooled += ratio / static_cast<double>(traces.size());
  }
  claim.better_percent = traces.empty() ? kUnknownFigure : better_percent(pooled);
}

void put_interval(Claim& claim, const std::vector<PairedBlocks>& traces, const ClaimMetric& metric,
                  const BootstrapOptions& options) {
  std::vector<std::size_t> strata(traces.size());
  std::transform(traces.begin(), traces.end(), strata.begin(),
                 [](const PairedBlocks& blocks) { return blocks.size(); });
  const auto pooled = [&](const BlockWeights& weights) {
    double sum = 0;
    for (std::size_t t = 0; t < traces.size(); ++t) sum += log_ratio(traces[t], weights[t], metric);
    return sum / static_cast<double>(traces.size());
  };
  if (const std::optional<Interval> interval = bootstrap_interval(strata, pooled, options)) {
    claim.low = better_percent(interval->high);
    claim.high = better_percent(interval->low);
  }
}

Draft draft_of(const PolicyPair& pair, const BootstrapOptions& options) {
  Draft draft;
  draft.pair = &pair;
  Claim& claim = draft.claim;
  claim.metric = pair.metric.key;
  claim.a = pair.a;
  claim.b = pair.b;
  claim.low = claim.high = claim.p_wilcoxon = claim.p_t = claim.p_holm = claim.effect_size = kUnknownFigure;
  std::vector<PairedBlocks> traces;
  std::vector<double> by_block;
  for (const PairedTrace& trace : pair.traces) {
    PairedBlocks blocks = paired_blocks(trace);
    if (blocks.empty()) continue;
    for (const PairedBlock& block : blocks) by_block.push_back(log_ratio(block, pair.metric));
    if (blocks.size() < kLeastBlocksForInterval)
      draft.short_traces += (draft.short_traces.empty() ? "" : ", ") + trace.trace;
    traces.push_back(std::move(blocks));
  }
  count(draft, traces, by_block);
  if (least_signed_rank_p(by_block.size()) > 1 - options.confidence) return draft;
  const std::optional<SignedRankTest> test = signed_rank_test(by_block);
  if (!test) return draft;
  draft.testable = true;
  claim.p_wilcoxon = test->p;
  claim.effect_size = -test->rank_biserial;
  if (const std::optional<TTest> t = paired_t_test(by_block)) claim.p_t = t->p;
  put_interval(claim, traces, pair.metric, options);
  return draft;
}

// Returns how many tests there are.
std::size_t correct(std::vector<Draft>& drafts) {
  std::vector<double> p_values;
  for (const Draft& draft : drafts)
    if (draft.testable) p_values.push_back(draft.claim.p_wilcoxon);
  const std::vector<double> corrected = holm(p_values);
  std::size_t next = 0;
  for (Draft& draft : drafts)
    if (draft.testable) draft.claim.p_holm = corrected[next++];
  return p_values.size();
}

// Rounded here, so that there is no "-0".
std::string number(double value, int decimals) {
  const double scale = decimals == 0 ? 1 : 10;
  return fmt::format("{:.{}f}", std::round(value * scale) / scale + 0.0, decimals);
}

// "31 %", with the interval "31 % [27, 35]"; as how much worse where it is. One decimal where whole per cents would
// hide the sign or the size.
std::string amount(const Claim& claim) {
  const bool worse = claim.better_percent < 0;
  const double low = worse ? -claim.high : claim.low;
  const double high = worse ? -claim.low : claim.high;
  int decimals = 0;
  for (const double figure : {claim.better_percent, low, high})
    if (std::abs(figure) < 9.95) decimals = 1;
  std::string by = number(std::abs(claim.better_percent), decimals) + " %";
  if (std::isnan(low) || std::isnan(high)) return by;
  return fmt::format("{} [{}, {}]", by, number(low, decimals), number(high, decimals));
}

std::string counts(const Draft& draft) {
  const Claim& claim = draft.claim;
  const bool worse = claim.better_percent < 0;
  const auto plural = [](int n) { return n == 1 ? "" : "s"; };
  std::string text = fmt::format("in {} of {} block{}", worse ? draft.blocks_worse : claim.blocks_better, claim.blocks,
                                 plural(claim.blocks));
  if (claim.traces > 1)
    text += fmt::format(", on {} of {} traces", worse ? draft.traces_worse : claim.traces_better, claim.traces);
  return text;
}

std::string test_words(const Claim& claim) {
  const std::string p = claim.p_holm < 0.001 ? std::string("p < 0.001") : fmt::format("p = {:.2g}", claim.p_holm);
  return "Wilcoxon, Holm: " + p;
}

bool interval_and_test_agree(const Claim& claim) {
  return (claim.low > 0 && claim.effect_size > 0) || (claim.high < 0 && claim.effect_size < 0);
}

// `tests`: how many claims are tested together.
std::string sentence(const Draft& draft, double level, std::size_t tests) {
  const Claim& claim = draft.claim;
  const std::string& metric = draft.pair->metric.words;
  if (claim.blocks == 0)
    return fmt::format("{} and {} cannot be compared in {}: no block has jobs", claim.a, claim.b, metric);
  if (claim.blocks_better == 0 && draft.blocks_worse == 0)
    return fmt::format("{} and {} are the same in {}, in each of {} blocks", claim.a, claim.b, metric, claim.blocks);
  const char* direction = claim.better_percent < 0 ? "worse" : "better";
  const auto against = [&](const char* verb) {
    return fmt::format("{} {} {} than {} by {} in {}, {}", claim.a, verb, direction, claim.b, amount(claim), metric,
                       counts(draft));
  };
  if (!draft.testable) return against("came out") + ": too few blocks for a test";
  if (!draft.short_traces.empty())
    return fmt::format("{} ({}; no interval: fewer than {} blocks of {})", against("came out"), test_words(claim),
                       kLeastBlocksForInterval, draft.short_traces);
  const bool agree = interval_and_test_agree(claim);
  if (agree && claim.p_holm < level) return fmt::format("{} ({})", against("is"), test_words(claim));
  const double least = least_signed_rank_p(static_cast<std::size_t>(claim.blocks)) * static_cast<double>(tests);
  if (agree && least >= level)
    return fmt::format("{} ({}; too few blocks for {} tests at once)", against("came out"), test_words(claim), tests);
  return fmt::format("{} is not shown to differ from {} in {}: {} by {}, {} ({})", claim.a, claim.b, metric, direction,
                     amount(claim), counts(draft), test_words(claim));
}

nlohmann::ordered_json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

}  // namespace

std::vector<Claim> make_claims(std::span<const PolicyPair> pairs, const BootstrapOptions& options) {
  std::vector<Draft> drafts;
  for (const PolicyPair& pair : pairs) drafts.push_back(draft_of(pair, options));
  const std::size_t tests = correct(drafts);
  std::vector<Claim> claims;
  for (Draft& draft : drafts) {
    draft.claim.text = sentence(draft, 1 - options.confidence, tests);
    claims.push_back(std::move(draft.claim));
  }
  return claims;
}

nlohmann::ordered_json claim_json(const Claim& claim) {
  return {{"text", claim.text},
          {"metric", claim.metric},
          {"a", claim.a},
          {"b", claim.b},
          {"better_percent", rounded(claim.better_percent)},
          {"low", rounded(claim.low)},
          {"high", rounded(claim.high)},
          {"p", rounded(claim.p_holm)},
          {"p_wilcoxon", rounded(claim.p_wilcoxon)},
          {"p_t", rounded(claim.p_t)},
          {"effect_size", rounded(claim.effect_size)},
          {"blocks_better", claim.blocks_better},
          {"blocks", claim.blocks},
          {"traces_better", claim.traces_better},
          {"traces", claim.traces}};
}

}  // namespace wattfill
