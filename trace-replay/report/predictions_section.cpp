// How good the runtime predictions were that the policy worked with.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "trace-replay/report/distribution.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

struct Predicted {
  double median;
  double upper;
  double actual;
};

// By predictor, in the order of their first predictions. The last prediction of a job counts.
std::vector<std::pair<std::string, std::vector<Predicted>>> by_predictor(const RunData& run) {
  std::unordered_map<JobId, std::size_t> jobs;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) jobs.emplace(run.jobs[i].id, i);
  std::vector<std::pair<std::string, std::map<std::size_t, Predicted>>> found;
  for (std::size_t row = 0; row < run.predictions.rows(); ++row) {
    const auto job = jobs.find(run.predictions.columns[0].numbers[row]);
    if (job == jobs.end()) continue;
    const std::string& name = run.predictions.columns[1].texts[row];
    auto of = std::find_if(found.begin(), found.end(), [&name](const auto& f) { return f.first == name; });
    if (of == found.end()) of = found.insert(found.end(), {name, {}});
    of->second[job->second] = {static_cast<double>(run.predictions.columns[2].numbers[row]),
                               static_cast<double>(run.predictions.columns[3].numbers[row]),
                               static_cast<double>(std::max<std::int64_t>(1, run.jobs[job->second].run_s()))};
  }
  std::vector<std::pair<std::string, std::vector<Predicted>>> all;
  for (const auto& [name, by_job] : found) {
    all.push_back({name, {}});
    for (const auto& [job, predicted] : by_job) all.back().second.push_back(predicted);
  }
  return all;
}

// Counts over a grid whose cells are equally wide on logarithmic axes: 8 a decade.
Chart grid_chart(const std::string& name, const std::vector<Predicted>& all) {
  constexpr double kPerDecade = 8;
  const auto cell = [](double value) {
    return static_cast<std::int64_t>(std::floor(std::log10(std::max(1.0, value)) * kPerDecade + 1e-9));
  };
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (const Predicted& p : all) ++counts[{cell(p.actual), cell(p.median)}];
  Chart chart{"predictions", "grid", "Predicted against actual runtime: " + name, "", {}};
  const auto lower = [](std::int64_t c) { return std::pow(10.0, static_cast<double>(c) / kPerDecade); };
  Column& actual = chart.frame.numbers("actual_at_least_s", "actual runtime at least, s", 1);
  for (const auto& [at, count] : counts) actual.add(lower(at.first));
  Column& predicted = chart.frame.numbers("predicted_at_least_s", "predicted median at least, s", 1);
  for (const auto& [at, count] : counts) predicted.add(lower(at.second));
  Column& jobs = chart.frame.numbers("jobs", "jobs");
  for (const auto& [at, count] : counts) jobs.numbers.push_back(count);
  chart.options = {{"per_decade", kPerDecade}, {"x_title", "actual runtime"}, {"y_title", "predicted median"}};
  const auto within = std::count_if(
      all.begin(), all.end(), [](const Predicted& p) { return p.median <= 2 * p.actual && p.actual <= 2 * p.median; });
  chart.summary = fmt::format(
      "Each cell's shade is the number of jobs. On the line the predicted median is the runtime; {} of the {} "
      "predictions "
      "are within a factor of two of it.",
      percent(static_cast<double>(within) / static_cast<double>(all.size())), number(static_cast<double>(all.size())));
  return chart;
}

}  // namespace

Section predictions_section(const RunData& run) {
  Section section{"predictions", "Runtime predictions", {}};
  const auto all = by_predictor(run);
  if (all.empty()) return section;
  section.blocks.emplace_back(grid_chart(all.back().first, all.back().second));
  Table table{"Predictions against runtimes",
              {"predictor", "jobs", "within a factor of two", "median factor off", "runtime below the median",
               "runtime below the upper figure"},
              {}};
  for (const auto& [name, values] : all) {
    const auto n = static_cast<double>(values.size());
    std::vector<double> factors;
    double within = 0;
    double below_median = 0;
    double covered = 0;
    for (const Predicted& p : values) {
      factors.push_back(std::exp(std::abs(std::log(std::max(1.0, p.median) / p.actual))));
      within += factors.back() <= 2 ? 1 : 0;
      below_median += p.actual <= p.median ? 1 : 0;
      covered += p.actual <= p.upper ? 1 : 0;
    }
    table.rows.push_back({name, number(n), percent(within / n), figure(quantile(factors, 0.5)),
                          percent(below_median / n), percent(covered / n)});
  }
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(
      Paragraph{"The upper figure is what the runtime does not exceed with the coverage that the predictor states "
                "(90 % for xgboost). A predictor that knows a single number states it as both figures."});
  return section;
}

}  // namespace wattfill::report
