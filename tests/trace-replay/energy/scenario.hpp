// Random machines, and random lives of them that are legal: what a meter is told, in order.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "tests/backfill/random.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace wattfill::testing {

struct Event {
  enum class Kind { kStart, kEnd, kFrequency, kSleepBegun, kAsleep, kWakeBegun, kAwake };
  std::int64_t at = 0;
  Kind kind = Kind::kStart;
  MeteredJob job;          // kStart; its index also for kEnd and kFrequency
  Allocation allocation;   // kStart on nodes
  bool completed = true;   // kEnd
  NodeIndex node = 0;      // transitions
  std::int32_t state = 0;  // of frequency or sleep
};

struct Scenario {
  Cluster cluster;
  std::int64_t begin = 0;
  std::int64_t horizon = 0;
  std::vector<Event> events;
};

Cluster random_cluster(AllocationMode mode, Random& random);
Scenario random_scenario(AllocationMode mode, Random& random);

// What the meter says of a scenario, with everything recorded.
EnergyReport metered(const Scenario& scenario);

}  // namespace wattfill::testing
