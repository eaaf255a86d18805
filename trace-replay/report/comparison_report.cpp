#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <filesystem>
#include <optional>

#include "trace-replay/errors.hpp"
#include "trace-replay/report/claims.hpp"
#include "trace-replay/report/measures.hpp"
#include "trace-replay/report/reports.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

// The mean of some replicas, and half the width of its 95 % interval (Student's t); 0 where there is one replica.
struct Estimate {
  double mean = 0;
  double half = 0;
};

std::optional<Estimate> estimate_of(const Json& policy, const std::string& key) {
  const std::optional<double> mean = number_at(policy, key + "/mean");
  if (!mean) return std::nullopt;
  const Json values = policy.at(key).value("values", Json::array());
  const std::size_t n = values.size();
  Estimate estimate{*mean, 0};
  if (n < 2) return estimate;
  const double deviation = number_at(policy, key + "/standard_deviation").value_or(0);
  const boost::math::students_t t(static_cast<double>(n - 1));
  estimate.half = boost::math::quantile(t, 0.975) * deviation / std::sqrt(static_cast<double>(n));
  return estimate;
}

class Comparison {
 public:
  explicit Comparison(const std::string& directory)
      : directory_(directory), file_(directory + "/comparison.json"), json_(read_json(file_)) {
    if (!json_.contains("policies") || !json_["policies"].is_array() || json_["policies"].empty())
      throw InputError(file_ + ": policies: must be a list of at least one policy");
    for (const Json& policy : json_["policies"])
      if (text_at(policy, "policy").empty()) throw InputError(file_ + ": policies: policy: each needs its name");
    for (const Json& policy : policies())
      if (!number_at(policy, "mean_bounded_slowdown/mean"))
        throw InputError(fmt::format("{}: policies: {}: mean_bounded_slowdown: mean: is no number", file_,
                                     text_at(policy, "policy")));
  }

  const Json& json() const { return json_; }
  const Json& policies() const { return json_["policies"]; }
  std::string name(std::size_t i) const { return text_at(policies()[i], "policy"); }
  std::optional<Estimate> value(std::size_t i, const std::string& key) const { return estimate_of(policies()[i], key); }
  std::size_t size() const { return policies().size(); }
  int replicas() const { return static_cast<int>(number_at(json_, "replicas").value_or(1)); }
  bool spread() const { return replicas() > 1; }

  // The policy with the least of a figure; the first of several.
  std::size_t least(const std::string& key) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < size(); ++i)
      if (value(i, key) && value(best, key) && value(i, key)->mean < value(best, key)->mean) best = i;
    return best;
  }

  // The run directory of a policy, where compare left one.
  std::string run_directory(std::size_t i) const {
    // A name comes from a file; one that leads elsewhere is no directory of this comparison.
    const std::string of = name(i);
    if (of.find('/') != std::string::npos || of == "." || of == "..") return {};
    return is_run_directory(directory_ + "/" + of) ? directory_ + "/" + of : std::string();
  }

 private:
  std::string directory_;
  std::string file_;
  Json json_;
};

// "wattfill saved 61.2 % of the waiting and 3.1 % of the energy against easy." Empty where there was nothing to save.
std::string finding(const Comparison& c, std::size_t i) {
  const auto mean_of = [&c](std::size_t policy, const char* key) -> std::optional<double> {
    const auto estimate = c.value(policy, key);
    return estimate ? std::optional(estimate->mean) : std::nullopt;
  };
  const auto changed = [&](const char* what, const char* key) {
    return Change{what, mean_of(i, key), mean_of(0, key)};
  };
  const std::string saved = in_words({changed("waiting", "mean_wait_s"), changed("energy", "it_energy_j")});
  if (saved.empty()) return {};
  std::string text = c.name(i) + " " + saved + " against " + c.name(0);
  const auto longest = c.value(i, "max_wait_s");
  const auto before = c.value(0, "max_wait_s");
  if (longest && before && longest->mean > 1.05 * before->mean)
    text += fmt::format("; its longest wait was {} instead of {}", duration(longest->mean), duration(before->mean));
  return text + ".";
}

// Of the project's own policies the one that does best by energy times flow, or else by slowdown; the number of
// policies where there is none.
std::size_t best_of_ours(const Comparison& c) {
  const char* key = c.value(0, "energy_delay") ? "energy_delay" : "mean_bounded_slowdown";
  std::size_t best = c.size();
  for (std::size_t i = 0; i < c.size(); ++i)
    if (c.name(i).starts_with("wattfill") && c.value(i, key) &&
        (best == c.size() || c.value(i, key)->mean < c.value(best, key)->mean))
      best = i;
  return best;
}

