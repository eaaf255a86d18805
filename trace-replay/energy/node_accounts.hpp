// The power of every node of a machine, whole or shared by core, and what it has used.
//
// A job that has nodes as a whole is accounted for by runs of consecutive nodes, and so are they; only a node that jobs
// share (shared_nodes.hpp), or that falls asleep or wakes, has books of its own. What a node has used while idle
// follows at the end from how long it was neither in use nor asleep.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "backfill/model/node_set.hpp"
#include "backfill/model/node_types.hpp"
#include "trace-replay/energy/job_accounts.hpp"
#include "trace-replay/energy/node_sums.hpp"
#include "trace-replay/energy/shared_nodes.hpp"

namespace wattfill {

class NodeAccounts {
 public:
  // Both must outlive the object; `jobs` counts in millijoules.
  NodeAccounts(const Cluster& cluster, JobAccounts& jobs, SimTime begin);
  NodeAccounts(const NodeAccounts&) = delete;
  NodeAccounts& operator=(const NodeAccounts&) = delete;

  // What all nodes draw.
  const Parts<Milliwatts>& power() const { return power_; }

  // When the next transition comes into its last second, kNever if none does. The power is constant until then. At
  // that time last_second() must be called before any other event.
  SimTime next_last_second() const { return last_seconds_.empty() ? kNever : last_seconds_.top().at; }
  void last_second();

  // All throw std::logic_error if the event cannot be.
  void start(JobAccounts::Slot slot, const Allocation& allocation, std::int32_t frequency, SimTime now);
  void end(JobAccounts::Slot slot, SimTime now);
  void set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now);
  // Consecutive nodes of one type and, unless they are awake, of one sleep state.
  void sleep_begun(NodeRun nodes, std::int32_t state, SimTime now);
  void asleep(NodeRun nodes, SimTime now);
  void wake_begun(NodeRun nodes, SimTime now);
  void awake(NodeRun nodes, SimTime now);
  void boot_failed(NodeRun nodes, SimTime now);

  // Fills what is by node and type, and tells the accounts what running jobs have used on shared nodes, up to now.
  // Once.
  void fill(EnergyReport& report, SimTime now);

 private:
  enum class State : std::uint8_t { kIdle, kInUse, kFallingAsleep, kAsleep, kWaking };

  // A node beside its jobs.
  struct Node {
    Parts<Millijoules> energy;  // asleep and in transitions, up to `since`
    Seconds away{};             // how long it was either
    SimTime since{};
    Milliwatts power{};          // from then on, unless it is awake
    SimTime until{};             // when its transition must end
    std::int32_t sleep = 0;      // index of the sleep state
    State state = State::kIdle;  // also while it is in use: those in use are not among unused_
  };

  // Nodes of one type that a job has as a whole.
  struct Whole {
    std::size_t type;
    NodeRun nodes;
  };
  // What a job has.
  struct Held {
    boost::container::small_vector<Whole, 4> whole;
    boost::container::small_vector<NodeIndex, 4> shared;
    std::int32_t frequency = kFullSpeed;  // of the whole ones
    SimTime since{};                      // they are billed until then
  };

  static const char* name(State state);
  State state(NodeIndex node) const;
  void check(NodeIndex node) const;
  [[noreturn]] void refuse(NodeIndex node, State state, const char* event) const;
  // Throw unless it is, or all are, in this state.
  void expect(NodeIndex node, State state, const char* event) const;
  void expect(NodeRun nodes, State state, const char* event) const;
  void check_alike(NodeRun nodes) const;
  Node& node(NodeIndex index) { return nodes_[static_cast<std::size_t>(index)]; }
  const Node& node(NodeIndex index) const { return nodes_[static_cast<std::size_t>(index)]; }
  const NodeType& type(NodeIndex node) const { return cluster_->node_types[types_.type_of(node)]; }
  const SleepState& sleep_state(NodeIndex index) const {
    return type(index).power.sleep[static_cast<std::size_t>(node(index).sleep)];
  }

  void hold_whole(JobAccounts::Slot slot, std::size_t type, NodeRun nodes, SimTime now);
  void hold_cores(JobAccounts::Slot slot, NodeIndex node, const CoreSet& cores, SimTime now);
  void settle(Held& held, SimTime now);
  Milliwatts power_of_each(const Held& held, const Whole& whole) const;
  Milliwatts power_of_whole(const Held& held) const;

  void change(NodeRun nodes, State from, State to, Milliwatts power, SimTime now);
  void begin_transition(NodeRun nodes, State from, State to, const Transition& transition, SimTime now);
  void end_transition(NodeRun nodes, State from, State to, Milliwatts power, SimTime now);

  const Cluster* cluster_;
  JobAccounts* jobs_;
  NodeTypes types_;
  SimTime begin_;
  NodeSet unused_;  // awake and unused
  std::vector<Node> nodes_;
  std::vector<Held> held_;             // by slot
  NodeSums energy_;                    // what jobs have used of whole nodes
  NodeSums busy_;                      // for how many seconds they had them
  std::optional<SharedNodes> shared_;  // where nodes are shared by core
  Parts<Milliwatts> power_;
  struct LastSecond {
    SimTime at;
    NodeRun nodes;
    bool operator>(const LastSecond& o) const { return at > o.at; }
  };
  std::priority_queue<LastSecond, std::vector<LastSecond>, std::greater<>> last_seconds_;
  std::int64_t sleeps_ = 0;
  std::int64_t wakes_ = 0;
};

}  // namespace wattfill
