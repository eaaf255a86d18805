#include <fmt/format.h>

#include <cmath>

#include "trace-replay/report/baseline.hpp"
#include "trace-replay/report/measures.hpp"
#include "trace-replay/report/reports.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

// A measure's value in summary.json, in the measure's unit.
std::optional<double> value_of(const Json& summary, const Measure& measure) {
  const std::string key = summary_key_of(measure);
  const std::optional<double> value = number_at(summary, key);
  if (!value) return std::nullopt;
  if (key.ends_with("_mj")) return *value / 1000;
  if (key.ends_with("_millionths") || key.ends_with("_mg")) return *value / 1e6;
  return value;
}

// What differs by less than a thousandth is neither better nor worse.
Tone tone_of(double value, double baseline, bool less_is_better) {
  if (std::abs(value - baseline) <= 1e-3 * std::abs(baseline)) return Tone::kNeutral;
  return (value < baseline) == less_is_better ? Tone::kBetter : Tone::kWorse;
}

KeyFigures key_figures(const RunData& run, const RunData* baseline) {
  KeyFigures all;
  const bool alike = baseline != nullptr && metered_alike(run, *baseline);
  for (const Measure& measure : measures()) {
    const std::optional<double> value = value_of(run.summary, measure);
    if (!value) continue;
    if (std::string_view(measure.key) == "mean_boot_wait_s" && *value == 0) continue;
    KeyFigure figure{measure.title, written(*value, measure.unit), ""};
    if (std::string_view(measure.key) == "cost") figure.label += ", " + text_at(run.summary, "energy/currency");
    const std::optional<double> other = baseline != nullptr ? value_of(baseline->summary, measure) : std::nullopt;
    if (other && !alike && is_metered(measure)) {
      figure.note = fmt::format("baseline {}, over another time", written(*other, measure.unit));
    } else if (other) {
      const std::string by = difference(*value, *other);
      figure.note = fmt::format("{}{}baseline {}", by, by.empty() ? "" : ", ", written(*other, measure.unit));
      figure.tone = tone_of(*value, *other, measure.less_is_better);
    }
    all.figures.push_back(std::move(figure));
  }
  return all;
}

void add_finding(Section& section, const RunData& run, const RunData& baseline) {
  const auto changed = [&](const char* what, const char* key) {
    return Change{what, number_at(run.summary, key), number_at(baseline.summary, key)};
  };
  std::vector<Change> changes = {changed("waiting", "mean_wait_s")};
  if (metered_alike(run, baseline)) changes.push_back(changed("energy", "energy/it_mj"));
  const std::string text = in_words(changes);
  if (!text.empty())
    section.blocks.emplace_back(Finding{policy_of(run) + " " + text + " against " + policy_of(baseline) + "."});
}

// What the figures were compared with, and what of them cannot be.
std::string comparison_note(const RunData& run, const RunData& baseline) {
  std::string text = fmt::format("Compared with {} on {}, from {}.", policy_of(baseline),
                                 text_at(baseline.summary, "run/trace"), baseline.directory);
  if (const std::int64_t others = submitted_otherwise(run, baseline); others > 0)
    text += fmt::format(" {} jobs were submitted at other times than there.", number(static_cast<double>(others)));
  if (!metered_alike(run, baseline))
    text +=
        " Energy was not metered over the same time, so the difference says nothing of what was saved; compare "
        "--energy meters both until the later one ends.";
  return text;
}

Table input_table(const RunData& run) {
  Table table{"What was run", {"", ""}, {}, false};
  const auto add = [&table](const char* name, const std::string& value) {
    if (!value.empty()) table.rows.push_back({name, value});
  };
  const auto count = [&run](const char* key) {
    const std::optional<double> value = number_at(run.summary, key);
    return value && *value != 0 ? number(*value) : std::string();
  };
  add("trace", text_at(run.summary, "run/trace"));
  add("policy", policy_of(run));
  add("cluster", text_at(run.summary, "run/cluster"));
  add("processors", count("run/processors"));
  add("nodes", count("machine/nodes"));
  add("jobs are given", text_at(run.summary, "machine/allocation"));
  add("jobs in the trace", count("recipe/read"));
  add("jobs kept", count("recipe/kept"));
  add("of them cancelled while they waited", count("recipe/kept_cancelled"));
  if (run.summary.value("recipe", Json::object()).value("clairvoyant", false))
    add("requested times", "none in the trace: requested = runtime, so every estimate is exact");
  add("runtimes cut to the request", count("recipe/clipped_runtime"));
  add("dropped: no runtime", count("recipe/dropped_no_runtime"));
  add("dropped: no requested time", count("recipe/dropped_no_request"));
  add("dropped: no processors", count("recipe/dropped_no_processors"));
  add("dropped: wider than the machine", count("recipe/dropped_too_wide"));
  add("dropped: no node can run them", count("recipe/dropped_cannot_run"));
  add("lines that could not be read", count("recipe/rejected_lines"));
  add("killed at their limit", count("killed_at_limit"));
  add("cancelled", count("cancelled"));
  add("unfinished", count("unfinished"));
  const std::optional<double> makespan = number_at(run.summary, "makespan_s");
  if (makespan) add("first submission to last end", duration(*makespan));
  return table;
}

Table steady_table(const RunData& run) {
  Table table{"All jobs, and those in the steady state (without warm-up and cool-down)",
              {"figure", "all jobs", "steady state"},
              {}};
  const Json steady = run.summary.value("steady_state", Json::object());
  for (const Measure& measure : measures()) {
    const std::optional<double> all = number_at(run.summary, measure.key);
    const std::optional<double> some = number_at(steady, measure.key);
    if (all && some) table.rows.push_back({measure.title, written(*all, measure.unit), written(*some, measure.unit)});
  }
  return table;
}

}  // namespace

std::string policy_of(const RunData& run) {
  const std::string name = text_at(run.summary, "run/policy");
  return name.empty() ? "this run" : name;
}

Document run_report(const RunData& run, const RunData* baseline, const std::string& command) {
  Document document;
  document.title = policy_of(run) + " on " + text_at(run.summary, "run/trace");
  document.subtitle = text_at(run.summary, "run/cluster");
  document.clock_start_s = run.clock_start_s;
  Section overview{"overview", "At a glance", {}};
  if (baseline != nullptr) add_finding(overview, run, *baseline);
  overview.blocks.emplace_back(key_figures(run, baseline));
  if (baseline != nullptr) overview.blocks.emplace_back(Paragraph{comparison_note(run, *baseline)});
  document.sections.push_back(std::move(overview));
  for (Section& section : std::vector<Section>{
           power_section(run, baseline), energy_section(run), machine_section(run), sleep_section(run),
           load_section(run, baseline), waits_section(run, baseline), predictions_section(run), users_section(run)})
    if (!section.blocks.empty()) document.sections.push_back(std::move(section));
  Section input{"input", "What was run, and how to run it again", {}};
  input.blocks.emplace_back(input_table(run));
  input.blocks.emplace_back(steady_table(run));
  if (const std::string again = text_at(run.summary, "run/command"); !again.empty())
    input.blocks.emplace_back(CommandLine{again});
  input.blocks.emplace_back(Paragraph{"This report again, or against another run with --baseline DIR:"});
  input.blocks.emplace_back(CommandLine{command});
  document.sections.push_back(std::move(input));
  return document;
}

}  // namespace wattfill::report
