// What the files of a run directory say, read back.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backfill/model/job.hpp"
#include "trace-replay/report/frame.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/power_file.hpp"

namespace wattfill::report {

using Json = nlohmann::ordered_json;

struct RunJob {
  JobId id = 0;
  std::int64_t submit_s = 0;
  std::int64_t start_s = 0;
  std::int64_t end_s = 0;
  std::int64_t processors = 0;
  std::int64_t requested_s = kMissing;
  std::int32_t user = kUnknown;
  bool finished = true;  // ran to its end or limit; only such jobs count in waits and slowdowns, as in summary.json
  std::optional<std::int64_t> energy_mj;
  std::vector<judge::ProcessorRange> allocation;  // nodes, or processors where they were counted

  std::int64_t wait_s() const { return start_s - submit_s; }
  std::int64_t run_s() const { return end_s - start_s; }
  double processor_s() const { return static_cast<double>(processors) * static_cast<double>(run_s()); }
  // max(1, flow / max(10 s, run_s)). On nodes that are slower or faster than the reference, summary.json counts the
  // runtime at the reference speed instead.
  double bounded_slowdown() const;
};

struct RunData {
  std::string directory;
  Json summary;                        // summary.json
  std::vector<RunJob> jobs;            // in order of start, then of the file
  std::vector<judge::PowerRow> power;  // power.csv; the following are empty where there is no such file
  Frame facility;
  Frame nodes;
  Frame predictions;
  std::int64_t clock_start_s = kMissing;  // Unix time of second 0, in the trace's local time

  std::int64_t begin_s() const;  // first submission
  std::int64_t end_s() const;    // last end, of jobs and of metering
  std::int64_t processors() const;
  std::int64_t units() const;      // nodes, or processors where nodes have no identity
  bool counts_processors() const;  // what a job's allocation names
};

// True where the directory holds what a run leaves.
bool is_run_directory(const std::string& directory);

// Throws InputError with the file, and the line or the key, where one is missing that each run has, or is wrong.
RunData read_run(const std::string& directory);

// The whole of a JSON file. Throws InputError.
Json read_json(const std::string& path);

// A number in a JSON object, by its key or by keys with '/' between them; nothing where there is none.
std::optional<double> number_at(const Json& json, const std::string& keys);
std::string text_at(const Json& json, const std::string& keys);

}  // namespace wattfill::report
