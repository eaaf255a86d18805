// The estimate sources that a replay can offer: those of runtime-predictor, and the true runtime.
#pragma once

#include "runtime-predictor/estimate_sources.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

std::vector<EstimateSourceInfo> replay_estimate_sources();
bool is_replay_estimate_source(std::string_view name);
std::string replay_estimate_source_names();

// Throws UsageError for an unknown name, naming the known ones. The workload must outlive the sources.
EstimateSources make_estimate_sources(const EstimateNames& names, const Workload& workload,
                                      const MakePredictor& make_predictor = wattfill::make_predictor);
std::shared_ptr<EstimateSource> make_estimate_source(const std::string& name, const Workload& workload);

}  // namespace wattfill
