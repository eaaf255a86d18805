#include "backfill/policy/power_control.hpp"

#include <algorithm>

namespace wattfill {
namespace {

constexpr std::int64_t kDay = 86400;

}  // namespace

PowerControl::PowerControl(const Cluster& cluster, const PowerSpec& spec, NodePool& pool)
    : cluster_(&cluster),
      spec_(&spec),
      pool_(&pool),
      types_(cluster),
      nodes_(static_cast<std::size_t>(types_.nodes())),
      latest_awake_(cluster.node_types.size()),
      latest_asleep_(cluster.node_types.size()) {
  if (types_.nodes() > 0) pool.set_readiness({0, types_.nodes()}, Readiness::kAwake);
  for (std::size_t type = 0; type < cluster.node_types.size(); ++type) {
    managers_.emplace_back(cluster.node_types[type], spec);
    managers_.back().freed(cluster.node_types[type].count, -kForever + SimTime{});
  }
}

const SleepState& PowerControl::sleep_state(NodeIndex n) const {
  const auto state = static_cast<std::size_t>(nodes_[static_cast<std::size_t>(n)].sleep_state);
  return cluster_->node_types[types_.type_of(n)].power.sleep[state];
}

IdleManager::Unused PowerControl::unused(std::size_t type) const {
  const auto count = [&](Readiness r) -> std::int64_t {
    return pool_->unused(static_cast<std::int32_t>(type), r).size();
  };
  return {count(Readiness::kAwake), count(Readiness::kWaking),
          count(Readiness::kAsleep) + count(Readiness::kFallingAsleep)};
}

void PowerControl::tell(std::vector<ClassState>& classes, SimTime now) const {
  for (std::size_t type = 0; type < classes.size(); ++type) {
    const auto count = [&](Readiness r) -> std::int64_t {
      return pool_->unused(static_cast<std::int32_t>(type), r).size();
    };
    ClassState& c = classes[type];
    c.ready.clear();
    std::int64_t units = count(Readiness::kAwake);
    if (units == c.free) continue;
    c.ready.push_back({units, Seconds{0}});
    Seconds wake{0};
    for (const SleepState& state : cluster_->node_types[type].power.sleep) wake = std::max(wake, state.leave.duration);
    const auto waiting = static_cast<std::int64_t>(to_boot_.size());
    if (spec_->boots_at_once > 0) wake *= 1 + (waiting + booting_) / spec_->boots_at_once;
    const auto add = [&](Readiness r, Seconds delay) {
      if (count(r) == 0) return;
      units += count(r);
      c.ready.push_back({units, std::max(delay, c.ready.back().delay)});
    };
    add(Readiness::kWaking, std::max(Seconds{1}, latest_awake_[type] - now));
    add(Readiness::kAsleep, wake);
    add(Readiness::kFallingAsleep, std::max(Seconds{0}, latest_asleep_[type] - now) + wake);
  }
}

void PowerControl::act(NodeIndex n, bool wake, std::int32_t state) {
  if (!actions_.empty()) {
    PowerAction& last = actions_.back();
    if (last.nodes.end() == n && last.wake == wake && last.sleep_state == state &&
        types_.type_of(last.nodes.first) == types_.type_of(n)) {
      ++last.nodes.length;
      return;
    }
  }
  actions_.push_back({{n, 1}, wake, state});
}

SimTime PowerControl::boot(NodeIndex n, SimTime now) {
  Node& of = node(n);
  of.until = now + sleep_state(n).leave.duration;
  of.wanted = false;
  pool_->set_readiness({n, 1}, Readiness::kWaking);
  latest_awake_[types_.type_of(n)] = std::max(latest_awake_[types_.type_of(n)], of.until);
  ++booting_;
  act(n, true, of.sleep_state);
  return of.until;
}

// A node must be awake as soon as can be. Returns when that is expected.
SimTime PowerControl::want(NodeIndex n, SimTime now) {
  Node& of = node(n);
  const Readiness readiness = pool_->readiness(n);
  if (readiness == Readiness::kAwake) return now;
  if (readiness == Readiness::kWaking) return std::max(of.until, now + Seconds{1});
  const Seconds leave = sleep_state(n).leave.duration;
  if (readiness == Readiness::kFallingAsleep) {
    of.wanted = true;
    return std::max(of.until, now) + leave;
  }
  if (spec_->boots_at_once == 0 || (booting_ < spec_->boots_at_once && to_boot_.empty())) return boot(n, now);
  if (!of.wanted) to_boot_.push_back(n);
  of.wanted = true;
  return now + leave * (1 + static_cast<std::int64_t>(to_boot_.size()) / spec_->boots_at_once);
}

void PowerControl::boot_more(SimTime now) {
  while (!to_boot_.empty() && (spec_->boots_at_once == 0 || booting_ < spec_->boots_at_once)) {
    const NodeIndex n = to_boot_.front();
    to_boot_.pop_front();
    boot(n, now);
  }
}

std::int64_t PowerControl::awake(NodeRun run) const {
  std::int64_t count = 0;
  for (NodeIndex n = run.first; n < run.end(); ++n) count += pool_->readiness(n) == Readiness::kAwake;
  return count;
}

Seconds PowerControl::hold(const Allocation& allocation, SimTime now) {
  SimTime ready = now;
  types_.for_each_run(allocation.nodes, [&](std::size_t type, NodeRun run) {
    managers_[type].taken(awake(run));
    for (NodeIndex n = run.first; n < run.end(); ++n) ready = std::max(ready, want(n, now));
  });
  return ready - now;
}

void PowerControl::gave_back(const Allocation& allocation, SimTime now) {
  types_.for_each_run(allocation.nodes, [&](std::size_t type, NodeRun run) { managers_[type].freed(awake(run), now); });
}

void PowerControl::changed(NodeRun nodes, bool awake, SimTime now) {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    const Readiness before = pool_->readiness(n);
    if (awake) {
      booting_ -= before == Readiness::kWaking;
      pool_->set_readiness({n, 1}, Readiness::kAwake);
      if (before != Readiness::kAwake && pool_->is_free(n)) managers_[types_.type_of(n)].freed(1, now);
      continue;
    }
    pool_->set_readiness({n, 1}, Readiness::kAsleep);
    if (!node(n).wanted) continue;
    node(n).wanted = false;
    want(n, now);
  }
  boot_more(now);
}