// What the project's own policy, the fastest one and the thriftiest one saved.
void add_findings(Section& section, const Comparison& c) {
  const std::size_t fastest = c.least("mean_bounded_slowdown");
  const std::size_t thriftiest = c.value(0, "it_energy_j") ? c.least("it_energy_j") : fastest;
  std::vector<std::size_t> told = {0, c.size()};
  for (const std::size_t i : {best_of_ours(c), fastest, thriftiest}) {
    if (std::find(told.begin(), told.end(), i) != told.end()) continue;
    if (std::string text = finding(c, i); !text.empty()) section.blocks.emplace_back(Finding{std::move(text)});
    told.push_back(i);
  }
  if (told.size() == 2 && c.size() > 1)
    section.blocks.emplace_back(Finding{fmt::format("No other policy did better than {}.", c.name(0))});
}

KeyFigures best_figures(const Comparison& c, std::size_t best) {
  KeyFigures all;
  for (const char* key :
       {"mean_bounded_slowdown", "mean_wait_s", "p95_wait_s", "max_wait_s", "it_energy_j", "cost", "co2_kg"}) {
    const auto value = c.value(best, key);
    const auto base = c.value(0, key);
    if (!value || !base) continue;
    const Measure& measure = *find_measure(key);
    KeyFigure figure{measure.title, written(value->mean, measure.unit), ""};
    if (best != 0) {
      figure.note = fmt::format("{}{}{} {}", difference(value->mean, base->mean), base->mean == 0 ? "" : ", ",
                                c.name(0), written(base->mean, measure.unit));
      if (std::abs(value->mean - base->mean) > 1e-3 * std::abs(base->mean))
        figure.tone = value->mean < base->mean ? Tone::kBetter : Tone::kWorse;
    }
    all.figures.push_back(std::move(figure));
  }
  return all;
}

Table figures_table(const Comparison& c, std::size_t best) {
  Table table{c.spread() ? fmt::format("Means of {} replicas ± half of the 95 % interval (Student's t)", c.replicas())
                         : "One replay of each policy",
              {"policy"},
              {}};
  std::vector<const Measure*> shown;
  for (const Measure& measure : measures()) {
    bool all = true;
    for (std::size_t i = 0; i < c.size(); ++i) all = all && c.value(i, measure.key).has_value();
    if (!all) continue;
    shown.push_back(&measure);
    table.header.emplace_back(measure.title);
  }
  for (std::size_t i = 0; i < c.size(); ++i) {
    std::vector<std::string> row = {c.name(i) + (i == 0 ? " (baseline)" : "")};
    for (const Measure* measure : shown) {
      const Estimate e = *c.value(i, measure->key);
      std::string cell = written(e.mean, measure->unit);
      if (e.half > 0) cell += " ± " + written(e.half, measure->unit);
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  table.marked_row = static_cast<int>(best);
  return table;
}

Chart side_by_side(const Comparison& c) {
  Chart chart{"policies", "intervals", "Policies side by side", "", {}};
  Column& names = chart.frame.texts("policy", "policy");
  for (std::size_t i = 0; i < c.size(); ++i) names.texts.push_back(c.name(i));
  struct Panel {
    const char* key;
    const char* name;
    const char* title;
    double scale;
    int decimals;
  };
  constexpr Panel kPanels[] = {{"mean_bounded_slowdown", "mean_bounded_slowdown", "mean bounded slowdown", 1, 4},
                               {"mean_wait_s", "mean_wait_h", "mean wait, h", 1.0 / 3600, 5},
                               {"p999_wait_s", "p999_wait_h", "wait, 99.9th percentile, h", 1.0 / 3600, 4},
                               {"it_energy_j", "it_energy_mwh", "IT energy, MWh", 1.0 / 3.6e9, 6}};
  for (const Panel& panel : kPanels) {
    bool all = true;
    for (std::size_t i = 0; i < c.size(); ++i) all = all && c.value(i, panel.key).has_value();
    if (!all) continue;
    const std::size_t at = chart.frame.columns.size();
    const auto add = [&](const char* suffix, const char* title, double sign) {
      Column& column =
          chart.frame.numbers(std::string(panel.name) + suffix, std::string(panel.title) + title, panel.decimals);
      for (std::size_t i = 0; i < c.size(); ++i) {
        const Estimate e = *c.value(i, panel.key);
        column.add((e.mean + sign * e.half) * panel.scale);
      }
    };
    add("", "", 0);
    Json options = {{"title", panel.title}, {"mean", at}};
    if (c.spread()) {
      add("_low", ", low", -1);
      add("_high", ", high", 1);
      options["low"] = at + 1;
      options["high"] = at + 2;
    }
    chart.options["panels"].push_back(std::move(options));
  }
  chart.options["label"] = 0;
  chart.options["reference_row"] = 0;
  chart.summary = fmt::format("Further left is better. The line stands at {}, the baseline.{}", c.name(0),
                              c.spread() ? " Bars are 95 % intervals of the mean over the replicas." : "");
  return chart;
}

Chart trade_off(const Comparison& c) {
  Chart chart{"trade-off", "points", "Energy against slowdown", "", {}};
  Column& names = chart.frame.texts("policy", "policy");
  for (std::size_t i = 0; i < c.size(); ++i) names.texts.push_back(c.name(i));
  const auto add = [&](const char* name, const char* title, const char* key, double scale, double sign) {
    Column& column = chart.frame.numbers(name, title, 6);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const Estimate e = *c.value(i, key);
      column.add((e.mean + sign * e.half) * scale);
    }
  };
  constexpr double kMwh = 1.0 / 3.6e9;
  add("it_energy_mwh", "IT energy, MWh", "it_energy_j", kMwh, 0);
  add("mean_bounded_slowdown", "mean bounded slowdown", "mean_bounded_slowdown", 1, 0);
  chart.options = {{"label", 0},
                   {"x", 1},
                   {"y", 2},
                   {"x_title", "IT energy, MWh"},
                   {"y_title", "mean bounded slowdown"},
                   {"named", true},
                   {"frontier", true},
                   {"marked", 0}};
  if (c.spread()) {
    add("it_energy_low_mwh", "low", "it_energy_j", kMwh, -1);
    add("it_energy_high_mwh", "high", "it_energy_j", kMwh, 1);
    add("mean_bounded_slowdown_low", "low", "mean_bounded_slowdown", 1, -1);
    add("mean_bounded_slowdown_high", "high", "mean_bounded_slowdown", 1, 1);
    for (const auto& [key, column] : {std::pair{"x_low", 3}, {"x_high", 4}, {"y_low", 5}, {"y_high", 6}})
      chart.options[key] = column;
  }
  chart.summary =
      "Down and to the left is better. The line joins the policies that no other one beats in both energy and "
      "slowdown.";
  return chart;
}

// The best policy and the baseline, from their run directories.
void add_detail(Document& document, const Comparison& c, std::size_t best) {
  std::vector<std::size_t> wanted = {0};
  if (best != 0) wanted.push_back(best);
  std::vector<RunData> data;
  data.reserve(wanted.size());
  for (const std::size_t i : wanted)
    if (const std::string directory = c.run_directory(i); !directory.empty()) data.push_back(read_run(directory));
  if (data.size() != wanted.size() || data.empty() || data.front().jobs.empty()) return;
  std::vector<NamedRun> runs;
  for (std::size_t i = 0; i < data.size(); ++i) runs.push_back({c.name(wanted[i]), &data[i]});
  document.clock_start_s = data.front().clock_start_s;
  Section section{"detail", best == 0 ? c.name(0) : c.name(best) + " beside " + c.name(0), {}};
  section.blocks.emplace_back(queue_chart(runs));
  section.blocks.emplace_back(wait_chart(runs));
  section.blocks.emplace_back(slowdown_chart(runs));
  if (std::all_of(data.begin(), data.end(), [](const RunData& run) { return run.power.size() > 1; }))
    section.blocks.emplace_back(power_chart_of(runs));
  if (best != 0) {
    section.blocks.emplace_back(Paragraph{"The whole report of one policy, with its Gantt chart:"});
    section.blocks.emplace_back(
        CommandLine{fmt::format("trace-replay report {} --baseline {}", shell_quoted(data.back().directory),
                                shell_quoted(data.front().directory))});
  }
  document.sections.push_back(std::move(section));
}

}  // namespace

