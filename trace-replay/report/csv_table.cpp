#include "trace-replay/report/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "trace-replay/errors.hpp"
#include "trace-replay/validate/text_lines.hpp"

namespace wattfill::report {
namespace {

// Calls visit(cell) for each cell of a line.
template <class Visit>
void each_cell(std::string_view line, Visit&& visit) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    visit(line.substr(begin, end - begin));
    if (end == line.size()) return;
    begin = end + 1;
  }
}

std::int64_t whole(const std::string& name, std::int64_t line, const Column& column, std::string_view cell) {
  if (cell.empty()) return kMissing;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || value <= kMissing || value >= -kMissing)
    throw InputError(fmt::format("{}:{}: column {}: \"{}\" is no whole number between -2^50 and 2^50", name, line,
                                 column.name, cell.substr(0, 60)));
  return value;
}

}  // namespace

Frame parse_csv_table(const std::string& name, std::string_view text, std::string_view header,
                      const std::vector<std::string_view>& words) {
  if (judge::take_line(text) != header) throw InputError(fmt::format("{}:1: the first line must be {}", name, header));
  Frame frame;
  each_cell(header, [&](std::string_view cell) {
    const bool is_word = std::find(words.begin(), words.end(), cell) != words.end();
    Column& column = frame.numbers(std::string(cell), std::string(cell));
    column.is_text = is_word;
  });
  for (std::int64_t number = 2; !text.empty(); ++number) {
    const std::string_view line = judge::take_line(text);
    if (line.empty()) continue;
    const auto cells = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
    if (cells != frame.columns.size())
      throw InputError(fmt::format("{}:{}: {} cells where the first line names {} columns", name, number, cells,
                                   frame.columns.size()));
    std::size_t at = 0;
    each_cell(line, [&](std::string_view cell) {
      Column& column = frame.columns[at++];
      if (column.is_text)
        column.texts.emplace_back(cell);
      else
        column.numbers.push_back(whole(name, number, column, cell));
    });
  }
  return frame;
}

}  // namespace wattfill::report
