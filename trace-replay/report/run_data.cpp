#include "trace-replay/report/run_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "trace-replay/errors.hpp"
#include "trace-replay/report/csv_table.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/validate/schedule_file.hpp"

namespace wattfill::report {
namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::vector<RunJob> read_jobs(const std::string& path) {
  std::vector<judge::ScheduleRow> rows = judge::parse_jobs_csv(path, judge::read_whole(path));
  std::vector<RunJob> jobs;
  jobs.reserve(rows.size());
  for (judge::ScheduleRow& row : rows) {
    if (!row.start) continue;
    RunJob job;
    job.id = row.id;
    job.submit_s = seconds_since_epoch(row.submit);
    job.start_s = seconds_since_epoch(*row.start);
    job.end_s = job.start_s + row.executed.count();
    job.processors = row.processors;
    if (row.requested) job.requested_s = row.requested->count();
    job.energy_mj = row.energy_mj;
    job.allocation = std::move(row.allocation);
    if (job.start_s < job.submit_s || job.end_s < job.start_s || job.end_s >= -kMissing || job.submit_s <= kMissing)
      throw InputError(fmt::format(
          "{}: job {}: submitted at {} s, started at {} s, ended at {} s; times must ascend and be below 2^50", path,
          job.id, job.submit_s, job.start_s, job.end_s));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

// Users, who was cancelled, and the trace's clock, from the schedule as SWF: its rows are those of jobs.csv.
void read_schedule(const std::string& path, RunData& run) {
  if (run.jobs.empty()) return;
  SwfReader reader(path);
  const std::int64_t start = reader.header().integer("UnixStartTime");
  if (start > 0) {
    const bool zoned = reader.header().find("TimeZone") != nullptr;
    run.clock_start_s =
        start + (zoned ? std::clamp<std::int64_t>(reader.header().integer("TimeZone"), -86400, 86400) : 0);
  }
  std::size_t at = 0;
  for (SwfRecord record; reader.next(record); ++at) {
    if (at >= run.jobs.size() || run.jobs[at].id != record.job)
      throw InputError(fmt::format("{}:{}: job {} where jobs.csv has {}; both must be of one run", path, reader.line(),
                                   record.job, at < run.jobs.size() ? std::to_string(run.jobs[at].id) : "no more"));
    run.jobs[at].user = static_cast<std::int32_t>(record.user);
    run.jobs[at].finished = record.status != static_cast<std::int64_t>(SwfStatus::kCancelled);
  }
}

const Json* value_at(const Json& json, const std::string& keys) {
  const Json* at = &json;
  for (std::size_t begin = 0; begin <= keys.size();) {
    const std::size_t end = std::min(keys.find('/', begin), keys.size());
    if (!at->is_object()) return nullptr;
    const auto found = at->find(keys.substr(begin, end - begin));
    if (found == at->end()) return nullptr;
    at = &*found;
    begin = end + 1;
  }
  return at;
}

}  // namespace

double RunJob::bounded_slowdown() const {
  const auto flow = static_cast<double>(end_s - submit_s);
  return std::max(1.0, flow / static_cast<double>(std::max<std::int64_t>(10, run_s())));
}

std::int64_t RunData::begin_s() const {
  std::int64_t begin = power.empty() ? -kMissing : seconds_since_epoch(power.front().from);
  for (const RunJob& job : jobs) begin = std::min(begin, job.submit_s);
  return begin == -kMissing ? 0 : begin;
}

std::int64_t RunData::end_s() const {
  std::int64_t end = power.empty() ? begin_s() : seconds_since_epoch(power.back().from);
  for (const RunJob& job : jobs) end = std::max(end, job.end_s);
  return end;
}

std::int64_t RunData::processors() const {
  return static_cast<std::int64_t>(std::max(1.0, number_at(summary, "run/processors").value_or(1)));
}

bool RunData::counts_processors() const { return text_at(summary, "machine/allocation") == "counts"; }

std::int64_t RunData::units() const {
  if (counts_processors()) return processors();
  if (const std::optional<double> known = number_at(summary, "machine/nodes"))
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(*known));
  std::int64_t last = 0;
  for (const RunJob& job : jobs)
    for (const judge::ProcessorRange& range : job.allocation) last = std::max(last, range.last);
  return last + 1;
}

bool is_run_directory(const std::string& directory) {
  return exists(directory + "/jobs.csv") && exists(directory + "/summary.json");
}

RunData read_run(const std::string& directory) {
  RunData run;
  run.directory = directory;
  run.summary = read_json(directory + "/summary.json");
  run.jobs = read_jobs(directory + "/jobs.csv");
  if (exists(directory + "/schedule.swf")) read_schedule(directory + "/schedule.swf", run);
  std::stable_sort(run.jobs.begin(), run.jobs.end(),
                   [](const RunJob& a, const RunJob& b) { return a.start_s < b.start_s; });
  const auto table = [&](const char* name, std::string_view header, const std::vector<std::string_view>& words) {
    const std::string path = directory + "/" + name;
    return exists(path) ? parse_csv_table(path, judge::read_whole(path), header, words) : Frame{};
  };
  if (const std::string path = directory + "/power.csv"; exists(path))
    run.power = judge::parse_power_csv(path, judge::read_whole(path));
  run.facility = table("facility.csv", "time_s,power_cap_mw,tariff_millionths_per_kwh,co2_mg_per_kwh", {});
  run.nodes = table("nodes.csv", "time_s,first_node,last_node,change,sleep_state", {"change"});
  run.predictions = table("predictions.csv", "job_id,predictor,median_s,upper_s", {"predictor"});
  return run;
}

Json read_json(const std::string& path) {
  const std::string text = judge::read_whole(path);
  try {
    Json json = Json::parse(text);
    if (!json.is_object()) throw InputError(path + ": is no JSON object");
    return json;
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{}: is no JSON ({})", path, error.what()));
  }
}

std::optional<double> number_at(const Json& json, const std::string& keys) {
  const Json* value = value_at(json, keys);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::string text_at(const Json& json, const std::string& keys) {
  const Json* value = value_at(json, keys);
  if (value == nullptr || !value->is_string()) return {};
  return value->get<std::string>();
}

}  // namespace wattfill::report
