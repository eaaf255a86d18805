#include "trace-replay/report/frame.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

constexpr std::array<std::int64_t, 10> kPowersOfTen = {1,       10,        100,        1'000,       10'000,
                                                       100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

std::int64_t power_of_ten(int exponent) { return kPowersOfTen.at(static_cast<std::size_t>(exponent)); }

void append_cell(std::string& text, const Column& column, std::size_t row) {
  if (column.is_text) {
    text += csv_escaped(column.texts[row]);
    return;
  }
  const std::int64_t value = column.numbers[row];
  if (value == kMissing) return;
  const std::int64_t unit = power_of_ten(column.decimals);
  if (value < 0) text += '-';
  fmt::format_to(std::back_inserter(text), "{}", std::abs(value / unit));
  if (column.decimals > 0) fmt::format_to(std::back_inserter(text), ".{:0{}}", std::abs(value % unit), column.decimals);
}

}  // namespace

void Column::add(double value) {
  const double scaled = value * static_cast<double>(power_of_ten(decimals));
  numbers.push_back(std::isfinite(scaled) && std::abs(scaled) < 1e15 ? std::llround(scaled) : kMissing);
}

Column& Frame::numbers(std::string name, std::string title, int decimals) {
  Column column;
  column.name = std::move(name);
  column.title = std::move(title);
  column.decimals = decimals;
  return columns.emplace_back(std::move(column));
}

Column& Frame::texts(std::string name, std::string title) {
  Column& column = numbers(std::move(name), std::move(title));
  column.is_text = true;
  return column;
}

std::string cell_text(const Column& column, std::size_t row) {
  if (column.is_text) return column.texts[row];
  std::string text;
  append_cell(text, column, row);
  return text;
}

std::string csv(const Frame& frame) {
  std::string text;
  const auto separate = [&text](std::size_t column) {
    if (column > 0) text += ',';
  };
  for (std::size_t c = 0; c < frame.columns.size(); ++c) {
    separate(c);
    text += csv_escaped(frame.columns[c].name);
  }
  text += '\n';
  for (std::size_t row = 0; row < frame.rows(); ++row) {
    for (std::size_t c = 0; c < frame.columns.size(); ++c) {
      separate(c);
      append_cell(text, frame.columns[c], row);
    }
    text += '\n';
  }
  return text;
}

}  // namespace wattfill::report
