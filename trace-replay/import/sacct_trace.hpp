// Jobs of sacct as a trace (SWF) and its sidecar.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/import/job_energy.hpp"
#include "trace-replay/import/sacct_jobs.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {

// The numbers of the names of each kind, in the order of SacctJobs::names.
using SacctNumbers = std::array<std::vector<std::int32_t>, kNameKinds>;

// From 1 in order of appearance; partitions that stand in `partitions` by their place there, the others behind them.
SacctNumbers plain_numbers(const SacctJobs& jobs, const std::vector<std::string>& partitions);
// The same for QOS and partitions, which are the machine's; users, accounts and job names by their hash.
SacctNumbers hashed_numbers(const SacctJobs& jobs, const std::vector<std::string>& partitions, const std::string& key);

struct SacctTraceOptions {
  std::int64_t utc_offset_s = 0;      // of the machine's place, for the header
  std::int64_t threads_per_core = 1;  // Slurm counts threads; a processor is a core
};

// One record for each run, numbered from 1; times since the first arrival. Field 5 and 8 are the CPUs that Slurm gave,
// in cores, rounded up: it rounds requests up to what it gives. Accounts are groups, job names executables, QOS queues.
struct SacctTrace {
  SwfHeader header;  // with the names of queues and partitions
  std::vector<SwfRecord> records;
};
SacctTrace sacct_trace(const SacctJobs& jobs, const SacctNumbers& numbers, const SacctTraceOptions& options);

// What sacct's figures cover, by the site's AcctGatherEnergyType.
struct EnergyDomain {
  std::string_view type;    // as in acct_gather_energy/TYPE; "unknown"
  std::string_view covers;  // "node", "packages and memory", ...
};
inline constexpr EnergyDomain kEnergyDomains[] = {
    {"rapl", "packages and memory (RAPL)"},
    {"ipmi", "node (IPMI)"},
    {"xcc", "node (XCC)"},
    {"pm_counters", "node (pm_counters)"},
    {"gpu", "accelerators (GPU)"},
    {"unknown", "not said: a node by IPMI; or packages and memory by RAPL"},
};

struct SidecarOptions {
  EnergyDomain domain = kEnergyDomains[5];
  double possible_watts = 10'000;  // more than any node draws
  std::int64_t threads_per_core = 1;
};

// Of the runs with nodes or joules that started, in the order of the trace.
std::vector<JobEnergy> sacct_sidecar(const SacctJobs& jobs, const SacctNumbers& numbers, const SidecarOptions& options);

// CSV: kind, number, name. Without `plain`, only what the header tells too.
std::string sacct_names_csv(const SacctJobs& jobs, const SacctNumbers& numbers, bool plain);

}  // namespace wattfill
