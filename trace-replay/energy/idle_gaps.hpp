// How much energy the idle gaps of a schedule need at least: yardsticks for power management, over one horizon.
//
// The starts and ends of all jobs stand; only what unused nodes do is free, and known in advance (the zero-delay
// oracle). From what is never done to what cannot be reached:
// - idle: no node ever sleeps.
// - given: each gap of each node is slept as well as can be, see gap_cost.hpp. A node's first gap begins with the
//   horizon, awake; after its last one, which ends with the horizon, it need not wake.
// - lifo: the same after nodes have been exchanged within their type: a node that is taken is the one released last.
// - any_assignment: no exchange of nodes within their type does better. Where it equals lifo, lifo is optimal. The two
//   differ only where a gap is too short for the transitions of a state that would otherwise pay (then even `given` may
//   be below lifo), or where a deeper state is cheaper to leave than a lighter one.
// - ceiling: all unused time at the deepest sleep state's power, transitions free and instantaneous. It is below all
//   others unless transitions draw less than the deepest sleep.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "trace-replay/energy/gap_cost.hpp"

namespace wattfill {

struct GapsSlept {
  Millijoules energy{};
  std::int64_t gaps = 0;  // longer than nothing
  std::int64_t sleeps = 0;
  bool operator==(const GapsSlept&) const = default;
};

// All energies are of the gaps alone; the jobs' own comes on top.
struct IdleGapsOfType {
  std::string name;
  std::int64_t nodes = 0;
  std::int64_t node_seconds = 0;  // of all gaps
  Millijoules idle{};
  GapsSlept given;
  GapsSlept lifo;
  Millijoules any_assignment{};
  Millijoules ceiling{};
};

struct IdleGapsReport {
  SimTime begin{};
  SimTime end{};
  std::vector<IdleGapsOfType> by_type;  // in the order of the cluster file
  IdleGapsOfType total;                 // without a name
};

// Is told, in order of time and at one instant ends before the starts that take their place, which nodes are in use.
// What cannot be (a release of a node that is unused, with whole nodes a hold of one in use, a time before the last
// one) throws std::logic_error; the object is of no use afterwards.
//
// Time: O(nodes of the job * sleep states) an event. Memory: 16 bytes a node, and 16 for each instant at which nodes
// were released that are still unused.
class IdleGaps {
 public:
  // `cluster` must outlive the object. What happens before `begin` counts as happening then, and what happens at `end`
  // or later is ignored. Throws std::invalid_argument if the powers cannot be metered (see node_power.hpp) or the nodes
  // have no identity.
  IdleGaps(const Cluster& cluster, SimTime begin, SimTime end = kNever);

  // A job holds these nodes (ascending, each once), or some of their cores where nodes are shared, from now on. It may
  // be told from when they are kept for it, though they still boot. Where nodes are shared a node is in use as long as
  // at least one job holds it.
  void held(std::span<const NodeIndex> nodes, SimTime from);
  void released(std::span<const NodeIndex> nodes, SimTime at);

  // The horizon ends then, or at the constructor's `end` if that is earlier; nodes in use stay so until then. Once.
  // Throws std::logic_error if it is before the last event, std::overflow_error if an energy takes more than 64 bits.
  IdleGapsReport finish(SimTime end);

 private:
  struct Node {
    SimTime since{};  // unused, if no job holds it
    std::int32_t jobs = 0;
  };
  struct Released {
    SimTime at;
    std::int64_t nodes;
  };
  struct Sum {
    Int128 millijoules = 0;
    std::int64_t gaps = 0;
    std::int64_t sleeps = 0;
    void add(const GapCosts::Cost& cost, Seconds length, std::int64_t nodes);
    GapsSlept result() const;
  };
  struct Type {
    GapCosts costs;
    std::vector<Released> unused;  // ascending: the stack
    Sum given;
    Sum lifo;
    Int128 concave = 0;
    Int128 node_seconds = 0;
  };

  bool within(SimTime& now);
  void check(std::span<const NodeIndex> nodes) const;
  std::int64_t take(Type& type, NodeRun run, SimTime now);
  std::int64_t leave(NodeRun run, SimTime now);
  static void pair(Type& type, SimTime since, std::int64_t nodes, SimTime now, GapEnd end);
  void close(std::size_t type, SimTime end);

  const Cluster* cluster_;
  NodeTypes types_;
  SimTime begin_;
  SimTime end_;
  SimTime last_;
  std::vector<Node> nodes_;
  std::vector<Type> by_type_;
};

// What the machine needs in `horizon` if the jobs use `work`, which they do in held_node_seconds[t] on the nodes of
// type t, and every other node-second is spent at the deepest sleep state's power, with no transition: the ceiling of
// all saving by sleep. Throws std::invalid_argument if more is held than there is, std::overflow_error.
Millijoules ceiling(const Cluster& cluster, Seconds horizon, std::span<const std::int64_t> held_node_seconds,
                    Millijoules work);

}  // namespace wattfill
