#include "trace-replay/predict/evaluation.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "runtime-predictor/predictors.hpp"
#include "trace-replay/predict/history.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kTenths = 10;

std::vector<std::size_t> range(std::size_t from, std::size_t to) {
  std::vector<std::size_t> all(to - from);
  std::iota(all.begin(), all.end(), from);
  return all;
}

using JobsByUser = std::vector<std::pair<std::int32_t, std::vector<std::size_t>>>;

// Most jobs first; ties by user.
JobsByUser by_user(const Workload& workload, std::size_t from) {
  std::map<std::int32_t, std::vector<std::size_t>> jobs;
  for (std::size_t i = from; i < workload.jobs.size(); ++i) jobs[workload.jobs[i].job.user].push_back(i);
  JobsByUser all(jobs.begin(), jobs.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  return all;
}

std::vector<std::pair<std::string, double>> importance_of(const RuntimeModel& model) {
  const std::vector<double> gain = model.booster.importance();
  const double sum = std::max(1e-300, std::accumulate(gain.begin(), gain.end(), 0.0));
  std::vector<std::pair<std::string, double>> all;
  for (std::size_t i = 0; i < gain.size(); ++i) all.emplace_back(kFeatures[i].name, gain[i] / sum);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return all;
}

}  // namespace

Evaluation evaluate(const Workload& workload, EvaluationOptions options) {
  const std::size_t jobs = workload.jobs.size();
  const auto from = static_cast<std::size_t>(options.warm_up * static_cast<double>(jobs));
  std::vector<std::unique_ptr<Predictor>> owned;
  std::vector<std::string> names;
  const XgboostPredictor* online = nullptr;
  for (const std::string_view name : all_predictors()) {
    owned.push_back(make_predictor(name));
    names.emplace_back(name);
    if (const auto* learner = dynamic_cast<const XgboostPredictor*>(owned.back().get())) online = learner;
  }
  if (options.model) {
    XgboostOptions fixed;
    fixed.schedule.first_training = 0;
    fixed.coverage = options.model->coverage;
    owned.push_back(
        std::make_unique<XgboostPredictor>(fixed, std::move(options.model->model), options.model->upper_shift));
    names.emplace_back("model");
  }
  std::vector<Predictor*> predictors;
  predictors.reserve(owned.size());
  for (const auto& predictor : owned) predictors.push_back(predictor.get());
  const auto predictions = predict_history(workload, predictors, options.progress);

  Evaluation result;
  result.trace = workload.name;
  result.jobs = static_cast<std::int64_t>(jobs);
  result.counted_from = static_cast<std::int64_t>(from);
  const JobsByUser users = by_user(workload, from);
  for (const auto& [user, unused] : users) result.users.push_back(user);
  for (std::size_t p = 0; p < predictors.size(); ++p) {
    EvaluatedPredictor& one = result.predictors.emplace_back();
    one.name = names[p];
    one.all = prediction_figures(workload, predictions[p], range(from, jobs));
    for (std::size_t tenth = 0; tenth < kTenths; ++tenth)
      one.curve.push_back(
          prediction_figures(workload, predictions[p], range(jobs * tenth / kTenths, jobs * (tenth + 1) / kTenths)));
    for (const auto& [user, which] : users) one.by_user.push_back(prediction_figures(workload, predictions[p], which));
  }
  if (online && online->model()) result.importance = importance_of(*online->model());
  if (online) result.status = online->status();
  result.coverage = XgboostOptions{}.coverage;
  return result;
}

ModelFiles train_on(const Workload& workload, const XgboostOptions& options,
                    const std::function<void(std::size_t)>& progress) {
  const std::size_t jobs = workload.jobs.size();
  const std::size_t held_out = jobs * 4 / 5;
  XgboostPredictor rehearsal(options);
  XgboostPredictor whole(options);
  const auto before_submit = [&](std::size_t job) {
    if (job == held_out) {
      rehearsal.train();
      rehearsal.freeze();
    }
    if (progress) progress(job);
  };
  const std::vector<Predictor*> both = {&rehearsal, &whole};
  const auto predictions = predict_history(workload, both, before_submit);
  whole.train();
  if (!whole.model()) throw BoosterError(whole.status().last_failure);

  const PredictionFigures f = prediction_figures(workload, predictions[0], range(held_out, jobs));
  ModelFiles files(whole.take_model());
  files.upper_shift = whole.upper_shift();
  files.coverage = options.coverage;
  files.trained_on = workload.name;
  files.jobs = static_cast<std::int64_t>(jobs);
  files.first_submit = seconds_since_epoch(workload.jobs.front().job.submit);
  for (const TraceJob& job : workload.jobs)
    files.last_end = std::max(files.last_end, seconds_since_epoch(job.job.submit + job.runtime));
  files.metrics = {{"held_out_jobs", static_cast<double>(f.jobs)},
                   {"accuracy", f.accuracy},
                   {"mean_absolute_error_s", f.mean_absolute_error_s},
                   {"median_absolute_log_error", f.median_absolute_log_error},
                   {"underestimated", f.underestimated},
                   {"coverage", f.coverage}};
  return files;
}

}  // namespace wattfill
