#include "trace-replay/energy/node_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trace-replay/energy/node_power.hpp"

namespace wattfill {

NodeAccounts::NodeAccounts(const Cluster& cluster, JobAccounts& jobs, SimTime begin)
    : cluster_(&cluster),
      jobs_(&jobs),
      types_(cluster),
      begin_(begin),
      unused_(0, types_.nodes()),
      nodes_(static_cast<std::size_t>(types_.nodes())),
      energy_(types_.nodes()),
      busy_(types_.nodes()) {
  unused_.add(NodeRun{0, types_.nodes()});
  for (const NodeType& type : cluster.node_types) power_[Component::kIdle] += type.power.idle * type.count;
  if (cluster.allocation == AllocationMode::kCores) shared_.emplace(cluster, types_, jobs);
}

const char* NodeAccounts::name(State state) {
  switch (state) {
    case State::kIdle:
      return "idle";
    case State::kInUse:
      return "in use";
    case State::kAsleep:
      return "asleep";
    case State::kFallingAsleep:
      return "falling asleep";
    case State::kWaking:
      break;
  }
  return "waking";
}

NodeAccounts::State NodeAccounts::state(NodeIndex node) const {
  const State state = this->node(node).state;
  return state == State::kIdle && !unused_.has(node) ? State::kInUse : state;
}

void NodeAccounts::check(NodeIndex node) const {
  if (node < 0 || node >= types_.nodes())
    throw std::logic_error(fmt::format("metering: node {} of {}", node, types_.nodes()));
}

void NodeAccounts::refuse(NodeIndex node, State expected, const char* event) const {
  throw std::logic_error(
      fmt::format("metering: node {}: {}, but it is {}, not {}", node, event, name(state(node)), name(expected)));
}

void NodeAccounts::expect(NodeIndex node, State expected, const char* event) const {
  check(node);
  if (state(node) != expected) refuse(node, expected, event);
}

void NodeAccounts::expect(NodeRun nodes, State expected, const char* event) const {
  check(nodes.first);
  check(nodes.end() - 1);
  const bool all_idle = expected == State::kIdle && unused_.has(nodes);
  for (NodeIndex n = nodes.first; n < nodes.end() && !all_idle; ++n)
    if (state(n) != expected) refuse(n, expected, event);
}

// --- Jobs ---

void NodeAccounts::start(JobAccounts::Slot slot, const Allocation& allocation, std::int32_t frequency, SimTime now) {
  const std::size_t core_sets = shared_ ? allocation.nodes.size() : 0;
  if (allocation.nodes.empty() || allocation.cores.size() != core_sets)
    throw std::logic_error(fmt::format("metering: job {} starts on {} nodes with {} core sets instead of {}",
                                       (*jobs_)[slot].job, allocation.nodes.size(), allocation.cores.size(),
                                       core_sets));
  check(allocation.nodes.front());
  check(allocation.nodes.back());
  if (slot >= held_.size()) held_.resize(slot + 1);
  Held& held = held_[slot];
  held.frequency = frequency;
  held.since = now;
  types_.for_each_part(
      allocation, [&](std::size_t type, NodeRun nodes) { hold_whole(slot, type, nodes, now); },
      [&](std::size_t, NodeIndex node, const CoreSet& cores) { hold_cores(slot, node, cores, now); });
  for (const Whole& whole : held.whole)
    power_[Component::kIdle] -= cluster_->node_types[whole.type].power.idle * whole.nodes.length;
  const Milliwatts power = power_of_whole(held);
  power_[Component::kJobs] += power;
  jobs_->add_power(slot, power.count, now);
}

// Also where nodes are shared: nobody else can come to a node of which a job has all cores.
void NodeAccounts::hold_whole(JobAccounts::Slot slot, std::size_t type, NodeRun nodes, SimTime now) {
  if (!unused_.has(nodes)) {
    for (NodeIndex node = nodes.first; node < nodes.end(); ++node)
      if (shared_ && state(node) == State::kInUse)
        hold_cores(slot, node, types_.all_cores(type), now);  // tells which core is in use
      else
        expect(node, State::kIdle, "a job starts");
  }
  unused_.remove(nodes);
  held_[slot].whole.push_back({type, nodes});
}

void NodeAccounts::hold_cores(JobAccounts::Slot slot, NodeIndex node, const CoreSet& cores, SimTime now) {
  const bool unused = unused_.has(node);
  if (state(node) != State::kInUse) expect(node, State::kIdle, "a job starts");
  Held& held = held_[slot];
  const bool whole = !unused && shared_->unused(node);
  power_[Component::kJobs] += shared_->join(node, slot, cores, held.frequency, whole, now);
  held.shared.push_back(node);
  if (!unused) return;
  unused_.remove(node);
  power_[Component::kIdle] -= type(node).power.idle;
}

Milliwatts NodeAccounts::power_of_each(const Held& held, const Whole& whole) const {
  return shared_ ? shared_->power(whole.type, held.frequency, types_.all_cores(whole.type))
                 : active_power(cluster_->node_types[whole.type], held.frequency);
}

Milliwatts NodeAccounts::power_of_whole(const Held& held) const {
  Milliwatts power;
  for (const Whole& whole : held.whole) power += power_of_each(held, whole) * whole.nodes.length;
  return power;
}

void NodeAccounts::settle(Held& held, SimTime now) {
  const Seconds duration = now - held.since;
  for (const Whole& whole : held.whole) {
    energy_.add(whole.nodes, (power_of_each(held, whole) * duration).count);
    busy_.add(whole.nodes, duration.count());
  }
  held.since = now;
}

void NodeAccounts::end(JobAccounts::Slot slot, SimTime now) {
  Held& held = held_[slot];
  settle(held, now);
  power_[Component::kJobs] -= power_of_whole(held);
  for (const Whole& whole : held.whole) {
    unused_.add(whole.nodes);
    power_[Component::kIdle] += cluster_->node_types[whole.type].power.idle * whole.nodes.length;
  }
  for (const NodeIndex node : held.shared) {
    power_[Component::kJobs] += shared_->leave(node, slot, now);
    if (!shared_->unused(node)) continue;
    unused_.add(node);
    power_[Component::kIdle] += type(node).power.idle;
  }
  held.whole.clear();
  held.shared.clear();
}

void NodeAccounts::set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now) {
  Held& held = held_[slot];
  settle(held, now);
  const Milliwatts before = power_of_whole(held);
  held.frequency = frequency;
  const Milliwatts more = power_of_whole(held) - before;
  power_[Component::kJobs] += more;
  jobs_->add_power(slot, more.count, now);
  for (const NodeIndex node : held.shared) power_[Component::kJobs] += shared_->set_frequency(node, frequency, now);
}

