#include "trace-replay/import/job_energy.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "trace-replay/errors.hpp"
#include "trace-replay/import/csv_table.hpp"

namespace wattfill {
namespace {

constexpr std::string_view kHeader =
    "job,submit_unix,start_unix,end_unix,run_s,requested_s,user,group,executable,queue,partition,priority,processors,"
    "accelerators,memory_kb,nodes,node_list,use,joules,source,domain,validity\n";

constexpr std::array<std::string_view, 3> kUses = {"exclusive", "shared", "unknown"};
constexpr std::array<std::string_view, 9> kValidities = {"ok",      "none",   "zero",    "reset",   "too-large",
                                                         "partial", "shared", "unknown", "modelled"};

template <class Enum, std::size_t N>
Enum one_of(const CsvTable& table, std::string_view column, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == table.text(column)) return static_cast<Enum>(i);
  table.fail(column, fmt::format("one of {}", fmt::join(names, ", ")));
}

JobEnergy job_of(const CsvTable& table) {
  JobEnergy job;
  read_job_times(table, "job", job);
  job.requested_s = table.whole("requested_s");
  job.user = table.whole32("user");
  job.group = table.whole32("group");
  job.executable = table.whole32("executable");
  job.queue = table.whole32("queue");
  job.partition = table.whole32("partition");
  job.priority = table.whole("priority");
  job.processors = table.whole32("processors");
  job.accelerators = table.whole("accelerators");
  job.memory_kb = table.decimal("memory_kb");
  job.nodes = table.whole("nodes");
  job.node_list = table.text("node_list");
  job.use = one_of<NodeUse>(table, "use", kUses);
  job.joules = table.decimal("joules");
  job.source = table.text("source");
  job.domain = table.text("domain");
  job.validity = one_of<JoulesValidity>(table, "validity", kValidities);
  return job;
}

std::vector<JobEnergy> read(CsvTable& table) {
  std::vector<JobEnergy> jobs;
  while (table.next()) jobs.push_back(job_of(table));
  return jobs;
}

template <class Number>
std::string known(Number value) {
  return value < 0 ? "" : fmt::format("{}", value);
}

}  // namespace

std::string_view name(NodeUse use) { return kUses[static_cast<std::size_t>(use)]; }
std::string_view name(JoulesValidity validity) { return kValidities[static_cast<std::size_t>(validity)]; }

void read_job_times(const CsvTable& table, std::string_view number_column, JobEnergy& job) {
  for (const auto& [column, value] : {std::pair{number_column, &job.job},
                                      {"submit_unix", &job.submit},
                                      {"start_unix", &job.start},
                                      {"end_unix", &job.end},
                                      {"run_s", &job.run_s}}) {
    *value = table.whole(column);
    if (*value < 0) table.fail(column, "a number of at least 0");
  }
  if (job.start < job.submit || job.end < job.start) table.fail("end_unix", "submission, start and end in this order");
}

std::string job_energy_csv(const std::vector<JobEnergy>& jobs) {
  std::string text(kHeader);
  for (const JobEnergy& j : jobs)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", j.job, j.submit, j.start,
                        j.end, j.run_s, known(j.requested_s), known(j.user), known(j.group), known(j.executable),
                        known(j.queue), known(j.partition), known(j.priority), known(j.processors),
                        known(j.accelerators), known(j.memory_kb), known(j.nodes), csv_cell(j.node_list), name(j.use),
                        known(j.joules), csv_cell(j.source), csv_cell(j.domain), name(j.validity));
  return text;
}

std::vector<JobEnergy> read_job_energy(const std::string& path) {
  CsvTable table(path);
  return read(table);
}

std::vector<JobEnergy> parse_job_energy(const std::string& name, std::string text) {
  CsvTable table(name, std::move(text));
  return read(table);
}

}  // namespace wattfill
