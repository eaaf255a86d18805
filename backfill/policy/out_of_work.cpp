#include "backfill/policy/out_of_work.hpp"

#include <algorithm>
#include <stdexcept>

#include "backfill/power/power_cap.hpp"

namespace wattfill {

OutOfWork::OutOfWork(const Cluster& cluster, const std::vector<StepSeries>& wanted, bool nodes_sleep)
    : nodes_(wanted.size()),
      out_(static_cast<std::size_t>(cluster.nodes())),
      down_(static_cast<std::size_t>(cluster.nodes())) {
  if (cluster.allocation != AllocationMode::kWholeNodes || wanted.size() != cluster.node_types.size())
    throw std::invalid_argument("scheduler: only whole nodes, of each type, can be kept out of work");
  for (std::size_t type = 0; type < wanted.size(); ++type) {
    const NodeType& of = cluster.node_types[type];
    if (wanted[type].empty() || wanted[type].lowest() < 0 || wanted[type].highest() > of.count)
      throw std::invalid_argument("scheduler: from none to all nodes of a type can be kept out of work");
    const Seconds ahead = nodes_sleep ? time_to_deepest_sleep(of) : Seconds{0};
    wanted_.push_back(highest_ahead(wanted[type], ahead));
    changes_ = changes_ || !wanted_.back().constant();
    lead_ = std::max(lead_, ahead);
  }
}

SimTime OutOfWork::next_change(SimTime now) const {
  SimTime next = kNever;
  for (const StepSeries& series : wanted_) next = std::min(next, series.next_change(now));
  return next;
}

void OutOfWork::set_out(std::size_t type, NodeIndex n, bool out) {
  const auto node = static_cast<std::size_t>(n);
  if (out_[node] == out) return;
  out_[node] = out;
  nodes_[type] += out ? 1 : -1;
}

}  // namespace wattfill
