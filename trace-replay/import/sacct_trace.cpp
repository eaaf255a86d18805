#include "trace-replay/import/sacct_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "trace-replay/import/csv_table.hpp"
#include "trace-replay/import/pseudonyms.hpp"

namespace wattfill {
namespace {

constexpr std::array<const char*, kNameKinds> kKinds = {"user", "account", "job", "qos", "partition"};
constexpr double kLeastWatts = 1;  // of a node that works

std::int32_t number_of(const SacctNumbers& numbers, const SacctRun& run, NameKind kind) {
  const std::int32_t name = run.names[kind];
  return name < 0 ? -1 : numbers[kind][static_cast<std::size_t>(name)];
}

std::int64_t processors_of(const SacctRun& run, std::int64_t threads_per_core) {
  return run.cpus <= 0 ? -1 : (run.cpus + threads_per_core - 1) / threads_per_core;
}

SwfRecord record_of(const SacctRun& run, const SacctNumbers& numbers, std::int64_t threads_per_core) {
  SwfRecord r;
  const bool ran = run.start >= 0;
  const std::int64_t until = ran ? run.start : run.end;
  r.submit_s = run.arrival;
  r.wait_s = until < 0 ? -1 : std::max<std::int64_t>(0, until - run.arrival);
  r.run_s = run.run_s;
  r.requested_processors = processors_of(run, threads_per_core);
  r.allocated_processors = ran ? r.requested_processors : -1;
  const auto each = [&](double whole) {
    return whole < 0 || r.requested_processors < 0 ? -1 : whole / static_cast<double>(r.requested_processors);
  };
  if (ran) r.average_cpu_s = each(run.cpu_s);
  if (ran) r.used_memory_kb = each(run.used_memory_kb);
  r.requested_s = run.requested_s;
  r.requested_memory_kb = each(run.memory_kb);
  r.status = static_cast<std::int64_t>(run.status);
  r.user = number_of(numbers, run, kUserName);
  r.group = number_of(numbers, run, kAccountName);
  r.executable = number_of(numbers, run, kJobName);
  r.queue = number_of(numbers, run, kQosName);
  r.partition = number_of(numbers, run, kPartitionName);
  return r;
}

// Most processors in use at one time.
std::int64_t most_in_use(const SacctJobs& jobs, std::int64_t threads_per_core) {
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;  // at one time ends come first
  for (const SacctRun& run : jobs.runs) {
    if (run.start < 0 || run.cpus <= 0) continue;
    const std::int64_t processors = processors_of(run, threads_per_core);
    changes.emplace_back(run.start, processors);
    changes.emplace_back(run.end, -processors);
  }
  std::sort(changes.begin(), changes.end());
  std::int64_t now = 0;
  std::int64_t most = 0;
  for (const auto& [time, change] : changes) most = std::max(most, now += change);
  return most;
}

// As a value of the header, on one line.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

JoulesValidity validity_of(const SacctRun& run, NodeUse use, double possible_watts) {
  if (run.joules < 0) return JoulesValidity::kNone;
  if (run.joules == 0) return JoulesValidity::kZero;
  constexpr double kMost = 1e15;
  const double node_seconds = static_cast<double>(std::max<std::int64_t>(run.nodes, 1)) *
                              static_cast<double>(std::max<std::int64_t>(run.end - run.start, 1));
  if (run.joules > kMost) return JoulesValidity::kReset;
  if (run.joules > node_seconds * possible_watts) return JoulesValidity::kTooLarge;
  if (run.joules_from == JoulesFrom::kSteps) return JoulesValidity::kPartial;
  if (run.joules_from == JoulesFrom::kBatch && run.nodes != 1) return JoulesValidity::kPartial;
  if (run.joules < node_seconds * kLeastWatts) return JoulesValidity::kReset;
  if (use == NodeUse::kShared) return JoulesValidity::kShared;
  return use == NodeUse::kNotKnown ? JoulesValidity::kNotKnown : JoulesValidity::kOk;
}

std::string source_of(JoulesFrom from) {
  switch (from) {
    case JoulesFrom::kJob:
      return "sacct ConsumedEnergy of the job";
    case JoulesFrom::kExtern:
      return "sacct ConsumedEnergy of the extern step";
    case JoulesFrom::kBatch:
      return "sacct ConsumedEnergy of the batch step";
    case JoulesFrom::kSteps:
      return "sacct ConsumedEnergy summed over steps";
    case JoulesFrom::kNowhere:
      break;
  }
  return "";
}

std::vector<NodeUse> use_of(const SacctJobs& jobs) {
  std::vector<NodeInterval> intervals;
  for (const SacctRun& run : jobs.runs)
    intervals.push_back(
        {std::max<std::int64_t>(run.start, 0), std::max<std::int64_t>(run.end, 0), run.start < 0 ? "" : run.node_list});
  for (const SacctOccupation& running : jobs.running)
    intervals.push_back({running.start, std::numeric_limits<std::int64_t>::max(), running.node_list});
  return node_use(intervals);
}

}  // namespace

SacctNumbers plain_numbers(const SacctJobs& jobs, const std::vector<std::string>& partitions) {
  SacctNumbers numbers;
  for (std::size_t kind = 0; kind < kNameKinds; ++kind)
    for (std::size_t i = 0; i < jobs.names[kind].size(); ++i) numbers[kind].push_back(static_cast<std::int32_t>(i) + 1);
  auto next = static_cast<std::int32_t>(partitions.size());
  for (std::size_t i = 0; i < jobs.names[kPartitionName].size(); ++i) {
    const auto at = std::find(partitions.begin(), partitions.end(), jobs.names[kPartitionName][i]);
    numbers[kPartitionName][i] =
        at == partitions.end() ? ++next : static_cast<std::int32_t>(at - partitions.begin()) + 1;
  }
  return numbers;
}

SacctNumbers hashed_numbers(const SacctJobs& jobs, const std::vector<std::string>& partitions, const std::string& key) {
  SacctNumbers numbers = plain_numbers(jobs, partitions);
  const Pseudonyms pseudonyms(key);
  for (const NameKind kind : {kUserName, kAccountName, kJobName})
    numbers[kind] = pseudonyms.numbers(kKinds[kind], jobs.names[kind]);
  return numbers;
}

SacctTrace sacct_trace(const SacctJobs& jobs, const SacctNumbers& numbers, const SacctTraceOptions& options) {
  SacctTrace trace;
  const std::int64_t origin = jobs.runs.front().arrival;
  for (const SacctRun& run : jobs.runs) {
    SwfRecord record = record_of(run, numbers, options.threads_per_core);
    record.submit_s -= origin;
    record.job = static_cast<std::int64_t>(trace.records.size()) + 1;
    trace.records.push_back(record);
  }
  const auto add = [&trace](const char* label, const std::string& value) {
    trace.header.labels.push_back({label, one_line(value)});
  };
  add("Version", "2.2");
  add("Conversion", "trace-replay import sacct");
  add("MaxJobs", fmt::format("{}", trace.records.size()));
  add("MaxRecords", fmt::format("{}", trace.records.size()));
  add("UnixStartTime", fmt::format("{}", origin));
  add("TimeZone", fmt::format("{}", options.utc_offset_s));
  add("Note",
      fmt::format("at most {} processors were in use at one time", most_in_use(jobs, options.threads_per_core)));
  for (const auto& [kind, label] : {std::pair{kQosName, "Queue"}, {kPartitionName, "Partition"}})
    for (std::size_t i = 0; i < jobs.names[kind].size(); ++i)
      add(label, fmt::format("{} {}", numbers[kind][i], jobs.names[kind][i]));
  return trace;
}

std::vector<JobEnergy> sacct_sidecar(const SacctJobs& jobs, const SacctNumbers& numbers,
                                     const SidecarOptions& options) {
  const std::vector<NodeUse> use = use_of(jobs);
  std::vector<JobEnergy> sidecar;
  for (std::size_t i = 0; i < jobs.runs.size(); ++i) {
    const SacctRun& run = jobs.runs[i];
    if (run.start < 0 || (run.node_list.empty() && run.joules < 0)) continue;
    JobEnergy job;
    job.job = static_cast<std::int64_t>(i) + 1;
    job.submit = std::min(run.arrival, run.start);
    job.start = run.start;
    job.end = run.end;
    job.run_s = run.run_s;
    job.requested_s = run.requested_s;
    job.user = number_of(numbers, run, kUserName);
    job.group = number_of(numbers, run, kAccountName);
    job.executable = number_of(numbers, run, kJobName);
    job.queue = number_of(numbers, run, kQosName);
    job.partition = number_of(numbers, run, kPartitionName);
    job.priority = run.priority;
    job.processors = processors_of(run, options.threads_per_core);
    job.accelerators = run.accelerators;
    job.memory_kb = run.memory_kb;
    job.nodes = run.nodes;
    job.node_list = run.node_list;
    job.use = use[i];
    job.joules = run.joules;
    job.source = source_of(run.joules_from);
    if (!job.source.empty()) job.domain = options.domain.covers;
    job.validity = validity_of(run, use[i], options.possible_watts);
    sidecar.push_back(std::move(job));
  }
  return sidecar;
}

std::string sacct_names_csv(const SacctJobs& jobs, const SacctNumbers& numbers, bool plain) {
  std::string text = "kind,number,name\n";
  for (std::size_t kind = 0; kind < kNameKinds; ++kind) {
    const bool shown = plain || kind == kQosName || kind == kPartitionName;
    for (std::size_t i = 0; shown && i < jobs.names[kind].size(); ++i)
      text += fmt::format("{},{},{}\n", kKinds[kind], numbers[kind][i], csv_cell(jobs.names[kind][i]));
  }
  return text;
}

}  // namespace wattfill
