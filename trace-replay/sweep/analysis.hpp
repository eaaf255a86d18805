// What a sweep allows to be said: claims of one policy against the baseline, and what explains the spread.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "trace-replay/statistics/claim.hpp"
#include "trace-replay/sweep/results.hpp"
#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill {

// Every policy with every predictor against the first with the first, over all traces, machines and loads: each of
// these is a trace of statistics/claim.hpp, its seeds and replicas are its noise. A replica counts where none of its
// cells failed. None where weeks or users were resampled, because then replicas have no blocks in common.
std::vector<Claim> sweep_claims(const SweepSpec& spec, const CellResults& results);

// Analysis of variance of the logarithm of the mean bounded slowdown over the factors that were varied (trace with its
// machine, load, predictor, policy); seeds and replicas are the residual. Null where there is no residual or no factor.
nlohmann::ordered_json sweep_anova(const CellResults& results);

}  // namespace wattfill
