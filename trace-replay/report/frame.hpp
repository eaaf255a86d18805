// Columns of one length: what a chart shows, its table in the page, and its CSV file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace wattfill::report {

// Stands for a number that there is not: an empty cell.
inline constexpr std::int64_t kMissing = -(std::int64_t{1} << 50);

struct Column {
  std::string name;   // in the CSV file, with its unit: "wait_s"
  std::string title;  // for people
  int decimals = 0;   // numbers count 10^-decimals
  bool is_text = false;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;

  std::size_t size() const { return is_text ? texts.size() : numbers.size(); }
  // Rounded to the column's decimals, halves away from zero; what is not finite or beyond 10^15 units is missing.
  void add(double value);
};

struct Frame {
  std::deque<Column> columns;  // so that a column stays where it is when others come

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
  // The new column; valid until the next one is added.
  Column& numbers(std::string name, std::string title, int decimals = 0);
  Column& texts(std::string name, std::string title);
};

// One cell as the CSV file has it: "12.50" is 1250 with two decimals, "" what is missing.
std::string cell_text(const Column& column, std::size_t row);

// With a line of names, then the rows.
std::string csv(const Frame& frame);

}  // namespace wattfill::report
