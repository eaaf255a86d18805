#include "trace-replay/engine/node_states.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace wattfill {

NodeStates::NodeStates(const Cluster& cluster, const ReplayOptions& options)
    : cluster_(&cluster),
      types_(cluster),
      observer_(options.observer),
      failing_(options.boot_failures),
      random_(options.seed),
      states_(static_cast<std::size_t>(types_.nodes()), State::kAwake),
      waiting_(states_.size(), kNobody) {}

const SleepState& NodeStates::sleep_state(const PowerAction& action) const {
  return cluster_->node_types[types_.type_of(action.nodes.first)].power.sleep.at(
      static_cast<std::size_t>(action.sleep_state));
}

void NodeStates::tell(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) {
  if (observer_) observer_->power_changed(nodes, change, sleep_state, now);
}

void NodeStates::set(NodeRun nodes, State from, State to) {
  for (NodeIndex n = nodes.first; n < nodes.end(); ++n) {
    State& state = states_[static_cast<std::size_t>(n)];
    if (state != from)
      throw std::logic_error("replay: node " + std::to_string(n) + " is told to sleep or wake in the wrong state");
    state = to;
  }
}

void NodeStates::act(const PowerAction& action, SimTime now) {
  const SleepState& state = sleep_state(action);
  const Seconds duration = action.wake ? state.leave.duration : state.enter.duration;
  set(action.nodes, action.wake ? State::kAsleep : State::kAwake, action.wake ? State::kWaking : State::kFallingAsleep);
  tell(action.nodes, action.wake ? PowerChange::kWakeBegun : PowerChange::kSleepBegun, action.sleep_state, now);
  transitions_.push({now + duration, sequence_++, action.nodes, action.sleep_state, action.wake});
}

bool NodeStates::hold(std::size_t job, const Allocation& nodes) {
  std::int32_t lacking = 0;
  for (const NodeIndex n : nodes.nodes) {
    if (states_[static_cast<std::size_t>(n)] == State::kAwake) continue;
    waiting_[static_cast<std::size_t>(n)] = static_cast<std::uint32_t>(job);
    ++lacking;
  }
  if (lacking == 0) return true;
  if (job >= lacking_.size()) lacking_.resize(job + 1);
  lacking_[job] = lacking;
  return false;
}

void NodeStates::withdraw(const Allocation& nodes) {
  for (const NodeIndex n : nodes.nodes) waiting_[static_cast<std::size_t>(n)] = kNobody;
}

bool NodeStates::boots() {
  boost::random::uniform_int_distribution<std::int32_t> draw(0, 999'999);
  return draw(random_) >= failing_;
}

void NodeStates::end_next(Scheduler& scheduler, const std::function<void(std::size_t job)>& begin) {
  const Transition ended = transitions_.top();
  transitions_.pop();
  if (!ended.wake) {
    set(ended.nodes, State::kFallingAsleep, State::kAsleep);
    tell(ended.nodes, PowerChange::kAsleep, ended.sleep_state, ended.at);
    scheduler.power_changed(ended.nodes, false, ended.at);
    return;
  }
  NodeRun up{ended.nodes.first, 0};
  const auto come_up = [&] {
    if (up.length == 0) return;
    set(up, State::kWaking, State::kAwake);
    tell(up, PowerChange::kAwake, ended.sleep_state, ended.at);
    scheduler.power_changed(up, true, ended.at);
  };
  for (NodeIndex n = ended.nodes.first; n < ended.nodes.end(); ++n) {
    if (failing_ == 0 || boots()) {
      ++up.length;
      continue;
    }
    come_up();
    up = {n + 1, 0};
    ++failures_;
    tell({n, 1}, PowerChange::kBootFailed, ended.sleep_state, ended.at);
    states_[static_cast<std::size_t>(n)] = State::kAsleep;
    act({{n, 1}, true, ended.sleep_state}, ended.at);
  }
  come_up();
  for (NodeIndex n = ended.nodes.first; n < ended.nodes.end(); ++n) {
    if (states_[static_cast<std::size_t>(n)] != State::kAwake) continue;
    const std::uint32_t job = std::exchange(waiting_[static_cast<std::size_t>(n)], kNobody);
    if (job != kNobody && --lacking_[job] == 0) begin(job);
  }
}

}  // namespace wattfill
