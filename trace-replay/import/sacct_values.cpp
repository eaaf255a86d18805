#include "trace-replay/import/sacct_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "trace-replay/import/slurm_lines.hpp"

namespace wattfill {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000'000;
constexpr std::int64_t kLatest = 100'000'000'000;
constexpr std::int64_t kMostDays = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Cuts off what stands before `separator`; nothing if it is not there.
std::optional<std::string_view> take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at + 1);
  return head;
}

// A whole number of exactly so many digits at the front of `text`, followed by `separator` (0: by the end).
std::optional<int> take_fixed(std::string_view& text, std::size_t digits, char separator) {
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + digits, is_digit)) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  if (separator == 0) return text.empty() ? std::optional(value) : std::nullopt;
  if (text.empty() || text.front() != separator) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

// A number of at most 15 digits before a point and any behind it, not negative, without an exponent.
std::optional<double> parse_decimal(std::string_view text) {
  constexpr std::string_view kAllowed = "0123456789.";
  if (text.empty() || text.find_first_not_of(kAllowed) != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > static_cast<double>(kMost))
    return std::nullopt;
  return value;
}

// A decimal number with one of K, M, G, T, P, E behind it, each `step` times the one before; `plain` without a unit.
std::optional<double> parse_with_unit(std::string_view text, double step, double plain) {
  constexpr std::string_view kUnits = "KMGTPE";
  double factor = plain;
  if (!text.empty()) {
    if (const std::size_t unit = kUnits.find(text.back()); unit != std::string_view::npos) {
      factor = std::pow(step, static_cast<double>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const std::optional<double> value = parse_decimal(text);
  if (!value || *value * factor > static_cast<double>(kMost) * 1024) return std::nullopt;
  return *value * factor;
}

}  // namespace

bool is_absent(std::string_view text) {
  constexpr std::array kAbsent = {"", "unknown", "none", "none assigned", "n/a", "invalid"};
  const std::string lower = lower_case(text);
  return std::find(kAbsent.begin(), kAbsent.end(), lower) != kAbsent.end();
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !is_digit(text.front()) || value > kMost)
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const auto value = parse_whole(text);
  return value && *value <= std::numeric_limits<std::int32_t>::max() ? value : std::nullopt;
}

std::optional<std::int64_t> parse_sacct_time(std::string_view text, std::int64_t utc_offset_s) {
  if (text.find('-') == std::string_view::npos) {
    const auto seconds = parse_whole(text);
    return seconds && *seconds <= kLatest ? seconds : std::nullopt;
  }
  const auto year = take_fixed(text, 4, '-');
  const auto month = year ? take_fixed(text, 2, '-') : std::nullopt;
  const auto day = month ? take_fixed(text, 2, 'T') : std::nullopt;
  const auto hour = day ? take_fixed(text, 2, ':') : std::nullopt;
  const auto minute = hour ? take_fixed(text, 2, ':') : std::nullopt;
  const auto second = minute ? take_fixed(text, 2, 0) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + *hour * 3600 + *minute * 60 + *second - utc_offset_s;
  return seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

std::optional<std::int64_t> parse_sacct_duration_ms(std::string_view text) {
  std::int64_t milliseconds = 0;
  if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
    std::string_view fraction = text.substr(point + 1);
    const auto value = take_fixed(fraction, 3, 0);
    if (!value) return std::nullopt;
    milliseconds = *value;
    text = text.substr(0, point);
  }
  std::int64_t days = 0;
  const auto before = take_until(text, '-');
  if (before) {
    const auto value = parse_whole(*before);
    if (!value || *value > kMostDays) return std::nullopt;
    days = *value;
  }
  std::array<std::int64_t, 3> parts{};
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    const auto head = take_until(text, ':');
    more = head.has_value();
    const auto value = parse_whole(head.value_or(text));
    if (count == parts.size() || !value || *value > kMostDays) return std::nullopt;
    parts[count] = *value;
  }
  if (!before && count < 2) return std::nullopt;  // minutes or seconds? sacct prints both
  // Behind days the first part is hours, else the last is seconds.
  if (!before && count == 2) parts = {0, parts[0], parts[1]};
  if ((count == 3 || before) && parts[1] > 59) return std::nullopt;
  if (parts[2] > 59) return std::nullopt;
  return (days * 86'400 + parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1000 + milliseconds;
}

std::optional<std::int64_t> parse_utc_offset(std::string_view text) {
  if (text == "Z" || text == "UTC") return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const char separator = text.size() == 5 ? ':' : '\0';
  std::string_view hours_text = text.substr(0, 2);
  const auto hours = take_fixed(hours_text, 2, 0);
  text.remove_prefix(std::min<std::size_t>(text.size(), 2));
  if (separator != 0 && text.front() != separator) return std::nullopt;
  if (separator != 0) text.remove_prefix(1);
  const auto minutes = text.empty() ? std::optional(0) : take_fixed(text, 2, 0);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<SacctMemory> parse_sacct_memory(std::string_view text) {
  SacctMemory memory;
  if (text.ends_with('c')) memory.of = SacctMemory::Of::kProcessor;
  if (text.ends_with('n')) memory.of = SacctMemory::Of::kNode;
  if (memory.of != SacctMemory::Of::kJob) text.remove_suffix(1);
  const std::optional<double> bytes = parse_with_unit(text, 1024, 1024.0 * 1024.0);
  if (!bytes) return std::nullopt;
  memory.kb = *bytes / 1024;
  return memory;
}

std::optional<double> parse_sacct_rss_kb(std::string_view text) {
  const std::optional<double> bytes = parse_with_unit(text, 1024, 1);
  if (!bytes) return std::nullopt;
  return *bytes / 1024;
}

std::optional<double> parse_sacct_joules(std::string_view text) {
  // A counter that ran backwards is printed as a number near 2^64: a number, but no energy.
  if (text.size() >= 19 && text.size() <= 20 && std::all_of(text.begin(), text.end(), is_digit)) return 1.8e19;
  return parse_with_unit(text, 1000, 1);
}

std::optional<SacctJobId> parse_sacct_job_id(std::string_view text) {
  SacctJobId id;
  const std::size_t dot = text.find('.');
  id.job = text.substr(0, dot);
  if (dot != std::string_view::npos) {
    id.step = text.substr(dot + 1);
    if (id.step.empty()) return std::nullopt;
  }
  const std::size_t number = std::min(id.job.find_first_not_of("0123456789"), id.job.size());
  if (number == 0 || number > 15) return std::nullopt;
  const std::string_view rest = std::string_view(id.job).substr(number);
  id.array = rest.starts_with('_');
  id.component = rest.starts_with('+') || (id.array && rest.find('+') != std::string_view::npos);
  if (rest.empty()) return id;
  if ((!id.array && !id.component) || rest.size() < 2) return std::nullopt;
  if (rest.find_first_not_of("0123456789_+[]-,:%.") != std::string_view::npos) return std::nullopt;
  return id;
}

}  // namespace wattfill
