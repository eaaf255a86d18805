#include "backfill/policy/power_control.hpp"

#include <algorithm>
#include <utility>

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
  for (const NodeType& type : cluster.node_types) {
    asleep_.emplace_back(type.power.sleep.size());
    managers_.emplace_back(type, spec);
    for (const SleepState& state : type.power.sleep) longest_boot_ = std::max(longest_boot_, state.leave.duration);
  }
}

void PowerControl::begin(SimTime now) {
  if (began_) return;
  began_ = true;
  for (std::size_t type = 0; type < managers_.size(); ++type)
    managers_[type].freed(pool_->unused(static_cast<std::int32_t>(type)).size(), now);
}

const SleepState& PowerControl::sleep_state(NodeIndex n) const {
  const auto state = static_cast<std::size_t>(nodes_[static_cast<std::size_t>(n)].sleep_state);
  return cluster_->node_types[types_.type_of(n)].power.sleep[state];
}

IdleManager::Unused PowerControl::unused(std::size_t type) const {
  const auto count = [&](Readiness r) -> std::int64_t {
    return pool_->unused(static_cast<std::int32_t>(type), r).size();
  };
  return {count(Readiness::kAwake), count(Readiness::kWaking), asleep_[type]};
}

void PowerControl::tell(std::vector<ClassState>& classes, SimTime now) const {
  for (std::size_t type = 0; type < asleep_.size(); ++type) {
    const auto count = [&](Readiness r) -> std::int64_t {
      return pool_->unused(static_cast<std::int32_t>(type), r).size();
    };
    ClassState& c = classes[type];
    c.ready.clear();
    std::int64_t units = count(Readiness::kAwake);
    if (units == c.free) continue;
    c.ready.push_back({units, Seconds{0}});
    Seconds wake{0};
    Seconds wake_lightly{0};
    for (const SleepState& state : cluster_->node_types[type].power.sleep) {
      wake_lightly = wake;
      wake = std::max(wake, state.leave.duration);
    }
    const auto add = [&](std::int64_t nodes, Seconds delay) {
      if (nodes <= 0) return;
      units += nodes;
      c.ready.push_back({units, std::max(delay, c.ready.back().delay)});
    };
    add(count(Readiness::kWaking), std::max(Seconds{1}, latest_awake_[type] - now));
    std::int64_t asleep = count(Readiness::kAsleep);
    if (spec_->boots_at_once == 0)
      add(count(Readiness::kDozing), wake_lightly);
    else
      asleep += count(Readiness::kDozing);
    const std::int64_t at_once = std::min(asleep, may_boot());
    add(at_once, wake);
    // Few steps though many boot: those of the third and fourth round wait as long as the fourth, and so on.
    std::int64_t done = at_once;
    for (std::int64_t rounds = 1; done < asleep; rounds *= 2) {
      const std::int64_t queued = std::min(rounds * spec_->boots_at_once - waiting(), asleep - at_once);
      if (at_once + queued <= done) continue;
      add(at_once + queued - done, queueing(waiting() + queued) + wake);
      done = at_once + queued;
    }
    const std::int64_t falling = count(Readiness::kFallingAsleep);
    add(falling, std::max(Seconds{0}, latest_asleep_[type] - now) + queueing(waiting() + asleep + falling) + wake);
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

// How long the last of so many nodes in the queue waits at most for its boot to begin, once it is asleep.
Seconds PowerControl::queueing(std::int64_t nodes) const {
  if (spec_->boots_at_once == 0) return Seconds{0};
  return longest_boot_ * ((nodes + spec_->boots_at_once - 1) / spec_->boots_at_once);
}

// A node must be awake as soon as can be. Returns by when it is, if every boot succeeds.
SimTime PowerControl::want(NodeIndex n, SimTime now) {
  Node& of = node(n);
  const Readiness readiness = pool_->readiness(n);
  if (readiness == Readiness::kAwake) return now;
  if (readiness == Readiness::kWaking) return std::max(of.until, now + Seconds{1});
  if (readiness != Readiness::kFallingAsleep && may_boot() > 0) return boot(n, now);
  of.wanted = true;
  to_boot_.push_back(n);
  return std::max(of.until, now) + queueing(waiting()) + sleep_state(n).leave.duration;
}

// In the order in which they were wanted; those that still fall asleep let others pass.
void PowerControl::boot_more(SimTime now) {
  std::erase_if(to_boot_, [&](NodeIndex n) {
    const bool boots = may_boot() > 0 && pool_->readiness(n) != Readiness::kFallingAsleep;
    if (boots) boot(n, now);
    return boots;
  });
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
    for (NodeIndex n = run.first; n < run.end(); ++n) {
      if (is_away(pool_->readiness(n))) --asleep(n);
      ready = std::max(ready, want(n, now));
    }
  });
  return ready - now;
}

