// What a trace holds: who submitted what, when, how wide, how long, and what the users asked for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/workload/distribution.hpp"

namespace wattfill {

struct DescribeOptions {
  std::int64_t processors = 0;  // of the machine; 0: as the header says, or else as wide as the widest job
};

// The work submitted in [start_s, start_s + length_s).
struct LoadInterval {
  std::int64_t start_s = 0;  // since the trace's epoch
  std::int64_t length_s = 0;
  std::int64_t jobs = 0;
  double processor_seconds = 0;
  double offered_load = 0;  // processor_seconds / (processors * length_s)
};

// Where the number of processors comes from.
enum class ProcessorsFrom { kOption, kMaxProcs, kMaxNodes, kWidestJob };

// Times are in seconds. A job's processors are field 8 where positive, else field 5, as in the input recipe; a job's
// work is its recorded run time multiplied by its processors (jobs without one of the two bring none).
struct TraceDescription {
  std::string name;
  std::string computer;      // header; empty where not given
  std::string installation;  // header; empty where not given

  std::int64_t jobs = 0;
  std::int64_t unsorted = 0;  // jobs submitted before the job above them
  SwfRejects rejects;         // lenient reading only

  std::int64_t users = 0;  // distinct known identities, likewise below
  std::int64_t groups = 0;
  std::int64_t executables = 0;
  std::int64_t queues = 0;
  std::int64_t partitions = 0;

  std::int64_t first_submit_s = 0;
  std::int64_t last_submit_s = 0;
  std::int64_t last_end_s = -1;                    // submit + wait + run where both are known; -1 where no job has them
  std::optional<std::int64_t> unix_start_s;        // header UnixStartTime, where it is a plausible date
  std::int64_t time_zone_s = 0;                    // header TimeZone, east of UTC; daylight saving time is not in it
  std::array<std::int64_t, 7> jobs_by_status{};    // [status + 1]: -1 unknown, 0 failed, 1 completed, ..., 5 cancelled
  std::array<std::int64_t, kSwfFields> missing{};  // [field - 1]: jobs whose field is -1

  std::int64_t no_runtime = 0;     // run time 0 or unknown: cancelled before the start, or not recorded
  std::int64_t no_processors = 0;  // neither field 5 nor field 8 is positive
  std::int64_t no_request = 0;     // requested time 0 or unknown

  std::int64_t processors = 0;
  ProcessorsFrom processors_from = ProcessorsFrom::kWidestJob;
  std::int64_t wider_than_machine = 0;
  double offered_load = 0;  // all work / (processors * (last_submit_s - first_submit_s)); 0 for a single instant
  std::vector<LoadInterval>
      load;  // at most 60, of whole days, weeks, four weeks or years; the last may be partly empty

  std::int64_t power_of_two_jobs = 0;  // serial jobs not counted
  Distribution processors_per_job;     // positive ones; likewise below
  Distribution runtime_s;
  Distribution requested_s;
  Distribution runtime_per_mille_of_request;  // rounded down, where both are known
  std::int64_t ran_longer_than_requested = 0;

  // Local time by unix_start_s and time_zone_s. Without unix_start_s hours count from the trace's epoch, and there are
  // no days.
  std::array<std::int64_t, 24> arrivals_by_hour{};
  std::array<std::int64_t, 7> arrivals_by_weekday{};  // Monday first
};

// Reads the trace to its end. One pass; memory: one entry for each distinct run time, requested time, identity and day.
// Throws InputError as the reader does.
TraceDescription describe(SwfReader& reader, const DescribeOptions& options = {});

// For people: about 120 lines with bar charts in plain ASCII.
std::string describe_as_text(const TraceDescription& description);

// For machines: one JSON object, keys in a fixed order, named as the members above (docs: trace-replay describe
// --help).
std::string describe_as_json(const TraceDescription& description);

// "2000-04-25 15:00" in local time, or "" where the trace has no date or the year would have five digits.
std::string local_date_time(const TraceDescription& description, std::int64_t time_s);

}  // namespace wattfill
