// Why a job started, or waits, in words: from the decision log alone.
#pragma once

#include <string>
#include <vector>

#include "backfill/model/job.hpp"

namespace wattfill {

// One line for each thing that happened to the job, in order: its submission with its prediction; why it waited, each
// time another job came to the head of the queue; its start, on which nodes, ahead of whom; the host's answers; its
// end. `files` as of log_files(). Empty: the log does not know the job. Throws LogError and ConfigError.
std::vector<std::string> explain(const std::vector<std::string>& files, JobId job, const std::string& model = "");

}  // namespace wattfill
