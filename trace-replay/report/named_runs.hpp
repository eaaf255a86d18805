// Runs that one chart shows, the baseline first.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trace-replay/report/buckets.hpp"
#include "trace-replay/report/run_data.hpp"

namespace wattfill::report {

struct NamedRun {
  std::string name;
  const RunData* run;
};

// `baseline` may be null.
std::vector<NamedRun> named_runs(const RunData& run, const RunData* baseline);

// From the first begin to the last end of all of them, of which there must be one.
Spans spans_of(const std::vector<NamedRun>& runs, std::size_t most);

}  // namespace wattfill::report
