// Power over time, with the facility's cap, tariff and carbon intensity.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "trace-replay/report/buckets.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

constexpr std::size_t kSpans = 3000;
constexpr double kKilowatt = 1e-6;  // of a milliwatt

Buckets buckets_of(const RunData& run, const Spans& spans, judge::PowerColumn column) {
  Buckets buckets(spans);
  for (std::size_t i = 0; i + 1 < run.power.size(); ++i)
    buckets.add(seconds_since_epoch(run.power[i].from), seconds_since_epoch(run.power[i + 1].from),
                static_cast<double>(run.power[i].mw[column]) * kKilowatt);
  return buckets;
}

// Of the facility, in kW, over the time that was metered.
double mean_power(const RunData& run) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < run.power.size(); ++i)
    sum += static_cast<double>(run.power[i].mw[judge::kFacility]) *
           static_cast<double>((run.power[i + 1].from - run.power[i].from).count());
  return sum * kKilowatt / static_cast<double>((run.power.back().from - run.power.front().from).count());
}

// A column of facility.csv as a step function over the spans.
Buckets facility_buckets(const RunData& run, const Spans& spans, std::size_t column, double scale) {
  Buckets buckets(spans);
  const auto& times = run.facility.columns[0].numbers;
  const auto& values = run.facility.columns[column].numbers;
  for (std::size_t i = 0; i < times.size(); ++i)
    if (values[i] != kMissing)
      buckets.add(times[i], i + 1 < times.size() ? times[i + 1] : std::numeric_limits<std::int64_t>::max() / 2,
                  static_cast<double>(values[i]) * scale);
  return buckets;
}

bool has_values(const Frame& frame, std::size_t column) {
  if (frame.columns.empty()) return false;
  const auto& values = frame.columns[column].numbers;
  return std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v != kMissing; });
}

void add_times(Frame& frame, const Spans& spans) {
  Column& times = frame.numbers("time_s", "time");
  for (std::size_t i = 0; i < spans.count; ++i) times.numbers.push_back(spans.start_of(i));
}

// Adds a column of the spans' means, and returns its number.
std::size_t add_means(Frame& frame, std::string name, std::string title, const Buckets& buckets, int decimals = 3) {
  Column& column = frame.numbers(std::move(name), std::move(title), decimals);
  for (std::size_t i = 0; i < buckets.spans().count; ++i) column.add(buckets.mean(i));
  return frame.columns.size() - 1;
}

Chart power_chart(const RunData& run, const RunData* baseline) {
  const Spans spans = spans_of(named_runs(run, baseline), kSpans);
  Chart chart{"power", "time", "Power over time", "", {}};
  add_times(chart.frame, spans);
  auto& lines = chart.options["lines"] = Json::array();
  const auto add_line = [&](std::size_t column, const char* name, const char* colour) -> Json& {
    lines.push_back({{"column", column}, {"name", name}, {"colour", colour}});
    return lines.back();
  };
  const Buckets facility = buckets_of(run, spans, judge::kFacility);
  Json& line = add_line(add_means(chart.frame, "facility_kw", "facility, mean kW", facility), "facility power", "main");
  Column& least = chart.frame.numbers("facility_least_kw", "least kW", 3);
  for (std::size_t i = 0; i < spans.count; ++i) least.add(facility.least(i));
  Column& greatest = chart.frame.numbers("facility_greatest_kw", "greatest kW", 3);
  for (std::size_t i = 0; i < spans.count; ++i) greatest.add(facility.greatest(i));
  line["low"] = chart.frame.columns.size() - 2;
  line["high"] = chart.frame.columns.size() - 1;
  add_line(add_means(chart.frame, "jobs_kw", "jobs, mean kW", buckets_of(run, spans, judge::kJobs)), "of which jobs",
           "tariff");
  if (baseline != nullptr && !baseline->power.empty())
    add_line(add_means(chart.frame, "baseline_facility_kw", "baseline, mean kW",
                       buckets_of(*baseline, spans, judge::kFacility)),
             "facility power, baseline", "baseline");
  if (has_values(run.facility, 1))
    add_line(add_means(chart.frame, "power_cap_kw", "cap on IT power, kW", facility_buckets(run, spans, 1, kKilowatt)),
             "cap on IT power", "limit")["dashed"] = true;
  chart.options["axes"].push_back(Json::object({{"title", "kW"}}));
  const std::size_t top = static_cast<std::size_t>(std::max_element(greatest.numbers.begin(), greatest.numbers.end()) -
                                                   greatest.numbers.begin());
  chart.summary = fmt::format(
      "The facility draws {} kW on average and {} kW at most. Each point is a mean over {}; the band reaches from the "
      "least to the greatest power within it.",
      figure(mean_power(run)), figure(facility.greatest(top)), duration(static_cast<double>(spans.width_s)));
  return chart;
}

void add_price_chart(Section& section, const RunData& run) {
  const bool tariff = has_values(run.facility, 2);
  const bool carbon = has_values(run.facility, 3);
  if (!tariff && !carbon) return;
  const Spans spans(run.begin_s(), run.end_s(), kSpans);
  Chart chart{"tariff-carbon", "time", "Tariff and carbon intensity", "", {}};
  add_times(chart.frame, spans);
  Json lines = Json::array();
  Json axes = Json::array();
  const auto add = [&](std::size_t column, const char* name, const std::string& unit, const char* colour,
                       double scale) {
    const std::size_t added = add_means(chart.frame, std::string(name) + "_per_kwh", std::string(name) + ", " + unit,
                                        facility_buckets(run, spans, column, scale), 6);
    lines.push_back({{"column", added}, {"name", name}, {"colour", colour}, {"axis", axes.size()}, {"step", true}});
    axes.push_back(Json::object({{"title", unit}}));
  };
  const std::string currency = text_at(run.summary, "energy/currency");
  if (tariff) add(2, "tariff", (currency.empty() ? "currency" : currency) + "/kWh", "tariff", 1e-6);
  if (carbon) add(3, "carbon", "g CO₂/kWh", "carbon", 1e-3);
  chart.options["lines"] = std::move(lines);
  chart.options["axes"] = std::move(axes);
  chart.summary = "What a kilowatt-hour costs, and how much CO₂ it stands for, over the same time.";
  section.blocks.emplace_back(std::move(chart));
}

}  // namespace

Section power_section(const RunData& run, const RunData* baseline) {
  Section section{"power", "Power", {}};
  if (run.power.size() < 2) return section;
  section.blocks.emplace_back(power_chart(run, baseline));
  add_price_chart(section, run);
  return section;
}

Chart power_chart_of(const std::vector<NamedRun>& runs) {
  const Spans spans = spans_of(runs, kSpans / 2);
  Chart chart{"power", "time", "Facility power over time", "", {}};
  add_times(chart.frame, spans);
  auto& lines = chart.options["lines"] = Json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::size_t column = add_means(chart.frame, runs[i].name + "_kw", runs[i].name + ", kW",
                                         buckets_of(*runs[i].run, spans, judge::kFacility));
    lines.push_back({{"column", column}, {"name", runs[i].name}, {"colour", i == 0 ? "baseline" : "main"}});
  }
  chart.options["axes"].push_back(Json::object({{"title", "kW"}}));
  chart.summary = fmt::format("Each point is a mean over {}.", duration(static_cast<double>(spans.width_s)));
  return chart;
}

}  // namespace wattfill::report
