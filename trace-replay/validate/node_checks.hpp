// What no schedule may do on a cluster whose nodes have an identity: nodes and cores that are not there, not the job's
// to use, or another job's.
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"

namespace wattfill::judge {

// A job holds its nodes, or its cores of them, during [start, end). Says so in the notes where the schedule names no
// nodes. Precondition: machine.has_identity(). Time: O(nodes of the job and the jobs beside it) a job.
void check_nodes(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report);

}  // namespace wattfill::judge
