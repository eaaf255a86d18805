#include "trace-replay/energy/node_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trace-replay/energy/node_power.hpp"

namespace wattfill {

NodeAccounts::NodeAccounts(const Cluster& cluster, JobAccounts& jobs, SimTime begin)
    : cluster_(&cluster), jobs_(&jobs) {
  nodes_.reserve(static_cast<std::size_t>(cluster.nodes()));
  for (std::size_t t = 0; t < cluster.node_types.size(); ++t) {
    const NodeType& type = cluster.node_types[t];
    Node node;
    node.since = begin;
    node.power = type.power.idle;
    node.type = static_cast<std::int32_t>(t);
    nodes_.insert(nodes_.end(), static_cast<std::size_t>(type.count), node);
    power_[Component::kIdle] += type.power.idle * type.count;
    if (cluster.allocation != AllocationMode::kCores) continue;
    Sharing unused;
    unused.used = CoreSet(type.processors);
    unused.used_of_package.resize(static_cast<std::size_t>(type.insides.packages));
    sharing_.insert(sharing_.end(), static_cast<std::size_t>(type.count), unused);
  }
}

Component NodeAccounts::component(State state) {
  switch (state) {
    case State::kIdle:
      return Component::kIdle;
    case State::kInUse:
      return Component::kJobs;
    case State::kAsleep:
      return Component::kSleep;
    case State::kFallingAsleep:
    case State::kWaking:
      break;
  }
  return Component::kTransition;
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

NodeAccounts::Node& NodeAccounts::at(NodeIndex node) {
  if (node < 0 || static_cast<std::size_t>(node) >= nodes_.size())
    throw std::logic_error(fmt::format("metering: node {} of {}", node, nodes_.size()));
  return nodes_[static_cast<std::size_t>(node)];
}

NodeAccounts::Node& NodeAccounts::expect(NodeIndex index, State state, const char* event) {
  Node& node = at(index);
  if (node.state != state)
    throw std::logic_error(
        fmt::format("metering: node {}: {}, but it is {}, not {}", index, event, name(node.state), name(state)));
  return node;
}

// The old state is billed up to now.
void NodeAccounts::change(Node& node, State state, Milliwatts power, SimTime now) {
  const Component before = component(node.state);
  node.energy[before] += node.power * (now - node.since);
  power_[before] -= node.power;
  power_[component(state)] += power;
  node.since = now;
  node.power = power;
  node.state = state;
}

// --- Jobs ---

void NodeAccounts::start(JobAccounts::Slot slot, const Allocation& allocation, std::int32_t frequency, SimTime now) {
  JobAccounts::Running& job = (*jobs_)[slot];
  const std::size_t core_sets = sharing_.empty() ? 0 : allocation.nodes.size();
  if (allocation.nodes.empty() || allocation.cores.size() != core_sets)
    throw std::logic_error(fmt::format("metering: job {} starts on {} nodes with {} core sets instead of {}", job.job,
                                       allocation.nodes.size(), allocation.cores.size(), core_sets));
  job.nodes.assign(allocation.nodes.begin(), allocation.nodes.end());
  if (!sharing_.empty()) {
    for (std::size_t i = 0; i < job.nodes.size(); ++i) join(job.nodes[i], slot, allocation.cores[i], frequency, now);
    return;
  }
  Milliwatts power;
  for (const NodeIndex index : job.nodes) {
    Node& node = expect(index, State::kIdle, "a job starts");
    change(node, State::kInUse, active_power(type(node), frequency), now);
    power += node.power;
  }
  jobs_->add_power(slot, power.count, now);
}

void NodeAccounts::end(JobAccounts::Slot slot, SimTime now) {
  for (const NodeIndex index : (*jobs_)[slot].nodes) {
    if (!sharing_.empty()) {
      leave(index, slot, now);
      continue;
    }
    Node& node = at(index);
    change(node, State::kIdle, type(node).power.idle, now);
  }
}

void NodeAccounts::set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now) {
  Milliwatts difference;
  for (const NodeIndex index : (*jobs_)[slot].nodes) {
    if (!sharing_.empty()) {
      settle_shares(index, now);
      sharing_[static_cast<std::size_t>(index)].frequency = frequency;
      share_out(index, now);
      continue;
    }
    Node& node = at(index);
    const Milliwatts power = active_power(type(node), frequency);
    difference += power - node.power;
    change(node, State::kInUse, power, now);
  }
  jobs_->add_power(slot, difference.count, now);
}

void NodeAccounts::join(NodeIndex index, JobAccounts::Slot slot, const CoreSet& cores, std::int32_t frequency,
                        SimTime now) {
  Node& node = at(index);
  if (node.state != State::kInUse) expect(index, State::kIdle, "a job starts");
  Sharing& here = sharing_[static_cast<std::size_t>(index)];
  const NodeInsides& insides = type(node).insides;
  const JobAccounts::Running& job = (*jobs_)[slot];
  Share share{slot, job.job, job.start, 0, {}, {}, cores};
  cores.for_each([&](std::int32_t core) {
    if (core >= type(node).processors || here.used.has(core))
      throw std::logic_error(fmt::format("metering: job {} starts on core {} of node {}, which {}", job.job, core,
                                         index, core >= type(node).processors ? "has no such core" : "is in use"));
    here.used.add(core);
    ++here.used_of_package[static_cast<std::size_t>(insides.cores[static_cast<std::size_t>(core)].package)];
    ++share.count;
  });
  if (share.count == 0)
    throw std::logic_error(fmt::format("metering: job {} starts on node {} without a core", job.job, index));
  const auto later = std::find_if(here.shares.begin(), here.shares.end(), [&](const Share& other) {
    return other.start == share.start && other.job > share.job;
  });
  settle_shares(index, now);
  here.shares.insert(later, std::move(share));
  here.frequency = frequency;
  share_out(index, now);
}

void NodeAccounts::leave(NodeIndex index, JobAccounts::Slot slot, SimTime now) {
  Node& node = at(index);
  Sharing& here = sharing_[static_cast<std::size_t>(index)];
  const NodeInsides& insides = type(node).insides;
  const auto share =
      std::find_if(here.shares.begin(), here.shares.end(), [slot](const Share& s) { return s.slot == slot; });
  share->cores.for_each([&](std::int32_t core) {
    here.used.remove(core);
    --here.used_of_package[static_cast<std::size_t>(insides.cores[static_cast<std::size_t>(core)].package)];
  });
  settle_shares(index, now);
  jobs_->add_energy(slot, share->energy.count);
  here.shares.erase(share);
  if (!here.shares.empty()) return share_out(index, now);
  change(node, State::kIdle, type(node).power.idle, now);
}

void NodeAccounts::settle_shares(NodeIndex index, SimTime now) {
  const Seconds duration = now - at(index).since;
  for (Share& share : sharing_[static_cast<std::size_t>(index)].shares) share.energy += share.power * duration;
}

// Precondition: the shares are settled.
void NodeAccounts::share_out(NodeIndex index, SimTime now) {
  Node& node = at(index);
  Sharing& here = sharing_[static_cast<std::size_t>(index)];
  std::int32_t cores = 0;
  for (const Share& share : here.shares) cores += share.count;
  const auto unused = std::count(here.used_of_package.begin(), here.used_of_package.end(), 0);
  const auto packages = static_cast<std::int32_t>(here.used_of_package.size()) - static_cast<std::int32_t>(unused);
  change(node, State::kInUse, power_in_use(type(node), here.frequency, cores, packages), now);
  std::int32_t cores_before = 0;
  std::int64_t before = 0;
  for (Share& share : here.shares) {
    cores_before += share.count;
    const std::int64_t upto = node.power.count * cores_before / cores;
    share.power = {upto - before};
    before = upto;
  }
}

// --- Sleep ---

void NodeAccounts::sleep_begun(NodeIndex index, std::int32_t state, SimTime now) {
  Node& node = expect(index, State::kIdle, "it falls asleep");
  if (state < 0 || static_cast<std::size_t>(state) >= type(node).power.sleep.size())
    throw std::logic_error(fmt::format("metering: node {}: its type has no sleep state {}", index, state));
  node.sleep = state;
  begin_transition(index, State::kFallingAsleep, sleep_state(node).enter, now);
  ++sleeps_;
}

void NodeAccounts::asleep(NodeIndex index, SimTime now) {
  const Node& node = expect(index, State::kFallingAsleep, "it is asleep");
  end_transition(index, State::kAsleep, sleep_state(node).power, now);
}

void NodeAccounts::wake_begun(NodeIndex index, SimTime now) {
  const Node& node = expect(index, State::kAsleep, "it wakes");
  begin_transition(index, State::kWaking, sleep_state(node).leave, now);
  ++wakes_;
}

void NodeAccounts::awake(NodeIndex index, SimTime now) {
  const Node& node = expect(index, State::kWaking, "it is awake");
  end_transition(index, State::kIdle, type(node).power.idle, now);
}

void NodeAccounts::begin_transition(NodeIndex index, State state, const Transition& transition, SimTime now) {
  Node& node = at(index);
  change(node, state, first_power(transition), now);
  node.until = now + transition.duration;
  if (node.power != last_second_power(transition)) last_seconds_.emplace(node.until - Seconds{1}, index);
}

void NodeAccounts::last_second() {
  const auto [now, index] = last_seconds_.top();
  last_seconds_.pop();
  Node& node = at(index);
  const SleepState& sleep = sleep_state(node);
  change(node, node.state, last_second_power(node.state == State::kFallingAsleep ? sleep.enter : sleep.leave), now);
}

void NodeAccounts::end_transition(NodeIndex index, State state, Milliwatts power, SimTime now) {
  Node& node = at(index);
  if (now != node.until)
    throw std::logic_error(fmt::format("metering: node {}: its transition ends at {} s instead of {} s", index,
                                       seconds_since_epoch(now), seconds_since_epoch(node.until)));
  change(node, state, power, now);
}

// --- Report ---

void NodeAccounts::fill(EnergyReport& report, SimTime now) {
  for (const NodeType& type : cluster_->node_types) report.by_type.push_back({type.name, type.count, {}});
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    if (component(node.state) == Component::kTransition && node.until < now)
      throw std::logic_error(fmt::format("metering: node {}: its transition should have ended at {} s", i,
                                         seconds_since_epoch(node.until)));
    if (!sharing_.empty()) {
      settle_shares(static_cast<NodeIndex>(i), now);
      for (const Share& share : sharing_[i].shares) jobs_->add_energy(share.slot, share.energy.count);
    }
    change(node, node.state, node.power, now);
    report.by_node.push_back(node.energy);
    report.by_type[static_cast<std::size_t>(node.type)].energy += node.energy;
  }
  report.sleeps = sleeps_;
  report.wakes = wakes_;
}

}  // namespace wattfill
