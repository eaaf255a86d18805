// What a power cap asks of the scheduler: nodes are taken out of work and put back, and plans know of it.
#include <algorithm>
#include <array>

#include "backfill/policy/backfill_scheduler.hpp"
#include "backfill/policy/require.hpp"

namespace wattfill {

// Those that are out at all times: the highest of each type.
void BackfillScheduler::keep_out_of_work() {
  for (std::size_t type = 0; type < out_.types(); ++type) {
    const StepSeries& wanted = out_.wanted(type);
    const auto always = static_cast<std::int32_t>(wanted.lowest());
    const NodeRun out{pool_->end_node(static_cast<std::int32_t>(type)) - always, always};
    for (NodeIndex n = out.first; n < out.end(); ++n) {
      out_.set_out(type, n, true);
      pool_->set_available(n, false);
    }
    if (power_) power_->retire(out);
    machine_.classes()[type].free += wanted.highest() - always;  // what a job may ask for is less
  }
}

// As many as ought to be out now, as far as enough are unused: where estimates were too short, or nodes are down, the
// others follow as they come free.
void BackfillScheduler::keep_to_cap(SimTime now) {
  if (power_) power_->begin(now);
  for (std::size_t type = 0; type < out_.types(); ++type) {
    const std::int64_t more = out_.wanted(type).at(now) - out_.nodes(type);
    if (more == 0) continue;
    changed();
    book_stale_ = true;
    if (more > 0)
      take_out(type, more, now);
    else
      put_back(type, -more, now);
  }
}

// Unused nodes, the highest of those that are nearest to their deepest sleep.
void BackfillScheduler::take_out(std::size_t type, std::int64_t nodes, SimTime now) {
  constexpr std::array kOrder = {Readiness::kAsleep, Readiness::kFallingAsleep, Readiness::kDozing, Readiness::kAwake,
                                 Readiness::kWaking};
  std::vector<NodeIndex> chosen;
  for (const Readiness readiness : kOrder) {
    if (!power_ && readiness != Readiness::kAwake) continue;
    std::vector<NodeIndex> unused;
    pool_->unused(static_cast<std::int32_t>(type), readiness).for_each_run([&](NodeRun run) {
      for (NodeIndex n = run.first; n < run.end(); ++n) unused.push_back(n);
      return true;
    });
    const std::int64_t lacking = nodes - std::ssize(chosen);
    chosen.insert(chosen.end(), unused.end() - std::min<std::int64_t>(lacking, std::ssize(unused)), unused.end());
  }
  std::ranges::sort(chosen);  // so that runs of them are one action
  for (const NodeIndex n : chosen) {
    out_.set_out(type, n, true);
    pool_->set_available(n, false);
    if (power_) power_->retire(n, now);
  }
  machine_.classes()[type].free -= std::ssize(chosen);
}

// The lowest of them, those that are down at last: they come back as that. Those that are out at all times stay: a
// planner that is restored knows them before it knows where jobs run.
void BackfillScheduler::put_back(std::size_t type, std::int64_t nodes, SimTime now) {
  const NodeIndex first = pool_->first_node(static_cast<std::int32_t>(type));
  const auto always = static_cast<NodeIndex>(out_.wanted(type).lowest());
  const NodeIndex end = pool_->end_node(static_cast<std::int32_t>(type)) - always;
  for (const bool down : {false, true})
    for (NodeIndex n = first; n < end && nodes > 0; ++n) {
      if (!out_.is_out(n) || out_.is_down(n) != down) continue;
      --nodes;
      out_.set_out(type, n, false);
      if (power_) power_->restore(n);
      if (!down) node_changed(n, true, now);
    }
}

// What a start that is made now may take at most.
Seconds BackfillScheduler::longest_hold() const {
  Seconds longest = longest_;
  for (std::size_t c = 0; c < machine_.demands().node_classes(); ++c)
    longest = std::max(longest, machine_.demands().of_class(c).speed.duration(longest_));
  return longest + out_.lead();
}

// Until when a plan that is made now has to know the cap: for the jobs that wait for running ones, too. At the least
// until the next step, so that a plan that is kept lasts.
SimTime BackfillScheduler::plan_until(SimTime now) const {
  return capped_ ? std::max(now + 2 * longest_hold() + Seconds{1}, out_.next_change(now)) : now;
}

// How many nodes of the class, which are out now, come back for a reservation at that time.
std::int64_t BackfillScheduler::put_back_by(std::size_t in_class, SimTime at) const {
  if (!capped_ || in_class >= out_.types()) return 0;
  return std::max<std::int64_t>(0, out_.nodes(in_class) - out_.wanted(in_class).at(at));
}

void BackfillScheduler::node_changed(NodeIndex node, bool available, SimTime now) {
  require(pool_ && node >= 0 && node < pool_->nodes(), "scheduler: no such node");
  if (out_.is_out(node)) return out_.set_down(node, !available);
  if (pool_->is_available(node) == available) return;
  require(available || pool_->used_cores(node) == 0, "scheduler: a node goes down before the end of its jobs");
  changed();
  out_.set_down(node, !available);
  pool_->set_available(node, available);
  if (power_) power_->node_changed(node, available, now);
  const auto type = static_cast<std::size_t>(pool_->type_of(node));
  const bool whole = options_.cluster->allocation == AllocationMode::kWholeNodes;
  const std::int32_t units = whole ? 1 : options_.cluster->node_types[type].processors;
  machine_.classes()[type].free += available ? units : -units;
  book_stale_ = true;
}

}  // namespace wattfill
