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
#include "trace-replay/statistics/moments.hpp"
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

void check_replicas(const PairedSetting& setting, const std::string& trace) {
  if (setting.a.size() != setting.b.size())
    throw std::invalid_argument(
        fmt::format("claim: {}: {} replicas of one policy, {} of the other; they must be the same", trace,
                    setting.a.size(), setting.b.size()));
}

bool both_ran(const PairedSetting& setting, std::size_t replica) {
  return !setting.a[replica].empty() && !setting.b[replica].empty();
}

// Block by block, over the replicas; nothing where all failed.
std::vector<PairedTotal> paired_totals(const PairedSetting& setting, const std::string& trace) {
  check_replicas(setting, trace);
  std::vector<PairedTotal> totals;
  const auto add = [&](const std::vector<BlockSum>& blocks, Total PairedTotal::*policy) {
    if (totals.empty()) totals.resize(blocks.size());
    if (blocks.size() != totals.size())
      throw std::invalid_argument(fmt::format("claim: {}: a replay has {} blocks, the first {}; they must be the same",
                                              trace, blocks.size(), totals.size()));
    for (std::size_t i = 0; i < blocks.size(); ++i)
      (totals[i].*policy).add({static_cast<double>(blocks[i].jobs), blocks[i].sum}, 1);
  };
  for (std::size_t r = 0; r < setting.a.size(); ++r) {
    if (!both_ran(setting, r)) continue;
    add(setting.a[r], &PairedTotal::a);
    add(setting.b[r], &PairedTotal::b);
  }
  return totals;
}

bool has_jobs(const PairedBlock& block) {
  return std::all_of(block.begin(), block.end(), [](const PairedTotal& t) { return t.a.jobs > 0 && t.b.jobs > 0; });
}

PairedBlocks paired_blocks(const PairedTrace& trace) {
  std::vector<std::vector<PairedTotal>> settings;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const PairedSetting& setting : trace.settings) {
    std::vector<PairedTotal> totals = paired_totals(setting, trace.trace);
    if (totals.empty()) continue;
    settings.push_back(std::move(totals));
    least = std::min(least, settings.back().size());
  }
  if (settings.empty()) return {};
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
  const char* sample = "block";
  const char* untested = ": too few blocks for a test";
  std::string short_traces;  // with too few blocks for an interval
};

// The logarithms of the ratios of samples, which are blocks or draws, and of traces.
void count(Draft& draft, const std::vector<double>& samples, const std::vector<double>& traces) {
  const auto below = [](double ratio) { return ratio < 0; };
  const auto above = [](double ratio) { return ratio > 0; };
  const auto times = [](const std::vector<double>& ratios, auto&& is) {
    return static_cast<int>(std::count_if(ratios.begin(), ratios.end(), is));
  };
  Claim& claim = draft.claim;
  claim.traces = static_cast<int>(traces.size());
  claim.traces_better = times(traces, below);
  draft.traces_worse = times(traces, above);
  claim.blocks = static_cast<int>(samples.size());
  claim.blocks_better = times(samples, below);
  draft.blocks_worse = times(samples, above);
  if (!traces.empty()) claim.better_percent = better_percent(moments(traces).mean);
}

void put(const std::optional<Interval>& interval, Claim& claim) {
  if (!interval) return;
  claim.low = better_percent(interval->high);
  claim.high = better_percent(interval->low);
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
  put(bootstrap_interval(strata, pooled, options), claim);
}

Draft empty_draft(const PolicyPair& pair) {
  Draft draft;
  draft.pair = &pair;
  Claim& claim = draft.claim;
  claim.metric = pair.metric.key;
  claim.a = pair.a;
  claim.b = pair.b;
  claim.better_percent = claim.low = claim.high = kUnknownFigure;
  claim.p_wilcoxon = claim.p_t = claim.p_holm = claim.effect_size = kUnknownFigure;
  return draft;
}

