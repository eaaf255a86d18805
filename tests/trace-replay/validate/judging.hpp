// Small schedules for the tests of the judge, and what they expect of its report.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "trace-replay/validate/judge.hpp"

namespace wattfill::judge {

struct SmallJob {
  std::int64_t submit;
  std::int64_t processors;
  std::int64_t requested;
  std::int64_t run;
};

// Jobs are numbered from 1 in the order of the list, which must be the order of submission.
inline std::vector<TraceEntry> trace_of(const std::vector<SmallJob>& jobs) {
  std::vector<TraceEntry> trace;
  trace.reserve(jobs.size());
  for (const SmallJob& job : jobs) {
    trace.push_back({static_cast<JobId>(trace.size() + 1), SimTime{Seconds{job.submit}}, job.processors,
                     Seconds{job.requested}, Seconds{job.run}});
  }
  return trace;
}

// A faithful schedule of the trace with these starts.
inline std::vector<ScheduleRow> rows_of(const std::vector<TraceEntry>& trace, const std::vector<std::int64_t>& starts) {
  std::vector<ScheduleRow> rows;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    ScheduleRow row;
    row.id = trace[i].id;
    row.submit = trace[i].submit;
    row.processors = trace[i].processors;
    row.requested = trace[i].requested;
    row.start = SimTime{Seconds{starts.at(i)}};
    row.executed = trace[i].runtime;
    rows.push_back(row);
  }
  return rows;
}

inline ValidationRequest request_for(std::int64_t processors, const std::string& policy) {
  ValidationRequest request;
  request.processors = processors;
  request.policy = policy;
  return request;
}

inline ValidationReport judged(const ValidationRequest& request, const std::vector<TraceEntry>& trace,
                               const std::vector<ScheduleRow>& rows) {
  ValidationReport report;
  report.request = request;
  judge_schedule(trace, rows, report);
  return report;
}

// Exactly these violations, and none of any other check.
inline void expect_only(const ValidationReport& report, const std::map<ValidationCheck, std::int64_t>& expected) {
  for (std::size_t i = 0; i < kValidationChecks; ++i) {
    const auto check = static_cast<ValidationCheck>(i);
    const auto found = expected.find(check);
    const std::int64_t count = found == expected.end() ? 0 : found->second;
    EXPECT_EQ(report.of(check).violations, count) << validation_check_key(check) << "\n" << validation_text(report);
    if (count > 0) {
      EXPECT_TRUE(report.of(check).performed) << validation_check_key(check);
      ASSERT_FALSE(report.of(check).examples.empty());
    }
  }
}

}  // namespace wattfill::judge
