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
      retired_(cluster.node_types.size()),
      latest_awake_(cluster.node_types.size()),
      latest_asleep_(cluster.node_types.size()) {
  if (types_.nodes() > 0) pool.set_readiness({0, types_.nodes()}, Readiness::kAwake);
  managers_.reserve(cluster.node_types.size());
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
  return {count(Readiness::kAwake), count(Readiness::kWaking), asleep_[type], retired_[type]};
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

void PowerControl::act(NodeRun nodes, bool wake, std::int32_t state) {
  if (!actions_.empty()) {
    PowerAction& last = actions_.back();
    if (last.nodes.end() == nodes.first && last.wake == wake && last.sleep_state == state &&
        types_.type_of(last.nodes.first) == types_.type_of(nodes.first)) {
      last.nodes.length += nodes.length;
      return;
    }
  }
  actions_.push_back({nodes, wake, state});
}

// Need not be asked for any more: in a planner that is restored, nodes that are always out of work sleep already.
void PowerControl::withdraw_sleep(NodeRun asleep) {
  if (actions_.empty()) return;
  std::vector<PowerAction> all;
  all.swap(actions_);
  for (const PowerAction& action : all) {
    const NodeRun nodes = action.nodes;
    const NodeIndex from = action.wake ? nodes.end() : std::clamp(asleep.first, nodes.first, nodes.end());
    const NodeIndex to = action.wake ? nodes.end() : std::clamp(asleep.end(), from, nodes.end());
    if (from > nodes.first) actions_.push_back({{nodes.first, from - nodes.first}, action.wake, action.sleep_state});
    if (to < nodes.end()) actions_.push_back({{to, nodes.end() - to}, action.wake, action.sleep_state});
  }
}

// Of one type; they sleep, in any state. Returns by when all are awake.
SimTime PowerControl::boot(NodeRun nodes, SimTime now) {
  const std::size_t type = types_.type_of(nodes.first);
  const std::vector<SleepState>& states = cluster_->node_types[type].power.sleep;
  SimTime last = now;
  for_each_state(nodes, [&](std::int32_t state, NodeRun part) {
    const SimTime until = now + states[static_cast<std::size_t>(state)].leave.duration;
    for (NodeIndex n = part.first; n < part.end(); ++n) {
      node(n).until = until;
      node(n).wanted = false;
    }
    last = std::max(last, until);
    act(part, true, state);
  });
  pool_->set_readiness(nodes, Readiness::kWaking);
  latest_awake_[type] = std::max(latest_awake_[type], last);
  booting_ += nodes.length;
  return last;
}

// How long the last of so many nodes in the queue waits at most for its boot to begin, once it is asleep.
Seconds PowerControl::queueing(std::int64_t nodes) const {
  if (spec_->boots_at_once == 0) return Seconds{0};
  return longest_boot_ * ((nodes + spec_->boots_at_once - 1) / spec_->boots_at_once);
}

// Nodes of one type, which are equally ready, must be awake as soon as can be. Returns by when they are, if every boot
// succeeds.
SimTime PowerControl::want(NodeRun nodes, Readiness readiness, SimTime now) {
  SimTime ready = now;
  if (readiness == Readiness::kWaking) {
    ready += Seconds{1};
    for (NodeIndex n = nodes.first; n < nodes.end(); ++n) ready = std::max(ready, node(n).until);
  }
  if (readiness == Readiness::kAwake || readiness == Readiness::kWaking) return ready;
  if (readiness != Readiness::kFallingAsleep) {
    const NodeRun at_once{nodes.first, static_cast<std::int32_t>(std::min<std::int64_t>(nodes.length, may_boot()))};
    if (at_once.length > 0) ready = boot(at_once, now);
    nodes = {at_once.end(), nodes.length - at_once.length};
  }
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    node(n).wanted = true;
    to_boot_.push_back(n);
    ready = std::max(ready, std::max(node(n).until, now) + queueing(waiting()) + sleep_state(n).leave.duration);
  }
  return ready;
}

// In the order in which they were wanted; those that still fall asleep let others pass.
void PowerControl::boot_more(SimTime now) {
  std::erase_if(to_boot_, [&](NodeIndex n) {
    const bool boots = may_boot() > 0 && pool_->readiness(n) != Readiness::kFallingAsleep;
    if (boots) boot({n, 1}, now);
    return boots;
  });
}

Seconds PowerControl::hold(const Allocation& allocation, SimTime now) {
  SimTime ready = now;
  for_each_run(allocation.nodes, [&](NodeRun nodes) {
    pool_->for_each_readiness(nodes, [&](std::size_t type, Readiness readiness, NodeRun run) {
      if (readiness == Readiness::kAwake) return managers_[type].taken(run.length);
      if (is_away(readiness)) count_asleep(type, run, -1);
      ready = std::max(ready, want(run, readiness, now));
    });
  });
  return ready - now;
}