void PowerControl::gave_back(const Allocation& allocation, SimTime now) {
  bool queued = false;
  types_.for_each_run(allocation.nodes, [&](std::size_t type, NodeRun run) {
    managers_[type].freed(awake(run), now);
    for (NodeIndex n = run.first; n < run.end(); ++n) {
      if (is_away(pool_->readiness(n))) ++asleep(n);
      queued |= std::exchange(node(n).wanted, false);
    }
  });
  if (queued) std::erase_if(to_boot_, [this](NodeIndex n) { return !node(n).wanted; });
}

void PowerControl::retire(NodeRun nodes) {
  if (nodes.length == 0) return;
  const std::size_t type = types_.type_of(nodes.first);
  const std::size_t states = cluster_->node_types[type].power.sleep.size();
  if (states == 0) return;
  pool_->set_readiness(nodes, Readiness::kFallingAsleep);
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    node(n).sleep_state = static_cast<std::int32_t>(states) - 1;
    act(n, false, node(n).sleep_state);
  }
}

void PowerControl::node_changed(NodeIndex n, bool available, SimTime now) {
  if (!began_) return;
  if (is_away(pool_->readiness(n))) asleep(n) += available ? 1 : -1;
  if (pool_->readiness(n) != Readiness::kAwake) return;
  IdleManager& manager = managers_[types_.type_of(n)];
  if (available)
    manager.freed(1, now);
  else
    manager.taken(1);
}

bool PowerControl::can_sleep(NodeRun nodes) const {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n)
    if (cluster_->node_types[types_.type_of(n)].power.sleep.empty()) return false;
  return true;
}

void PowerControl::changed(NodeRun nodes, bool awake, SimTime now) {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    Node& of = node(n);
    const std::size_t type = types_.type_of(n);
    if (awake) {
      const Readiness before = pool_->readiness(n);
      const std::int32_t deepen = std::exchange(of.deepen, -1);
      booting_ -= before == Readiness::kWaking;
      // Of its own accord, or it never fell asleep.
      if (is_away(before) && pool_->is_free(n)) --asleep(n);
      if (std::exchange(of.wanted, false)) std::erase(to_boot_, n);
      pool_->set_readiness({n, 1}, Readiness::kAwake);
      if (before == Readiness::kAwake || !pool_->is_free(n)) continue;
      if (deepen < 0 || !may_sleep(n, now))
        managers_[type].freed(1, now);
      else
        fall_asleep(n, deepen, now);
      continue;
    }
    if (pool_->readiness(n) == Readiness::kAwake && pool_->is_free(n)) found_asleep(n, now);
    if (pool_->readiness(n) == Readiness::kWaking) gave_up_waking(n);
    const bool deepest = static_cast<std::size_t>(of.sleep_state) + 1 == cluster_->node_types[type].power.sleep.size();
    pool_->set_readiness({n, 1}, deepest ? Readiness::kAsleep : Readiness::kDozing);
  }
  boot_more(now);
}

// The host let it sleep of its own accord: as deep as can be, for all that is known.
void PowerControl::found_asleep(NodeIndex n, SimTime now) {
  begin(now);
  const std::size_t type = types_.type_of(n);
  node(n).sleep_state = static_cast<std::int32_t>(cluster_->node_types[type].power.sleep.size()) - 1;
  ++asleep(n);
  managers_[type].slept(1);
}

// Its boot failed, and the host left it at that. A job that holds it needs it all the same; one that is down has no
// job.
void PowerControl::gave_up_waking(NodeIndex n) {
  --booting_;
  node(n).deepen = -1;
  if (!pool_->is_available(n)) return;
  if (pool_->is_free(n)) {
    ++asleep(n);
    return;
  }
  node(n).wanted = true;
  to_boot_.push_back(n);
}

