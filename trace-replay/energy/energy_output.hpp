// An energy report as text: power.csv, the keys of summary.json, lines for the screen. docs/formats.md documents them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trace-replay/energy/energy_report.hpp"

namespace wattfill {

// One row for each change of power and one for the end, in integers; the rows' power times the time to the next row
// adds up to the report's energies exactly. `sink` gets the text in pieces. Precondition: the report's power was
// recorded.
void write_power_csv(const EnergyReport& report, const std::function<void(std::string_view)>& sink);

// A JSON object, keys in a fixed order.
std::string energy_json(const EnergyReport& report);

// Name and value of each line.
std::vector<std::pair<std::string, std::string>> energy_text(const EnergyReport& report);

}  // namespace wattfill
