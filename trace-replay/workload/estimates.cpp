#include "trace-replay/workload/estimates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

constexpr std::uint64_t kEstimateStream = 0x657374696D617465;
constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;

constexpr double kLongestHabit = 0.22;  // shares of applications
constexpr double kOddHabit = 0.02;
constexpr double kOddJob = 0.07;  // shares of jobs
constexpr double kKilledJob = 0.01;
constexpr double kNearness = 0.5;

// 48 h, the twentieth, is the longest allowed of the Lublin-Feitelson model and not listed.
constexpr std::pair<std::int64_t, double> kPopularValues[] = {
    {5 * kMinute, 4},  {10 * kMinute, 4}, {15 * kMinute, 6}, {20 * kMinute, 2}, {30 * kMinute, 6},
    {45 * kMinute, 1}, {1 * kHour, 10},   {90 * kMinute, 2}, {2 * kHour, 7},    {3 * kHour, 4},
    {4 * kHour, 8},    {5 * kHour, 2},    {6 * kHour, 4},    {8 * kHour, 3},    {10 * kHour, 3},
    {12 * kHour, 8},   {18 * kHour, 4},   {24 * kHour, 7},   {36 * kHour, 3}};

constexpr std::int64_t kLimits[] = {1 * kHour,  2 * kHour,  4 * kHour,   8 * kHour,   12 * kHour,  24 * kHour,
                                    48 * kHour, 72 * kHour, 120 * kHour, 168 * kHour, 336 * kHour, 720 * kHour};

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

std::int64_t longest_allowed(std::int64_t longest_run_s) {
  const auto* limit = std::lower_bound(std::begin(kLimits), std::end(kLimits), longest_run_s);
  return limit != std::end(kLimits) ? *limit : round_up(longest_run_s, kDay);
}

}  // namespace

std::string describe(const EstimateOptions& options) {
  switch (options.kind) {
    case EstimateKind::kExact:
      return "requested time = runtime";
    case EstimateKind::kFactor:
      return fmt::format("requested time = runtime x uniform factor in [{}, {}], rounded up", options.low,
                         options.high);
    case EstimateKind::kModal:
      break;
  }
  return "requested time: modal, after Tsafrir, Etsion and Feitelson 2005, by habit of each application";
}

RequestModel::RequestModel(const EstimateOptions& options, std::int64_t longest_run_s, std::uint64_t seed)
    : options_(options),
      longest_allowed_s_(longest_allowed(longest_run_s)),
      engine_(seeded_engine(seed, kEstimateStream)) {
  if (!(options.low >= 1 && options.low <= options.high && options.high <= 1000)) {
    throw UsageError(fmt::format("estimate factors {},{}: expected 1 <= LO <= HI <= 1000", options.low, options.high));
  }
  for (const auto& [value_s, weight] : kPopularValues) {
    if (value_s < longest_allowed_s_) popular_.push_back({value_s, weight});
  }
}

std::int64_t RequestModel::request(std::int64_t run_s, std::int64_t user, std::int64_t executable) {
  switch (options_.kind) {
    case EstimateKind::kExact:
      return run_s;
    case EstimateKind::kFactor: {
      const double factor = uniform(engine_, options_.low, options_.high);
      return std::max(run_s, static_cast<std::int64_t>(std::ceil(static_cast<double>(run_s) * factor)));
    }
    case EstimateKind::kModal:
      break;
  }
  return modal(run_s, user, executable);
}

std::int64_t RequestModel::modal(std::int64_t run_s, std::int64_t user, std::int64_t executable) {
  const double kind = uniform(engine_);
  if (kind < kKilledJob) return run_s;
  if (kind < kKilledJob + kOddJob) return odd_value(run_s);
  if (user < 0) return new_habit(run_s);
  const std::uint64_t key = static_cast<std::uint64_t>(user) << 32 ^ static_cast<std::uint64_t>(executable);
  std::int64_t& habit = habits_[key];
  if (habit < run_s) habit = new_habit(run_s);
  return habit;
}

std::int64_t RequestModel::new_habit(std::int64_t run_s) {
  const double kind = uniform(engine_);
  if (kind < kLongestHabit) return longest_allowed_s_;
  if (kind < kLongestHabit + kOddHabit) return odd_value(run_s);
  return popular_value(run_s);
}

std::int64_t RequestModel::popular_value(std::int64_t run_s) {
  const auto first = std::lower_bound(popular_.begin(), popular_.end(), run_s,
                                      [](const Popular& popular, std::int64_t run) { return popular.value_s < run; });
  if (first == popular_.end()) return longest_allowed_s_;
  const auto weight = [run_s](const Popular& popular) {
    return popular.weight * std::pow(static_cast<double>(run_s) / static_cast<double>(popular.value_s), kNearness);
  };
  double sum = 0;
  for (auto it = first; it != popular_.end(); ++it) sum += weight(*it);
  double point = uniform(engine_) * sum;
  auto chosen = first;
  for (; chosen + 1 != popular_.end(); ++chosen) {
    point -= weight(*chosen);
    if (point < 0) break;
  }
  return chosen->value_s;
}

std::int64_t RequestModel::odd_value(std::int64_t run_s) {
  const double wanted = static_cast<double>(run_s) * uniform(engine_, 1.05, 4);
  return std::min(round_up(static_cast<std::int64_t>(wanted) + 1, kMinute), longest_allowed_s_);
}

void replace_requests(std::vector<SwfRecord>& records, const EstimateOptions& options, std::uint64_t seed) {
  std::int64_t longest = 0;
  for (const SwfRecord& record : records) longest = std::max(longest, record.run_s);
  RequestModel requests(options, longest, seed);
  for (SwfRecord& record : records) {
    if (record.run_s > 0) record.requested_s = requests.request(record.run_s, record.user, record.executable);
  }
}

}  // namespace wattfill
