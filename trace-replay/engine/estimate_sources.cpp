#include "trace-replay/engine/estimate_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>

#include "runtime-predictor/last_two.hpp"
#include "runtime-predictor/prediction_source.hpp"
#include "runtime-predictor/predictors.hpp"
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

constexpr std::array<EstimateSourceInfo, 9> kSources = {{
    {"requested", "the user's request"},
    {"clairvoyant", "the true runtime, known to a replay only"},
    {"last-two", "the mean of the user's last two runtimes (Tsafrir et al. 2007)"},
    {"user-mean", "the mean of the user's runtimes"},
    {"similar-jobs", "the median of the user's five jobs most alike"},
    {"sc15-linear", "online linear model with E-Loss (Gaussier et al. 2015)"},
    {"xgboost", "boosted trees that learn online: the median"},
    {"xgboost-upper", "the same: the upper quantile"},
    {"xgboost-index", "the same: Smith's index for the bounded slowdown; orders only"},
}};

struct Learned {
  std::string_view model;
  PredictedFigure figure;
};

// The model and the figure behind a source's name; none where no predictor stands behind it.
std::optional<Learned> learned(std::string_view name) {
  if (name == "xgboost-upper") return Learned{"xgboost", PredictedFigure::kUpper};
  if (name == "xgboost-index") return Learned{"xgboost", PredictedFigure::kIndex};
  if (name != "requested" && name != "last-two" && is_predictor(name)) return Learned{name, PredictedFigure::kMedian};
  return std::nullopt;
}

std::shared_ptr<EstimateSource> plain_source(const std::string& name, const Workload& workload) {
  if (name == "requested") return std::make_shared<RequestedTime>();
  if (name == "clairvoyant") return std::make_shared<Clairvoyant>(workload);
  if (name == "last-two") return std::make_shared<LastTwo>();
  throw UsageError(
      fmt::format("estimates \"{}\": there is no such source; known are {}", name, estimate_source_names()));
}

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

EstimateSources make_estimate_sources(const std::string& fit, const std::string& order, const Workload& workload) {
  std::map<std::string_view, std::shared_ptr<SharedPredictor>> predictors;
  const auto make = [&](const std::string& name) -> std::shared_ptr<EstimateSource> {
    const std::optional<Learned> source = learned(name);
    if (!source) return plain_source(name, workload);
    std::shared_ptr<SharedPredictor>& predictor = predictors[source->model];
    if (!predictor) predictor = std::make_shared<SharedPredictor>(make_predictor(source->model));
    return std::make_shared<PredictionSource>(name, predictor, source->figure);
  };
  EstimateSources sources;
  sources.fit = make(fit);
  sources.order = order == fit ? sources.fit : make(order);
  return sources;
}

std::shared_ptr<EstimateSource> make_estimate_source(const std::string& name, const Workload& workload) {
  return make_estimate_sources(name, name, workload).fit;
}

}  // namespace wattfill