void PowerControl::decide_type(std::size_t type, const IdleManager::Reservation& reservation, SimTime now) {
  while (carry_out(type, managers_[type].decide(unused(type), reservation, now), now)) {
  }
}

// True when all of it could be done.
bool PowerControl::carry_out(std::size_t type, const IdleManager::Wish& wish, SimTime now) {
  switch (wish.kind) {
    case IdleManager::Wish::Kind::kNothing:
      return false;
    case IdleManager::Wish::Kind::kSleep:
      if (let_sleep(type, wish, now) == wish.nodes) return true;
      next_day_ = SimTime{Seconds{(seconds_since_epoch(now) / kDay + 1) * kDay}};  // the others have slept enough today
      return false;
    case IdleManager::Wish::Kind::kWake:
    case IdleManager::Wish::Kind::kDeepen:
      return wake(type, wish, now) == wish.nodes;
  }
  return false;
}

// It has not slept too often on this day.
bool PowerControl::may_sleep(NodeIndex n, SimTime now) {
  const std::int64_t day = seconds_since_epoch(now) / kDay;
  Node& of = node(n);
  if (std::exchange(of.day, day) != day) of.sleeps = 0;
  return spec_->sleeps_per_day == 0 || of.sleeps < spec_->sleeps_per_day;
}

void PowerControl::fall_asleep(NodeIndex n, std::int32_t state, SimTime now) {
  Node& of = node(n);
  const std::size_t type = types_.type_of(n);
  ++of.sleeps;
  of.sleep_state = state;
  of.until = now + sleep_state(n).enter.duration;
  latest_asleep_[type] = std::max(latest_asleep_[type], of.until);
  pool_->set_readiness({n, 1}, Readiness::kFallingAsleep);
  ++asleep(n);
  act(n, false, state);
}

// The highest nodes, since jobs get the lowest. Returns how many could.
std::int64_t PowerControl::let_sleep(std::size_t type, const IdleManager::Wish& wish, SimTime now) {
  runs_.clear();
  pool_->unused(static_cast<std::int32_t>(type), Readiness::kAwake).for_each_run([&](NodeRun run) {
    runs_.push_back(run);
    return true;
  });
  chosen_.clear();
  const auto count = static_cast<std::size_t>(wish.nodes);
  for (std::size_t i = runs_.size(); i-- > 0 && chosen_.size() < count;)
    for (NodeIndex n = runs_[i].end(); n-- > runs_[i].first && chosen_.size() < count;)
      if (may_sleep(n, now)) chosen_.push_back(n);
  for (auto n = chosen_.rbegin(); n != chosen_.rend(); ++n) fall_asleep(*n, wish.state, now);
  managers_[type].slept(static_cast<std::int64_t>(chosen_.size()));
  return static_cast<std::int64_t>(chosen_.size());
}

// Unused nodes, to serve or to go into a deeper state. Those that are still falling asleep, and those that would have
// to wait for others to boot, are left alone. Returns how many could.
std::int64_t PowerControl::wake(std::size_t type, const IdleManager::Wish& wish, SimTime now) {
  const bool deepen = wish.kind == IdleManager::Wish::Kind::kDeepen;
  const std::int64_t most = std::min(wish.nodes, may_boot());
  chosen_.clear();
  for (const Readiness readiness : {Readiness::kDozing, Readiness::kAsleep}) {
    runs_.clear();
    const NodeSet& asleep = pool_->unused(static_cast<std::int32_t>(type), readiness);
    asleep.append_lowest(asleep.size(), runs_);
    for (const NodeRun& run : runs_)
      for (NodeIndex n = run.first; n < run.end() && static_cast<std::int64_t>(chosen_.size()) < most; ++n) {
        const std::int32_t state = node(n).sleep_state;
        if (deepen ? state < wish.state && may_sleep(n, now) : state >= wish.state) chosen_.push_back(n);
      }
  }
  for (const NodeIndex n : chosen_) {
    --asleep(n);
    if (deepen) node(n).deepen = wish.state;
    boot(n, now);
  }
  return static_cast<std::int64_t>(chosen_.size());
}

SimTime PowerControl::next_decision() const {
  SimTime next = next_day_;
  for (const IdleManager& manager : managers_) next = std::min(next, manager.next_decision());
  return next;
}

}  // namespace wattfill
