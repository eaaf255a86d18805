// Reads a schedule: SWF (submit + wait = start, field 4 the run time) or a jobs.csv with Batsim's column names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/validate/judged_job.hpp"

namespace wattfill::judge {

struct ScheduleFile {
  std::string format;  // "SWF" or "jobs.csv"
  std::vector<ScheduleRow> rows;
  std::int64_t rejected_rows = 0;
};

// Tells the two formats apart by the first line that is no comment. Throws InputError. Both may be gzip-compressed.
// An SWF row with wait -1 or run below 0, and a CSV row whose starting_time is empty or -1, is a job that never
// started.
ScheduleFile read_schedule(const std::string& path, bool lenient);

// The CSV part, from memory. Needs the columns job_id, submission_time, requested_number_of_resources, starting_time
// and execution_time; uses requested_time, finish_time, allocated_resources, consumed_energy and cpusets where they
// stand; leaves out every other one. Times are whole seconds ("12" or "12.000000"). `name` stands in messages.
std::vector<ScheduleRow> parse_jobs_csv(const std::string& name, std::string_view text);

// An interval set such as "0-3 7 9-10" (blanks or commas between). False where the text is none.
bool parse_interval_set(std::string_view text, std::vector<ProcessorRange>& ranges);

}  // namespace wattfill::judge
