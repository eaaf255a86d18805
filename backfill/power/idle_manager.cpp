#include "backfill/power/idle_manager.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "backfill/power/sleep_cost.hpp"

namespace wattfill {
namespace {

constexpr double kMillionths = 1e6;
// A node that is awake stays so at a lower probability than the one at which a sleeping node is woken: both
// transitions are saved. This and the next are the best of a few tried on KTH-SP2, SDSC-BLUE and NASA (docs/power.md).
constexpr double kStay = 0.7;

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

// Before a forecast lets it sleep, a node has been unused for half its break-even time.
constexpr std::int64_t kPatience = 2;

}  // namespace

IdleManager::IdleManager(const NodeType& type, const PowerSpec& spec) : spec_(&spec) {
  for (const SleepState& sleep : type.power.sleep) {
    State& state = states_.emplace_back();
    state.break_even = break_even(type.power, sleep);
    state.competitive = competitive_timeout(type.power, sleep);
    state.wake_time = sleep.leave.duration;
    wake_time_ = std::max(wake_time_, state.wake_time);
    if (spec.strategy != PowerStrategy::kForecast || state.break_even == kForever) continue;
    state.forecast.emplace(type.count, std::max(Seconds{1}, state.break_even));
    if (state.wake_time > Seconds{0}) state.soon.emplace(type.count, state.wake_time);
  }
}

void IdleManager::freed(std::int64_t nodes, SimTime now) {
  if (nodes <= 0) return;
  if (!idle_.empty() && idle_.back().since == now)
    idle_.back().nodes += nodes;
  else
    idle_.push_back({now, nodes});
}

void IdleManager::pop(std::int64_t nodes, bool last) {
  while (nodes > 0) {
    assert(!idle_.empty());
    Idle& end = last ? idle_.back() : idle_.front();
    const std::int64_t some = std::min(nodes, end.nodes);
    end.nodes -= some;
    nodes -= some;
    if (end.nodes > 0) return;
    if (last)
      idle_.pop_back();
    else
      idle_.pop_front();
  }
}

int IdleManager::outlook(const Reservation& reservation, SimTime now) const {
  if (reservation.at == kNever) return 0;
  const Seconds lead = reservation.at - now;
  if (lead <= wake_time_) return 1;
  if (lead <= 2 * wake_time_) return 2;
  if (lead <= 8 * wake_time_) return 3;
  return lead <= 32 * wake_time_ ? 4 : 5;
}

void IdleManager::observe(const Unused& unused, const Reservation& reservation, SimTime now) {
  const int known = outlook(reservation, now);
  const std::int64_t all = unused.all() + unused.out_of_work;
  if (const Observed observed{all, known, now}; std::exchange(observed_, observed) == observed) return;
  for (State& state : states_) {
    if (!state.forecast) continue;
    state.forecast->observe(all, known, now);
    if (state.soon) state.soon->observe(all, known, now);
  }
}

// Nodes that must not be in this state or a deeper one; where there are more than enough, enough.
std::int64_t IdleManager::to_keep(const State& state, const Reservation& reservation, SimTime now,
                                  std::int64_t enough) const {
  std::int64_t keep = spec_->warm_spares;
  if (spec_->strategy >= PowerStrategy::kTimeline &&
      reservation.at - now <= std::max(state.break_even, state.wake_time))
    keep = std::max(keep, reservation.nodes);
  const double risk = spec_->risk / kMillionths;
  if (state.forecast && keep < enough) keep = std::max(keep, state.forecast->likely(kStay * risk, keep, enough));
  if (state.soon && keep < enough) keep = std::max(keep, state.soon->likely(risk, keep, enough));
  return std::min(keep, enough);
}

// Nodes that ought to be out of this state by the time that one could leave it, if those are more than `from`.
std::int64_t IdleManager::to_wake(const State& state, const Reservation& reservation, SimTime now,
                                  std::int64_t from) const {
  std::int64_t wake = std::max<std::int64_t>(from, spec_->warm_spares);
  if (spec_->strategy >= PowerStrategy::kTimeline && reservation.at - now <= state.wake_time)
    wake = std::max(wake, reservation.nodes);
  if (state.soon) wake = std::max(wake, state.soon->likely(spec_->risk / kMillionths, wake, kAll));
  return wake;
}

// How long a node idles before it may sleep.
Seconds IdleManager::patience(const State& state) const {
  if (spec_->strategy == PowerStrategy::kTimeout) return spec_->timeout;
  return state.forecast ? state.break_even / kPatience : state.competitive;
}

std::int64_t IdleManager::may_sleep(const State& state, const Unused& unused, const Reservation& reservation,
                                    SimTime now) {
  const Seconds age = patience(state);
  std::int64_t old = 0;
  auto young = idle_.begin();
  for (; young != idle_.end() && now - young->since >= age; ++young) old += young->nodes;
  const SimTime next = young == idle_.end() ? kNever : young->since + age;
  if (spec_->strategy == PowerStrategy::kTimeline && reservation.at != kNever &&
      reservation.at - now > state.break_even)
    old = std::max(old, std::min(reservation.nodes - unused.asleep_from(0), unused.awake));
  if (unused.awake == 0 || (old == 0 && next_ <= next)) return 0;  // whatever the forecasts say
  const std::int64_t beyond = unused.awake - to_keep(state, reservation, now, unused.awake);
  if (beyond <= 0) return 0;
  if (old < beyond) next_ = std::min(next_, next);
  return std::min(old, beyond);
}

IdleManager::Wish IdleManager::decide(const Unused& unused, const Reservation& reservation, SimTime now) {
  if (states_.empty()) return {};
  const Known known{unused.awake, unused.waking, unused.all(), reservation};
  if (known == settled_ && now < next_) return {};
  next_ = kNever;
  observe(unused, reservation, now);
  look_ahead(unused, reservation, now);
  const Wish wish = choose(unused, reservation, now);
  settled_ = wish.kind == Wish::Kind::kNothing ? known : Known{};
  return wish;
}

// Without a forecast only the deepest state is used.
IdleManager::Wish IdleManager::choose(const Unused& unused, const Reservation& reservation, SimTime now) {
  const std::int64_t all = unused.all();
  // First of all, since what cannot be done ends the decision.
  for (std::size_t s = states_.size(); s-- > 0;) {
    const std::int64_t asleep = unused.asleep_from(s);
    if (asleep == 0) continue;
    const std::int64_t others = all - asleep;
    const std::int64_t lacking = std::min(to_wake(states_[s], reservation, now, others) - others, asleep);
    if (lacking > 0) return {Wish::Kind::kWake, lacking, static_cast<std::int32_t>(s)};
  }
  for (std::size_t s = states_.size(); s-- > 0;) {
    const std::int64_t asleep = unused.asleep_from(s);
    const auto state = static_cast<std::int32_t>(s);
    if (states_[s].break_even == kForever) continue;
    const std::int64_t sleepy = may_sleep(states_[s], unused, reservation, now);
    if (sleepy > 0) return {Wish::Kind::kSleep, sleepy, state};
    if (!states_[s].forecast) break;
    // Those that are awake come first of all that could be in this state.
    const std::int64_t lighter = all - asleep - unused.awake - unused.waking;
    if (lighter <= 0) continue;
    const std::int64_t keep = to_keep(states_[s], reservation, now, all - asleep);
    const std::int64_t too_light = std::min(all - asleep - keep, lighter);
    if (too_light > 0 && unused.awake + unused.waking <= keep) return {Wish::Kind::kDeepen, too_light, state};
  }
  return {};
}

// When the answer may be another one though nothing happens.
void IdleManager::look_ahead(const Unused& unused, const Reservation& reservation, SimTime now) {
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const State& state = states_[s];
    // Nodes that grow older are needed less: that matters only for those that may sleep.
    if (state.forecast) next_ = std::min(next_, state.forecast->next_change(unused.all() - unused.asleep_from(s), now));
    if (spec_->strategy < PowerStrategy::kTimeline || reservation.at == kNever) continue;
    const SimTime prepare = reservation.at - state.wake_time;
    if (prepare > now) next_ = std::min(next_, prepare);
  }
}

}  // namespace wattfill
