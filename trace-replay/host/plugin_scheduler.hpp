// A scheduler in a shared library behind the C ABI of plugin/wattfill.h, for the engine like any other.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "backfill/model/scheduler.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "plugin/wattfill.h"

namespace wattfill {

// The config with which a planner is opened so that it does what BackfillScheduler does with these options, but for
// the estimate sources, which it makes by their names. `log_directory` empty: no decision log.
std::string plugin_config(const SchedulerOptions& options, const std::string& model_directory,
                          const std::string& log_directory);

// The functions of one loaded library.
struct PluginFunctions;

class PluginScheduler final : public Scheduler {
 public:
  // Loads the library. Throws InputError where it cannot be loaded or does not fit, or the config is wrong. Prints the
  // planner's warnings on standard error. All calls throw std::runtime_error where the library fails.
  PluginScheduler(const std::string& library, const std::string& config, const Cluster* cluster);
  ~PluginScheduler() override;

  JobHandle submit(const Job& job, SimTime now) override;
  void modify(JobHandle job, const Job& changed, SimTime now) override;
  void end(JobHandle job, SimTime now) override;
  void cancel(JobHandle job, SimTime now) override;
  void requeue(JobHandle job, SimTime now) override;
  SimTime overrun(JobHandle job, SimTime now) override;
  void capacity_changed(std::int32_t processors, SimTime now) override;
  void node_changed(NodeIndex node, bool available, SimTime now) override;
  void power_changed(NodeRun nodes, bool awake, SimTime now) override;
  SimTime begun(JobHandle job, SimTime now) override;
  void reservation_changed(const AdvanceReservation& reservation, SimTime now) override;
  SimTime started(JobHandle job, SimTime now) override;
  SimTime started_on(JobHandle job, const Allocation& nodes, SimTime now) override;
  void refused(JobHandle job, Refusal reason, SimTime now) override;
  Pass schedule(SimTime now, Budget budget) override;
  SimTime expected_start(JobHandle job, SimTime now) override;
  SchedulerStatistics statistics() const override;
  std::size_t queued() const override;
  std::size_t running() const override;

 private:
  struct Slot {
    JobId job = 0;
    std::uint32_t generation = 0;
    bool used = false;
    Allocation allocation;  // as proposed
  };

  void check(wattfill_status status, const char* call) const;
  JobId id(JobHandle job) const;
  void forget(JobHandle job);
  void read(const wattfill_nodes& in, Allocation& out) const;
  wattfill_statistics figures() const;

  std::unique_ptr<PluginFunctions> library_;
  wattfill_planner* planner_ = nullptr;
  std::vector<std::int32_t> cores_of_node_;  // where nodes have an identity
  bool has_nodes_ = false;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::unordered_map<JobId, std::uint32_t> slot_of_;
  std::vector<Proposal> proposals_;
  std::vector<PowerAction> actions_;
};

}  // namespace wattfill
