#include "trace-replay/predict/power_evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "runtime-predictor/job_power.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/predict/history.hpp"

namespace wattfill {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kTenths = 10;

std::optional<double> watts_of(const JobEnergy& job) {
  const bool known = job.validity == JoulesValidity::kOk || job.validity == JoulesValidity::kModelled;
  if (!known || job.run_s <= 0 || job.processors <= 0 || job.joules <= 0) return std::nullopt;
  return job.joules / static_cast<double>(job.run_s);
}

PowerJob power_job(const JobEnergy& e, JobId id) {
  constexpr std::int64_t kNoRequest = 30 * 86'400;
  PowerJob p;
  p.job.id = id;
  p.job.submit = SimTime{Seconds{e.submit}};
  p.job.requested = Seconds{e.requested_s > 0 ? e.requested_s : kNoRequest};
  p.job.processors = static_cast<std::int32_t>(std::max<std::int64_t>(1, e.processors));
  p.job.user = e.user;
  p.job.group = e.group;
  p.job.executable = e.executable;
  p.job.queue = e.queue;
  p.job.partition = e.partition;
  if (e.memory_kb > 0) p.job.memory_kb_per_processor = static_cast<std::int64_t>(e.memory_kb) / p.job.processors;
  p.nodes = static_cast<std::int32_t>(std::min<std::int64_t>(e.nodes, 1'000'000'000));
  p.accelerators = static_cast<std::int32_t>(std::min<std::int64_t>(e.accelerators, 1'000'000'000));
  return p;
}

struct Recorded {
  std::vector<PowerJob> jobs;
  std::vector<std::optional<double>> watts;
  Workload workload;  // its times
};

Recorded recorded(const std::vector<JobEnergy>& energy) {
  Recorded r;
  for (std::size_t i = 0; i < energy.size(); ++i) {
    const JobEnergy& e = energy[i];
    r.jobs.push_back(power_job(e, static_cast<JobId>(i)));
    r.watts.push_back(watts_of(e));
    r.workload.jobs.push_back({r.jobs.back().job, Seconds{e.end - e.start}});
    r.workload.links.push_back({kUnknown, Seconds{kUnknown}, SimTime{Seconds{e.start}}});
  }
  return r;
}

std::vector<std::optional<double>> predict(const Recorded& r, JobPowerPredictor& predictor) {
  std::vector<std::optional<double>> predictions(r.jobs.size());
  tell_history(r.workload, [&](HistoryEvent event, std::size_t i, SimTime at) {
    if (event == HistoryEvent::kSubmit) predictions[i] = predictor.predict(r.jobs[i], at);
    if (event == HistoryEvent::kStart) predictor.started(r.jobs[i], at);
    if (event == HistoryEvent::kEnd) predictor.ended(r.jobs[i], at, r.workload.jobs[i].runtime, r.watts[i]);
  });
  return predictions;
}

PowerFigures figures(const Recorded& r, const std::vector<std::optional<double>>& predictions,
                     std::span<const std::size_t> which) {
  PowerFigures f;
  std::vector<double> shares;
  double used = 0;
  double excess = 0;
  for (const std::size_t i : which) {
    const double w = *r.watts[i];
    const double p = predictions[i].value_or(0);
    const auto seconds = static_cast<double>(r.workload.jobs[i].runtime.count());
    f.mean_absolute_error_w += std::fabs(p - w);
    f.accuracy += p > 0 ? std::min(p / w, w / p) : 0;
    shares.push_back(100 * std::fabs(p - w) / w);
    f.mean_absolute_percentage_error += shares.back();
    used += w * seconds;
    excess += (p - w) * seconds;
  }
  f.jobs = static_cast<std::int64_t>(which.size());
  if (which.empty()) return f;
  for (double* mean : {&f.mean_absolute_error_w, &f.accuracy, &f.mean_absolute_percentage_error})
    *mean /= static_cast<double>(which.size());
  const auto middle = shares.begin() + static_cast<std::ptrdiff_t>((shares.size() - 1) / 2);
  std::nth_element(shares.begin(), middle, shares.end());
  f.median_absolute_percentage_error = *middle;
  f.energy_error = 100 * excess / used;
  return f;
}

ordered_json json_of(const PowerFigures& f) {
  return {{"jobs", f.jobs},
          {"mean_absolute_error_w", f.mean_absolute_error_w},
          {"mean_absolute_percentage_error", f.mean_absolute_percentage_error},
          {"median_absolute_percentage_error", f.median_absolute_percentage_error},
          {"accuracy", f.accuracy},
          {"energy_error_percent", f.energy_error}};
}

}  // namespace

PowerEvaluation evaluate_power(const std::string& name, std::vector<JobEnergy> energy, double warm_up) {
  std::stable_sort(energy.begin(), energy.end(), [](const JobEnergy& a, const JobEnergy& b) {
    return a.submit != b.submit ? a.submit < b.submit : a.job < b.job;
  });
  const Recorded r = recorded(energy);
  PowerEvaluation e;
  e.sidecar = name;
  e.jobs = static_cast<std::int64_t>(energy.size());
  e.counted_from = static_cast<std::int64_t>(warm_up * static_cast<double>(energy.size()));
  std::vector<std::size_t> counted;
  for (std::size_t i = 0; i < energy.size(); ++i) {
    if (!r.watts[i]) continue;
    ++e.with_power;
    std::string source = energy[i].source + "; " + energy[i].domain;
    if (std::find(e.sources.begin(), e.sources.end(), source) == e.sources.end())
      e.sources.push_back(std::move(source));
    if (static_cast<std::int64_t>(i) < e.counted_from) continue;
    counted.push_back(i);
    e.mean_watts += *r.watts[i];
  }
  if (counted.size() < 2)
    throw InputError(fmt::format("{}: {} of {} jobs have a power of their own, too few behind the warm-up to evaluate",
                                 name, e.with_power, e.jobs));
  e.mean_watts /= static_cast<double>(counted.size());
  for (const auto& predictor : all_job_power_predictors()) {
    const auto predictions = predict(r, *predictor);
    EvaluatedPower& one = e.predictors.emplace_back();
    one.name = predictor->name();
    one.all = figures(r, predictions, counted);
    for (std::size_t tenth = 0; tenth < kTenths; ++tenth) {
      const std::size_t from = counted.size() * tenth / kTenths;
      const std::size_t to = counted.size() * (tenth + 1) / kTenths;
      one.tenths.push_back(figures(r, predictions, std::span(counted).subspan(from, to - from)));
    }
  }
  return e;
}

std::string power_evaluation_text(const PowerEvaluation& e) {
  std::string text =
      fmt::format("{}: {} jobs, {} with a power of their own, counted from job {} on: {} of mean {:.1f} W\n", e.sidecar,
                  e.jobs, e.with_power, e.counted_from + 1, e.predictors.front().all.jobs, e.mean_watts);
  for (const std::string& source : e.sources) text += fmt::format("learned from: {}\n", source);
  text += fmt::format("{:14} {:>8} {:>8} {:>12} {:>9} {:>9}\n", "predictor", "MAE W", "MAPE %", "median APE %",
                      "accuracy", "energy %");
  for (const EvaluatedPower& p : e.predictors)
    text += fmt::format("{:14} {:>8.2f} {:>8.1f} {:>12.1f} {:>9.3f} {:>+9.1f}\n", p.name, p.all.mean_absolute_error_w,
                        p.all.mean_absolute_percentage_error, p.all.median_absolute_percentage_error, p.all.accuracy,
                        p.all.energy_error);
  text += "\nMAPE by tenth of the counted jobs\n";
  for (const EvaluatedPower& p : e.predictors) {
    text += fmt::format("{:14}", p.name);
    for (const PowerFigures& f : p.tenths) text += fmt::format(" {:>5.1f}", f.mean_absolute_percentage_error);
    text += '\n';
  }
  return text;
}

std::string power_evaluation_json(const PowerEvaluation& e) {
  ordered_json json;
  json["sidecar"] = e.sidecar;
  json["jobs"] = e.jobs;
  json["with_power"] = e.with_power;
  json["counted_from"] = e.counted_from;
  json["mean_watts"] = e.mean_watts;
  json["sources"] = e.sources;
  for (const EvaluatedPower& p : e.predictors) {
    ordered_json one = {{"name", p.name}, {"figures", json_of(p.all)}};
    for (const PowerFigures& f : p.tenths) one["tenths"].push_back(json_of(f));
    json["predictors"].push_back(std::move(one));
  }
  return json.dump(2) + "\n";
}

}  // namespace wattfill
