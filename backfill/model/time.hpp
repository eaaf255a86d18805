// Simulated time. Whole seconds, 64 bits, with the unit in the type: a point in time and a duration do not mix.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace wattfill {

// A duration in whole seconds.
using Seconds = std::chrono::duration<std::int64_t>;

// The clock of the scheduling core. It has no now(): time is what the host says it is. Its epoch is the host's choice
// (a trace's UnixStartTime, or the Unix epoch in a real controller).
struct HostClock {
  using rep = std::int64_t;
  using period = std::ratio<1>;
  using duration = Seconds;
  using time_point = std::chrono::time_point<HostClock, Seconds>;
  static constexpr bool is_steady = true;
};

// A point in time, in whole seconds since the host's epoch.
using SimTime = HostClock::time_point;

// "Never" and "for ever": far beyond every date, yet small enough that sums with a duration do not overflow.
inline constexpr SimTime kNever{Seconds{std::numeric_limits<std::int64_t>::max() / 4}};
inline constexpr Seconds kForever{std::numeric_limits<std::int64_t>::max() / 4};

constexpr std::int64_t seconds_since_epoch(SimTime t) { return t.time_since_epoch().count(); }

}  // namespace wattfill
