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

constexpr std::array<EstimateSourceInfo, 7> kSources = {{
    {"requested", "the user's request"},
    {"clairvoyant", "the true runtime, known to a replay only"},
    {"last-two", "the mean of the user's last two runtimes (Tsafrir et al. 2007)"},
    {"user-mean", "the mean of the user's runtimes"},
    {"similar-jobs", "the median of the user's five jobs most alike"},
    {"sc15-linear", "online linear model with E-Loss (Gaussier et al. 2015)"},
    {"xgboost", "boosted trees that learn online: the median"},
}};

constexpr std::array<PredictedFigure, 3> kSuffixes = {PredictedFigure::kUpper, PredictedFigure::kExpected,
                                                      PredictedFigure::kIndex};

struct Named {
  std::string_view model;  // one of kSources
  PredictedFigure figure = PredictedFigure::kMedian;
};

// "xgboost-index" is the model "xgboost" and its figure "index". None for a name without a model behind it.
std::optional<Named> parsed(std::string_view name) {
  const auto known = [](std::string_view model) {
    return std::any_of(kSources.begin(), kSources.end(), [model](const auto& source) { return source.name == model; });
  };
  if (known(name)) return Named{name};
  for (const PredictedFigure figure : kSuffixes) {
    const std::string suffix = fmt::format("-{}", name_of(figure));
    if (!name.ends_with(suffix)) continue;
    const std::string_view model = name.substr(0, name.size() - suffix.size());
    if (known(model)) return Named{model, figure};
  }
  return std::nullopt;
}

// The true runtime as a prediction without uncertainty.
class Oracle final : public Predictor {
 public:
  explicit Oracle(const Workload& workload) : truth_(workload) {}
  std::string_view name() const override { return "clairvoyant"; }
  Prediction predict(const Job& job, SimTime now) override {
    return point_prediction(static_cast<double>(truth_.at_submit(job, now).count()),
                            static_cast<double>(job.requested.count()));
  }

 private:
  Clairvoyant truth_;
};

// Sources that say an exact number of seconds by themselves; null for the others.
std::shared_ptr<EstimateSource> exact_source(const Named& named, const Workload& workload) {
  if (named.figure != PredictedFigure::kMedian) return nullptr;
  if (named.model == "requested") return std::make_shared<RequestedTime>();
  if (named.model == "clairvoyant") return std::make_shared<Clairvoyant>(workload);
  if (named.model == "last-two") return std::make_shared<LastTwo>();
  return nullptr;
}

}  // namespace

std::span<const EstimateSourceInfo> all_estimate_sources() { return kSources; }

bool is_estimate_source(std::string_view name) { return parsed(name).has_value(); }

std::string estimate_source_names() {
  std::string names;
  for (const EstimateSourceInfo& source : kSources)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", source.name);
  return names + "; each also with -upper, -expected or -index behind it";
}

EstimateSources make_estimate_sources(const std::string& fit, const std::string& order, const Workload& workload,
                                      const MakePredictor& make_predictor) {
  std::map<std::string_view, std::shared_ptr<SharedPredictor>> predictors;
  const auto make = [&](const std::string& name) -> std::shared_ptr<EstimateSource> {
    const std::optional<Named> named = parsed(name);
    if (!named)
      throw UsageError(
          fmt::format("estimates \"{}\": there is no such source; known are {}", name, estimate_source_names()));
    if (auto exact = exact_source(*named, workload)) return exact;
    std::shared_ptr<SharedPredictor>& shared = predictors[named->model];
    if (!shared)
      shared = std::make_shared<SharedPredictor>(named->model == "clairvoyant" ? std::make_unique<Oracle>(workload)
                                                                               : make_predictor(named->model));
    return std::make_shared<PredictionSource>(name, shared, named->figure);
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