void PowerControl::gave_back(const Allocation& allocation, SimTime now) {
  bool queued = false;
  for_each_run(allocation.nodes, [&](NodeRun nodes) {
    pool_->for_each_readiness(nodes, [&](std::size_t type, Readiness readiness, NodeRun run) {
      if (readiness == Readiness::kAwake) return managers_[type].freed(run.length, now);
      if (is_away(readiness)) count_asleep(type, run, 1);
      for (NodeIndex n = run.first; n < run.end(); ++n) queued |= std::exchange(node(n).wanted, false);
    });
  });
  if (queued) std::erase_if(to_boot_, [this](NodeIndex n) { return !node(n).wanted; });
}

void PowerControl::retire(NodeRun nodes) {
  if (nodes.length == 0) return;
  const std::int32_t state = deepest(types_.type_of(nodes.first));
  if (state < 0) return;
  pool_->set_readiness(nodes, Readiness::kFallingAsleep);
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    node(n).sleep_state = state;
    node(n).retired = true;
  }
  act(nodes, false, state);
}

void PowerControl::retire(NodeIndex n, SimTime now) {
  const std::size_t type = types_.type_of(n);
  const Readiness readiness = pool_->readiness(n);
  if (is_away(readiness)) --asleep(n);
  if (readiness == Readiness::kAwake) managers_[type].slept(1);
  node(n).retired = true;
  ++retired_[type];
  sink(n, now);
}

void PowerControl::restore(NodeIndex n) {
  node(n).retired = false;
  node(n).deepen = -1;
  --retired_[types_.type_of(n)];
}

// One that is retired, a step towards its deepest sleep. What it is about has to end first.
void PowerControl::sink(NodeIndex n, SimTime now) {
  const std::int32_t state = deepest(types_.type_of(n));
  if (state < 0) return;
  if (pool_->readiness(n) == Readiness::kDozing) {
    boot({n, 1}, now);
    --booting_;
    node(n).sinks = true;
  }
  if (pool_->readiness(n) != Readiness::kAwake) return;
  may_sleep(n, now);  // it sleeps once more on this day, whether it may or not
  fall_asleep({n, 1}, state, now);
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
  for (std::size_t type = types_.type_of(nodes.first); nodes.length > 0; ++type) {
    if (cluster_->node_types[type].power.sleep.empty()) return false;
    const NodeIndex next = std::min(nodes.end(), types_.of_type(type).end());
    nodes = {next, nodes.end() - next};
  }
  return true;
}

void PowerControl::changed(NodeRun nodes, bool awake, SimTime now) {
  if (!awake) withdraw_sleep(nodes);
  pool_->for_each_readiness(nodes, [&](std::size_t type, Readiness before, NodeRun run) {
    if (awake)
      came_up(type, before, run, now);
    else
      went_to_sleep(type, before, run, now);
  });
  boot_more(now);
}

void PowerControl::booted(NodeRun nodes) {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n)
    if (!std::exchange(node(n).sinks, false)) --booting_;
}

void PowerControl::came_up(std::size_t type, Readiness before, NodeRun run, SimTime now) {
  const NodeSet& unused = pool_->unused(static_cast<std::int32_t>(type), before);
  std::int64_t freed = 0;
  chosen_.clear();
  for (NodeIndex n = run.first; n < run.end(); ++n) {
    Node& of = node(n);
    const bool free = unused.has(n);
    // Of its own accord, or it never fell asleep.
    if (is_away(before) && free) --asleep(n);
    if (std::exchange(of.wanted, false)) std::erase(to_boot_, n);
    if (of.retired) of.deepen = deepest(type);
    const bool deepens = of.deepen >= 0 && before != Readiness::kAwake && ((may_sleep(n, now) && free) || of.retired);
    if (!deepens)
      of.deepen = -1;
    else if (!chosen_.empty() && chosen_.back().end() == n && node(n - 1).deepen == of.deepen)
      ++chosen_.back().length;
    else
      chosen_.push_back({n, 1});
    freed += free && before != Readiness::kAwake && !deepens;
  }
  if (before == Readiness::kWaking) booted(run);
  pool_->set_readiness(run, before, Readiness::kAwake);
  managers_[type].freed(freed, now);
  for (const NodeRun nodes : chosen_) fall_asleep(nodes, node(nodes.first).deepen, now);
}

