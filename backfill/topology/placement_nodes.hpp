// Which nodes of a set, where all are equally good to hold a job: by their numbers or by the network.
//
// - first-fit: the lowest.
// - contiguous: as few runs of consecutive nodes as possible.
// - fewest-switches: as few switches as possible; of those choices one in a domain of the lowest level, there in the
// one
//   with the fewest candidates.
// - smallest-diameter: where the network is hierarchical, in a domain of the lowest level, there on as few switches as
//   possible, and of those domains in the one with the fewest candidates. In a tree that is the smallest diameter there
//   is; in a dragonfly it is as long as a group holds the job. Elsewhere: the smallest ball (placement_balls.hpp).
// As few as possible is exact, and the last run or switch is the one that fits most tightly. What is still equal goes
// to the lower number.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/node_set.hpp"
#include "backfill/topology/placement_balls.hpp"
#include "backfill/topology/placement_groups.hpp"
#include "backfill/topology/placement_spec.hpp"

namespace wattfill {

class Network;

class NodeChooser {
 public:
  // `network` may be null where no strategy needs it.
  explicit NodeChooser(const Network* network) : network_(network) {}

  // Appends `count` of the candidates as runs, each node once. Precondition: 0 < count <= candidates. A strategy that
  // orders node types has no say here and means first fit.
  void choose(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count, std::vector<NodeRun>& out);

 private:
  // A part of the network that holds the job. The lower, the better.
  struct Part {
    std::int32_t first_key, second_key;  // switches that the job would use there, and level, or the other way round
    std::int32_t candidates;
    std::size_t domain;
    auto operator<=>(const Part&) const = default;
  };

  void contiguous(const NodeSet& candidates, std::int32_t count, std::vector<NodeRun>& out);
  void by_switches(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count,
                   std::vector<NodeRun>& out);

  // The switch with the fewest candidates that holds the job; -1 if none does.
  std::int32_t tightest_switch(std::int32_t count) const;
  std::size_t best_domain(PlacementStrategy strategy, std::int32_t count);
  std::int32_t cover(std::int32_t first_switch, std::int32_t end_switch, std::int32_t count);
  // Appends the lowest candidates at the switch.
  void append(const NodeSet& candidates, std::int32_t host_switch, std::int32_t count, std::vector<NodeRun>& out);

  const Network* network_;

  // Room that is used again.
  FewestGroups groups_;
  std::vector<NodeRun> runs_;
  std::vector<std::int32_t> at_switch_;  // candidates, by switch
  std::int32_t most_at_switch_ = 0;
  std::vector<std::int32_t> before_;  // candidates at all lower switches, by switch
  BallSearch balls_;
};

}  // namespace wattfill
