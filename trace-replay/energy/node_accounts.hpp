// The power of every node of a machine, whole or shared by core, and what it has used. A node is touched only when its
// state changes.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/job_accounts.hpp"

namespace wattfill {

class NodeAccounts {
 public:
  // Both must outlive the object; `jobs` counts in millijoules.
  NodeAccounts(const Cluster& cluster, JobAccounts& jobs, SimTime begin);

  // What all nodes draw.
  const Parts<Milliwatts>& power() const { return power_; }

  // When the next transition comes into its last second, kNever if none does. The power is constant until then. At
  // that time last_second() must be called before any other event.
  SimTime next_last_second() const { return last_seconds_.empty() ? kNever : last_seconds_.top().first; }
  void last_second();

  // All throw std::logic_error if the event cannot be.
  void start(JobAccounts::Slot slot, const Allocation& allocation, std::int32_t frequency, SimTime now);
  void end(JobAccounts::Slot slot, SimTime now);
  void set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now);
  void sleep_begun(NodeIndex node, std::int32_t state, SimTime now);
  void asleep(NodeIndex node, SimTime now);
  void wake_begun(NodeIndex node, SimTime now);
  void awake(NodeIndex node, SimTime now);

  // Fills what is by node and type, and tells the accounts what running jobs have used on shared nodes, up to now.
  void fill(EnergyReport& report, SimTime now);

 private:
  enum class State : std::uint8_t { kIdle, kInUse, kFallingAsleep, kAsleep, kWaking };

  struct Node {
    Parts<Millijoules> energy;  // up to `since`
    SimTime since{};
    Milliwatts power{};  // from then on
    SimTime until{};     // when its transition must end
    std::int32_t type = 0;
    std::int32_t sleep = 0;  // index of the sleep state, unless idle or in use
    State state = State::kIdle;
  };

  // A job on a shared node. What it has used here is told to the accounts when it leaves, so that a change on a node
  // touches no other place.
  struct Share {
    JobAccounts::Slot slot = 0;
    std::uint32_t job = 0;
    SimTime start{};
    std::int32_t count = 0;  // of the cores
    Milliwatts power{};
    Millijoules energy{};  // up to the node's `since`
    CoreSet cores;
  };
  struct Sharing {
    std::vector<Share> shares;  // in order of (start, job)
    CoreSet used;
    boost::container::small_vector<std::int32_t, 4> used_of_package;
    std::int32_t frequency = kFullSpeed;
  };

  static Component component(State state);
  static const char* name(State state);
  Node& at(NodeIndex node);
  const NodeType& type(const Node& node) const { return cluster_->node_types[static_cast<std::size_t>(node.type)]; }
  const SleepState& sleep_state(const Node& node) const {
    return type(node).power.sleep[static_cast<std::size_t>(node.sleep)];
  }
  Node& expect(NodeIndex node, State state, const char* event);  // throws unless it is in this state

  void change(Node& node, State state, Milliwatts power, SimTime now);
  void begin_transition(NodeIndex node, State state, const Transition& transition, SimTime now);
  void end_transition(NodeIndex node, State state, Milliwatts power, SimTime now);

  void join(NodeIndex node, JobAccounts::Slot slot, const CoreSet& cores, std::int32_t frequency, SimTime now);
  void leave(NodeIndex node, JobAccounts::Slot slot, SimTime now);
  void settle_shares(NodeIndex node, SimTime now);
  void share_out(NodeIndex node, SimTime now);

  const Cluster* cluster_;
  JobAccounts* jobs_;
  std::vector<Node> nodes_;
  std::vector<Sharing> sharing_;  // one for each node, where nodes are shared by core
  Parts<Milliwatts> power_;
  using LastSecond = std::pair<SimTime, NodeIndex>;
  std::priority_queue<LastSecond, std::vector<LastSecond>, std::greater<>> last_seconds_;
  std::int64_t sleeps_ = 0;
  std::int64_t wakes_ = 0;
};

}  // namespace wattfill
