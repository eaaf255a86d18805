// The sidecar of a trace: what jobs have used, on which nodes, and how far that figure can be trusted. CSV.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/import/node_sharing.hpp"

namespace wattfill {

enum class JoulesValidity : std::uint8_t {
  kOk,        // the job's own energy, within the stated domain
  kNone,      // no figure
  kZero,      // nothing was measured
  kReset,     // the counter ran backwards or was reset meanwhile: beyond 10^15 J, or below a watt a node
  kTooLarge,  // more than its nodes can have drawn
  kPartial,   // part of the nodes, or of the time
  kShared,    // of nodes that other jobs used as well
  kNotKnown,  // of nodes that are not known: whether other jobs used them, cannot be told
  kModelled   // not measured at all: what a model says
};

// Numbers that are not known are -1.
struct JobEnergy {
  std::int64_t job = 0;                         // as in the trace
  std::int64_t submit = 0, start = 0, end = 0;  // seconds since the Unix epoch
  std::int64_t run_s = 0;                       // without suspension
  std::int64_t requested_s = -1;
  std::int32_t user = -1, group = -1, executable = -1, queue = -1, partition = -1;  // as in the trace
  std::int64_t priority = -1;
  std::int64_t processors = -1;
  std::int64_t accelerators = -1;
  double memory_kb = -1;  // requested, of the whole job
  std::int64_t nodes = -1;
  std::string node_list;
  NodeUse use = NodeUse::kNotKnown;
  double joules = -1;
  std::string source;  // where the figure comes from
  std::string domain;  // what of a node it covers
  JoulesValidity validity = JoulesValidity::kNone;

  bool operator==(const JobEnergy&) const = default;
};

class CsvTable;

// The job's number from `number_column`, and submit_unix, start_unix, end_unix and run_s, of the line that was read.
// Throws InputError where one is not known, or the times are in another order.
void read_job_times(const CsvTable& table, std::string_view number_column, JobEnergy& job);

std::string_view name(NodeUse use);
std::string_view name(JoulesValidity validity);

// With a header line; what read_job_energy() reads back equal.
std::string job_energy_csv(const std::vector<JobEnergy>& jobs);

// Columns by their names, in any order; unknown ones are passed over, and so are empty lines and such that begin with
// "#". "-" is standard input, .gz is unpacked. Throws InputError "FILE:LINE: field N (name): ..." for what is wrong.
std::vector<JobEnergy> read_job_energy(const std::string& path);
std::vector<JobEnergy> parse_job_energy(const std::string& name, std::string text);  // for tests and fuzzing

}  // namespace wattfill
