#include "trace-replay/sweep/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "trace-replay/statistics/moments.hpp"

namespace wattfill {
namespace {

using Json = nlohmann::ordered_json;

// Quoted where it holds what CSV gives a meaning to (RFC 4180).
std::string csv_field(const Json& value) {
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::vector<std::string> figure_names(const CellResults& results) {
  std::vector<std::string> names;
  for (const Json& result : results) {
    if (!result.contains("figures")) continue;
    for (const auto& [name, value] : result["figures"].items())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

struct Column {
  const char* figure;
  const char* title;
  int precision;
  double scale;
};
constexpr std::array kColumns{
    Column{"mean_bounded_slowdown", "AVEbsld", 2, 1},
    Column{"geometric_mean_bounded_slowdown", "geo.bsld", 2, 1},
    Column{"mean_wait_s", "wait s", 0, 1},
    Column{"p999_wait_s", "p99.9 h", 1, 1.0 / 3600},
    Column{"it_energy_j", "energy GJ", 3, 1e-9},
};

std::string mean_and_deviation(const std::vector<double>& values, const Column& column) {
  if (values.empty()) return "-";
  const Moments m = moments(values);
  std::string text = fmt::format("{:.{}f}", m.mean * column.scale, column.precision);
  if (m.count > 1) text += fmt::format(" +- {:.{}f}", m.deviation * column.scale, column.precision);
  return text;
}

// Where a row of the table comes from; the load and the predictor only where they differ from the trace's own.
using RowName = std::array<std::string, 4>;

RowName row_name(const Json& cell) {
  RowName name{cell["trace"].get<std::string>(), cell["cluster"].get<std::string>(), "",
               cell["policy"].get<std::string>()};
  if (cell["load"] != 1.0) name[2] = fmt::format("load x {}", cell["load"].get<double>());
  if (const auto predictor = cell["predictor"].get<std::string>(); !predictor.empty())
    name[3] += fmt::format(" ({})", predictor);
  return name;
}

}  // namespace

Json sweep_json(const SweepSpec& spec, const CellResults& results) {
  Json json;
  json["command"] = "trace-replay sweep sweep.textproto";
  json["baseline"] = results.empty() ? Json() : results.front()["cell"]["policy"];
  json["replicas"] = spec.replicas;
  json["shake_s"] = spec.shake.count();
  json["cells"] = Json::array();
  for (const Json& result : results) {
    Json entry = result["cell"];
    for (const char* key : {"figures", "error"})
      if (result.contains(key)) entry[key] = result[key];
    json["cells"].push_back(std::move(entry));
  }
  return json;
}

std::string sweep_csv(const CellResults& results) {
  if (results.empty()) return {};
  const std::vector<std::string> figures = figure_names(results);
  std::string text;
  for (const auto& [key, value] : results.front()["cell"].items())
    text += fmt::format("{}{}", text.empty() ? "" : ",", key);
  for (const std::string& figure : figures) text += "," + figure;
  text += ",error\n";
  for (const Json& result : results) {
    std::string line;
    for (const auto& [key, value] : result["cell"].items()) line += (line.empty() ? "" : ",") + csv_field(value);
    for (const std::string& figure : figures) {
      line += ',';
      if (result.contains("figures") && result["figures"].contains(figure)) line += result["figures"][figure].dump();
    }
    text += line + "," + (result.contains("error") ? csv_field(result["error"]) : "") + "\n";
  }
  return text;
}

std::string sweep_table(const CellResults& results) {
  std::vector<RowName> names;  // in order of their first cell
  std::map<RowName, std::array<std::vector<double>, kColumns.size()>> rows;
  std::array<std::size_t, std::tuple_size_v<RowName>> widths{};
  for (const Json& result : results) {
    const RowName name = row_name(result["cell"]);
    if (!rows.contains(name)) names.push_back(name);
    auto& row = rows[name];
    for (std::size_t part = 0; part < name.size(); ++part) widths[part] = std::max(widths[part], name[part].size());
    for (std::size_t c = 0; c < kColumns.size(); ++c)
      if (result.contains("figures") && result["figures"].contains(kColumns[c].figure))
        row[c].push_back(result["figures"][kColumns[c].figure].get<double>());
  }
  std::array<bool, kColumns.size()> known{};
  for (const auto& [name, row] : rows)
    for (std::size_t c = 0; c < kColumns.size(); ++c) known[c] = known[c] || !row[c].empty();
  const auto line = [&](const RowName& name, const auto& cell_text) {
    std::string text;
    for (std::size_t part = 0; part < name.size(); ++part)
      if (widths[part] > 0) text += fmt::format("{:<{}}  ", name[part], widths[part]);
    for (std::size_t c = 0; c < kColumns.size(); ++c)
      if (known[c]) text += fmt::format("{:>18}", cell_text(c));
    return text + '\n';
  };
  std::string text = line({}, [](std::size_t c) { return std::string(kColumns[c].title); });
  for (const RowName& name : names)
    text += line(name, [&](std::size_t c) { return mean_and_deviation(rows[name][c], kColumns[c]); });
  return text;
}

}  // namespace wattfill
