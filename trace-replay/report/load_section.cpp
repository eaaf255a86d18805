// Queue length and utilisation over time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "trace-replay/report/buckets.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

constexpr std::size_t kSpans = 2000;

// A count that jobs raise and lower, over the spans.
struct Steps {
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;  // time, by how much

  Buckets over(const Spans& spans, double scale) {
    std::sort(changes.begin(), changes.end());
    Buckets buckets(spans);
    std::int64_t level = 0;
    std::int64_t since = spans.begin_s;
    for (const auto& [time, by] : changes) {
      if (time > since) buckets.add(since, time, static_cast<double>(level) * scale);
      since = std::max(since, time);
      level += by;
    }
    buckets.add(since, spans.start_of(spans.count), static_cast<double>(level) * scale);
    return buckets;
  }
};

// Of the jobs that started.
Steps queue_steps(const RunData& run) {
  Steps steps;
  for (const RunJob& job : run.jobs) {
    if (job.wait_s() == 0) continue;
    steps.changes.emplace_back(job.submit_s, 1);
    steps.changes.emplace_back(job.start_s, -1);
  }
  return steps;
}

Buckets queue_of(const RunData& run, const Spans& spans) { return queue_steps(run).over(spans, 1); }

double longest_queue(const RunData& run) {
  Steps steps = queue_steps(run);
  std::sort(steps.changes.begin(), steps.changes.end());  // at one time those that start leave first
  std::int64_t level = 0;
  std::int64_t most = 0;
  for (const auto& [time, by] : steps.changes) most = std::max(most, level += by);
  return static_cast<double>(most);
}

Buckets utilisation_of(const RunData& run, const Spans& spans) {
  Steps steps;
  for (const RunJob& job : run.jobs) {
    steps.changes.emplace_back(job.start_s, job.processors);
    steps.changes.emplace_back(job.end_s, -job.processors);
  }
  return steps.over(spans, 100.0 / static_cast<double>(run.processors()));
}

// One line for each run; a band from the least to the greatest where there is one run only.
Chart chart_of(Chart chart, const std::vector<NamedRun>& runs, const std::string& unit, const std::string& suffix,
               Buckets (*measure)(const RunData&, const Spans&)) {
  const Spans spans = spans_of(runs, kSpans);
  Column& times = chart.frame.numbers("time_s", "time");
  for (std::size_t i = 0; i < spans.count; ++i) times.numbers.push_back(spans.start_of(i));
  auto& lines = chart.options["lines"] = Json::array();
  for (const NamedRun& named : runs) {
    const Buckets buckets = measure(*named.run, spans);
    Column& means = chart.frame.numbers(named.name + suffix, named.name, 2);
    for (std::size_t i = 0; i < spans.count; ++i) means.add(buckets.mean(i));
    lines.push_back({{"column", chart.frame.columns.size() - 1},
                     {"name", named.name},
                     {"colour", runs.size() > 1 && &named == &runs.front() ? "baseline" : "main"}});
    if (runs.size() > 1) continue;
    Column& least = chart.frame.numbers("least" + suffix, "least", 2);
    for (std::size_t i = 0; i < spans.count; ++i) least.add(buckets.least(i));
    Column& greatest = chart.frame.numbers("greatest" + suffix, "greatest", 2);
    for (std::size_t i = 0; i < spans.count; ++i) greatest.add(buckets.greatest(i));
    lines.back()["low"] = chart.frame.columns.size() - 2;
    lines.back()["high"] = chart.frame.columns.size() - 1;
  }
  chart.options["axes"].push_back(Json::object({{"title", unit}, {"min", 0}}));
  return chart;
}

}  // namespace

Chart queue_chart(const std::vector<NamedRun>& runs) {
  Chart chart = chart_of({"queue", "time", "Jobs that wait", "", {}}, runs, "jobs", "_waiting", queue_of);
  chart.summary = fmt::format("At most {} jobs waited at once{}.", number(longest_queue(*runs.back().run)),
                              runs.size() > 1 ? " under " + runs.back().name : std::string());
  if (std::any_of(runs.begin(), runs.end(),
                  [](const NamedRun& named) { return number_at(named.run->summary, "cancelled").value_or(0) > 0; }))
    chart.summary += " Jobs that were cancelled while they waited are not counted.";
  return chart;
}

Section load_section(const RunData& run, const RunData* baseline) {
  Section section{"load", "Queue and utilisation", {}};
  if (run.jobs.empty()) return section;
  const std::vector<NamedRun> runs = named_runs(run, baseline);
  section.blocks.emplace_back(queue_chart(runs));
  Chart used = chart_of({"utilisation", "time", "Processors in use", "", {}}, runs, "% of processors", "_percent",
                        utilisation_of);
  used.options["axes"][0]["max"] = 100;
  used.summary = fmt::format("{} of the processor time from the first submission to the last end was used by jobs.",
                             percent(number_at(run.summary, "utilization").value_or(0)));
  section.blocks.emplace_back(std::move(used));
  return section;
}

}  // namespace wattfill::report
