// Which nodes sleep and wake: carries the counts that IdleManager wishes for to the nodes of a pool, and wakes the
// nodes of jobs that start on sleeping ones.
//
// A job may start on nodes that sleep: it holds them from then on and runs once all are awake. What is ready soonest is
// taken first, and holes are narrower for jobs that would have to wait for a boot, so that no reservation is put off.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "backfill/model/scheduler.hpp"
#include "backfill/policy/machine.hpp"
#include "backfill/power/idle_manager.hpp"
#include "backfill/power/power_spec.hpp"
#include "backfill/topology/node_pool.hpp"

namespace wattfill {

class PowerControl {
 public:
  // All must outlive the object; the cluster gives nodes whole.
  PowerControl(const Cluster& cluster, const PowerSpec& spec, NodePool& pool);

  // The first job comes. For how long nodes have been unused before is not known: they count as unused from now on.
  void begin(SimTime now);

  // What of each class is ready, and after what time.
  void tell(std::vector<ClassState>& classes, SimTime now) const;

  // A job has got these nodes: those that sleep are woken. Returns how long until all are awake, as far as is known.
  Seconds hold(const Allocation& nodes, SimTime now);
  // The nodes are unused again.
  void gave_back(const Allocation& nodes, SimTime now);
  // These nodes, unused so far and of one type, are never used: they go into their deepest sleep state for good.
  void retire(NodeRun nodes);
  // This node, which nobody uses and the pool no longer gives out, goes into its deepest sleep state whatever the
  // limits of the policy, and stays there until it is restored. It comes back by node_changed().
  void retire(NodeIndex n, SimTime now);
  void restore(NodeIndex n);
  // A node that no job holds has come up or gone down.
  void node_changed(NodeIndex n, bool available, SimTime now);
  bool can_sleep(NodeRun nodes) const;
  // The host's report.
  void changed(NodeRun nodes, bool awake, SimTime now);

  // Lets nodes sleep and wakes others. `reservation(type)` is what the head of the queue is expected to need.
  template <class Reserved>
  void decide(Reserved&& reservation, SimTime now) {
    next_day_ = kNever;
    for (std::size_t type = 0; type < managers_.size(); ++type) decide_type(type, reservation(type), now);
  }
  SimTime next_decision() const;

  // What has to be done, each thing once; valid until the next call.
  std::span<const PowerAction> hand_out() {
    handed_out_.swap(actions_);
    actions_.clear();
    return handed_out_;
  }

 private:
  struct Node {
    SimTime until = -kForever + SimTime{};  // when its transition is expected to end
    std::int32_t sleep_state = 0;
    std::int32_t sleeps = 0;  // on that day
    std::int64_t day = 0;
    std::int32_t deepen = -1;  // wakes only to go into this state
    bool wanted = false;       // in the queue
    bool retired = false;
    bool sinks = false;  // wakes for that, beside all that boot at once
  };

  Node& node(NodeIndex n) { return nodes_[static_cast<std::size_t>(n)]; }
  const SleepState& sleep_state(NodeIndex n) const;
  static bool is_away(Readiness r) { return r != Readiness::kAwake && r != Readiness::kWaking; }
  std::int64_t& asleep(NodeIndex n) {  // in its type and state
    return asleep_[types_.type_of(n)][static_cast<std::size_t>(node(n).sleep_state)];
  }
  // The first of the nodes, as many as have one sleep state.
  NodeRun of_one_state(NodeRun nodes) {
    NodeRun part{nodes.first, 1};
    while (part.end() < nodes.end() && node(part.end()).sleep_state == node(part.first).sleep_state) ++part.length;
    return part;
  }
  // Calls visit(state, run) for each run of nodes with one sleep state.
  template <class Visit>
  void for_each_state(NodeRun nodes, Visit&& visit) {
    while (nodes.length > 0) {
      const NodeRun part = of_one_state(nodes);
      visit(node(part.first).sleep_state, part);
      nodes = {part.end(), nodes.length - part.length};
    }
  }
  void count_asleep(std::size_t type, NodeRun nodes, std::int64_t sign) {
    for_each_state(nodes, [&](std::int32_t state, NodeRun part) {
      asleep_[type][static_cast<std::size_t>(state)] += sign * part.length;
    });
  }
  IdleManager::Unused unused(std::size_t type) const;
  void came_up(std::size_t type, Readiness before, NodeRun run, SimTime now);
  void went_to_sleep(std::size_t type, Readiness before, NodeRun run, SimTime now);
  void decide_type(std::size_t type, const IdleManager::Reservation& reservation, SimTime now);
  bool carry_out(std::size_t type, const IdleManager::Wish& wish, SimTime now);
  std::int64_t let_sleep(std::size_t type, const IdleManager::Wish& wish, SimTime now);
  bool may_sleep(NodeIndex n, SimTime now);
  void sink(NodeIndex n, SimTime now);
  std::int32_t deepest(std::size_t type) const {
    return static_cast<std::int32_t>(cluster_->node_types[type].power.sleep.size()) - 1;
  }
  void fall_asleep(NodeRun nodes, std::int32_t state, SimTime now);
  std::int64_t choose_lowest(NodeRun run, std::int64_t most, bool to_sleep, SimTime now);
  std::int64_t wake(std::size_t type, const IdleManager::Wish& wish, SimTime now);
  std::int64_t waiting() const { return static_cast<std::int64_t>(to_boot_.size()); }
  // How many more nodes.
  std::int64_t may_boot() const {
    if (spec_->boots_at_once == 0) return types_.nodes();
    return std::max<std::int64_t>(0, spec_->boots_at_once - booting_);
  }
  Seconds queueing(std::int64_t nodes) const;
  SimTime want(NodeRun nodes, Readiness readiness, SimTime now);
  SimTime boot(NodeRun nodes, SimTime now);
  void booted(NodeRun nodes);
  void boot_more(SimTime now);
  void found_asleep(NodeIndex n, SimTime now);
  void gave_up_waking(NodeIndex n);
  void act(NodeRun nodes, bool wake, std::int32_t state);
  void withdraw_sleep(NodeRun asleep);

  const Cluster* cluster_;
  const PowerSpec* spec_;
  NodePool* pool_;
  NodeTypes types_;
  std::vector<IdleManager> managers_;  // by node type
  std::vector<Node> nodes_;
  std::vector<std::vector<std::int64_t>> asleep_;  // by type and sleep state: unused ones that sleep or fall asleep
  std::vector<std::int64_t> retired_;              // by type: those that may be restored
  bool began_ = false;
  SimTime next_day_ = kNever;  // when nodes may sleep that now may not
  std::int64_t booting_ = 0;
  // The queue: nodes of jobs that must wake, but are still falling asleep or wait for others to have booted. Where one
  // of them is asleep, no more may boot.
  std::deque<NodeIndex> to_boot_;
  Seconds longest_boot_{};
  std::vector<SimTime> latest_awake_;   // by type: of all that wake
  std::vector<SimTime> latest_asleep_;  // by type: of all that fall asleep
  std::vector<PowerAction> actions_, handed_out_;
  std::vector<NodeRun> runs_;    // scratch
  std::vector<NodeRun> chosen_;  // the same
};

}  // namespace wattfill
