// Jobs out of the rows of sacct: every run of a job with what its steps measured, and what was left out, by cause.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trace-replay/import/sacct_rows.hpp"
#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

enum NameKind : std::size_t { kUserName, kAccountName, kJobName, kQosName, kPartitionName, kNameKinds };

// Where a job's joules stand.
enum class JoulesFrom : std::uint8_t {
  kNowhere,
  kJob,     // the job's own row
  kExtern,  // its extern step, which is on all its nodes for as long as it runs
  kBatch,   // its batch step, which is on its first node
  kSteps    // the sum over the steps that srun started: what happened between them is missing
};

// One run of a job, or a job that was cancelled while it waited. Times in seconds since the Unix epoch, -1: unknown.
struct SacctRun {
  std::string id;  // sacct's
  std::int64_t arrival = 0;
  std::int64_t start = -1;  // -1: it never started
  std::int64_t end = -1;
  std::int64_t run_s = 0;  // without suspension
  std::int64_t requested_s = -1;
  SwfStatus status = SwfStatus::kMissing;
  std::int64_t cpus = -1;  // as Slurm counts them: cores or threads
  std::int64_t nodes = -1;
  std::int64_t accelerators = -1;
  double memory_kb = -1;       // requested, of the whole job
  double used_memory_kb = -1;  // of the whole job, at most: the largest task's times the tasks
  double cpu_s = -1;           // used, of the whole job
  std::int64_t priority = -1;
  std::array<std::int32_t, kNameKinds> names{};  // indices into SacctJobs::names; -1: not said
  std::string node_list;
  double joules = -1;  // -1: not said
  JoulesFrom joules_from = JoulesFrom::kNowhere;
};

// jobs = ran + cancelled_waiting + the left_*.
struct SacctReport {
  std::int64_t lines = 0;  // jobs + steps + rejected
  std::int64_t jobs = 0;
  std::int64_t steps = 0;
  std::int64_t rejected = 0;
  std::int64_t ran = 0;
  std::int64_t cancelled_waiting = 0;
  std::int64_t left_pending = 0;
  std::int64_t left_running = 0;
  std::int64_t left_never_eligible = 0;  // cancelled while held, or before their time or their dependency came
  std::int64_t left_failed_waiting = 0;  // ended without a start in another way than cancelled
  std::int64_t left_twice = 0;           // the same job and submission, as where files overlap: the later row counts
  // Of those that are kept:
  std::int64_t runs_again = 0;  // further runs of a job ID: requeued, or the number came round again
  std::int64_t array_tasks = 0;
  std::int64_t components = 0;
  std::int64_t suspended = 0;
  std::int64_t other_clock = 0;    // End - Start is not Elapsed: Elapsed counts
  std::int64_t started_early = 0;  // before the submission: the wait counts as 0
  std::int64_t unlimited = 0;      // Timelimit UNLIMITED or Partition_Limit
  std::int64_t no_limit = 0;       // no Timelimit
  std::int64_t no_cpus = 0;        // ran on no CPU that is known
  std::int64_t steps_without_job = 0;
};

// On its nodes when the file was written.
struct SacctOccupation {
  std::int64_t start = 0;
  std::string node_list;
};

struct SacctJobs {
  std::vector<SacctRun> runs;  // by (arrival, order of their first lines in the file)
  std::vector<SacctOccupation> running;
  std::array<std::vector<std::string>, kNameKinds> names;  // in order of appearance
  SacctReport report;
  std::vector<std::string> reject_examples;
  std::string source;
};

struct SacctOptions {
  SacctFormat format;
  // When a job counts as submitted: when it became eligible, where that is known, for before that no scheduler could
  // start it; or when it was submitted.
  bool from_eligible = true;
  std::int64_t unlimited_s = -1;  // the limit of jobs without one; -1: unknown
};

// Throws InputError, also where no job is kept. Memory: linear in the jobs; some 1.3 kB a job for the whole command.
SacctJobs read_sacct(SacctReader& reader, const SacctOptions& options);

// One line for each cause that occurred.
std::string describe_sacct(const SacctJobs& jobs);

}  // namespace wattfill