Draft draft_of(const PolicyPair& pair, const BootstrapOptions& options) {
  Draft draft = empty_draft(pair);
  Claim& claim = draft.claim;
  std::vector<PairedBlocks> traces;
  std::vector<double> by_trace;
  std::vector<double> by_block;
  for (const PairedTrace& trace : pair.traces) {
    PairedBlocks blocks = paired_blocks(trace);
    if (blocks.empty()) continue;
    for (const PairedBlock& block : blocks) by_block.push_back(log_ratio(block, pair.metric));
    if (blocks.size() < kLeastBlocksForInterval)
      draft.short_traces += (draft.short_traces.empty() ? "" : ", ") + trace.trace;
    by_trace.push_back(log_ratio(blocks, std::vector<double>(blocks.size(), 1.0), pair.metric));
    traces.push_back(std::move(blocks));
  }
  count(draft, by_block, by_trace);
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

// Of all blocks of a replica; NaN where it failed.
double log_ratio_of_draw(const PairedSetting& setting, std::size_t replica, const ClaimMetric& metric) {
  if (!both_ran(setting, replica)) return kUnknownFigure;
  const PairedSetting draw{{setting.a[replica]}, {setting.b[replica]}};
  PairedTotal all;
  for (const PairedTotal& block : paired_totals(draw, "")) {
    all.a.add(block.a, 1);
    all.b.add(block.b, 1);
  }
  return has_jobs({all}) ? log_ratio({all}, metric) : kUnknownFigure;
}

// Of each draw, on average over the settings that did not fail altogether.
std::vector<double> log_ratios_of_draws(const PairedTrace& trace, const ClaimMetric& metric) {
  std::vector<double> sums;
  double settings = 0;
  for (const PairedSetting& setting : trace.settings) {
    if (paired_totals(setting, trace.trace).empty()) continue;
    ++settings;
    sums.resize(setting.a.size());
    for (std::size_t r = 0; r < sums.size(); ++r) sums[r] += log_ratio_of_draw(setting, r, metric);
  }
  for (double& sum : sums) sum /= settings;
  return sums;
}

Draft drawn_draft_of(const PolicyPair& pair, double confidence) {
  Draft draft = empty_draft(pair);
  draft.sample = "drawn workload";
  std::vector<std::vector<double>> traces;
  for (const PairedTrace& trace : pair.traces)
    if (std::vector<double> ratios = log_ratios_of_draws(trace, pair.metric); !ratios.empty())
      traces.push_back(std::move(ratios));
  std::vector<double> by_draw;
  std::vector<double> by_trace(traces.size());
  for (std::size_t r = 0; !traces.empty() && r < traces.front().size(); ++r) {
    std::vector<double> ratios(traces.size());
    std::transform(traces.begin(), traces.end(), ratios.begin(), [r](const auto& trace) { return trace.at(r); });
    const double pooled = moments(ratios).mean;
    if (std::isnan(pooled)) continue;
    by_draw.push_back(pooled);
    for (std::size_t t = 0; t < ratios.size(); ++t) by_trace[t] += ratios[t];
  }
  if (by_draw.empty()) by_trace.clear();
  for (double& sum : by_trace) sum /= static_cast<double>(by_draw.size());
  count(draft, by_draw, by_trace);
  const std::optional<Interval> interval = percentile_interval(by_draw, confidence);
  put(interval, draft.claim);
  draft.untested = interval ? ": the interval is their percentiles, there is no test" : ": too few for an interval";
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
  std::string text = fmt::format("in {} of {} {}{}", worse ? draft.blocks_worse : claim.blocks_better, claim.blocks,
                                 draft.sample, plural(claim.blocks));
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
    return fmt::format("{} and {} cannot be compared in {}: no {} has jobs", claim.a, claim.b, metric, draft.sample);
  if (claim.blocks_better == 0 && draft.blocks_worse == 0)
    return fmt::format("{} and {} are the same in {}, in each of {} {}s", claim.a, claim.b, metric, claim.blocks,
                       draft.sample);
  const char* direction = claim.better_percent < 0 ? "worse" : "better";
  const auto against = [&](const char* verb) {
    return fmt::format("{} {} {} than {} by {} in {}, {}", claim.a, verb, direction, claim.b, amount(claim), metric,
                       counts(draft));
  };
  if (!draft.testable) return against("came out") + draft.untested;
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

}  // namespace

nlohmann::ordered_json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

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

std::vector<Claim> make_drawn_claims(std::span<const PolicyPair> pairs, double confidence) {
  std::vector<Claim> claims;
  for (const PolicyPair& pair : pairs) {
    Draft draft = drawn_draft_of(pair, confidence);
    draft.claim.text = sentence(draft, 1 - confidence, 0);
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
