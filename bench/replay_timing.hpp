// Times the simulation alone: a workload that is in memory already, the engine and the scheduler, on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/policy/policy_spec.hpp"
#include "backfill/topology/network.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill::bench {

// A preset with its estimate sources replaced where one is named. Throws UsageError for an unknown name.
PolicySpec preset(std::string_view name, const std::string& fit_estimates, const std::string& order_estimates);

// So many processors, or a cluster.
struct BenchMachine {
  std::int32_t processors = 0;
  std::shared_ptr<const Cluster> cluster = nullptr;
  std::shared_ptr<const Network> network = nullptr;  // where the cluster describes one and nodes have an identity
  bool metered = false;                              // energy too; needs a cluster that says what its nodes draw
};

// The machine that a number of processors, the name of a bundled cluster or a cluster file names. `allocation`: counts,
// whole-nodes or cores instead of what the cluster says, or nothing. Throws UsageError, ConfigError.
BenchMachine bench_machine(const std::string& text, const std::string& allocation, bool metered);

// Repeated replays of one workload under one policy.
class ReplayTiming {
 public:
  // The workload must outlive this.
  ReplayTiming(const Workload& workload, BenchMachine machine, PolicySpec policy, PassRule pass);

  // One replay from a new scheduler to the last job's end; making and destroying the scheduler counts, and metering
  // with its report, verified; reading the trace and making the network and the estimate source do not. Throws
  // std::logic_error when a replay does not agree with the first.
  void run();

  std::size_t jobs() const { return workload_.jobs.size(); }
  std::size_t runs() const { return seconds_.size(); }
  std::size_t longest_queue() const { return longest_queue_; }
  const PolicySpec& policy() const { return policy_; }
  // At least one run() must have been made.
  double best_seconds() const;
  double median_seconds() const;
  double best_rate() const { return static_cast<double>(jobs()) / best_seconds(); }      // jobs per second
  double median_rate() const { return static_cast<double>(jobs()) / median_seconds(); }  // jobs per second

 private:
  const Workload& workload_;
  BenchMachine machine_;
  PolicySpec policy_;
  PassRule pass_;
  std::vector<double> seconds_;
  std::size_t longest_queue_ = 0;
  std::int64_t wait_sum_ = 0;
};

}  // namespace wattfill::bench
