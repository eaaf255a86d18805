#include "trace-replay/validate/power_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "trace-replay/errors.hpp"
#include "trace-replay/validate/text_lines.hpp"

namespace wattfill::judge {
namespace {

constexpr std::string_view kHeader = "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw";

// The cell that `line` begins with, cut off from it.
std::string_view take_cell(std::string_view& line) {
  const std::size_t end = std::min(line.find(','), line.size());
  const std::string_view cell = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return cell;
}

PowerRow parse_row(const std::string& name, std::int64_t number, std::string_view line) {
  if (std::count(line.begin(), line.end(), ',') != static_cast<std::ptrdiff_t>(kPowerColumns))
    throw InputError(fmt::format("{}:{}: a row has {} cells, {}", name, number, kPowerColumns + 1, kHeader));
  const auto whole = [&](const char* column) {
    const std::string_view cell = take_cell(line);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    // Sums of times must not overflow.
    constexpr std::int64_t kLargest = std::int64_t{1} << 60;
    if (error != std::errc() || end != cell.data() + cell.size() || value > kLargest || value < -kLargest)
      throw InputError(
          fmt::format("{}:{}: column {}: \"{}\" is not a whole number", name, number, column, cell.substr(0, 60)));
    return value;
  };
  PowerRow row;
  row.from = SimTime{Seconds{whole("time_s")}};
  for (std::size_t column = 0; column < kPowerColumns; ++column) row.mw[column] = whole(kPowerNames[column]);
  return row;
}

}  // namespace

std::vector<PowerRow> parse_power_csv(const std::string& name, std::string_view text) {
  if (take_line(text) != kHeader) throw InputError(fmt::format("{}:1: the first line must be {}", name, kHeader));
  std::vector<PowerRow> rows;
  for (std::int64_t number = 2; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (!line.empty()) rows.push_back(parse_row(name, number, line));
  }
  if (rows.empty()) throw InputError(fmt::format("{}: no row; at least one is needed, for the end", name));
  return rows;
}

EnergyTotals parse_energy_totals(const std::string& name, std::string_view text) {
  using Json = nlohmann::json;
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw InputError(fmt::format("{}: no JSON; give the summary.json of a run", name));
  const auto energy = json.is_object() ? json.find("energy") : json.end();
  if (energy == json.end() || !energy->is_object())
    throw InputError(fmt::format("{}: energy: missing; give the summary.json of a run that metered it", name));
  const auto whole = [&](const std::string& key) {
    const auto value = energy->find(key);
    if (value == energy->end() || !value->is_number_integer())
      throw InputError(fmt::format("{}: energy.{}: must be a whole number", name, key));
    return value->get<std::int64_t>();
  };
  EnergyTotals totals;
  totals.begin = SimTime{Seconds{whole("begin_s")}};
  totals.end = SimTime{Seconds{whole("end_s")}};
  for (std::size_t column = 0; column < kPowerColumns; ++column)
    totals.mj[column] = whole(fmt::format("{}_mj", kPowerNames[column]));
  return totals;
}

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw InputError(fmt::format("{}: cannot be read; give a readable file", path));
  return text.str();
}

}  // namespace wattfill::judge
