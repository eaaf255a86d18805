// Batsim's jobs.csv, as far as the judge needs it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "trace-replay/errors.hpp"
#include "trace-replay/validate/schedule_file.hpp"
#include "trace-replay/validate/text_lines.hpp"

namespace wattfill::judge {
namespace {

enum Column : std::size_t {
  kJobId,
  kSubmissionTime,
  kRequestedResources,
  kStartingTime,
  kExecutionTime,
  kRequestedTime,
  kFinishTime,
  kAllocatedResources,
  kConsumedEnergy,
  kCpusets,
  kColumns
};
constexpr std::size_t kRequiredColumns = 5;
constexpr std::array<std::string_view, kColumns> kColumnNames = {
    "job_id",         "submission_time", "requested_number_of_resources", "starting_time",   "execution_time",
    "requested_time", "finish_time",     "allocated_resources",           "consumed_energy", "cpusets"};
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
// Beyond this a sum of a time and a duration could overflow; no real clock comes near it.
constexpr std::int64_t kLargest = std::int64_t{1} << 60;
// Likewise for the sum of an interval set's widths.
constexpr std::int64_t kLargestProcessor = std::int64_t{1} << 40;

// Splits one line at commas outside double quotes; a doubled quote inside quotes stands for one.
void split(std::string_view line, std::vector<std::string>& cells) {
  cells.assign(1, std::string());
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += line[i++];
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
}

bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value <= kLargest && value >= -kLargest;
}

// "12", "12." and "12.000" are whole; "12.5" is not.
bool parse_whole(std::string_view text, std::int64_t& value) {
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos) {
    if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return false;
    text = text.substr(0, point);
  }
  return parse_integer(text, value);
}

// Joules with up to three digits behind the point, and zeros. Nothing where the text is no such number.
std::optional<std::int64_t> millijoules(std::string_view text) {
  constexpr std::int64_t kLargestJoules = kLargest / 1000;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(std::min(point + 1, text.size())));
  digits.resize(std::max<std::size_t>(digits.size(), 3), '0');
  std::int64_t joules = 0;
  std::int64_t rest = 0;
  if (digits.find_first_not_of("0123456789") != std::string::npos ||
      digits.find_first_not_of('0', 3) != std::string::npos || !parse_integer(text.substr(0, point), joules) ||
      joules < 0 || joules > kLargestJoules || !parse_integer(std::string_view(digits).substr(0, 3), rest))
    return std::nullopt;
  return joules * 1000 + rest;
}

// The rows of one file: knows where each column stands and names file, line and column in its errors.
class Rows {
 public:
  Rows(const std::string& name, std::string_view header) : name_(name) {
    position_.fill(kAbsent);
    split(header, cells_);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const auto known = std::find(kColumnNames.begin(), kColumnNames.end(), cells_[i]);
      if (known != kColumnNames.end()) position_[static_cast<std::size_t>(known - kColumnNames.begin())] = i;
    }
    for (std::size_t column = 0; column < kRequiredColumns; ++column) {
      if (position_[column] == kAbsent) {
        throw InputError(fmt::format("{}:1: the column {} is missing; the first line must name Batsim's columns", name_,
                                     kColumnNames[column]));
      }
    }
    width_ = cells_.size();
  }

  ScheduleRow parse(std::string_view line, std::int64_t number) {
    line_ = number;
    split(line, cells_);
    if (cells_.size() != width_) {
      throw InputError(
          fmt::format("{}:{}: {} cells where the first line names {} columns", name_, line_, cells_.size(), width_));
    }
    ScheduleRow row;
    row.id = job_id();
    row.submit = SimTime{Seconds{whole(kSubmissionTime)}};
    row.processors = whole(kRequestedResources);
    if (has(kRequestedTime)) {
      // Batsim writes -1 for a job without a limit.
      if (const std::int64_t requested = whole(kRequestedTime); requested > 0) row.requested = Seconds{requested};
    }
    if (has(kStartingTime) && cell(kStartingTime) != "-1") {
      row.start = SimTime{Seconds{whole(kStartingTime)}};
      row.executed = Seconds{whole(kExecutionTime)};
      if (has(kFinishTime)) row.finish = SimTime{Seconds{whole(kFinishTime)}};
    }
    if (has(kAllocatedResources) && !parse_interval_set(cell(kAllocatedResources), row.allocation)) {
      fail(kAllocatedResources, "an interval set such as 0-3 7 9-10");
    }
    if (has(kCpusets)) row.cpusets = cell(kCpusets);
    if (has(kConsumedEnergy)) row.energy_mj = millijoules(cell(kConsumedEnergy));
    return row;
  }

 private:
  bool has(Column column) const { return position_[column] != kAbsent && !cells_[position_[column]].empty(); }
  const std::string& cell(Column column) const { return cells_[position_[column]]; }

  std::int64_t whole(Column column) const {
    std::int64_t value = 0;
    if (!parse_whole(cell(column), value)) fail(column, "a whole number");
    return value;
  }

  // Batsim may write "workload!12".
  JobId job_id() const {
    const std::string& text = cell(kJobId);
    const std::size_t mark = text.rfind('!');
    std::int64_t value = 0;
    if (!parse_integer(std::string_view(text).substr(mark == std::string::npos ? 0 : mark + 1), value)) {
      fail(kJobId, "a job number");
    }
    return value;
  }

  [[noreturn]] void fail(Column column, std::string_view expected) const {
    throw InputError(fmt::format("{}:{}: column {}: \"{}\" is not {}", name_, line_, kColumnNames[column],
                                 cell(column).substr(0, 60), expected));
  }

  const std::string& name_;
  std::int64_t line_ = 1;
  std::size_t width_ = 0;
  std::array<std::size_t, kColumns> position_{};
  std::vector<std::string> cells_;
};

}  // namespace

bool parse_interval_set(std::string_view text, std::vector<ProcessorRange>& ranges) {
  ranges.clear();
  for (std::size_t at = 0; (at = text.find_first_not_of(" ,", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" ,", at), text.size());
    const std::string_view item = text.substr(at, end - at);
    const std::size_t dash = item.find('-', 1);
    ProcessorRange range;
    if (!parse_integer(item.substr(0, dash), range.first)) return false;
    range.last = range.first;
    if (dash != std::string_view::npos && !parse_integer(item.substr(dash + 1), range.last)) return false;
    if (range.last < range.first || range.last > kLargestProcessor || range.first < 0) return false;
    ranges.push_back(range);
    at = end;
  }
  return true;
}

std::vector<ScheduleRow> parse_jobs_csv(const std::string& name, std::string_view text) {
  Rows rows(name, take_line(text));
  std::vector<ScheduleRow> result;
  for (std::int64_t number = 2; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (!line.empty()) result.push_back(rows.parse(line, number));
  }
  return result;
}

}  // namespace wattfill::judge
