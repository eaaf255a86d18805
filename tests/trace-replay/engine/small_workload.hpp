// Hand-made and generated workloads, and replays of them, for the tests of the replay side.
#pragma once

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "trace-replay/engine/estimate_sources.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/swf/swf_writer.hpp"
#include "trace-replay/workload/lublin.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::testing {

inline SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

struct SmallJob {
  std::int64_t submit;
  std::int32_t processors;
  std::int64_t requested;
  std::int64_t runtime;
  std::int32_t user = 1;
};

// Jobs are numbered from 1 in the order of the list, which must be the order of submission.
inline Workload workload_of(const std::vector<SmallJob>& jobs) {
  Workload w;
  w.name = "small";
  for (const SmallJob& small : jobs) {
    TraceJob job;
    job.job.id = static_cast<JobId>(w.jobs.size() + 1);
    job.job.submit = at(small.submit);
    job.job.processors = small.processors;
    job.job.requested = Seconds{small.requested};
    job.job.user = small.user;
    job.runtime = Seconds{small.runtime};
    w.jobs.push_back(job);
  }
  return w;
}

inline SchedulerOptions scheduler_options(PolicySpec policy, const Workload& workload, std::int32_t processors,
                                          PassRule pass) {
  SchedulerOptions options;
  options.processors = processors;
  options.free_rule = pass == PassRule::kEachEvent ? FreeRule::kEstimated : FreeRule::kEnded;
  const EstimateSources sources =
      make_estimate_sources({policy.fit_estimates, policy.order_estimates, policy.fill_estimates}, workload);
  options.fit_estimates = sources.fit;
  options.order_estimates = sources.order;
  options.fill_estimates = sources.fill;
  options.policy = std::move(policy);
  return options;
}

inline PolicySpec preset(const std::string& name) {
  const PolicySpec* found = find_policy(name);
  if (found == nullptr) throw std::invalid_argument("no preset " + name);
  return *found;
}

inline ReplayResult replayed(const Workload& workload, const PolicySpec& policy, std::int32_t processors,
                             const ReplayOptions& options = {}) {
  BackfillScheduler scheduler(scheduler_options(policy, workload, processors, options.pass));
  return replay(workload, scheduler, options);
}

inline ReplayOptions with_pass(PassRule pass) {
  ReplayOptions options;
  options.pass = pass;
  return options;
}

// -1 for a job that never ran.
inline std::vector<std::int64_t> starts(const ReplayResult& result) {
  std::vector<std::int64_t> all;
  for (const JobOutcome& o : result.outcomes) all.push_back(o.start == kNever ? -1 : seconds_since_epoch(o.start));
  return all;
}

inline std::vector<JobFate> fates(const ReplayResult& result) {
  std::vector<JobFate> all;
  for (const JobOutcome& o : result.outcomes) all.push_back(o.fate);
  return all;
}

// A generated trace as text in SWF.
inline std::string generated_trace(const LublinOptions& options) {
  const std::vector<GeneratedJob> jobs = generate_lublin(options);
  std::ostringstream header;
  write_swf_header(header, lublin_header(options, jobs));
  std::string text = header.str();
  for_each_record(jobs, [&text](const SwfRecord& record) { append_swf_record(text, record); });
  return text;
}

inline Workload load_text(const std::string& text, const RecipeOptions& options) {
  SwfReader reader("trace", text, options.strictness);
  return load_workload(reader, options);
}

inline LublinOptions busy_days(std::int64_t jobs, std::int32_t processors, std::uint64_t seed, double load = 0.9) {
  LublinOptions options;
  options.jobs = jobs;
  options.processors = processors;
  options.seed = seed;
  options.load = load;
  return options;
}

inline Workload generated_workload(const LublinOptions& options) {
  RecipeOptions recipe;
  recipe.processors = options.processors;
  return load_text(generated_trace(options), recipe);
}

}  // namespace wattfill::testing