void PowerControl::went_to_sleep(std::size_t type, Readiness before, NodeRun run, SimTime now) {
  for (NodeIndex n = run.first; n < run.end(); ++n) {
    if (before == Readiness::kAwake && pool_->is_free(n)) found_asleep(n, now);
    if (before == Readiness::kWaking) gave_up_waking(n);
  }
  const std::size_t states = cluster_->node_types[type].power.sleep.size();
  for_each_state(run, [&](std::int32_t state, NodeRun part) {
    const bool deepest = static_cast<std::size_t>(state) + 1 == states;
    pool_->set_readiness(part, before, deepest ? Readiness::kAsleep : Readiness::kDozing);
  });
  if (before == Readiness::kWaking) return;  // the host left it at that
  for (NodeIndex n = run.first; n < run.end(); ++n)
    if (node(n).retired) sink(n, now);
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
  booted({n, 1});
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
  if (spec_->sleeps_per_day == 0) return true;
  const std::int64_t day = seconds_since_epoch(now) / kDay;
  Node& of = node(n);
  if (std::exchange(of.day, day) != day) of.sleeps = 0;
  return of.sleeps < spec_->sleeps_per_day;
}

// Of one type, and awake.
void PowerControl::fall_asleep(NodeRun nodes, std::int32_t state, SimTime now) {
  const std::size_t type = types_.type_of(nodes.first);
  const auto s = static_cast<std::size_t>(state);
  const SimTime until = now + cluster_->node_types[type].power.sleep[s].enter.duration;
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    Node& of = node(n);
    ++of.sleeps;
    of.sleep_state = state;
    of.until = until;
    of.deepen = -1;
    asleep_[type][s] += of.retired ? 0 : 1;
  }
  latest_asleep_[type] = std::max(latest_asleep_[type], until);
  pool_->set_readiness(nodes, Readiness::kAwake, Readiness::kFallingAsleep);
  act(nodes, false, state);
}

// Appends the lowest nodes of the run to chosen_, at most so many; where they are to sleep, those that may. Returns how
// many.
std::int64_t PowerControl::choose_lowest(NodeRun run, std::int64_t most, bool to_sleep, SimTime now) {
  const std::int64_t before = most;
  NodeRun part{run.first, 0};
  const auto add = [&] {
    if (part.length > 0) chosen_.push_back(part);
  };
  for (NodeIndex n = run.first; n < run.end() && most > 0; ++n) {
    if (!to_sleep || may_sleep(n, now)) {
      ++part.length;
      --most;
      continue;
    }
    add();
    part = {n + 1, 0};
  }
  add();
  return before - most;
}

// The highest nodes, since jobs get the lowest. Returns how many could.
std::int64_t PowerControl::let_sleep(std::size_t type, const IdleManager::Wish& wish, SimTime now) {
  runs_.clear();
  pool_->unused(static_cast<std::int32_t>(type), Readiness::kAwake).for_each_run([&](NodeRun run) {
    runs_.push_back(run);
    return true;
  });
  chosen_.clear();
  std::int64_t left = wish.nodes;
  for (auto run = runs_.rbegin(); run != runs_.rend() && left > 0; ++run)
    for (NodeIndex end = run->end(); end > run->first && left > 0;) {
      if (!may_sleep(--end, now)) continue;
      NodeRun some{end, 1};
      for (; some.first > run->first && some.length < left && may_sleep(some.first - 1, now); ++some.length)
        --some.first;
      chosen_.push_back(some);
      left -= some.length;
      end = some.first;
    }
  for (auto some = chosen_.rbegin(); some != chosen_.rend(); ++some) fall_asleep(*some, wish.state, now);
  managers_[type].slept(wish.nodes - left);
  return wish.nodes - left;
}

// Unused nodes, to serve or to go into a deeper state. Those that are still falling asleep, and those that would have
// to wait for others to boot, are left alone. Returns how many could.
std::int64_t PowerControl::wake(std::size_t type, const IdleManager::Wish& wish, SimTime now) {
  const bool deepen = wish.kind == IdleManager::Wish::Kind::kDeepen;
  const std::int64_t most = std::min(wish.nodes, may_boot());
  std::int64_t left = most;
  chosen_.clear();
  for (const Readiness readiness : {Readiness::kDozing, Readiness::kAsleep}) {
    if (left == 0) break;
    pool_->unused(static_cast<std::int32_t>(type), readiness).for_each_run([&](NodeRun run) {
      while (run.length > 0 && left > 0) {
        const NodeRun part =
            of_one_state({run.first, static_cast<std::int32_t>(std::min<std::int64_t>(run.length, left))});
        const std::int32_t state = node(part.first).sleep_state;
        if (deepen ? state < wish.state : state >= wish.state) left -= choose_lowest(part, left, deepen, now);
        run = {part.end(), run.length - part.length};
      }
      return left > 0;
    });
  }
  for (const NodeRun run : chosen_) {
    count_asleep(type, run, -1);
    if (deepen)
      for (NodeIndex n = run.first; n < run.end(); ++n) node(n).deepen = wish.state;
    boot(run, now);
  }
  return most - left;
}

SimTime PowerControl::next_decision() const {
  SimTime next = next_day_;
  for (const IdleManager& manager : managers_) next = std::min(next, manager.next_decision());
  return next;
}

}  // namespace wattfill
