#include "backfill/power/power_spec.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <system_error>

namespace wattfill {
namespace {

constexpr PowerStrategyInfo kStrategies[] = {
    {PowerStrategy::kAlwaysOn, "always-on", "nodes never sleep"},
    {PowerStrategy::kTimeout, "timeout", "a node that has been idle for so many seconds sleeps"},
    {PowerStrategy::kBreakEven, "break-even", "the same with the time from which on sleep pays"},
    {PowerStrategy::kTimeline, "timeline",
     "nodes sleep until shortly before the reservation that needs them, or by break-even"},
    {PowerStrategy::kForecast, "forecast",
     "nodes sleep unless they are needed soon with this probability, and wake ahead"},
};
constexpr double kMillionths = 1e6;
constexpr double kLongestTimeout = 1e9;

// What stands behind the colon.
double number(std::string_view text, std::size_t colon, double least, double most, const char* right) {
  const char* const end = text.data() + text.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, value);
  if (error != std::errc{} || stop != end || !(value >= least && value <= most))
    throw std::invalid_argument("power '" + std::string(text) + "': behind the colon stands " + right);
  return value;
}

}  // namespace

std::span<const PowerStrategyInfo> all_power_strategies() { return kStrategies; }

const PowerStrategyInfo& info(PowerStrategy strategy) { return kStrategies[static_cast<std::size_t>(strategy)]; }

std::string to_string(const PowerSpec& spec) {
  std::string text(info(spec.strategy).name);
  if (spec.strategy == PowerStrategy::kTimeout) text += ':' + std::to_string(spec.timeout.count());
  if (spec.strategy == PowerStrategy::kForecast) {
    std::string risk = std::to_string(static_cast<double>(spec.risk) / kMillionths);
    risk.erase(risk.find_last_not_of('0') + 1);
    if (risk.back() == '.') risk.pop_back();
    text += ':' + risk;
  }
  return text;
}

PowerSpec power_from_text(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  const auto* const strategy = std::ranges::find(kStrategies, name, &PowerStrategyInfo::name);
  if (strategy == std::end(kStrategies)) {
    std::string known;
    for (const PowerStrategyInfo& s : kStrategies) known += (known.empty() ? "" : ", ") + std::string(s.name);
    throw std::invalid_argument("power '" + std::string(text) + "': not known; one of " + known);
  }
  PowerSpec spec;
  spec.strategy = strategy->strategy;
  if (colon == text.size()) return spec;
  if (spec.strategy == PowerStrategy::kTimeout) {
    spec.timeout = Seconds{std::llround(number(text, colon, 0, kLongestTimeout, "a number of seconds"))};
  } else if (spec.strategy == PowerStrategy::kForecast) {
    spec.risk = static_cast<std::int32_t>(
        std::lround(kMillionths * number(text, colon, 1 / kMillionths, 1, "a probability above 0, at most 1")));
  } else {
    throw std::invalid_argument("power '" + std::string(text) + "': takes no number");
  }
  return spec;
}

}  // namespace wattfill
