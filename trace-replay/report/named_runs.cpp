#include "trace-replay/report/named_runs.hpp"

#include <algorithm>

#include "trace-replay/report/run_sections.hpp"

namespace wattfill::report {

std::vector<NamedRun> named_runs(const RunData& run, const RunData* baseline) {
  if (baseline == nullptr) return {{policy_of(run), &run}};
  return {{policy_of(*baseline) + " (baseline)", baseline}, {policy_of(run), &run}};
}

Spans spans_of(const std::vector<NamedRun>& runs, std::size_t most) {
  std::int64_t begin = runs.front().run->begin_s();
  std::int64_t end = runs.front().run->end_s();
  for (const NamedRun& named : runs) {
    begin = std::min(begin, named.run->begin_s());
    end = std::max(end, named.run->end_s());
  }
  return {begin, end, most};
}

}  // namespace wattfill::report