// --- Sleep ---

// The old state is billed up to now.
void NodeAccounts::change(NodeRun run, State from, State to, Milliwatts power, SimTime now) {
  const auto component = [](State of) { return of == State::kAsleep ? Component::kSleep : Component::kTransition; };
  const Milliwatts idle = type(run.first).power.idle * run.length;
  if (from == State::kIdle) {
    unused_.remove(run);
    power_[Component::kIdle] -= idle;
  }
  for (NodeIndex n = run.first; n < run.end(); ++n) {
    Node& of = node(n);
    if (from != State::kIdle) {
      of.energy[component(from)] += of.power * (now - of.since);
      of.away += now - of.since;
      power_[component(from)] -= of.power;
    }
    of.since = now;
    of.power = power;
    of.state = to;
  }
  if (to == State::kIdle) {
    unused_.add(run);
    power_[Component::kIdle] += idle;
  } else {
    power_[component(to)] += power * run.length;
  }
}

void NodeAccounts::sleep_begun(NodeRun nodes, std::int32_t state, SimTime now) {
  expect(nodes, State::kIdle, "it falls asleep");
  if (state < 0 || static_cast<std::size_t>(state) >= type(nodes.first).power.sleep.size())
    throw std::logic_error(fmt::format("metering: node {}: its type has no sleep state {}", nodes.first, state));
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) node(n).sleep = state;
  begin_transition(nodes, State::kIdle, State::kFallingAsleep, sleep_state(nodes.first).enter, now);
  sleeps_ += nodes.length;
}

