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

namespace wattfill::report {
namespace {

// A factor of a cell, as text.
std::string factor(const Json& cell, const char* key) {
  const auto found = cell.find(key);
  if (found == cell.end() || found->is_null()) return "–";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

struct Sample {
  std::vector<double> values;
  double mean() const {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
  }
  double deviation() const {
    if (values.size() < 2) return 0;
    double sum = 0;
    for (const double v : values) sum += std::pow(v - mean(), 2);
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
  }
};

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

// One figure by trace and policy, over everything else that varies.
Table figure_table(const Json& cells, const std::string& key) {
  std::map<std::pair<std::string, std::string>, Sample> samples;
  for (const Json& cell : cells)
    if (const auto value = number_at(cell["figures"], key))
      samples[{factor(cell, "trace"), factor(cell, "policy")}].values.push_back(*value);
  const Measure* measure = find_measure(key);
  const Unit unit = measure != nullptr ? measure->unit : Unit::kNumber;
  Table table{title_of(key) + ": mean ± standard deviation over the cells of a trace and a policy", {"trace"}, {}};
  const std::vector<std::string> policies = levels(cells, "policy");
  table.header.insert(table.header.end(), policies.begin(), policies.end());
  for (const std::string& trace : levels(cells, "trace")) {
    std::vector<std::string> row = {trace};
    for (const std::string& policy : policies) {
      const auto found = samples.find({trace, policy});
      if (found == samples.end()) {
        row.emplace_back("–");
        continue;
      }
      row.push_back(written(found->second.mean(), unit));
      if (found->second.values.size() > 1) row.back() += " ± " + written(found->second.deviation(), unit);
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

// How each policy's figure stands to the first policy's, by trace: the mean of the ratios of equal cells is not known
// here, so the ratio of means.
Chart trade_off(const Json& cells, const std::vector<std::string>& figures) {
  const std::vector<std::string> policies = levels(cells, "policy");
  std::map<std::pair<std::string, std::string>, std::pair<Sample, Sample>> samples;
  for (const Json& cell : cells) {
    const auto energy = number_at(cell["figures"], "it_energy_j");
    const auto slowdown = number_at(cell["figures"], "mean_bounded_slowdown");
    if (!energy || !slowdown) continue;
    auto& [energies, slowdowns] = samples[{factor(cell, "policy"), factor(cell, "trace")}];
    energies.values.push_back(*energy);
    slowdowns.values.push_back(*slowdown);
  }
  Chart chart{"trade-off", "points", "Energy against slowdown, relative to " + policies.front(), "", {}};
  if (std::find(figures.begin(), figures.end(), "it_energy_j") == figures.end()) return chart;
  Frame frame;
  frame.texts("policy", "policy");
  frame.texts("trace", "trace");
  frame.numbers("relative_energy", "relative energy", 6);
  frame.numbers("relative_slowdown", "relative slowdown", 6);
  for (const auto& [at, sample] : samples) {
    const auto base = samples.find({policies.front(), at.second});
    if (base == samples.end() || base->second.first.mean() == 0 || base->second.second.mean() == 0) continue;
    frame.columns[0].texts.push_back(at.first);
    frame.columns[1].texts.push_back(at.second);
    frame.columns[2].add(sample.first.mean() / base->second.first.mean());
    frame.columns[3].add(sample.second.mean() / base->second.second.mean());
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
  chart.summary = "A point for each policy and trace; down and to the left is better, the first policy is at 1, 1.";
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
