// Nodes that several jobs may share by core: what each node draws and what each job has used on it.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "trace-replay/energy/job_accounts.hpp"

namespace wattfill {

class SharedNodes {
 public:
  // All must outlive the object.
  SharedNodes(const Cluster& cluster, const NodeTypes& types, JobAccounts& jobs);

  // What a node of the type draws with these cores, not none, in use. O(packages).
  Milliwatts power(std::size_t type, std::int32_t frequency, const CoreSet& used) const;

  // A job takes cores of a node, gives them back, or sets the node's frequency. Each returns by how much the power of
  // the node as one in use grows. A start throws std::logic_error if a core is not there or not free; `taken`: the node
  // is another job's as a whole. O(jobs on the node + packages).
  Milliwatts join(NodeIndex node, JobAccounts::Slot slot, const CoreSet& cores, std::int32_t frequency, bool taken,
                  SimTime now);
  Milliwatts leave(NodeIndex node, JobAccounts::Slot slot, SimTime now);
  Milliwatts set_frequency(NodeIndex node, std::int32_t frequency, SimTime now);

  // No job shares the node.
  bool unused(NodeIndex node) const { return at(node).shares.empty(); }

  // What the node's jobs have used there up to now; tells their accounts. Once, at the end.
  struct Use {
    Millijoules energy{};
    Seconds busy{};
  };
  Use finish(NodeIndex node, SimTime now);

 private:
  // A job on a node. What it has used here is told to the accounts when it leaves, so that a change on a node touches
  // no other place.
  struct Share {
    JobAccounts::Slot slot = 0;
    std::uint32_t job = 0;
    SimTime start{};
    std::int32_t count = 0;  // of the cores
    Milliwatts power{};
    Millijoules energy{};  // up to the node's `since`
    CoreSet cores;
  };
  struct Node {
    std::vector<Share> shares;  // in order of (start, job)
    CoreSet used;
    std::int32_t frequency = kFullSpeed;
    Use use;  // up to `since`
    SimTime since{};
    Milliwatts power{};  // from then on
  };

  Node& at(NodeIndex node) { return nodes_[static_cast<std::size_t>(node)]; }
  const Node& at(NodeIndex node) const { return nodes_[static_cast<std::size_t>(node)]; }
  [[noreturn]] void refuse(std::uint32_t job, NodeIndex node, const CoreSet& cores, const CoreSet& used) const;
  static void settle(Node& node, SimTime now);
  Milliwatts share_out(NodeIndex node);

  const Cluster* cluster_;
  const NodeTypes* types_;
  JobAccounts* jobs_;
  std::vector<std::vector<CoreSet>> packages_;  // by type: the cores of each package
  std::vector<Node> nodes_;
};

}  // namespace wattfill
