#include "trace-replay/output/run_directory.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "backfill/topology/insides_reader.hpp"
#include "trace-replay/energy/energy_output.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/output/facility_file.hpp"
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

// Joules with three digits behind the point, as exact as the count of millijoules.
std::string joules(Millijoules energy) { return fmt::format("{}.{:03}", energy.count / 1000, energy.count % 1000); }

// The columns beyond Batsim's: node type, cores as "node:cpuset", mean hops, switches. As many commas where a job's
// nodes are not known.
void append_nodes(std::string& line, const Allocation& allocation, const JobOutcome& o, const RunDetails& details) {
  const auto end = std::back_inserter(line);
  const Cluster& cluster = *details.cluster;
  fmt::format_to(end, ",{},", cluster.node_types[o.node_type].name);
  NodeIndex first_of_type = 0;
  std::size_t type = 0;
  for (std::size_t n = 0; n < allocation.cores.size(); ++n) {
    while (allocation.nodes[n] >= first_of_type + cluster.node_types[type].count)
      first_of_type += cluster.node_types[type++].count;
    fmt::format_to(end, "{}{}:{}", n == 0 ? "\"" : " ", allocation.nodes[n],
                   cpuset_text(cluster.node_types[type].insides, allocation.cores[n]));
  }
  if (!allocation.cores.empty()) line += '"';  // hwloc writes commas into wide sets
  if (details.network == nullptr) {
    line += ",,";
    return;
  }
  const MeanHops hops = details.network->mean_hops(allocation.nodes);
  fmt::format_to(end, ",{:.3f},{}",
                 hops.pairs > 0 ? static_cast<double>(hops.sum) / static_cast<double>(hops.pairs) : 0.0,
                 details.network->switches_spanned(allocation.nodes));
}

void write_jobs_csv(AtomicFile& file, const Workload& workload, const ReplayResult& result, std::int32_t processors,
                    const RunDetails& details) {
  std::string buffer =
      "job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,"
      "starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_"
      "energy,metadata";
  buffer += details.allocations != nullptr ? ",node_type,cpusets,mean_hops,switches\n" : "\n";
  const std::vector<std::string> labels =
      details.allocations != nullptr ? std::vector<std::string>() : label_processors(workload, result, processors);
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const Job& job = workload.jobs[i].job;
    const JobOutcome& o = result.outcomes[i];
    if (o.start == kNever) continue;
    const std::int64_t submit = seconds_since_epoch(o.submit);
    const std::int64_t start = seconds_since_epoch(o.start);
    const std::int64_t end = seconds_since_epoch(o.end);
    const double stretch =
        static_cast<double>(end - submit) / static_cast<double>(std::max<std::int64_t>(1, end - start));
    const Allocation allocation = details.allocations != nullptr ? details.allocations->of(i) : Allocation{};
    const std::string energy = details.energy != nullptr && i < details.energy->by_job.size()
                                   ? joules(details.energy->by_job[i])
                                   : std::string();
    fmt::format_to(std::back_inserter(buffer), "{},wattfill,,{},{},{},{},{},{},{},{},{},{},{},{},{},", job.id, submit,
                   job.processors, job.requested.count(), o.fate == JobFate::kCompleted ? 1 : 0, final_state(o.fate),
                   start, end - start, end, start - submit, end - submit, stretch,
                   details.allocations != nullptr ? node_intervals(allocation) : labels[i], energy);
    if (details.allocations != nullptr) append_nodes(buffer, allocation, o, details);
    buffer += '\n';
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

nlohmann::ordered_json machine_json(const Cluster& cluster) {
  constexpr const char* kModes[] = {"counts", "whole-nodes", "cores"};
  nlohmann::ordered_json json = {{"nodes", cluster.nodes()},
                                 {"allocation", kModes[static_cast<std::size_t>(cluster.allocation)]}};
  for (const NodeType& type : cluster.node_types)
    json["node_types"].push_back({{"type", type.name}, {"nodes", type.count}, {"processors", type.processors}});
  return json;
}

std::string run_json(const Workload& workload, const Summary& summary, const RunDescription& run,
                     const RunDetails& details) {
  auto json = nlohmann::ordered_json::parse(summary_json(summary));
  if (details.energy != nullptr) json["energy"] = nlohmann::ordered_json::parse(energy_json(*details.energy));
  if (details.cluster != nullptr) json["machine"] = machine_json(*details.cluster);
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
                    {"dropped_cannot_run", r.dropped_cannot_run},
                    {"rejected_lines", r.rejected_lines},
                    {"clairvoyant", r.clairvoyant}};
  // A path need not be UTF-8; what is not is shown as U+FFFD.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void write_run_directory(const std::string& directory, const Workload& workload, const ReplayResult& result,
                         const Summary& summary, const RunDescription& run, const RunDetails& details) {
  make_directory(directory);
  std::vector<std::unique_ptr<AtomicFile>> files;
  const auto open = [&](const char* name) -> AtomicFile& {
    return *files.emplace_back(std::make_unique<AtomicFile>(directory + "/" + name));
  };
  const auto sink = [](AtomicFile& file) { return [&file](std::string_view text) { file.write(text); }; };
  write_jobs_csv(open("jobs.csv"), workload, result, run.processors, details);
  write_schedule(open("schedule.swf"), workload, result, run);
  open("summary.json").write(run_json(workload, summary, run, details));
  if (details.energy != nullptr) {
    write_power_csv(*details.energy, sink(open("power.csv")));
    if (details.cluster != nullptr && has_series(details.cluster->facility))
      write_facility_csv(details.cluster->facility, details.energy->begin, details.energy->end,
                         sink(open("facility.csv")));
  }
  if (details.power_changes != nullptr && !details.power_changes->empty())
    details.power_changes->write_csv(sink(open("nodes.csv")));
  if (details.predictions != nullptr && !details.predictions->empty())
    details.predictions->write_csv(sink(open("predictions.csv")));
  if (!run.policy_text.empty()) open("policy.textproto").write(run.policy_text);
  if (!run.cluster_text.empty()) open("cluster.textproto").write(run.cluster_text);
  for (const auto& file : files) file->commit();
}

}  // namespace wattfill
