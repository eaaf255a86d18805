// All predictors side by side on one trace.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime-predictor/model_files.hpp"
#include "runtime-predictor/xgboost_predictor.hpp"
#include "trace-replay/predict/figures.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

struct EvaluatedPredictor {
  std::string name;
  PredictionFigures all;                   // of the counted jobs
  std::vector<PredictionFigures> curve;    // by tenth of all jobs, in order of submission
  std::vector<PredictionFigures> by_user;  // in the order of Evaluation::users
};

struct Evaluation {
  std::string trace;
  std::int64_t jobs = 0;
  std::int64_t counted_from = 0;    // the first counted job's place; those before only teach
  std::vector<std::int32_t> users;  // of the counted jobs, most jobs first
  std::vector<EvaluatedPredictor> predictors;
  std::vector<std::pair<std::string, double>> importance;  // share of the total gain, largest first
  XgboostPredictor::Status status;                         // of the one that learns online
  double coverage = 0;                                     // that its upper figure states
};

struct EvaluationOptions {
  double warm_up = 0.2;  // share of the jobs, in order of submission, that only teaches
  // A trained model, which is compared as "model"; it learns nothing more. Not null.
  std::optional<ModelFiles> model;
  std::function<void(std::size_t)> progress;  // called with the jobs done; may throw to stop
};

// `workload` with links, at least one job. Deterministic.
Evaluation evaluate(const Workload& workload, EvaluationOptions options);

std::string evaluation_json(const Evaluation& evaluation);
std::string evaluation_text(const Evaluation& evaluation);

// Trains on a whole trace; the metrics are those of a model that was trained on its first four fifths, on the rest.
ModelFiles train_on(const Workload& workload, const XgboostOptions& options,
                    const std::function<void(std::size_t)>& progress = {});

}  // namespace wattfill
