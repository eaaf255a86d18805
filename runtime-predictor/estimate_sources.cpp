#include "runtime-predictor/estimate_sources.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>

#include "runtime-predictor/last_two.hpp"
#include "runtime-predictor/prediction_source.hpp"

namespace wattfill {
namespace {

constexpr std::array<EstimateSourceInfo, 6> kSources = {{
    {"requested", "the user's request"},
    {"last-two", "the mean of the user's last two runtimes (Tsafrir et al. 2007)"},
    {"user-mean", "the mean of the user's runtimes"},
    {"similar-jobs", "the median of the user's five jobs most alike"},
    {"sc15-linear", "online linear model with E-Loss (Gaussier et al. 2015)"},
    {"xgboost", "boosted trees that learn online: the median"},
}};

constexpr std::array<PredictedFigure, 3> kSuffixes = {PredictedFigure::kUpper, PredictedFigure::kExpected,
                                                      PredictedFigure::kIndex};

struct Named {
  std::string_view model;
  PredictedFigure figure = PredictedFigure::kMedian;
};

// "xgboost-index" is the model "xgboost" and its figure "index". None for a name without a model behind it.
std::optional<Named> parsed(std::string_view name, const ExtraEstimates* extra) {
  const auto known = [extra](std::string_view model) {
    return (extra && extra->info.name == model) ||
           std::any_of(kSources.begin(), kSources.end(), [model](const auto& source) { return source.name == model; });
  };
  if (known(name)) return Named{name};
  for (const PredictedFigure figure : kSuffixes) {
    const std::string suffix = "-" + std::string(name_of(figure));
    if (!name.ends_with(suffix)) continue;
    const std::string_view model = name.substr(0, name.size() - suffix.size());
    if (known(model)) return Named{model, figure};
  }
  return std::nullopt;
}

class Maker {
 public:
  Maker(const MakePredictor& make_predictor, const ExtraEstimates* extra)
      : make_predictor_(make_predictor), extra_(extra) {}

  std::shared_ptr<EstimateSource> make(const std::string& name) {
    const std::optional<Named> named = parsed(name, extra_);
    if (!named)
      throw std::invalid_argument("estimates \"" + name + "\": there is no such source; known are " +
                                  estimate_source_names(extra_));
    if (auto exact = exact_source(*named)) return exact;
    std::shared_ptr<SharedPredictor>& shared = predictors_[named->model];
    if (!shared)
      shared =
          std::make_shared<SharedPredictor>(is_extra(*named) ? extra_->predictor() : make_predictor_(named->model));
    return std::make_shared<PredictionSource>(name, shared, named->figure);
  }

  std::shared_ptr<EstimateSource> median_of(const std::string& name) {
    const auto shared = predictors_.find(parsed(name, extra_)->model);
    if (shared == predictors_.end()) return nullptr;
    return std::make_shared<PredictionSource>(std::string(shared->first), shared->second, PredictedFigure::kMedian);
  }

 private:
  bool is_extra(const Named& named) const { return extra_ && named.model == extra_->info.name; }

  // Sources that say an exact number of seconds by themselves; null for the others.
  std::shared_ptr<EstimateSource> exact_source(const Named& named) const {
    if (named.figure != PredictedFigure::kMedian) return nullptr;
    if (is_extra(named)) return extra_->exact();
    if (named.model == "requested") return std::make_shared<RequestedTime>();
    if (named.model == "last-two") return std::make_shared<LastTwo>();
    return nullptr;
  }

  const MakePredictor& make_predictor_;
  const ExtraEstimates* extra_;
  std::map<std::string_view, std::shared_ptr<SharedPredictor>> predictors_;
};

}  // namespace

std::span<const EstimateSourceInfo> learned_estimate_sources() { return kSources; }

bool is_estimate_source(std::string_view name, const ExtraEstimates* extra) { return parsed(name, extra).has_value(); }

std::string estimate_source_names(const ExtraEstimates* extra) {
  std::string names;
  const auto add = [&names](std::string_view name) { names += (names.empty() ? "" : ", ") + std::string(name); };
  for (const EstimateSourceInfo& source : kSources) add(source.name);
  if (extra) add(extra->info.name);
  return names + "; each also with -upper, -expected or -index behind it";
}

EstimateSources make_estimate_sources(const EstimateNames& names, const MakePredictor& make_predictor,
                                      const ExtraEstimates* extra) {
  Maker maker(make_predictor, extra);
  EstimateSources sources;
  sources.fit = maker.make(names.fit);
  sources.order = names.order == names.fit ? sources.fit : maker.make(names.order);
  if (!names.fill.empty())
    sources.fill = names.fill == names.fit     ? sources.fit
                   : names.fill == names.order ? sources.order
                                               : maker.make(names.fill);
  sources.median = maker.median_of(names.order);
  if (!sources.median) sources.median = maker.median_of(names.fit);
  return sources;
}

}  // namespace wattfill
