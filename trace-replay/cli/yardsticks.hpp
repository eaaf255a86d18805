// What sleep could have saved of a replay's schedule, and the least energy that its jobs need on such a machine.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/energy/idle_gaps.hpp"
#include "trace-replay/energy/least_energy.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill::cli {

// All of IT energy over the report's horizon.
struct Yardsticks {
  Millijoules always_on{};  // the realised schedule, no node ever asleep
  Millijoules given{};      // its gaps slept as well as can be, by the nodes that jobs had
  Millijoules oracle{};     // the same after exchanging nodes, the last released being used first
  Millijoules ceiling{};    // the work at active power, everything else asleep
  // On machines of several node types: no schedule of these jobs takes less, wherever they run.
  std::optional<LeastEnergyBound> least;

  // Of what the oracle saves, in [0, 1] and rarely beyond.
  double share_saved(Millijoules actual) const {
    const auto attainable = static_cast<double>((always_on - oracle).count);
    return attainable > 0 ? static_cast<double>((always_on - actual).count) / attainable : 0;
  }
};

class YardstickObserver final : public ReplayObserver {
 public:
  // Both must outlive the object; nodes must have an identity.
  YardstickObserver(const Workload& workload, const Cluster& cluster);

  void started(std::size_t job, const Proposal& where, SimTime now) override;
  void ended(std::size_t job, JobFate fate, SimTime now) override;

  Yardsticks finish(const ReplayResult& result, const EnergyReport& report, LimitRule limit);

 private:
  std::optional<LeastEnergyBound> least(const ReplayResult& result, Seconds horizon, LimitRule limit) const;

  const Workload& workload_;
  const Cluster& cluster_;
  IdleGaps gaps_;
  std::unordered_map<std::size_t, std::vector<NodeIndex>> held_;  // by job that runs
};

// Name and value of each line.
std::vector<std::pair<std::string, std::string>> yardstick_text(const Yardsticks& yardsticks, Millijoules actual);
// A JSON object, keys in a fixed order.
std::string yardstick_json(const Yardsticks& yardsticks, Millijoules actual);

}  // namespace wattfill::cli
