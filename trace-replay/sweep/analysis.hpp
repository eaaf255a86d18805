// What a sweep allows to be said: claims of one policy against the baseline, and what explains the spread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trace-replay/statistics/claim.hpp"
#include "trace-replay/sweep/results.hpp"
#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill {

struct SweepClaims {
  std::vector<Claim> claims;
  std::vector<std::string> left_out;  // a sentence for each policy and place of which replays failed
};

// Every policy with every predictor against the first with the first. A recorded trace is one of statistics/claim.hpp,
// its machines and loads are its settings, its seeds and replicas their noise. Each policy is compared over the
// replicas in which neither it nor the first failed. Where weeks or users were drawn, replicas are draws, and the
// claims are those of draws.
SweepClaims sweep_claims(const SweepSpec& spec, const CellResults& results);

// How much of the spread of the logarithm of the mean bounded slowdown each factor explains that was varied (trace with
// its machine, load, predictor, policy). Seeds and replicas are averaged first, for they are no samples; what is left
// is what factors do together. Without F and p, for which cells that share traces are no independent samples. Where
// nothing can be told, "why_not" says so in the place of "effects" and "residual".
nlohmann::ordered_json sweep_anova(const CellResults& results);

}  // namespace wattfill
