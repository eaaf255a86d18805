#include "trace-replay/engine/estimate_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "runtime-predictor/last_two.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

// Knows the future: the runtime of each job of the trace. Only a replay can offer it, as a bound for what prediction
// can do.
class Clairvoyant final : public EstimateSource {
 public:
  explicit Clairvoyant(const Workload& workload) {
    runtimes_.reserve(workload.jobs.size());
    for (const TraceJob& job : workload.jobs) runtimes_.emplace(job.job.id, job.runtime);
  }
  std::string_view name() const override { return "clairvoyant"; }
  Seconds at_submit(const Job& job, SimTime) override { return runtimes_.at(job.id); }
  bool upper_bound() const override { return true; }

 private:
  std::unordered_map<JobId, Seconds> runtimes_;
};

constexpr std::array<EstimateSourceInfo, 3> kSources = {{
    {"requested", "the user's request"},
    {"clairvoyant", "the true runtime, known to a replay only"},
    {"last-two", "the mean of the user's last two runtimes (Tsafrir et al. 2007)"},
}};

}  // namespace

std::span<const EstimateSourceInfo> all_estimate_sources() { return kSources; }

bool is_estimate_source(std::string_view name) {
  return std::any_of(kSources.begin(), kSources.end(), [name](const auto& source) { return source.name == name; });
}

std::string estimate_source_names() {
  std::string names;
  for (const EstimateSourceInfo& source : kSources)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", source.name);
  return names;
}

std::shared_ptr<EstimateSource> make_estimate_source(const std::string& name, const Workload& workload) {
  if (name == "requested") return std::make_shared<RequestedTime>();
  if (name == "clairvoyant") return std::make_shared<Clairvoyant>(workload);
  if (name == "last-two") return std::make_shared<LastTwo>();
  throw UsageError(
      fmt::format("estimates \"{}\": there is no such source; known are {}", name, estimate_source_names()));
}

}  // namespace wattfill
