// Exact metering: an observer of what really happened. It is told every start, end, frequency change and power
// transition, and accounts for every millijoule in integers.
//
// - A node's power is a whole number of milliwatts at every time (node_power.hpp). A node in use belongs to its jobs:
//   its power is divided among them by cores, the running sums over the jobs in order of (start, job) rounded down.
// - A transition costs its stated energy exactly: its power in whole seconds, what is left in the last one.
// - AllocationMode::kCounts: a processor in use draws active / processors of its node, an unused one idle / processors.
//   A share that is no whole number of milliwatts is carried as a fraction (counted_power.hpp); what jobs have used and
//   what idleness has used are both rounded down to a millijoule, once, at the end.
#pragma once

#include <cstdint>
#include <optional>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/counted_power.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/energy/job_accounts.hpp"
#include "trace-replay/energy/node_accounts.hpp"
#include "trace-replay/energy/power_integral.hpp"

namespace wattfill {

struct MeterOptions {
  SimTime begin{};            // metering starts with all nodes awake and unused
  bool per_job = true;        // fill EnergyReport::by_job, 8 bytes a job
  bool record_power = false;  // fill EnergyReport::power, some 12 bytes an instant at which power changes
};

// Events come in order of time; at one instant, ends before the starts that take their place. What cannot be (a start
// on a node that sleeps, an end of a job that does not run, a time before the last one) throws std::logic_error; an
// overflow throws std::overflow_error; the meter is of no use afterwards.
//
// Time: O(1) a start or end with counts, O(runs of consecutive nodes of the job) with whole nodes, O(its nodes and the
// jobs beside it) with shared ones. Memory: 96 bytes a node (280 if shared), 4 bytes a job (12 with per_job), and what
// runs.
class EnergyMeter {
 public:
  // `cluster` must outlive the meter. Throws std::invalid_argument if its powers cannot be metered: see node_power.hpp;
  // with counts there must be exactly one node type.
  explicit EnergyMeter(const Cluster& cluster, const MeterOptions& options = {});
  EnergyMeter(const EnergyMeter&) = delete;
  EnergyMeter& operator=(const EnergyMeter&) = delete;

  // `allocation`: with whole nodes its nodes, with shared ones its nodes and cores, copied; nullptr with counts.
  void job_started(const MeteredJob& job, const Allocation* allocation, SimTime now);
  // `completed`: its work counts as done. A job may start again after it has ended; its energies add up.
  void job_ended(std::uint32_t job, SimTime now, bool completed = true);
  // `state` is an index into NodePower::frequencies, or kFullSpeed. Where nodes are shared, a node has one frequency,
  // and the last one set holds, by a start too.
  void job_frequency(std::uint32_t job, std::int32_t state, SimTime now);

  // Of consecutive nodes of one type and, unless they are awake, of one sleep state. A transition ends exactly its
  // duration after it began. `state` is an index into NodePower::sleep.
  void sleep_begun(NodeRun nodes, std::int32_t state, SimTime now);
  void asleep(NodeRun nodes, SimTime now);
  void wake_begun(NodeRun nodes, SimTime now);
  void awake(NodeRun nodes, SimTime now);
  // The boot was in vain: at its end the node is asleep again.
  void boot_failed(NodeRun nodes, SimTime now);

  // Power now, of the milliwatts that are whole.
  Parts<Milliwatts> power() const;

  // Ends the metering at `horizon`, not before the last event; what still runs is billed until then. Once.
  EnergyReport finish(SimTime horizon);

 private:
  void advance(SimTime now);
  NodeAccounts& accounts();

  const Cluster* cluster_;
  PowerIntegral integral_;
  JobAccounts jobs_;
  std::optional<NodeAccounts> nodes_;    // one of these two
  std::optional<CountedPower> counted_;  // with AllocationMode::kCounts
};

}  // namespace wattfill
