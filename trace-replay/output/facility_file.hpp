// facility.csv: the facility's power cap, tariff and carbon intensity over the time of a run.
#pragma once

#include <functional>
#include <string_view>

#include "backfill/model/cluster.hpp"

namespace wattfill {

inline bool has_series(const Facility& facility) {
  return !facility.power_cap.empty() || !facility.tariff.empty() || !facility.carbon.empty();
}

// One row at `begin`, one at each change until `end`: see docs/formats.md. `facility` is on the trace's clock.
void write_facility_csv(const Facility& facility, SimTime begin, SimTime end,
                        const std::function<void(std::string_view)>& sink);

}  // namespace wattfill
