// Generates a workload: arrivals, sizes and runtimes of the Lublin-Feitelson model (lublin_model.hpp), given to users
// (users.hpp) with requested times (estimates.hpp).
//
// How accurate is this? Sizes and runtimes follow the model's closed forms exactly and arrivals its daily cycle; the
// tests compare them. Three things differ from the authors' program lublin99.c: the random numbers; arrival times are
// summed without rounding each gap down to a second; and jobs belong to users. The model was fitted to machines of 128
// to 512 processors; on wider ones sizes are stretched and, because the long gamma's share grows with the size, most
// jobs run long.
//
// Reproducible: equal options give equal jobs on every host. Only basic arithmetic and the C library's exp, log, pow
// and tan are used; where two C libraries differ in the last bit of one of these, the difference vanishes when times
// are rounded to seconds, save for about one draw in 10^12.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/workload/estimates.hpp"
#include "trace-replay/workload/generated_job.hpp"

namespace wattfill {

enum class JobMix {
  kTyped,        // two merged streams of arrivals, interactive and batch: what lublin99.c does by default
  kBatch,        // the batch stream alone
  kInteractive,  // the interactive stream alone
  kUntyped,      // the parameters for all jobs without distinction, written as queue 0
};

struct LublinOptions {
  std::int64_t jobs = 10000;      // 1 ... 2^31
  std::int32_t processors = 128;  // > 0
  std::uint64_t seed = 1;
  JobMix mix = JobMix::kTyped;
  std::optional<double> load;            // offered load to reach; the model's own where absent
  std::int64_t start_unix = 1704067200;  // Monday 2024-01-01 00:00 UTC; its time of day is where the daily cycle begins
  std::optional<std::int32_t> users;     // usual_user_count(jobs) where absent
  EstimateOptions estimates;
};

// The jobs in order of submission. Seed and size alone fix the (size, runtime) pairs and the users; another load
// changes only the submit times and, with two streams, how they interleave; other estimates change only the requested
// times.
//
// A load is reached by scaling every gap between arrivals by one factor *in points of the daily cycle*, so that days
// stay days: the rush hours remain where they are and just become busier. The reached load differs from the asked one
// by what rounding to seconds moves the last submission.
//
// Throws UsageError when an option is out of range or no span of a second or more gives the load.
// Time O(n log 65536), memory about 56 bytes a job.
std::vector<GeneratedJob> generate_lublin(const LublinOptions& options);

// sum(processors * runtime) / (machine * (last submission - first submission)); 0 where the span is 0.
double offered_load(const std::vector<GeneratedJob>& jobs, std::int32_t processors);

// The header of the trace: model, parameters, seed, load and the command that makes it again.
SwfHeader lublin_header(const LublinOptions& options, const std::vector<GeneratedJob>& jobs);

// Hands the generated trace to `sink` line by line, numbered from 1.
void for_each_record(const std::vector<GeneratedJob>& jobs, const std::function<void(const SwfRecord&)>& sink);

// The arguments of `trace-replay generate` that give these options (without the output).
std::string command_line(const LublinOptions& options);
std::string command_line(const EstimateOptions& options);

}  // namespace wattfill
