// The same metering second by second and node by node, from the definitions and without any of the meter's code.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "backfill/model/int128.hpp"
#include "tests/trace-replay/energy/scenario.hpp"

namespace wattfill::testing {

// In the order jobs, idle, sleep, transitions; milliwatts or millijoules.
using FourParts = std::array<std::int64_t, 4>;

struct NaiveReport {
  std::vector<FourParts> by_node;
  std::map<std::uint32_t, std::int64_t> by_job;  // all that ran
  std::map<std::int32_t, std::int64_t> by_user;
  std::map<std::int32_t, std::int64_t> by_queue;
  std::vector<FourParts> power;  // of each second; with counts, numerators over the processors of a node
  std::int64_t sleeps = 0;
  std::int64_t wakes = 0;
  std::int64_t completed_work = 0;
};

NaiveReport naively_metered(const Scenario& scenario);

// What follows from the power of each second.
struct NaiveFacility {
  FourParts it{};
  std::int64_t facility = 0;
  std::int64_t peak = 0;
  Int128 cost = 0;    // millijoules times tariff
  Int128 carbon = 0;  // millijoules times carbon intensity
  std::int64_t above_s = 0;
  std::int64_t above_mj = 0;
};
NaiveFacility naive_facility(const Scenario& scenario, const std::vector<FourParts>& power);

}  // namespace wattfill::testing