void NodeAccounts::asleep(NodeRun nodes, SimTime now) {
  expect(nodes, State::kFallingAsleep, "it is asleep");
  end_transition(nodes, State::kFallingAsleep, State::kAsleep, sleep_state(nodes.first).power, now);
}

void NodeAccounts::wake_begun(NodeRun nodes, SimTime now) {
  expect(nodes, State::kAsleep, "it wakes");
  begin_transition(nodes, State::kAsleep, State::kWaking, sleep_state(nodes.first).leave, now);
  wakes_ += nodes.length;
}

void NodeAccounts::awake(NodeRun nodes, SimTime now) {
  expect(nodes, State::kWaking, "it is awake");
  end_transition(nodes, State::kWaking, State::kIdle, {}, now);
}

void NodeAccounts::boot_failed(NodeRun nodes, SimTime now) {
  expect(nodes, State::kWaking, "its boot fails");
  end_transition(nodes, State::kWaking, State::kAsleep, sleep_state(nodes.first).power, now);
}

// Of one type and sleep state.
void NodeAccounts::check_alike(NodeRun nodes) const {
  const NodeIndex end = types_.of_type(types_.type_of(nodes.first)).end();
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n)
    if (node(n).sleep != node(nodes.first).sleep || n >= end)
      throw std::logic_error(
          fmt::format("metering: nodes {} and {} are not of one type and sleep state", nodes.first, n));
}

void NodeAccounts::begin_transition(NodeRun nodes, State from, State to, const Transition& transition, SimTime now) {
  check_alike(nodes);
  const Milliwatts power = first_power(transition);
  const SimTime until = now + transition.duration;
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) node(n).until = until;
  change(nodes, from, to, power, now);
  if (power != last_second_power(transition)) last_seconds_.push({until - Seconds{1}, nodes});
}

void NodeAccounts::last_second() {
  const auto [now, nodes] = last_seconds_.top();
  last_seconds_.pop();
  const State state = node(nodes.first).state;
  const SleepState& sleep = sleep_state(nodes.first);
  change(nodes, state, state, last_second_power(state == State::kFallingAsleep ? sleep.enter : sleep.leave), now);
}

void NodeAccounts::end_transition(NodeRun nodes, State from, State to, Milliwatts power, SimTime now) {
  check_alike(nodes);
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n)
    if (now != node(n).until)
      throw std::logic_error(fmt::format("metering: node {}: its transition ends at {} s instead of {} s", n,
                                         seconds_since_epoch(now), seconds_since_epoch(node(n).until)));
  change(nodes, from, to, power, now);
}

// --- Report ---

void NodeAccounts::fill(EnergyReport& report, SimTime now) {
  for (Held& held : held_) settle(held, now);
  const std::vector<std::int64_t> energy = energy_.all();
  const std::vector<std::int64_t> busy = busy_.all();
  for (std::size_t t = 0; t < cluster_->node_types.size(); ++t) {
    const NodeType& type = cluster_->node_types[t];
    TypeEnergy& of_type = report.by_type.emplace_back(TypeEnergy{type.name, type.count, {}});
    const NodeRun nodes = types_.of_type(t);
    for (NodeIndex index = nodes.first; index < nodes.end(); ++index) {
      const auto i = static_cast<std::size_t>(index);
      const Node& node = this->node(index);
      if (node.state != State::kIdle) {
        const bool late = node.state != State::kAsleep && node.until < now;
        if (late)
          throw std::logic_error(fmt::format("metering: node {}: its transition should have ended at {} s", index,
                                             seconds_since_epoch(node.until)));
        change({index, 1}, node.state, node.state, node.power, now);
      }
      const SharedNodes::Use shared = shared_ ? shared_->finish(index, now) : SharedNodes::Use{};
      Parts<Millijoules>& all = report.by_node.emplace_back(node.energy);
      all[Component::kJobs] = Millijoules{energy[i]} + shared.energy;
      all[Component::kIdle] = type.power.idle * (now - begin_ - Seconds{busy[i]} - shared.busy - node.away);
      of_type.energy += all;
    }
  }
  report.sleeps = sleeps_;
  report.wakes = wakes_;
}

}  // namespace wattfill
