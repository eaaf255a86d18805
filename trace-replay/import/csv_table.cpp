#include "trace-replay/import/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "trace-replay/errors.hpp"

namespace wattfill {

void CsvTable::read_header() {
  if (!next_cells())
    throw InputError(fmt::format("{}: is empty; a line with the names of columns is expected", lines_.name()));
  names_ = std::move(cells_);
}

bool CsvTable::next() {
  if (!next_cells()) return false;
  if (cells_.size() != names_.size())
    throw InputError(fmt::format("{}:{}: has {} fields, the first line {}", lines_.name(), lines_.number(),
                                 cells_.size(), names_.size()));
  return true;
}

bool CsvTable::next_cells() {
  std::string_view text;
  do {
    Line line;
    if (!lines_.next(line)) return false;
    if (line.overlong) throw InputError(fmt::format("{}:{}: the line is too long", lines_.name(), lines_.number()));
    text = {line.begin, static_cast<std::size_t>(line.end - line.begin)};
    while (text.ends_with('\r')) text.remove_suffix(1);
  } while (text.empty() || text.starts_with('#'));
  cells_.assign(1, "");
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      cells_.back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells_.emplace_back();
    } else {
      cells_.back() += c;
    }
  }
  if (quoted) throw InputError(fmt::format("{}:{}: a quotation mark is not closed", lines_.name(), lines_.number()));
  return true;
}

bool CsvTable::has(std::string_view column) const {
  return std::find(names_.begin(), names_.end(), column) != names_.end();
}

std::size_t CsvTable::column(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end())
    throw InputError(
        fmt::format("{}: there is no column \"{}\"; the first line names the columns", lines_.name(), name));
  return static_cast<std::size_t>(at - names_.begin());
}

std::string_view CsvTable::text(std::string_view name) const { return cells_[column(name)]; }

std::int64_t CsvTable::whole(std::string_view name) const {
  const std::string_view cell = text(name);
  if (cell.empty()) return -1;
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || value < -1 || value > kMost)
    fail(name, "a whole number from -1 to 10^15");
  return value;
}

std::int32_t CsvTable::whole32(std::string_view name) const {
  const std::int64_t value = whole(name);
  if (value > std::numeric_limits<std::int32_t>::max()) fail(name, "a number below 2^31");
  return static_cast<std::int32_t>(value);
}

double CsvTable::decimal(std::string_view name) const {
  const std::string_view cell = text(name);
  if (cell.empty()) return -1;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value) || (value < 0 && value != -1))
    fail(name, "a number, or nothing");
  return value;
}

void CsvTable::fail(std::string_view name, std::string_view right) const {
  throw InputError(fmt::format("{}:{}: field {} ({}): \"{}\": {} is expected", lines_.name(), lines_.number(),
                               column(name) + 1, name, text(name).substr(0, 60), right));
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos && !text.starts_with('#')) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

}  // namespace wattfill
