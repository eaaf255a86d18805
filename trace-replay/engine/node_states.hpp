// Nodes that fall asleep and wake as a scheduler wishes, and the jobs that wait for theirs to be awake.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "backfill/model/scheduler.hpp"
#include "trace-replay/engine/replay.hpp"

namespace wattfill {

class NodeStates {
 public:
  NodeStates(const Cluster& cluster, const ReplayOptions& options);

  // When the next transition ends.
  SimTime next() const { return transitions_.empty() ? kNever : transitions_.top().at; }

  // Throws std::logic_error where nodes cannot do that now.
  void act(const PowerAction& action, SimTime now);

  // Ends the transition that is due: tells the scheduler, and begin(job) for each job whose nodes are all awake.
  void end_next(Scheduler& scheduler, const std::function<void(std::size_t job)>& begin);

  // The job holds these nodes from now on. True when all are awake.
  bool hold(std::size_t job, const Allocation& nodes);
  // It was withdrawn while they woke.
  void withdraw(const Allocation& nodes);

  std::int64_t boot_failures() const { return failures_; }

 private:
  enum class State : std::uint8_t { kAwake, kFallingAsleep, kAsleep, kWaking };
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};
  struct Transition {
    SimTime at;
    std::uint64_t sequence;
    NodeRun nodes;
    std::int32_t sleep_state;
    bool wake;
    bool operator>(const Transition& o) const { return at != o.at ? at > o.at : sequence > o.sequence; }
  };

  const SleepState& sleep_state(const PowerAction& action) const;
  void tell(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now);
  void set(NodeRun nodes, State from, State to);
  bool boots();

  const Cluster* cluster_;
  NodeTypes types_;
  ReplayObserver* observer_;
  std::int32_t failing_;  // millionths
  boost::random::mt19937_64 random_;
  std::vector<State> states_;           // by node
  std::vector<std::uint32_t> waiting_;  // by node: the job that waits for it
  std::vector<std::int32_t> lacking_;   // by job: nodes that are not awake yet
  std::priority_queue<Transition, std::vector<Transition>, std::greater<>> transitions_;
  std::uint64_t sequence_ = 0;
  std::int64_t failures_ = 0;
};

}  // namespace wattfill
