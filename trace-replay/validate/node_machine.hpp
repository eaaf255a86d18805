// The judge's own reading of a cluster: what a job takes of which node types, and how long it runs there.
//
// A node type is counted in units: nodes where they are given whole, else processors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "trace-replay/validate/judged_job.hpp"

namespace wattfill::judge {

// A way to run a job: on one node type; or, where none alone can hold it, across several.
struct Way {
  std::vector<std::size_t> types;  // in the order in which they are filled: from slow to fast
  std::int64_t units = 0;          // of the one type; 0 across several, where what is free decides
  Seconds duration{};              // of the estimate, on the slowest of them
};

class NodeMachine {
 public:
  // A machine of nothing but processors.
  explicit NodeMachine(std::int64_t processors);
  // With real limits a type is open only to jobs whose estimate, on it, is within the requested time.
  NodeMachine(const Cluster& cluster, LimitRule limit);

  AllocationMode allocation() const { return allocation_; }
  bool has_identity() const { return allocation_ != AllocationMode::kCounts; }

  std::size_t types() const { return types_.size(); }
  std::int64_t nodes() const { return types_.back().first_node + types_.back().nodes; }
  std::int64_t units(std::size_t type) const { return types_[type].units; }
  const std::string& name(std::size_t type) const { return types_[type].name; }
  const NodeInsides& insides(std::size_t type) const { return types_[type].insides; }
  std::int32_t processors_per_node(std::size_t type) const { return types_[type].processors; }
  // Precondition: 0 <= node < nodes().
  std::size_t type_of(std::int64_t node) const;

  bool allowed(const TraceEntry& job, Seconds estimate, std::size_t type) const;
  // The fewest units that hold so many of the job's processors. Precondition: holds() of some units is not 0.
  std::int64_t units_for(const TraceEntry& job, std::size_t type, std::int64_t processors) const;
  // The most of the job's processors that so many units hold.
  std::int64_t holds(const TraceEntry& job, std::size_t type, std::int64_t units) const;
  // Types in the order of the cluster file. Across several only where no one can hold the job: the fewest, fast ones
  // first, that can. Empty: it can never run.
  std::vector<Way> ways(const TraceEntry& job, Seconds estimate) const;

  // What takes `reference` at the reference speed, on the slowest of the types taken: rounded up to a second.
  Seconds duration(Seconds reference, const std::vector<TypeUnits>& taken) const;
  // The same for the job's runtime, cut at the limit where that stays as requested. Nothing where the types are not
  // known.
  std::optional<Seconds> runtime(const TraceEntry& job, const std::vector<TypeUnits>& taken) const;

  // What a row of a schedule says of the job's nodes.
  NodeUse use_of(const TraceEntry& job, const ScheduleRow& row) const;

 private:
  struct Type {
    std::string name;
    std::int64_t first_node = 0;
    std::int64_t nodes = 0;
    std::int64_t units = 0;
    std::int32_t processors = 1;  // of a node
    std::int64_t memory_kb = 0;   // of a node; 0: not limited
    std::int64_t speed_millionths = 1'000'000;
    NodeInsides insides;
  };

  bool whole_nodes() const { return allocation_ == AllocationMode::kWholeNodes; }
  Seconds duration_on(Seconds reference, std::size_t type) const;
  std::optional<Way> way_across(const TraceEntry& job, Seconds estimate) const;
  void read_cores(const std::string& cpusets, NodeUse& use) const;
  void count_taken(const TraceEntry& job, NodeUse& use) const;

  AllocationMode allocation_ = AllocationMode::kCounts;
  LimitRule limit_ = LimitRule::kScaled;
  std::vector<Type> types_;
  std::vector<AccessRule> rules_;
};

}  // namespace wattfill::judge
