// One job of a generated workload.
#pragma once

#include <cstdint>

#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

// 40 bytes, because benchmarks hold ten million of them. Times are whole seconds; identities count from 1.
struct GeneratedJob {
  std::int64_t submit_s = 0;     // since the start of the trace, not decreasing from job to job
  std::int32_t run_s = 0;        // > 0
  std::int32_t requested_s = 0;  // >= run_s
  std::int32_t processors = 0;   // > 0
  std::int32_t user = 0;
  std::int32_t group = 0;
  std::int32_t executable = 0;
  std::int32_t queue = 0;  // 0 interactive or untyped, 1 batch

  bool operator==(const GeneratedJob&) const = default;
};

// The job as a line of a trace: wait unknown, status 1 (completed), all that the model does not know -1.
inline SwfRecord to_swf_record(const GeneratedJob& job, std::int64_t number) {
  SwfRecord record;
  record.job = number;
  record.submit_s = job.submit_s;
  record.run_s = job.run_s;
  record.allocated_processors = job.processors;
  record.requested_processors = job.processors;
  record.requested_s = job.requested_s;
  record.status = static_cast<std::int64_t>(SwfStatus::kCompleted);
  record.user = job.user;
  record.group = job.group;
  record.executable = job.executable;
  record.queue = job.queue;
  return record;
}

}  // namespace wattfill
