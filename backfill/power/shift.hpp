// Jobs that can wait are shifted to hours when power is cheap or clean, within a bound on delay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backfill/model/job.hpp"
#include "backfill/model/step_series.hpp"

namespace wattfill {

struct ShiftSpec {
  enum class By : std::uint8_t { kNothing, kTariff, kCarbon };
  By by = By::kNothing;
  std::int32_t share = 500'000;  // of the users, whose jobs can wait; in millionths
  Seconds most{8 * 3600};        // delay of a job
  bool operator==(const ShiftSpec&) const = default;
};

// "none", "tariff:0.5:8" or "carbon:0.5:8": half of the users, at most 8 hours. Throws std::invalid_argument.
std::string to_string(const ShiftSpec& spec);
ShiftSpec shift_from_text(std::string_view text);

// Whether this user's jobs can wait: the same for all of them, and for more users the larger the share.
bool can_wait(const ShiftSpec& spec, const Job& job);

// When a job that runs for `duration` at constant power would best start: the series' mean over its run is least, the
// earliest of equals. Starts are tried at `now` and wherever the start or the end of the run meets a step of the
// series, up to now + most; the start is optimal, since the mean changes linearly in between. O(steps^2) within the
// window.
SimTime best_start(const StepSeries& series, SimTime now, Seconds duration, Seconds most);

}  // namespace wattfill