Document comparison_report(const std::string& directory, const std::string& command) {
  const Comparison c(directory);
  const std::size_t best = c.least("mean_bounded_slowdown");
  const std::string trace = std::filesystem::path(text_at(c.json(), "trace")).filename().string();
  Document document;
  document.title = fmt::format("{} policies on {}", c.size(), trace.empty() ? "one trace" : trace);
  document.subtitle = fmt::format("{} processors{}", number(number_at(c.json(), "processors").value_or(0)),
                                  c.spread() ? fmt::format(", {} replicas", c.replicas()) : "");
  Section overview{"overview", "At a glance", {}};
  add_findings(overview, c);
  if (best != 0)
    overview.blocks.emplace_back(Paragraph{fmt::format(
        "The figures of {}, the policy with the least mean bounded slowdown, against {}:", c.name(best), c.name(0))});
  overview.blocks.emplace_back(best_figures(c, best));
  document.sections.push_back(std::move(overview));
  Section policies{"policies", "Policies", {}};
  policies.blocks.emplace_back(side_by_side(c));
  bool energy = true;
  for (std::size_t i = 0; i < c.size(); ++i) energy = energy && c.value(i, "it_energy_j").has_value();
  if (energy) policies.blocks.emplace_back(trade_off(c));
  policies.blocks.emplace_back(figures_table(c, best));
  document.sections.push_back(std::move(policies));
  Section claims{"claims", "How sure that is", {}};
  if (c.json().contains("claims") && c.json()["claims"].is_array()) add_claims(claims, c.json()["claims"]);
  if (!claims.blocks.empty()) document.sections.push_back(std::move(claims));
  add_detail(document, c, best);
  Section input{"input", "What was run, and how to run it again", {}};
  if (const std::string again = text_at(c.json(), "command"); !again.empty())
    input.blocks.emplace_back(CommandLine{again});
  input.blocks.emplace_back(Paragraph{"This report again:"});
  input.blocks.emplace_back(CommandLine{command});
  document.sections.push_back(std::move(input));
  return document;
}

}  // namespace wattfill::report
