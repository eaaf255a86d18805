// Nodes that get no job, for the sake of a power cap: how many of each type at each time, and which they are now.
//
// Where nodes sleep, one that is to be out at some time is taken out so long before that it is in its deepest sleep by
// then. So the numbers asked for here are the highest of those that the cap asks for until that much later.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/node_types.hpp"
#include "backfill/model/step_series.hpp"

namespace wattfill {

class OutOfWork {
 public:
  // No cap.
  OutOfWork() = default;
  // By node type, as nodes_out_of_work() of power_cap.hpp makes it. Throws std::invalid_argument where that is not so
  // many nodes of each type of a cluster that gives them whole.
  OutOfWork(const Cluster& cluster, const std::vector<StepSeries>& wanted, bool nodes_sleep);

  bool changes() const { return changes_; }  // not the same at all times
  std::size_t types() const { return wanted_.size(); }

  // How many nodes of the type ought to be out, from time to time.
  const StepSeries& wanted(std::size_t type) const { return wanted_[type]; }
  // The first time after now at which that may be another number, of any type.
  SimTime next_change(SimTime now) const;
  // The longest time by which nodes are taken out ahead.
  Seconds lead() const { return lead_; }

  // How many are.
  std::int64_t nodes(std::size_t type) const { return nodes_[type]; }
  bool is_out(NodeIndex n) const { return !out_.empty() && out_[static_cast<std::size_t>(n)]; }
  void set_out(std::size_t type, NodeIndex n, bool out);

  // What the host told of a node that is out: it comes back as that.
  bool is_down(NodeIndex n) const { return down_[static_cast<std::size_t>(n)]; }
  void set_down(NodeIndex n, bool down) {
    if (!down_.empty()) down_[static_cast<std::size_t>(n)] = down;
  }

 private:
  std::vector<StepSeries> wanted_;  // by type
  std::vector<std::int64_t> nodes_;
  bool changes_ = false;
  Seconds lead_{};
  std::vector<bool> out_, down_;  // by node
};

}  // namespace wattfill
