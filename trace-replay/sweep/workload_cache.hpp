// Workloads that were read once, for all ranks that replay them.
#pragma once

#include <functional>
#include <string>

#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// The workload of this file, or, where there is none or not a whole one of this program, of `make`, which then stands
// in the file. The file holds the jobs as they are in memory, so reading takes no parsing and the pages of one file are
// shared by all processes of a node; several that make it at once replace each other's equal files. Examples of
// rejected lines are not kept. Throws OutputError, and whatever `make` throws.
Workload cached_workload(const std::string& path, const std::function<Workload()>& make);

}  // namespace wattfill
