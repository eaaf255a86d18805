// A decision log as a trace with nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backfill/model/job.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

struct LoggedJob {
  SwfRecord record;   // numbered from 1 in the order of submission; times since the first one
  JobId id = 0;       // in the log
  std::string nodes;  // a list such as "n[1-4]"; empty where it never ran, or nodes were only counted
};

struct LoggedTrace {
  SwfHeader header;
  std::vector<LoggedJob> jobs;  // those that ended or were withdrawn, in order of (submission, id)
  std::int64_t unfinished = 0;  // left out: they waited or ran when the log ended
};

// `files` as of log_files(). A job that was requeued counts as it ended at last. Throws LogError and ConfigError.
LoggedTrace read_logged_trace(const std::vector<std::string>& files);

}  // namespace wattfill
