// What watches a replay: the energy meter, and whatever else wants to know.
#pragma once

#include <memory>
#include <vector>

#include "trace-replay/energy/energy_meter.hpp"
#include "trace-replay/engine/replay.hpp"

namespace wattfill::cli {

// Tells several observers, in the order in which they were added.
class Observers final : public ReplayObserver {
 public:
  void add(ReplayObserver* observer) { all_.push_back(observer); }
  bool empty() const { return all_.empty(); }
  void started(std::size_t job, const Proposal& where, SimTime now) override {
    for (ReplayObserver* o : all_) o->started(job, where, now);
  }
  void ended(std::size_t job, JobFate fate, SimTime now) override {
    for (ReplayObserver* o : all_) o->ended(job, fate, now);
  }
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) override {
    for (ReplayObserver* o : all_) o->power_changed(nodes, change, sleep_state, now);
  }

 private:
  std::vector<ReplayObserver*> all_;
};

// True where the cluster says what its nodes draw and the meter can count it.
bool can_be_metered(const Cluster& cluster);

// The cluster with its daily and weekly series on the trace's clock.
Cluster on_the_clock_of(const Workload& workload, Cluster cluster);

// Meters a replay from the first submission to the last end. Daily and weekly series run on the trace's local time,
// where its header says when it began (UnixStartTime, TimeZone), else as if it had begun at 00:00 on a Monday.
class Metering final : public ReplayObserver {
 public:
  // `whole`: for the output, with the energy of every job and the power over time.
  Metering(const Workload& workload, const Cluster& cluster, bool whole);

  void started(std::size_t job, const Proposal& where, SimTime now) override;
  void ended(std::size_t job, JobFate fate, SimTime now) override;
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) override;

  // The report until the last end, or until `horizon` if that is later; verified to the millijoule.
  EnergyReport finish(const ReplayResult& result, SimTime horizon = -kForever + SimTime{});

 private:
  const Workload& workload_;
  const Cluster cluster_;
  EnergyMeter meter_;
};

}  // namespace wattfill::cli
