// Which nodes and cores every job got, kept for the output: a few bytes for each run of consecutive nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "trace-replay/engine/replay.hpp"

namespace wattfill {

class AllocationLog final : public ReplayObserver {
 public:
  explicit AllocationLog(std::size_t jobs) : first_(jobs), count_(jobs, 0) {}

  void started(std::size_t job, const Proposal& where, SimTime now) override;
  void ended(std::size_t /*job*/, JobFate /*fate*/, SimTime /*now*/) override {}

  // Without nodes where the job never ran. A job that ran twice has those of its last run.
  Allocation of(std::size_t job) const;

 private:
  struct Run {
    NodeIndex first;
    NodeIndex last;
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::vector<std::size_t> first_;  // by job: its first entry in runs_
  std::vector<std::uint32_t> count_;
  std::vector<Run> runs_;
  std::vector<std::size_t> first_cores_;  // by job, where nodes are shared: its first entry in cores_
  std::vector<CoreSet> cores_;
};

// Nodes as Batsim writes intervals: "0-3 7".
std::string node_intervals(const Allocation& allocation);

}  // namespace wattfill
