#include "trace-replay/output/run_directory.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/output/processor_labels.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kFlushAt = 1U << 20;

const char* final_state(JobFate fate) {
  switch (fate) {
    case JobFate::kCompleted:
      return "COMPLETED_SUCCESSFULLY";
    case JobFate::kKilledAtLimit:
      return "COMPLETED_WALLTIME_REACHED";
    case JobFate::kCancelledWaiting:
      return "REJECTED";
    case JobFate::kCancelledRunning:
      return "COMPLETED_KILLED";
    case JobFate::kUnfinished:
      break;
  }
  return "UNFINISHED";
}

void write_jobs_csv(AtomicFile& file, const Workload& workload, const ReplayResult& result, std::int32_t processors) {
  file.write(
      "job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,"
      "starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_"
      "energy,"
      "metadata\n");
  const std::vector<std::string> labels = label_processors(workload, result, processors);
  std::string buffer;
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const Job& job = workload.jobs[i].job;
    const JobOutcome& o = result.outcomes[i];
    if (o.start == kNever) continue;
    const std::int64_t submit = seconds_since_epoch(o.submit);
    const std::int64_t start = seconds_since_epoch(o.start);
    const std::int64_t end = seconds_since_epoch(result.outcomes[i].end);
    const double stretch =
        static_cast<double>(end - submit) / static_cast<double>(std::max<std::int64_t>(1, end - start));
    fmt::format_to(std::back_inserter(buffer), "{},wattfill,,{},{},{},{},{},{},{},{},{},{},{},{},,\n", job.id, submit,
                   job.processors, job.requested.count(), o.fate == JobFate::kCompleted ? 1 : 0, final_state(o.fate),
                   start, end - start, end, start - submit, end - submit, stretch, labels[i]);
    if (buffer.size() < kFlushAt) continue;
    file.write(buffer);
    buffer.clear();
  }
  file.write(buffer);
}

SwfRecord swf_record(const Workload& workload, const ReplayResult& result, std::size_t i) {
  const Job& job = workload.jobs[i].job;
  const JobOutcome& o = result.outcomes[i];
  SwfRecord r;
  r.job = job.id;
  r.submit_s = seconds_since_epoch(o.submit);
  r.wait_s = (o.start - o.submit).count();
  r.run_s = (result.outcomes[i].end - o.start).count();
  r.allocated_processors = r.requested_processors = job.processors;
  r.requested_s = job.requested.count();
  r.status =
      static_cast<std::int64_t>(o.fate == JobFate::kCancelledRunning ? SwfStatus::kCancelled : SwfStatus::kCompleted);
  r.user = job.user;
  r.group = job.group;
  r.executable = job.executable;
  r.queue = job.queue;
  r.partition = job.partition;
  return r;
}

void write_schedule(AtomicFile& file, const Workload& workload, const ReplayResult& result, const RunDescription& run) {
  SwfHeader header;
  header.labels = {{"Version", "2.2"}, {"Computer", run.cluster}, {"MaxProcs", std::to_string(run.processors)}};
  for (const char* name : {"Installation", "Acknowledge", "Information", "UnixStartTime", "TimeZone", "TimeZoneString"})
    if (const std::string* value = workload.header.find(name); value != nullptr)
      header.labels.push_back({name, *value});
  header.labels.push_back({"Note", "simulated schedule; the wait times (field 3) are the policy's"});
  header.labels.push_back({"Note", "policy " + run.policy + "; " + run.command});
  std::ostringstream text;
  write_swf_header(text, header);
  std::string buffer = text.str();
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    if (result.outcomes[i].start == kNever) continue;
    append_swf_record(buffer, swf_record(workload, result, i));
    if (buffer.size() < kFlushAt) continue;
    file.write(buffer);
    buffer.clear();
  }
  file.write(buffer);
}

std::string run_json(const Workload& workload, const Summary& summary, const RunDescription& run) {
  auto json = nlohmann::ordered_json::parse(summary_json(summary));
  json["run"] = {{"trace", workload.name},
                 {"policy", run.policy},
                 {"cluster", run.cluster},
                 {"processors", run.processors},
                 {"command", run.command}};
  const RecipeReport& r = workload.report;
  json["recipe"] = {{"read", r.read},
                    {"kept", r.kept},
                    {"kept_cancelled", r.kept_cancelled},
                    {"clipped_runtime", r.clipped_runtime},
                    {"dropped_no_runtime", r.dropped_no_runtime},
                    {"dropped_no_request", r.dropped_no_request},
                    {"dropped_no_processors", r.dropped_no_processors},
                    {"dropped_too_wide", r.dropped_too_wide},
                    {"rejected_lines", r.rejected_lines},
                    {"clairvoyant", r.clairvoyant}};
  // A path need not be UTF-8; what is not is shown as U+FFFD.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void write_run_directory(const std::string& directory, const Workload& workload, const ReplayResult& result,
                         const Summary& summary, const RunDescription& run) {
  make_directory(directory);
  AtomicFile jobs(directory + "/jobs.csv");
  AtomicFile schedule(directory + "/schedule.swf");
  AtomicFile figures(directory + "/summary.json");
  write_jobs_csv(jobs, workload, result, run.processors);
  write_schedule(schedule, workload, result, run);
  figures.write(run_json(workload, summary, run));
  jobs.commit();
  schedule.commit();
  figures.commit();
}

}  // namespace wattfill
