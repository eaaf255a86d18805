// How long jobs waited and how much that slowed them down.
#include <fmt/format.h>

#include <algorithm>

#include "trace-replay/report/distribution.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

std::vector<double> waits_of(const RunData& run) {
  std::vector<double> values;
  values.reserve(run.jobs.size());
  for (const RunJob& job : run.jobs)
    if (job.finished) values.push_back(static_cast<double>(job.wait_s()));
  return values;
}

std::vector<double> slowdowns_of(const RunData& run) {
  std::vector<double> values;
  values.reserve(run.jobs.size());
  for (const RunJob& job : run.jobs)
    if (job.finished) values.push_back(job.bounded_slowdown());
  return values;
}

bool has_waits(const NamedRun& named) {
  return std::any_of(named.run->jobs.begin(), named.run->jobs.end(), [](const RunJob& job) { return job.finished; });
}

Chart distribution_chart(Chart chart, const std::vector<NamedRun>& runs, const char* name, const char* title,
                         std::vector<double> (*values_of)(const RunData&)) {
  std::vector<std::vector<double>> values;
  double greatest = 10;
  for (const NamedRun& named : runs) {
    values.push_back(values_of(*named.run));
    for (const double v : values.back()) greatest = std::max(greatest, v);
  }
  const std::vector<double> points = logarithmic_points(1, greatest);
  Column& x = chart.frame.numbers(name, title, 2);
  for (const double point : points) x.add(point);
  auto& lines = chart.options["lines"] = Json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Column& shares = chart.frame.numbers(runs[i].name + "_percent", runs[i].name + ", % of jobs", 3);
    for (const double share : cumulative_shares(values[i], points)) shares.add(share * 100);
    Json line = {{"column", i + 1}, {"name", runs[i].name}};
    if (runs.size() < 3) line["colour"] = runs.size() > 1 && i == 0 ? "baseline" : "main";
    lines.push_back(std::move(line));
  }
  chart.options["x_title"] = title;
  chart.options["y_title"] = "% of jobs";
  return chart;
}

Table classes_table(const Json& classes) {
  Table table{"Waits by width (share of the machine) and length (runtime) of the jobs",
              {"width", "length", "jobs", "mean wait", "longest wait"},
              {}};
  for (const Json& row : classes)
    if (number_at(row, "jobs").value_or(0) > 0)
      table.rows.push_back({text_at(row, "width"), text_at(row, "length"), number(number_at(row, "jobs").value_or(0)),
                            duration(number_at(row, "mean_wait_s").value_or(0)),
                            duration(number_at(row, "max_wait_s").value_or(0))});
  return table;
}

}  // namespace

Chart wait_chart(const std::vector<NamedRun>& runs) {
  Chart chart =
      distribution_chart({"waits", "curve", "Distribution of waits", "", {}}, runs, "wait_s", "wait, s", waits_of);
  chart.options["x_unit"] = "duration";
  for (const NamedRun& named : runs) {
    const std::vector<double> waits = waits_of(*named.run);
    const auto at_once = std::count(waits.begin(), waits.end(), 0.0);
    chart.summary += fmt::format("{}{}: {} of the jobs start at once, half wait no more than {}, 95 % no more than {}.",
                                 chart.summary.empty() ? "" : " ", named.name,
                                 percent(static_cast<double>(at_once) / static_cast<double>(waits.size())),
                                 duration(quantile(waits, 0.5)), duration(quantile(waits, 0.95)));
  }
  return chart;
}

Chart slowdown_chart(const std::vector<NamedRun>& runs) {
  Chart chart = distribution_chart({"slowdowns", "curve", "Distribution of bounded slowdowns", "", {}}, runs,
                                   "bounded_slowdown", "bounded slowdown", slowdowns_of);
  for (const NamedRun& named : runs) {
    const std::vector<double> slowdowns = slowdowns_of(*named.run);
    chart.summary += fmt::format("{}{}: half of the jobs are slowed down by no more than {}, 95 % by no more than {}.",
                                 chart.summary.empty() ? "" : " ", named.name, figure(quantile(slowdowns, 0.5)),
                                 figure(quantile(slowdowns, 0.95)));
  }
  chart.summary += " By the time that each job took on its nodes; without jobs that were cancelled.";
  return chart;
}

Section waits_section(const RunData& run, const RunData* baseline) {
  Section section{"waits", "Waits and slowdowns", {}};
  std::vector<NamedRun> runs = named_runs(run, baseline);
  if (!has_waits(runs.back())) return section;
  if (!has_waits(runs.front())) runs.erase(runs.begin());
  section.blocks.emplace_back(wait_chart(runs));
  section.blocks.emplace_back(slowdown_chart(runs));
  const Json classes = run.summary.value("waits_by_class", Json::array());
  if (!classes.empty()) section.blocks.emplace_back(classes_table(classes));
  return section;
}

}  // namespace wattfill::report
