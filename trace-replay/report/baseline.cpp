#include "trace-replay/report/baseline.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>

#include "trace-replay/errors.hpp"

namespace wattfill::report {
namespace {

// Calls visit(job, job of the baseline) for each that started in both; returns how many there were.
template <class Visit>
std::size_t each_pair(const RunData& run, const RunData& baseline, Visit&& visit) {
  std::unordered_map<JobId, const RunJob*> by_id;
  by_id.reserve(baseline.jobs.size());
  for (const RunJob& job : baseline.jobs) by_id.emplace(job.id, &job);
  std::size_t pairs = 0;
  for (const RunJob& job : run.jobs) {
    const auto other = by_id.find(job.id);
    if (other == by_id.end()) continue;
    ++pairs;
    visit(job, *other->second);
  }
  return pairs;
}

[[noreturn]] void refuse(const RunData& baseline, const std::string& why) {
  throw UsageError(
      fmt::format("--baseline {}: {}; a baseline is another run of the same trace", baseline.directory, why));
}

}  // namespace

void check_baseline(const RunData& run, const RunData& baseline) {
  const std::optional<double> kept = number_at(run.summary, "recipe/kept");
  const std::optional<double> others = number_at(baseline.summary, "recipe/kept");
  if (kept && others && *kept != *others)
    refuse(baseline, fmt::format("has {:.0f} jobs where {} has {:.0f}", *others, run.directory, *kept));
  const std::size_t pairs = each_pair(run, baseline, [&](const RunJob& job, const RunJob& other) {
    if (job.processors == other.processors && job.requested_s == other.requested_s) return;
    refuse(baseline, fmt::format("job {} asks for {} processors and {} s, in {} for {} processors and {} s", job.id,
                                 other.processors, other.requested_s, run.directory, job.processors, job.requested_s));
  });
  if (pairs == 0 && !run.jobs.empty() && !baseline.jobs.empty())
    refuse(baseline, "shares no job with " + run.directory);
}

std::int64_t submitted_otherwise(const RunData& run, const RunData& baseline) {
  std::int64_t others = 0;
  each_pair(run, baseline,
            [&others](const RunJob& job, const RunJob& other) { others += job.submit_s != other.submit_s; });
  return others;
}

bool metered_alike(const RunData& run, const RunData& baseline) {
  for (const char* key : {"energy/begin_s", "energy/end_s"})
    if (number_at(run.summary, key) != number_at(baseline.summary, key)) return false;
  return true;
}

}  // namespace wattfill::report
