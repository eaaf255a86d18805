// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/power_desk.hpp"

#include <algorithm>

namespace wattfill::slurm {
namespace {

constexpr std::size_t kRememberedBoots = 100;  // of each node type
constexpr std::size_t kBootsToLearn = 5;
constexpr std::int64_t kMinute = 60;

template <class Visit>
void for_each_node(const protocol::PowerAction& action, const Machine& machine, Visit visit) {
  for (std::int32_t i = 0; i < action.nodes().length(); ++i) visit(machine.slurm_node(action.nodes().first() + i));
}

}  // namespace

bool RateLimit::take(std::int64_t now_s) {
  while (!taken_s_.empty() && taken_s_.front() <= now_s - kMinute) taken_s_.pop_front();
  if (a_minute_ > 0 && static_cast<std::int64_t>(taken_s_.size()) >= a_minute_) return false;
  if (a_minute_ > 0) taken_s_.push_back(now_s);
  return true;
}

void PowerDesk::begin(const google::protobuf::RepeatedPtrField<protocol::NodeRun>& may_sleep, const Machine& machine) {
  belief_.clear();
  late_.clear();
  for (const protocol::NodeRun& run : may_sleep)
    for (std::int32_t i = 0; i < run.length(); ++i) belief_[machine.slurm_node(run.first() + i)] = Power::kAwake;
}

// One event for neighbours.
void PowerDesk::set(std::int32_t node, bool awake, const Machine& machine, std::int64_t now_s, Events& events) {
  belief_[node] = awake ? Power::kAwake : Power::kAsleep;
  const std::int32_t number = machine.planner_node(node);
  if (!events.empty() && events.back().has_power() && events.back().power().awake() == awake) {
    protocol::NodeRun& run = *events.back().mutable_power()->mutable_nodes();
    if (run.first() + run.length() == number) {
      run.set_length(run.length() + 1);
      return;
    }
  }
  protocol::Event& event = events.emplace_back();
  event.set_time_s(now_s);
  event.mutable_power()->set_awake(awake);
  event.mutable_power()->mutable_nodes()->set_first(number);
  event.mutable_power()->mutable_nodes()->set_length(1);
}

void PowerDesk::watch_boot(const NodeView& node, const Machine& machine, std::int64_t now_s) {
  if (node.power == Power::kWaking) {
    boots_since_s_.try_emplace(node.index, now_s);
    return;
  }
  const auto since = boots_since_s_.find(node.index);
  if (since == boots_since_s_.end() || (node.power == Power::kAsleep && late_.contains(node.index))) return;
  if (node.power == Power::kAwake && node.usable) {
    std::deque<std::int64_t>& boots = figures_.boots[machine.type_of(node.index)];
    boots.push_back(now_s - since->second);
    if (boots.size() > kRememberedBoots) boots.pop_front();
  }
  boots_since_s_.erase(since);
}

void PowerDesk::tell(const Snapshot& snapshot, const Machine& machine, const std::set<std::int32_t>& occupied,
                     std::int64_t now_s, Events& events) {
  suspend_.set(snapshot.suspend_rate);
  resume_.set(snapshot.resume_rate);
  for (const NodeView& node : snapshot.nodes) {
    if (!machine.has(node.index)) continue;
    watch_boot(node, machine, now_s);
    const auto at = belief_.find(node.index);
    if (at == belief_.end()) continue;
    if (node.power != Power::kAsleep) late_.erase(node.index);
    if (node.power == Power::kAwake && at->second != Power::kAwake) {
      set(node.index, true, machine, now_s, events);
    } else if (node.power == Power::kAsleep && at->second != Power::kAsleep && !late_.contains(node.index) &&
               !occupied.contains(node.index)) {
      set(node.index, false, machine, now_s, events);
    }
  }
}

std::vector<PowerOrder> PowerDesk::orders(const protocol::Pass& pass, const Machine& machine, std::int64_t now_s,
                                          Events& events) {
  std::vector<PowerOrder> out;
  for (const protocol::PowerAction& action : pass.power())
    for_each_node(action, machine, [&](std::int32_t node) {
      belief_[node] = action.wake() ? Power::kWaking : Power::kFallingAsleep;
      if (action.wake() ? resume_.take(now_s) : suspend_.take(now_s)) {
        out.push_back({node, action.wake()});
      } else if (action.wake()) {
        late_.insert(node);
      } else {
        ++figures_.refused;
        set(node, true, machine, now_s, events);
      }
    });
  return out;
}

std::vector<PowerOrder> PowerDesk::late_orders(std::int64_t now_s) {
  std::vector<PowerOrder> out;
  while (!late_.empty() && resume_.take(now_s)) {
    out.push_back({*late_.begin(), true});
    late_.erase(late_.begin());
  }
  return out;
}

void PowerDesk::answer(const std::vector<PowerOrder>& orders, const std::vector<bool>& done, const Machine& machine,
                       std::int64_t now_s, Events& events) {
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const PowerOrder& order = orders[i];
    if (!done[i]) {
      ++figures_.refused;
      if (!order.wake) set(order.node, true, machine, now_s, events);  // else the next look tells that it sleeps
      continue;
    }
    ++(order.wake ? figures_.wakes : figures_.sleeps);
    if (order.wake) boots_since_s_.try_emplace(order.node, now_s);
  }
}

// Wakes are left to whoever starts jobs: if a node still sleeps, the next look tells so.
void PowerDesk::decline(const protocol::Pass& pass, const Machine& machine, std::int64_t now_s, Events& events) {
  for (const protocol::PowerAction& action : pass.power())
    for_each_node(action, machine, [&](std::int32_t node) {
      if (action.wake()) {
        belief_[node] = Power::kWaking;
      } else {
        set(node, true, machine, now_s, events);
      }
    });
}

PowerDesk::BootTimes PowerDesk::boot_times() const {
  BootTimes out;
  for (const auto& [type, boots] : figures_.boots)
    if (boots.size() >= kBootsToLearn) out[type] = std::max<std::int64_t>(1, quantile(boots, 0.9));
  return out;
}

bool PowerDesk::has_learned_boots() const {
  const auto on_its_way = [](const auto& node) {
    return node.second == Power::kWaking || node.second == Power::kFallingAsleep;
  };
  if (belief_.empty() || !boots_since_s_.empty() || std::ranges::any_of(belief_, on_its_way)) return false;
  return std::ranges::any_of(boot_times(), [this](const auto& boot) {
    const auto told = told_boots_.find(boot.first);
    return told == told_boots_.end() || 5 * std::abs(boot.second - told->second) > told->second;
  });
}

void PowerDesk::forget_boots() {
  figures_.boots.clear();
  boots_since_s_.clear();
  told_boots_.clear();
}

PowerFigures PowerDesk::figures() const {
  PowerFigures figures = figures_;
  figures.asleep = std::ranges::count_if(belief_, [](const auto& node) { return node.second == Power::kAsleep; });
  return figures;
}

}  // namespace wattfill::slurm
