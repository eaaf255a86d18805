// Estimate sources by name: a model, with -upper, -expected or -index behind it where not the median is wanted.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/estimate_source.hpp"
#include "runtime-predictor/predictors.hpp"

namespace wattfill {

struct EstimateSourceInfo {
  std::string_view name;
  std::string_view description;
};

std::span<const EstimateSourceInfo> learned_estimate_sources();  // those that every host can offer

// What a host offers beside them: a replay knows the future.
struct ExtraEstimates {
  EstimateSourceInfo info;
  std::function<std::shared_ptr<EstimateSource>()> exact;  // whole seconds, for the name alone
  std::function<std::unique_ptr<Predictor>()> predictor;   // for the name with a figure behind it
};

struct EstimateSources {
  std::shared_ptr<EstimateSource> fit;
  std::shared_ptr<EstimateSource> order;  // the same object where the names are the same
  std::shared_ptr<EstimateSource> fill;   // the same; null where it has no name
  // The median of the learned model behind the order, or else the fit; null where neither is learned. To be told of
  // submissions only, each right after the others.
  std::shared_ptr<EstimateSource> median;
};

// Makes a predictor, given a name for which is_predictor() holds.
using MakePredictor = std::function<std::unique_ptr<Predictor>(std::string_view)>;

bool is_estimate_source(std::string_view name, const ExtraEstimates* extra = nullptr);
std::string estimate_source_names(const ExtraEstimates* extra = nullptr);  // "requested, last-two, ..."

// What a policy calls its sources; `fill` may be empty.
struct EstimateNames {
  std::string fit;
  std::string order;
  std::string fill;
};

// The sources of a policy; where one learned model stands behind several, it is one model that learns once. Throws
// std::invalid_argument for an unknown name, naming the known ones.
EstimateSources make_estimate_sources(const EstimateNames& names,
                                      const MakePredictor& make_predictor = wattfill::make_predictor,
                                      const ExtraEstimates* extra = nullptr);

}  // namespace wattfill
