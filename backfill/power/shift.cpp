#include "backfill/power/shift.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "backfill/model/int128.hpp"

namespace wattfill {
namespace {

constexpr double kMillionths = 1e6;
// A job is shifted for a twentieth of its cost at least.
constexpr int kWorthNumerator = 20;
constexpr int kWorthDenominator = 19;

// Value times seconds over [from, from + duration).
Int128 integral(const StepSeries& series, SimTime from, Seconds duration) {
  Int128 sum = 0;
  const SimTime end = from + duration;
  for (SimTime at = from; at < end;) {
    const SimTime next = std::min(end, series.next_change(at));
    sum += Int128{series.at(at)} * (next - at).count();
    at = next;
  }
  return sum;
}

double number(std::string_view whole, std::string_view text, double most, const char* right) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || !(value >= 0 && value <= most))
    throw std::invalid_argument("shift '" + std::string(whole) + "': \"" + std::string(text) + "\": " + right);
  return value;
}

}  // namespace

std::string to_string(const ShiftSpec& spec) {
  if (spec.by == ShiftSpec::By::kNothing) return "none";
  char text[64];
  std::snprintf(text, sizeof text, "%s:%g:%g", spec.by == ShiftSpec::By::kTariff ? "tariff" : "carbon",
                spec.share / kMillionths, static_cast<double>(spec.most.count()) / 3600);
  return text;
}

ShiftSpec shift_from_text(std::string_view text) {
  ShiftSpec spec;
  if (text == "none") return spec;
  const std::size_t first = text.find(':');
  const std::string_view by = text.substr(0, first);
  if (by != "tariff" && by != "carbon")
    throw std::invalid_argument("shift '" + std::string(text) +
                                "': not known; none, tariff:SHARE:HOURS or carbon:SHARE:HOURS is right");
  spec.by = by == "tariff" ? ShiftSpec::By::kTariff : ShiftSpec::By::kCarbon;
  if (first == std::string_view::npos) return spec;
  const std::size_t second = text.find(':', first + 1);
  spec.share = static_cast<std::int32_t>(std::lround(
      kMillionths * number(text, text.substr(first + 1, second - first - 1), 1, "a share of the users, at most 1")));
  constexpr double kLongest = 24 * 365;
  if (second != std::string_view::npos)
    spec.most = Seconds{std::llround(3600 * number(text, text.substr(second + 1), kLongest, "hours, at most a year"))};
  return spec;
}

bool can_wait(const ShiftSpec& spec, const Job& job) {
  if (spec.by == ShiftSpec::By::kNothing) return false;
  // SplitMix64 (Steele, Lea, Flood 2014), so that the users are a fair sample whatever their numbers.
  std::uint64_t x = static_cast<std::uint64_t>(job.user) + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  x ^= x >> 31U;
  return static_cast<std::int64_t>(x % 1'000'000) < spec.share;
}

SimTime best_start(const StepSeries& series, SimTime now, Seconds duration, Seconds most) {
  if (series.empty() || most <= Seconds{0}) return now;
  const SimTime latest = now + most;
  std::vector<SimTime> starts = {now, latest};
  for (SimTime at = series.next_change(now); at <= latest + duration && at != kNever; at = series.next_change(at)) {
    if (at <= latest) starts.push_back(at);
    if (at - duration > now && at - duration <= latest) starts.push_back(at - duration);
  }
  std::sort(starts.begin(), starts.end());
  SimTime best = now;
  const Int128 now_costs = integral(series, now, duration);
  Int128 least = now_costs;
  for (const SimTime start : starts) {
    const Int128 sum = integral(series, start, duration);
    if (sum >= least) continue;
    least = sum;
    best = start;
  }
  // A delay that saves next to nothing is not worth it.
  return least * kWorthNumerator <= now_costs * kWorthDenominator ? best : now;
}

}  // namespace wattfill
