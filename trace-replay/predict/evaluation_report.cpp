// The evaluation as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trace-replay/predict/evaluation.hpp"

namespace wattfill {
namespace {

using nlohmann::ordered_json;

ordered_json figures_json(const PredictionFigures& f) {
  return {{"jobs", f.jobs},
          {"accuracy", f.accuracy},
          {"mean_absolute_error_s", f.mean_absolute_error_s},
          {"median_absolute_log_error", f.median_absolute_log_error},
          {"underestimated", f.underestimated},
          {"coverage", f.coverage}};
}

const EvaluatedPredictor* find(const Evaluation& evaluation, std::string_view name) {
  for (const EvaluatedPredictor& p : evaluation.predictors)
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace

std::string evaluation_json(const Evaluation& e) {
  ordered_json json;
  json["trace"] = e.trace;
  json["jobs"] = e.jobs;
  json["counted_from"] = e.counted_from;
  json["stated_coverage"] = e.coverage;
  for (const EvaluatedPredictor& p : e.predictors) {
    ordered_json one = {{"name", p.name}, {"figures", figures_json(p.all)}};
    for (const PredictionFigures& f : p.curve) one["learning_curve"].push_back(figures_json(f));
    for (std::size_t u = 0; u < e.users.size(); ++u) {
      ordered_json user = figures_json(p.by_user[u]);
      user["user"] = e.users[u];
      one["users"].push_back(std::move(user));
    }
    json["predictors"].push_back(std::move(one));
  }
  json["feature_importance"] = ordered_json::object();
  for (const auto& [name, share] : e.importance) json["feature_importance"][name] = share;
  json["online"] = {{"trainings", e.status.trainings}, {"drifts", e.status.drifts}, {"failures", e.status.failures}};
  return json.dump(2) + "\n";
}

std::string evaluation_text(const Evaluation& e) {
  std::string text = fmt::format("{}: {} jobs, counted from job {} on\n", e.trace, e.jobs, e.counted_from + 1);
  text += fmt::format("{:14} {:>9} {:>9} {:>11} {:>7} {:>10}\n", "predictor", "accuracy", "MAE s", "|ln error|",
                      "under", "coverage");
  for (const EvaluatedPredictor& p : e.predictors)
    text +=
        fmt::format("{:14} {:>9.3f} {:>9.0f} {:>11.3f} {:>7.3f} {:>10.3f}\n", p.name, p.all.accuracy,
                    p.all.mean_absolute_error_s, p.all.median_absolute_log_error, p.all.underestimated, p.all.coverage);
  text += "\naccuracy by tenth of the trace\n";
  for (const EvaluatedPredictor& p : e.predictors) {
    text += fmt::format("{:14}", p.name);
    for (const PredictionFigures& f : p.curve) text += fmt::format(" {:>5.2f}", f.accuracy);
    text += '\n';
  }
  constexpr std::size_t kShown = 10;
  text += fmt::format("\n{:14} {:>9} {:>9} {:>9}\n", "user", "jobs", "last-two", "xgboost");
  const EvaluatedPredictor* base = find(e, "last-two");
  const EvaluatedPredictor* learned = find(e, "xgboost");
  for (std::size_t u = 0; base && learned && u < std::min(kShown, e.users.size()); ++u)
    text += fmt::format("{:14} {:>9} {:>9.3f} {:>9.3f}\n", e.users[u], learned->by_user[u].jobs,
                        base->by_user[u].accuracy, learned->by_user[u].accuracy);
  text += "\nshare of the model's gain\n";
  for (std::size_t i = 0; i < std::min(kShown, e.importance.size()); ++i)
    text += fmt::format("{:20} {:>6.3f}\n", e.importance[i].first, e.importance[i].second);
  text += fmt::format("\nxgboost was trained {} times, noticed {} drifts; its upper figure states a coverage of {}\n",
                      e.status.trainings, e.status.drifts, e.coverage);
  return text;
}

}  // namespace wattfill
