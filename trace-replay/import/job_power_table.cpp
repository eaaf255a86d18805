#include "trace-replay/import/job_power_table.hpp"

#include <algorithm>
#include <unordered_map>

#include "backfill/config/hostlist.hpp"
#include "trace-replay/import/csv_table.hpp"

namespace wattfill {
namespace {

// "44 53 64" -> "n44,n53,n64"
std::string node_list_of(std::string_view ids) {
  std::string list;
  bool inside = false;
  for (const char c : ids) {
    if (c == ' ') {
      inside = false;
      continue;
    }
    if (!inside) list += list.empty() ? "n" : ",n";
    inside = true;
    list += c;
  }
  return list;
}

JobEnergy job_of(const CsvTable& table) {
  JobEnergy job;
  read_job_times(table, "job_id", job);
  job.requested_s = table.whole("req_time_s");
  job.executable = table.whole32("app_type");
  job.processors = table.whole32("cores");
  job.accelerators = std::max<std::int64_t>(0, table.whole("gpus")) + std::max<std::int64_t>(0, table.whole("mics"));
  constexpr double kGib = 1024.0 * 1024.0;
  if (const double memory = table.decimal("mem_req_raw"); memory > 0) job.memory_kb = memory * kGib;
  job.nodes = table.whole("nodes");
  job.node_list = node_list_of(table.text("used_node_ids"));
  try {
    if (!job.node_list.empty()) expand_hostlist(job.node_list);
  } catch (const HostlistError&) {
    table.fail("used_node_ids", "numbers of nodes, parted by blanks");
  }
  const double watts = table.decimal("predicted_power_W");
  if (watts >= 0) {
    job.joules = watts * static_cast<double>(job.run_s);
    job.source = "predicted_power_W: a published model";
    job.domain = "the job's part of its nodes as modelled";
  }
  job.validity = watts < 0 ? JoulesValidity::kNone : watts == 0 ? JoulesValidity::kZero : JoulesValidity::kModelled;
  return job;
}

}  // namespace

std::vector<JobEnergy> read_job_power_table(const std::string& path) {
  std::vector<JobEnergy> jobs;
  std::vector<NodeInterval> intervals;
  std::unordered_map<std::string, std::int32_t> queues;
  for (CsvTable table(path); table.next();) {
    jobs.push_back(job_of(table));
    JobEnergy& job = jobs.back();
    job.queue = queues.emplace(table.text("queue"), static_cast<std::int32_t>(queues.size()) + 1).first->second;
    intervals.push_back({job.start, job.end, job.node_list});
  }
  const std::vector<NodeUse> use = node_use(intervals);
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].use = use[i];
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const JobEnergy& a, const JobEnergy& b) { return a.submit < b.submit; });
  return jobs;
}

}  // namespace wattfill
