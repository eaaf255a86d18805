// SPDX-License-Identifier: GPL-2.0-or-later
// The power of nodes: what the planner was told of it, what it wants, and what the controller is asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "plugin/protocol.pb.h"
#include "plugin/slurm/host.hpp"
#include "plugin/slurm/machine.hpp"
#include "plugin/slurm/statistics.hpp"

namespace wattfill::slurm {

// At most so many nodes within a minute.
class RateLimit {
 public:
  void set(std::int64_t a_minute) { a_minute_ = a_minute; }  // 0: no limit
  bool take(std::int64_t now_s);

 private:
  std::int64_t a_minute_ = 0;
  std::deque<std::int64_t> taken_s_;
};

// Nodes of which the planner decides. For the others nothing is told and nothing asked.
//
// A node that is told to sleep is unavailable to the planner until it sleeps, since Slurm starts no job there. What the
// controller refuses, or does of its own accord, is told when the node has reached its state.
class PowerDesk {
 public:
  using Events = std::vector<wattfill::protocol::Event>;

  // A new conversation: all nodes are awake for the planner, and it decides of these.
  void begin(const google::protobuf::RepeatedPtrField<wattfill::protocol::NodeRun>& may_sleep, const Machine& machine);
  // Tells how the nodes' states have changed, after their availability. `occupied`: nodes that jobs hold.
  void tell(const Snapshot& snapshot, const Machine& machine, const std::set<std::int32_t>& occupied,
            std::int64_t now_s, Events& events);
  bool awake(std::int32_t node) const {  // as told
    const auto at = belief_.find(node);
    return at == belief_.end() || at->second == Power::kAwake;
  }

  // What a pass asks for. Sleep beyond the rate is refused, and that told; boots beyond the rate are put off.
  std::vector<PowerOrder> orders(const wattfill::protocol::Pass& pass, const Machine& machine, std::int64_t now_s,
                                 Events& events);
  // Boots that were put off and now may be.
  std::vector<PowerOrder> late_orders(std::int64_t now_s);
  bool has_late_orders() const { return !late_.empty(); }
  void answer(const std::vector<PowerOrder>& orders, const std::vector<bool>& done, const Machine& machine,
              std::int64_t now_s, Events& events);
  // Nothing of a pass is carried out.
  void decline(const wattfill::protocol::Pass& pass, const Machine& machine, std::int64_t now_s, Events& events);

  PowerFigures figures() const;

  // Seconds by node type: the ninth decile of those that were seen, where there are enough.
  using BootTimes = std::map<std::string, std::int64_t>;
  // To be told to the planner now.
  const BootTimes& tell_boots() { return told_boots_ = boot_times(); }
  // They differ from what was told by more than a fifth, and no node is on its way, of which a new conversation would
  // not know.
  bool has_learned_boots() const;
  // The types are others.
  void forget_boots();

 private:
  void set(std::int32_t node, bool awake, const Machine& machine, std::int64_t now_s, Events& events);
  BootTimes boot_times() const;
  void watch_boot(const NodeView& node, const Machine& machine, std::int64_t now_s);

  std::map<std::int32_t, Power> belief_;  // the planner's, of the nodes of which it decides
  std::set<std::int32_t> late_;           // boots that are put off
  std::map<std::int32_t, std::int64_t> boots_since_s_;
  RateLimit suspend_, resume_;
  PowerFigures figures_;
  BootTimes told_boots_;
};

}  // namespace wattfill::slurm
