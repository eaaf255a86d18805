// A CSV file with a header line, line by line: columns are found by their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/swf/line_reader.hpp"

namespace wattfill {

// Commas part the cells; a cell in quotation marks may hold commas, and two marks for one. Empty lines and lines that
// begin with "#" are passed over.
class CsvTable {
 public:
  explicit CsvTable(const std::string& path) : lines_(path) { read_header(); }
  CsvTable(std::string name, std::string text) : lines_(std::move(name), std::move(text)) { read_header(); }

  // Throws InputError for a line with another number of cells, or an open quotation mark.
  bool next();

  bool has(std::string_view column) const;
  // The cell of the line that next() read. Throws InputError where there is no such column.
  std::string_view text(std::string_view column) const;
  // -1 for an empty cell. Throws InputError "FILE:LINE: field N (name): ..." for what is no such number.
  std::int64_t whole(std::string_view column) const;
  std::int32_t whole32(std::string_view column) const;  // below 2^31
  double decimal(std::string_view column) const;
  [[noreturn]] void fail(std::string_view column, std::string_view right) const;

 private:
  void read_header();
  bool next_cells();
  std::size_t column(std::string_view name) const;

  LineReader lines_;
  std::vector<std::string> names_;
  std::vector<std::string> cells_;
};

// Quoted where it must be.
std::string csv_cell(std::string_view text);

}  // namespace wattfill
