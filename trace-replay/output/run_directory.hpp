// The files of a run: jobs.csv, schedule.swf, summary.json, and what else is known of it.
#pragma once

#include <string>

#include "backfill/model/cluster.hpp"
#include "backfill/topology/network.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/metrics/summary.hpp"
#include "trace-replay/output/allocation_log.hpp"
#include "trace-replay/output/power_change_log.hpp"
#include "trace-replay/output/prediction_log.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// What was run, for the header of schedule.swf and for summary.json.
struct RunDescription {
  std::string command;
  std::string policy;
  std::string cluster;
  std::int32_t processors = 0;
  std::string policy_text = {};  // both as protobuf text; empty: not written
  std::string cluster_text = {};
};

// What is known where nodes have an identity, sleep or were metered, or runtimes were predicted; null where it is not.
struct RunDetails {
  const Cluster* cluster = nullptr;      // with its daily and weekly series on the trace's clock
  const EnergyReport* energy = nullptr;  // with the energy of every job and the power over time
  const AllocationLog* allocations = nullptr;
  const Network* network = nullptr;
  const PowerChangeLog* power_changes = nullptr;
  const PredictionLog* predictions = nullptr;
};

// Writes jobs.csv, schedule.swf and summary.json, power.csv where energy was metered, nodes.csv where nodes slept,
// predictions.csv where runtimes were predicted, facility.csv where the facility has a cap, a tariff or a carbon
// intensity, policy.textproto and cluster.textproto, each whole or not at all, into an existing or new directory.
// Throws OutputError.
//
// jobs.csv has the columns of Batsim's, so that evalys reads it. Its allocated_resources are the job's nodes; where
// processors were only counted they are labels given after the fact, lowest free processors first, in order of the
// starts.
void write_run_directory(const std::string& directory, const Workload& workload, const ReplayResult& result,
                         const Summary& summary, const RunDescription& run, const RunDetails& details = {});

}  // namespace wattfill
