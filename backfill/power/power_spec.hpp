// When nodes sleep and wake: the part of a policy, as plain data and as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "backfill/model/time.hpp"

namespace wattfill {

enum class PowerStrategy : std::uint8_t {
  kAlwaysOn,   // nodes never sleep
  kTimeout,    // a node that has been idle for `timeout` sleeps
  kBreakEven,  // the same with the time from which on sleep pays: at most twice the optimum
  kTimeline,   // the same; nodes for which a reservation is held sleep at once if that pays, and wake for it in time
  kForecast,   // learns how many nodes are likely to be needed soon; the others sleep at once, and wake ahead of demand
};

struct PowerStrategyInfo {
  PowerStrategy strategy;
  std::string_view name;     // as written in policy files and on the command line
  std::string_view meaning;  // for people
};
std::span<const PowerStrategyInfo> all_power_strategies();
const PowerStrategyInfo& info(PowerStrategy strategy);

struct PowerSpec {
  PowerStrategy strategy = PowerStrategy::kAlwaysOn;
  Seconds timeout{900};  // kTimeout
  // kForecast: a node stays awake, or wakes, where the chance that it is needed before it could wake again is at least
  // this, in millionths. Small: short waits. Large: little energy.
  std::int32_t risk = 100'000;
  std::int32_t warm_spares = 0;     // so many unused nodes of each type stay awake
  std::int32_t sleeps_per_day = 0;  // of one node; 0: no limit
  std::int32_t boots_at_once = 0;   // nodes of the machine that wake at the same time; 0: no limit

  bool manages() const { return strategy != PowerStrategy::kAlwaysOn; }
  bool operator==(const PowerSpec&) const = default;
};

// "always-on", "timeout:900", "break-even", "timeline", "forecast:0.1".
std::string to_string(const PowerSpec& spec);
// Strategy and its number from such text; the rest of the result is as by default. Throws std::invalid_argument, which
// says what would be right.
PowerSpec power_from_text(std::string_view text);

}  // namespace wattfill
