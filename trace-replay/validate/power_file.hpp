// Reads what a run says of its power and energy: power.csv and the energy of summary.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill::judge {

// The columns of power.csv behind the time, and the sums of summary.json that belong to them.
enum PowerColumn : std::size_t { kIt, kFacility, kJobs, kIdle, kSleep, kTransition, kPowerColumns };
inline constexpr std::array<const char*, kPowerColumns> kPowerNames = {"it",   "facility", "jobs",
                                                                       "idle", "sleep",    "transition"};

// From this time to the next row's; the last row is the end.
struct PowerRow {
  SimTime from{};
  std::array<std::int64_t, kPowerColumns> mw{};
};

struct EnergyTotals {
  SimTime begin{};
  SimTime end{};
  std::array<std::int64_t, kPowerColumns> mj{};
};

// Both throw InputError on a file that cannot be read or that is no such file. `name` stands in messages.
std::vector<PowerRow> parse_power_csv(const std::string& name, std::string_view text);
EnergyTotals parse_energy_totals(const std::string& name, std::string_view text);

// The whole file. Throws InputError.
std::string read_whole(const std::string& path);

}  // namespace wattfill::judge
