#include "backfill/config/time_series_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

constexpr std::string_view kHeader = "time_s,value";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The whole of `text` as a number; false where it is none.
template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

class Lines {
 public:
  Lines(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  // The next line that holds something; false at the end.
  bool next(std::string_view& line) {
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      line = text_.substr(0, end);
      line = trimmed(line.substr(0, line.find('#')));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++number_;
      if (!line.empty()) return true;
    }
    return false;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError(fmt::format("{}:{}: {}", file_, number_, what));
  }

 private:
  std::string_view text_;
  std::string_view file_;
  int number_ = 0;
};

StepSeries::Step parse_step(std::string_view line, const Lines& lines, const SeriesScale& scale) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos)
    lines.fail(fmt::format("\"{}\": two fields, {}, are expected", line, kHeader));
  const std::string_view time = trimmed(line.substr(0, comma));
  const std::string_view value = trimmed(line.substr(comma + 1));
  constexpr std::int64_t kMostSeconds = 1'000'000'000'000;
  std::int64_t seconds = 0;
  if (!parse(time, seconds) || seconds < -kMostSeconds || seconds > kMostSeconds)
    lines.fail(fmt::format("time_s: \"{}\" is no whole number of at most {} seconds", time, kMostSeconds));
  double number = 0;
  if (!parse(value, number) || !(number >= scale.least && number <= scale.most))
    lines.fail(fmt::format("value: \"{}\" is no number from {} to {}", value, scale.least, scale.most));
  return {SimTime{Seconds{seconds}}, std::llround(number * static_cast<double>(scale.parts))};
}

}  // namespace

std::vector<StepSeries::Step> parse_time_series(std::string_view text, std::string_view file,
                                                const SeriesScale& scale) {
  Lines lines(text, file);
  std::string_view line;
  if (!lines.next(line)) throw ConfigError(fmt::format("{}: empty; the first line reads {}", file, kHeader));
  if (line != kHeader) lines.fail(fmt::format("header: \"{}\"; the first line reads {}", line, kHeader));
  std::vector<StepSeries::Step> steps;
  while (lines.next(line)) {
    steps.push_back(parse_step(line, lines, scale));
    if (steps.size() > 1 && steps.back().from <= steps[steps.size() - 2].from)
      lines.fail(fmt::format("time_s: {} does not come after {}, the time before",
                             seconds_since_epoch(steps.back().from),
                             seconds_since_epoch(steps[steps.size() - 2].from)));
  }
  if (steps.empty()) lines.fail("no value; give at least one line after the header");
  return steps;
}

}  // namespace wattfill
