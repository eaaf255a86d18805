// The lines of `sacct --parsable2` or `--parsable`: columns in any order, one row for each job, run or step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trace-replay/import/sacct_values.hpp"
#include "trace-replay/swf/line_reader.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {

// What a column may hold; several columns of sacct are other words for one of them.
enum class SacctField : std::uint8_t {
  kJobId,
  kState,
  kSubmit,
  kEligible,
  kStart,
  kEnd,
  kElapsed,
  kElapsedRaw,
  kSuspended,
  kTimelimit,
  kTimelimitRaw,
  kAllocatedCpus,
  kRequestedCpus,
  kNodes,
  kNodeList,
  kRequestedMemory,
  kMaxRss,
  kTasks,
  kTotalCpu,
  kJoules,
  kJoulesRaw,
  kAllocatedTres,
  kPriority,
  kUser,
  kAccount,
  kJobName,
  kQos,
  kPartition,
  kFields
};

enum class SacctLimit : std::uint8_t { kNotSaid, kSeconds, kUnlimited, kOfPartition };

// One line. Times in seconds since the Unix epoch; what is not known is nullopt or empty.
struct SacctRow {
  SacctJobId id;
  std::string state;  // its first word: "CANCELLED by 1001" is CANCELLED
  std::optional<std::int64_t> submit, eligible, start, end;
  std::optional<std::int64_t> elapsed_s;
  std::int64_t suspended_s = 0;
  SacctLimit limit = SacctLimit::kNotSaid;
  std::int64_t limit_s = 0;
  std::optional<std::int64_t> allocated_cpus, requested_cpus, nodes, tasks, accelerators, priority;
  std::string node_list;
  std::optional<SacctMemory> requested_memory;
  std::optional<double> max_rss_kb, total_cpu_s, joules;
  std::string user, account, name, qos, partition;
  std::int64_t line = 0;
  bool refused = false;  // a job's line that is wrong: no more than `id` is known
};

struct SacctFormat {
  char delimiter = '|';
  std::int64_t utc_offset_s = 0;  // of local times, ahead of UTC
  SwfStrictness strictness = SwfStrictness::kStrict;
};

// Reads line by line. The first line names the columns; the same line may stand again, where files were put together.
// Needed are JobID, State, Submit, Start, End or Elapsed, and one of AllocCPUS, NCPUS, ReqCPUS. A first column name
// that stands twice counts once; unknown columns are passed over. Throws InputError "FILE:LINE: field N (Name): what is
// wrong; what would be right": without needed columns, and for a wrong line unless it is lenient.
class SacctReader {
 public:
  SacctReader(const std::string& path, const SacctFormat& format);
  SacctReader(const std::string& name, std::string text, const SacctFormat& format);
  ~SacctReader();

  // The next job or step; false at the end. Steps keep only what they can add to a job. Of wrong lines, where they are
  // passed over, only those of a job that can be told come as refused rows: the steps that follow are that job's.
  bool next(SacctRow& row);

  // Refuses the line that `row` was read from, as a wrong line is refused.
  void reject(const SacctRow& row, const std::string& what);

  bool has(SacctField field) const;
  const SwfRejects& rejects() const;
  std::int64_t lines() const;  // below the header, without blank ones and repeated headers
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wattfill
