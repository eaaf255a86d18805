// What a machine has used, by every reckoning, and the proof that the reckonings agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/model/power.hpp"
#include "trace-replay/energy/parts.hpp"
#include "trace-replay/energy/power_series.hpp"

namespace wattfill {

struct TypeEnergy {
  std::string name;
  std::int64_t nodes = 0;
  Parts<Millijoules> energy;
};

// Of a user or a queue.
struct AccountEnergy {
  std::int32_t id = 0;    // kUnknown: jobs of which it is not known
  std::int64_t jobs = 0;  // that ran, as often as they ran
  Millijoules energy{};
};

struct CapExcess {
  Seconds above{};       // time with more IT power than the cap
  Millijoules excess{};  // the energy above the cap
};

struct EnergyReport {
  SimTime begin{};
  SimTime end{};
  Parts<Millijoules> it;   // of all nodes
  Millijoules facility{};  // power over time, see facility_power()
  Milliwatts peak_it{};
  std::int64_t pue_millionths = 1'000'000;

  std::vector<Millijoules> by_job;          // by the index of the job, if asked for
  std::vector<Parts<Millijoules>> by_node;  // empty where nodes have no identity
  std::vector<TypeEnergy> by_type;          // in the order of the cluster file
  std::vector<AccountEnergy> by_user;       // ascending
  std::vector<AccountEnergy> by_queue;      // ascending

  std::optional<std::int64_t> cost_millionths;  // of the currency, for the facility's energy
  std::optional<std::int64_t> carbon_mg;        // of CO2, for the facility's energy
  std::string currency;
  std::optional<CapExcess> cap;

  std::int64_t jobs = 0;    // that ran, as often as they ran
  std::int64_t sleeps = 0;  // transitions begun
  std::int64_t wakes = 0;
  std::int64_t completed_work_processor_s = 0;

  PowerSeries power;  // if asked for

  Seconds duration() const { return end - begin; }
  double mean_it_mw() const {
    const auto seconds = static_cast<double>(duration().count());
    return seconds > 0 ? static_cast<double>(it.total().count) / seconds : 0;
  }
};

// The facility's power at one time: IT power times PUE, rounded to the nearest milliwatt, halves up. The facility's
// energy is this power over time, so that power.csv adds up to it exactly.
constexpr Milliwatts facility_power(Milliwatts it, std::int64_t pue_millionths) {
  return {(it.count * pue_millionths + 500'000) / 1'000'000};
}

// Throws std::logic_error with the figures unless every way to add up the parts gives the whole, to the millijoule:
// jobs, idle, sleep and transitions = all; nodes = all, types = all (by component); jobs, users, queues = jobs; the
// recorded power over time = all, and with PUE = the facility's. O(jobs + nodes + steps).
void verify(const EnergyReport& report);

}  // namespace wattfill
