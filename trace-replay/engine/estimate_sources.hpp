// The estimate sources that a replay can offer, by name: a model, with -upper, -expected or -index behind it where not
// the median is wanted.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backfill/model/estimate_source.hpp"
#include "runtime-predictor/predictors.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

struct EstimateSourceInfo {
  std::string_view name;
  std::string_view description;
};

std::span<const EstimateSourceInfo> all_estimate_sources();
bool is_estimate_source(std::string_view name);
std::string estimate_source_names();  // "requested, clairvoyant, ..."

struct EstimateSources {
  std::shared_ptr<EstimateSource> fit;
  std::shared_ptr<EstimateSource> order;  // the same object where both names are the same
};

// Makes a predictor, given a name for which is_predictor() holds.
using MakePredictor = std::function<std::unique_ptr<Predictor>(std::string_view)>;

// The two sources of a policy; where one learned model stands behind both, it is one model that learns once.
EstimateSources make_estimate_sources(const std::string& fit, const std::string& order, const Workload& workload,
                                      const MakePredictor& make_predictor = wattfill::make_predictor);

// Throws UsageError for an unknown name, naming the known ones. The workload must outlive the source.
std::shared_ptr<EstimateSource> make_estimate_source(const std::string& name, const Workload& workload);

}  // namespace wattfill
