// The jobs of CINECA's Eurora (Borghesi et al.; the data of PA-HPC-SIM) as a sidecar: their power is what a published
// model says of them, not a measurement.
#pragma once

#include <string>
#include <vector>

#include "trace-replay/import/job_energy.hpp"

namespace wattfill {

// CSV with the columns job_id, queue, submit_unix, start_unix, end_unix, run_s, req_time_s, nodes, cores, gpus, mics,
// mem_req_raw, app_type, used_node_ids, predicted_power_W. Queues are numbered from 1 in order of appearance, the
// application's type is the executable, GPUs and MICs are accelerators; users are not in it. Memory is taken as GiB.
// Throws InputError.
std::vector<JobEnergy> read_job_power_table(const std::string& path);

}  // namespace wattfill
