#include "trace-replay/output/facility_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace wattfill {

void write_facility_csv(const Facility& facility, SimTime begin, SimTime end,
                        const std::function<void(std::string_view)>& sink) {
  const std::array<const StepSeries*, 3> all = {&facility.power_cap, &facility.tariff, &facility.carbon};
  std::string text = "time_s,power_cap_mw,tariff_millionths_per_kwh,co2_mg_per_kwh\n";
  std::array<std::int64_t, 3> before{};
  for (SimTime now = begin; now <= end;) {
    std::array<std::int64_t, 3> values{};
    SimTime next = kNever;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]->empty()) continue;
      values[i] = all[i]->at(now);
      next = std::min(next, all[i]->next_change(now));
    }
    if (now == begin || values != before) {
      fmt::format_to(std::back_inserter(text), "{}", seconds_since_epoch(now));
      for (std::size_t i = 0; i < all.size(); ++i)
        text += all[i]->empty() ? std::string(",") : fmt::format(",{}", values[i]);
      text += '\n';
    }
    before = values;
    if (next == kNever) break;
    now = next;
  }
  sink(text);
}

}  // namespace wattfill