void PowerControl::decide_type(std::size_t type, const IdleManager::Reservation& reservation, SimTime now) {
  while (true) {
    const IdleManager::Wish wish = managers_[type].decide(unused(type), reservation, now);
    if (wish.wake > 0) wake(type, wish.wake, now);
    if (wish.sleep == 0 || let_sleep(type, wish.sleep, wish.state, now) < wish.sleep) return;
  }
}

// The highest nodes, since jobs get the lowest. Returns how many could.
std::int64_t PowerControl::let_sleep(std::size_t type, std::int64_t count, std::int32_t state, SimTime now) {
  const std::int64_t day = seconds_since_epoch(now) / kDay;
  runs_.clear();
  pool_->unused(static_cast<std::int32_t>(type), Readiness::kAwake).for_each_run([&](NodeRun run) {
    runs_.push_back(run);
    return true;
  });
  const Seconds enter = cluster_->node_types[type].power.sleep[static_cast<std::size_t>(state)].enter.duration;
  std::int64_t done = 0;
  std::size_t first = runs_.size();  // of the nodes that sleep, in runs_[first]
  for (; first > 0 && done < count; --first) {
    NodeRun& run = runs_[first - 1];
    NodeIndex n = run.end();
    for (; n > run.first && done < count; --n) {
      Node& of = node(n - 1);
      if (of.day != day) of.sleeps = 0;
      of.day = day;
      if (spec_->sleeps_per_day > 0 && of.sleeps >= spec_->sleeps_per_day) continue;
      ++of.sleeps;
      ++done;
      of.sleep_state = state;
      of.until = now + enter;
      pool_->set_readiness({n - 1, 1}, Readiness::kFallingAsleep);
    }
    run = {n, run.end() - n};
  }
  for (; first < runs_.size() && done > 0; ++first)
    for (NodeIndex n = runs_[first].first; n < runs_[first].end(); ++n)
      if (pool_->readiness(n) == Readiness::kFallingAsleep) act(n, false, state);
  if (done > 0) latest_asleep_[type] = std::max(latest_asleep_[type], now + enter);
  managers_[type].slept(done);
  return done;
}

// Nodes that are still falling asleep, and those that would have to wait for others to boot, are left alone.
void PowerControl::wake(std::size_t type, std::int64_t count, SimTime now) {
  const NodeSet& asleep = pool_->unused(static_cast<std::int32_t>(type), Readiness::kAsleep);
  count = std::min<std::int64_t>(count, asleep.size());
  if (spec_->boots_at_once > 0) count = std::min(count, std::max<std::int64_t>(0, spec_->boots_at_once - booting_));
  runs_.clear();
  asleep.append_lowest(static_cast<std::int32_t>(count), runs_);
  for (const NodeRun& run : runs_)
    for (NodeIndex n = run.first; n < run.end(); ++n) boot(n, now);
}

SimTime PowerControl::next_decision() const {
  SimTime next = kNever;
  for (const IdleManager& manager : managers_) next = std::min(next, manager.next_decision());
  return next;
}

}  // namespace wattfill
