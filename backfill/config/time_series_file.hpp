// Values over time from a CSV file:
//
//   time_s,value
//   0,312.5
//   3600,280
//
// Empty lines, and what follows a "#", are passed over; times are whole seconds in ascending order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/step_series.hpp"

namespace wattfill {

// What a value may be, and the unit that it is rounded to.
struct SeriesScale {
  std::int64_t parts = 1;  // of the model's unit in one of the file's
  double least = 0;
  double most = 0;
};

// Throws ConfigError "FILE:LINE: field: what". Never empty.
std::vector<StepSeries::Step> parse_time_series(std::string_view text, std::string_view file, const SeriesScale& scale);

}  // namespace wattfill
