#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "trace-replay/errors.hpp"
#include "trace-replay/report/claims.hpp"
#include "trace-replay/report/measures.hpp"
#include "trace-replay/report/reports.hpp"
#include "trace-replay/report/text.hpp"
#include "trace-replay/statistics/moments.hpp"

namespace wattfill::report {
namespace {

// A factor of a cell, as text.
std::string factor(const Json& cell, const char* key) {
  const auto found = cell.find(key);
  if (found == cell.end() || found->is_null()) return "–";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// In the order of their first appearance.
std::vector<std::string> levels(const Json& cells, const char* key) {
  std::vector<std::string> all;
  for (const Json& cell : cells)
    if (const std::string level = factor(cell, key); std::find(all.begin(), all.end(), level) == all.end())
      all.push_back(level);
  return all;
}

std::vector<std::string> figures_in(const Json& cells) {
  std::set<std::string> present;
  for (const Json& cell : cells)
    for (const auto& [key, value] : cell["figures"].items())
      if (value.is_number()) present.insert(key);
  std::vector<std::string> ordered;
  for (const Measure& measure : measures())
    if (present.erase(measure.key) > 0) ordered.emplace_back(measure.key);
  ordered.insert(ordered.end(), present.begin(), present.end());
  return ordered;
}

// Where a cell stands in the grid: all its factors but the policy.
std::string place_of(const Json& cell) {
  Json place = Json::object();
  for (const auto& [key, value] : cell.items())
    if (!value.is_structured() && key != "policy") place[key] = value;
  return place.dump();
}

// Some figures by trace and policy, a sample for each figure.
struct Samples {
  std::map<std::pair<std::string, std::string>, std::vector<std::vector<double>>> of;
  std::size_t left_out = 0;  // cells
};

// Only from places that all policies of a trace have: else a cell that failed would move one policy's mean and not the
// others'.
Samples paired(const Json& cells, const std::vector<std::string>& keys) {
  struct Trace {
    std::set<std::string> policies;
    std::map<std::string, std::vector<std::pair<std::string, std::vector<double>>>> places;  // policy and figures
  };
  std::map<std::string, Trace> traces;
  for (const Json& cell : cells) {
    std::vector<double> figures;
    for (const std::string& key : keys)
      if (const auto value = number_at(cell["figures"], key)) figures.push_back(*value);
    if (figures.size() < keys.size()) continue;
    Trace& trace = traces[factor(cell, "trace")];
    trace.policies.insert(factor(cell, "policy"));
    trace.places[place_of(cell)].emplace_back(factor(cell, "policy"), std::move(figures));
  }
  Samples samples;
  for (const auto& [name, trace] : traces)
    for (const auto& [place, figures_of] : trace.places) {
      if (figures_of.size() < trace.policies.size()) {
        samples.left_out += figures_of.size();
        continue;
      }
      for (const auto& [policy, figures] : figures_of) {
        auto& sample = samples.of[{name, policy}];
        sample.resize(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) sample[i].push_back(figures[i]);
      }
    }
  return samples;
}

// What is left out of a table or chart, as a sentence.
std::string left_out(const Samples& samples) {
  if (samples.left_out == 0) return {};
  return fmt::format(" Cells left out, because another policy's is missing or ended with an error: {}.",
                     number(static_cast<double>(samples.left_out)));
}

constexpr const char* kOwnTime = " A replay is metered until its own last end.";

// One figure by trace and policy, over everything else that varies.
Table figure_table(const Json& cells, const std::string& key) {
  const Samples samples = paired(cells, {key});
  const Measure* measure = find_measure(key);
  const Unit unit = measure != nullptr ? measure->unit : Unit::kNumber;
  Table table{title_of(key) + ": mean ± standard deviation over n cells of each policy." +
                  (measure != nullptr && is_metered(*measure) ? kOwnTime : "") + left_out(samples),
              {"trace", "n"},
              {}};
  const std::vector<std::string> policies = levels(cells, "policy");
  table.header.insert(table.header.end(), policies.begin(), policies.end());
  for (const std::string& trace : levels(cells, "trace")) {
    std::vector<std::string> row = {trace, "0"};
    for (const std::string& policy : policies) {
      const auto found = samples.of.find({trace, policy});
      if (found == samples.of.end()) {
        row.emplace_back("–");
        continue;
      }
      const Moments sample = moments(found->second.front());
      row[1] = number(static_cast<double>(sample.count));
      row.push_back(written(sample.mean, unit));
      if (sample.count > 1) row.back() += " ± " + written(sample.deviation, unit);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Every figure of every cell, for other programs.
Frame cells_frame(const Json& cells, const std::vector<std::string>& figures) {
  Frame frame;
  std::vector<std::string> factors;
  for (const Json& cell : cells)
    for (const auto& [key, value] : cell.items())
      if (!value.is_structured() && std::find(factors.begin(), factors.end(), key) == factors.end())
        factors.push_back(key);
  for (const std::string& key : factors) {
    Column& column = frame.texts(key, key);
    for (const Json& cell : cells) column.texts.push_back(cell.contains(key) ? factor(cell, key.c_str()) : "");
  }
  for (const std::string& key : figures) {
    Column& column = frame.numbers(key, title_of(key), 6);
    for (const Json& cell : cells) column.add(number_at(cell["figures"], key).value_or(std::nan("")));
  }
  return frame;
}

// How each policy's figures stand to the first policy's, by trace: the ratio of means over the same places of the grid.
Chart trade_off(const Json& cells, const std::vector<std::string>& figures) {
  const std::vector<std::string> policies = levels(cells, "policy");
  Chart chart{"trade-off", "points", "Energy against slowdown, relative to " + policies.front(), "", {}};
  if (std::find(figures.begin(), figures.end(), "it_energy_j") == figures.end()) return chart;
  const Samples samples = paired(cells, {"it_energy_j", "mean_bounded_slowdown"});
  Frame frame;
  frame.texts("policy", "policy");
  frame.texts("trace", "trace");
  frame.numbers("relative_energy", "relative energy", 6);
  frame.numbers("relative_slowdown", "relative slowdown", 6);
  for (const auto& [at, sample] : samples.of) {
    const auto base = samples.of.find({at.first, policies.front()});
    if (base == samples.of.end()) continue;
    const auto mean = [](const auto& sample_of, std::size_t i) { return moments(sample_of[i]).mean; };
    if (mean(base->second, 0) == 0 || mean(base->second, 1) == 0) continue;
    frame.columns[0].texts.push_back(at.second);
    frame.columns[1].texts.push_back(at.first);
    for (std::size_t i = 0; i < 2; ++i) frame.columns[i + 2].add(mean(sample, i) / mean(base->second, i));
  }
  chart.frame = std::move(frame);
  chart.options = {{"label", 0},
                   {"group", 0},
                   {"detail", 1},
                   {"x", 2},
                   {"y", 3},
                   {"x_title", "energy, relative"},
                   {"y_title", "mean bounded slowdown, relative"},
                   {"log_y", true}};
  chart.summary = "A point for each policy and trace; down and to the left is better, the first policy is at 1, 1." +
                  std::string(kOwnTime) + left_out(samples);
  return chart;
}

// Cells that ended with an error have no figures; returns how many there were.
std::size_t drop_failed(Json& cells, const std::string& file) {
  Json kept = Json::array();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].is_object() && cells[i].contains("error")) continue;
    if (!cells[i].is_object() || !cells[i].contains("figures") || !cells[i]["figures"].is_object())
      throw InputError(fmt::format("{}: cells[{}]: figures: must be an object of numbers", file, i));
    kept.push_back(cells[i]);
  }
  if (kept.empty()) throw InputError(file + ": cells: all of them ended with an error");
  const std::size_t failed = cells.size() - kept.size();
  cells = std::move(kept);
  return failed;
}

}  // namespace

Document sweep_report(const std::string& directory, const std::string& command) {
  const std::string file = directory + "/sweep.json";
  Json json = read_json(file);
  if (!json.contains("cells") || !json["cells"].is_array() || json["cells"].empty())
    throw InputError(file + ": cells: must be a list of at least one cell");
  Json& cells = json["cells"];
  const std::size_t failed = drop_failed(cells, file);
  const std::vector<std::string> figures = figures_in(cells);
  Document document;
  document.title =
      fmt::format("{} policies on {} traces", levels(cells, "policy").size(), levels(cells, "trace").size());
  document.subtitle = fmt::format("{} cells", number(static_cast<double>(cells.size())));
  if (failed > 0) document.subtitle += fmt::format("; {} more ended with an error", failed);
  Section claims{"claims", "At a glance", {}};
  if (json.contains("claims") && json["claims"].is_array()) add_claims(claims, json["claims"]);
  if (!claims.blocks.empty()) document.sections.push_back(std::move(claims));
  Section tables{"figures", "Figures by trace and policy", {}};
  Chart chart = trade_off(cells, figures);
  if (chart.frame.rows() > 0) tables.blocks.emplace_back(std::move(chart));
  for (const std::string& key : figures)
    if (find_measure(key) != nullptr) tables.blocks.emplace_back(figure_table(cells, key));
  document.sections.push_back(std::move(tables));
  Section all{"cells", "All cells", {}};
  all.blocks.emplace_back(Chart{"cells", "table", "Every figure of every cell", "Each row is a cell of the sweep.",
                                cells_frame(cells, figures)});
  document.sections.push_back(std::move(all));
  Section input{"input", "What was run, and how to run it again", {}};
  if (const std::string again = text_at(json, "command"); !again.empty()) input.blocks.emplace_back(CommandLine{again});
  input.blocks.emplace_back(Paragraph{"This report again:"});
  input.blocks.emplace_back(CommandLine{command});
  document.sections.push_back(std::move(input));
  return document;
}

}  // namespace wattfill::report
