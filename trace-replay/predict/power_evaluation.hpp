// Predictors of the power of jobs side by side, on jobs as they were recorded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace-replay/import/job_energy.hpp"

namespace wattfill {

// w: the job's mean power, p: what was predicted at its submission, both in watts.
struct PowerFigures {
  std::int64_t jobs = 0;
  double mean_absolute_error_w = 0;             // mean of |p - w|
  double mean_absolute_percentage_error = 0;    // mean of |p - w| / w, in per cent
  double median_absolute_percentage_error = 0;  // lower median
  double accuracy = 0;                          // mean of min(p / w, w / p)
  double energy_error = 0;                      // (predicted - used) / used, over the joules of all jobs, in per cent
};

struct EvaluatedPower {
  std::string name;
  PowerFigures all;                  // of the counted jobs
  std::vector<PowerFigures> tenths;  // of them, in order of submission
};

struct PowerEvaluation {
  std::string sidecar;
  std::int64_t jobs = 0;
  std::int64_t with_power = 0;       // valid, or a model's
  std::int64_t counted_from = 0;     // the first counted job's place; those before only teach
  double mean_watts = 0;             // of the counted jobs
  std::vector<std::string> sources;  // "source; domain" of what was learned from, in order of appearance
  std::vector<EvaluatedPower> predictors;
};

// In order of time: a job's power is told at its end, so no prediction knows of what was not over at its submission.
// `warm_up`: share of the jobs, in order of submission, that only teaches. Throws InputError where fewer than two jobs
// are left to count.
PowerEvaluation evaluate_power(const std::string& name, std::vector<JobEnergy> jobs, double warm_up);

std::string power_evaluation_text(const PowerEvaluation& evaluation);
std::string power_evaluation_json(const PowerEvaluation& evaluation);

}  // namespace wattfill
