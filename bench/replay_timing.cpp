#include "bench/replay_timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "trace-replay/engine/estimate_sources.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::bench {

PolicySpec preset(std::string_view name, const std::string& fit_estimates, const std::string& order_estimates) {
  const PolicySpec* found = find_policy(name);
  if (found == nullptr) throw UsageError(fmt::format("policy \"{}\" is no preset (see: trace-replay policies)", name));
  PolicySpec spec = *found;
  if (!fit_estimates.empty()) spec.fit_estimates = fit_estimates;
  if (!order_estimates.empty()) spec.order_estimates = order_estimates;
  return spec;
}

ReplayTiming::ReplayTiming(const Workload& workload, std::int32_t processors, PolicySpec policy, PassRule pass)
    : workload_(workload), processors_(processors), policy_(std::move(policy)), pass_(pass) {}

void ReplayTiming::run() {
  SchedulerOptions options;
  options.policy = policy_;
  options.processors = processors_;
  options.free_rule = pass_ == PassRule::kEachEvent ? FreeRule::kEstimated : FreeRule::kEnded;
  options.fit_estimates = make_estimate_source(policy_.fit_estimates, workload_);
  options.order_estimates = policy_.order_estimates == policy_.fit_estimates
                                ? options.fit_estimates
                                : make_estimate_source(policy_.order_estimates, workload_);
  ReplayOptions replay_options;
  replay_options.pass = pass_;

  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  ReplayResult result;
  {
    BackfillScheduler scheduler(std::move(options));
    result = replay(workload_, scheduler, replay_options);
  }
  seconds_.push_back(std::chrono::duration<double>(Clock::now() - began).count());

  std::int64_t wait_sum = 0;
  for (const JobOutcome& outcome : result.outcomes) wait_sum += (outcome.start - outcome.submit).count();
  if (seconds_.size() > 1 && wait_sum != wait_sum_)
    throw std::logic_error(fmt::format("{}: two replays of one workload differ", policy_.name));
  wait_sum_ = wait_sum;
  longest_queue_ = result.longest_queue;
}

double ReplayTiming::best_seconds() const { return *std::min_element(seconds_.begin(), seconds_.end()); }

double ReplayTiming::median_seconds() const {
  std::vector<double> sorted = seconds_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

}  // namespace wattfill::bench
