#include "bench/replay_timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "trace-replay/cli/cluster_options.hpp"
#include "trace-replay/cli/metering.hpp"
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

BenchMachine bench_machine(const std::string& text, const std::string& allocation, bool metered) {
  BenchMachine machine;
  machine.metered = metered;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), machine.processors);
  if (error == std::errc() && end == text.data() + text.size() && machine.processors > 0) {
    if (metered || !allocation.empty()) throw UsageError("--metered and --allocation need a cluster");
    return machine;
  }
  Cluster cluster = cli::named_cluster(text);
  cli::set_allocation(cluster, allocation);
  if (metered && !cli::can_be_metered(cluster))
    throw UsageError(fmt::format("--metered: cluster \"{}\" does not say what its nodes draw", text));
  machine.processors = static_cast<std::int32_t>(cluster.processors());
  const bool nodes = cluster.allocation != AllocationMode::kCounts;
  if (nodes && !std::holds_alternative<std::monostate>(cluster.network))
    machine.network = std::make_shared<Network>(cluster, node_names(cluster));
  machine.cluster = std::make_shared<Cluster>(std::move(cluster));
  return machine;
}

ReplayTiming::ReplayTiming(const Workload& workload, BenchMachine machine, PolicySpec policy, PassRule pass)
    : workload_(workload), machine_(std::move(machine)), policy_(std::move(policy)), pass_(pass) {}

void ReplayTiming::run() {
  SchedulerOptions options;
  options.policy = policy_;
  options.cluster = machine_.cluster;
  options.network = machine_.network;
  if (!machine_.cluster) options.processors = machine_.processors;
  options.free_rule = pass_ == PassRule::kEachEvent ? FreeRule::kEstimated : FreeRule::kEnded;
  const EstimateSources sources =
      make_estimate_sources({policy_.fit_estimates, policy_.order_estimates, policy_.fill_estimates}, workload_);
  options.fit_estimates = sources.fit;
  options.order_estimates = sources.order;
  options.fill_estimates = sources.fill;
  ReplayOptions replay_options;
  replay_options.pass = pass_;
  if (machine_.cluster && nodes_sleep(policy_, *machine_.cluster)) replay_options.cluster = machine_.cluster.get();

  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  ReplayResult result;
  {
    std::optional<cli::Metering> metering;
    if (machine_.metered) replay_options.observer = &metering.emplace(workload_, *machine_.cluster, false);
    BackfillScheduler scheduler(std::move(options));
    result = replay(workload_, scheduler, replay_options);
    if (metering) metering->finish(result);
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
