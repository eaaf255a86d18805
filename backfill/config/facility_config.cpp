// The facility: what the machine's power costs, in money and carbon, and what it may be.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/config/config.hpp"
#include "backfill/config/named_file.hpp"
#include "backfill/config/time_series_file.hpp"

namespace wattfill {
namespace {

using F = config::Facility;
using S = config::Series;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMostSeconds = 1'000'000'000'000;

constexpr SeriesScale kMilliwatts{1'000, 0, 1e9};
constexpr SeriesScale kMillionths{1'000'000, -1e6, 1e6};  // of the currency
constexpr SeriesScale kMilligrams{1'000, 0, 1e6};

// Two digits and no more; -1 for anything else.
int two_digits(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.size() == 2 && error == std::errc() && end == text.data() + 2 && text[0] != '-' ? value : -1;
}

// Seconds since the beginning of the day for "07:00" or "07:00:30"; -1 for anything else.
std::int64_t time_of_day(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return -1;
  const int hours = two_digits(text.substr(0, 2));
  const int minutes = two_digits(text.substr(3, 2));
  const int seconds = text.size() == 8 ? two_digits(text.substr(6, 2)) : 0;
  if (text[2] != ':' || (text.size() == 8 && text[5] != ':')) return -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return -1;
  return hours * 3600 + minutes * 60 + seconds;
}

// Seconds since the beginning of the week for "Mon 07:00"; -1 for anything else.
std::int64_t time_of_week(std::string_view text) {
  constexpr std::array<std::string_view, 7> kDays = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (!text.starts_with(kDays[day])) continue;
    const std::int64_t time = time_of_day(text.substr(kDays[day].size()));
    return time < 0 ? -1 : static_cast<std::int64_t>(day) * kDay + time;
  }
  return -1;
}

void check_after(const Section& section, int field, const std::vector<StepSeries::Step>& steps, SimTime time) {
  if (!steps.empty() && time <= steps.back().from)
    section.fail(field, "does not come after the step before; steps ascend");
}

StepSeries read_clock(const Section& series, int field, const SeriesScale& scale, bool weekly) {
  using C = config::ClockStep;
  std::vector<StepSeries::Step> steps;
  for (int i = 0; i < series.size(field); ++i) {
    const Section step = series.in(field, i);
    const std::string at = step.text(C::kAtFieldNumber);
    const std::int64_t time = weekly ? time_of_week(at) : time_of_day(at);
    if (time < 0)
      step.fail(C::kAtFieldNumber, fmt::format(R"("{}" is no time; write "{}07:00")", at, weekly ? "Mon " : ""));
    check_after(step, C::kAtFieldNumber, steps, SimTime{Seconds{time}});
    steps.push_back({SimTime{Seconds{time}}, step.scaled(C::kValueFieldNumber, scale.parts, scale.least, scale.most)});
  }
  return StepSeries(std::move(steps), Seconds{weekly ? 7 * kDay : kDay});
}

std::vector<StepSeries::Step> read_file(const Section& series, const SeriesScale& scale, const BaseDirectory& base) {
  const std::string name = series.text(S::kCsvFileFieldNumber);
  if (!base) series.fail(S::kCsvFileFieldNumber, "names a file, which a text that is no file of its own must not");
  const std::string path = (std::filesystem::path(*base) / name).string();
  std::string text;
  try {
    text = read_named_file(path);
  } catch (const ConfigError& error) {
    series.fail(S::kCsvFileFieldNumber, error.what());
  }
  return parse_time_series(text, path, scale);
}

std::vector<StepSeries::Step> read_steps(const Section& series, const SeriesScale& scale) {
  using T = config::TimeStep;
  std::vector<StepSeries::Step> steps;
  for (int i = 0; i < series.size(S::kStepFieldNumber); ++i) {
    const Section step = series.in(S::kStepFieldNumber, i);
    const SimTime from{Seconds{step.whole(T::kTimeSFieldNumber, -kMostSeconds, kMostSeconds)}};
    check_after(step, T::kTimeSFieldNumber, steps, from);
    steps.push_back({from, step.scaled(T::kValueFieldNumber, scale.parts, scale.least, scale.most)});
  }
  return steps;
}

StepSeries read_series(const Section& facility, int field, const SeriesScale& scale, const BaseDirectory& base) {
  if (!facility.has(field)) return {};
  const Section series = facility.in(field);
  int given = 0;
  for (const int form : {S::kConstantFieldNumber, S::kDailyFieldNumber, S::kWeeklyFieldNumber, S::kCsvFileFieldNumber,
                         S::kStepFieldNumber})
    given += series.has(form) ? 1 : 0;
  if (given != 1)
    series.fail(
        fmt::format("{}; give constant, daily, weekly, csv_file or step", given == 0 ? "empty" : "several forms"));
  const bool in_seconds = series.has(S::kCsvFileFieldNumber) || series.has(S::kStepFieldNumber);
  if (series.has(S::kPeriodSFieldNumber) && !in_seconds)
    series.fail(S::kPeriodSFieldNumber, "goes with csv_file or step only");
  if (series.has(S::kConstantFieldNumber))
    return StepSeries(series.scaled(S::kConstantFieldNumber, scale.parts, scale.least, scale.most));
  if (series.has(S::kDailyFieldNumber)) return read_clock(series, S::kDailyFieldNumber, scale, false);
  if (series.has(S::kWeeklyFieldNumber)) return read_clock(series, S::kWeeklyFieldNumber, scale, true);

  std::vector<StepSeries::Step> steps =
      series.has(S::kStepFieldNumber) ? read_steps(series, scale) : read_file(series, scale, base);
  if (!series.has(S::kPeriodSFieldNumber)) return StepSeries(std::move(steps));
  const Seconds period{series.whole(S::kPeriodSFieldNumber, 1, std::numeric_limits<std::uint32_t>::max())};
  if (steps.front().from < SimTime{} || steps.back().from >= SimTime{period})
    series.fail(S::kPeriodSFieldNumber, fmt::format("the times must lie from 0 to {}", period.count() - 1));
  return StepSeries(std::move(steps), period);
}

}  // namespace

Facility read_facility(const Section& section, const config::Facility& in, const BaseDirectory& base) {
  Facility out;
  constexpr std::int64_t kMillion = 1'000'000;
  out.pue_millionths = section.scaled_or(kMillion, F::kPueFieldNumber, kMillion, 1, 10);
  out.power_cap = read_series(section, F::kPowerCapWattsFieldNumber, kMilliwatts, base);
  out.tariff = read_series(section, F::kTariffPerKwhFieldNumber, kMillionths, base);
  out.carbon = read_series(section, F::kCarbonGramsPerKwhFieldNumber, kMilligrams, base);
  out.currency = in.currency();
  if (!out.tariff.empty() && out.currency.empty())
    section.fail(F::kCurrencyFieldNumber, "missing; say what the tariff is in, such as \"EUR\"");
  return out;
}

}  // namespace wattfill
