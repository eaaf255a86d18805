#include "backfill/policy/machine.hpp"

#include <algorithm>

#include "backfill/model/int128.hpp"

namespace wattfill {

void ClassState::take_off_boots(Hole& hole) const {
  if (ready.empty()) return;
  Hole left;
  auto r = ready.begin();
  const auto add = [&](std::int64_t units, Seconds window) {
    const Seconds boot = r == ready.end() ? ready.back().delay : r->delay;
    left.add(units, window == kForever ? window : window - boot);
  };
  for (const Hole::Step& step : hole.steps()) {
    for (; r != ready.end() && r->units < step.processors; ++r) add(r->units, step.window);
    add(step.processors, step.window);
  }
  hole = std::move(left);
}

Machine::Machine(Demands demands, TypePreference preference)
    : demands_(std::move(demands)), preference_(preference), classes_(demands_.classes()) {
  for (std::size_t c = 0; c < classes_.size(); ++c) classes_[c].free = demands_.of_class(c).units;
}

inline SimTime Machine::earliest_in(std::size_t in_class, std::int64_t units, SimTime now) const {
  const std::int64_t lacking = units - classes_[in_class].free;
  // An overdue job ends at any moment, but not yet.
  return lacking <= 0 ? now : classes_[in_class].releases.earliest(lacking, now + Seconds{1}).time;
}

// Nothing but ends of running jobs lies ahead, so what is free once stays free: the last of all that it waits for
// counts.
inline SimTime Machine::earliest(const JobEntry& e, const RunOption& option, SimTime now) const {
  const DemandGroup& group = group_of(e);
  const auto c = static_cast<std::size_t>(option.classes.front());
  SimTime start = option.classes.size() > 1 ? earliest_across(e, option, now)
                                            : earliest_in(c, group.demand[c].units(e.job.processors), now);
  for (const Take& licence : group.licences)
    start = std::max(start, earliest_in(static_cast<std::size_t>(licence.in_class), licence.units, now));
  return start;
}

// Rare: only for jobs that no class alone can hold.
SimTime Machine::earliest_across(const JobEntry& e, const RunOption& option, SimTime now) const {
  const DemandGroup& group = group_of(e);
  const auto room = [&](SimTime at) {
    return group.processors(option,
                            [&](std::size_t c) { return at > now ? classes_[c].free_by(at) : classes_[c].free; });
  };
  if (room(now) >= e.job.processors) return now;
  std::vector<SimTime> times;
  for (const std::int32_t c : option.classes)
    classes_[static_cast<std::size_t>(c)].releases.for_each(
        [&](SimTime at, std::int64_t) { times.push_back(std::max(at, now + Seconds{1})); });
  std::sort(times.begin(), times.end());
  const auto it =
      std::partition_point(times.begin(), times.end(), [&](SimTime at) { return room(at) < e.job.processors; });
  return it == times.end() ? kNever : *it;
}

std::int64_t Machine::energy(const JobEntry& e, const RunOption& option) const {
  const DemandGroup& group = group_of(e);
  const Seconds duration = option.speed.duration(e.fit);
  Millijoules most{};  // across several classes: as if all were of the hungriest
  for (const std::int32_t c : option.classes) {
    const auto i = static_cast<std::size_t>(c);
    const Demands::Class& of = demands_.of_class(i);
    const std::int64_t units = group.demand[i].units(e.job.processors);
    Millijoules sum = of.power * units * duration;
    if (preference_.nodes_sleep) {
      const ClassState& state = classes_[i];
      const std::int64_t awake = state.ready.empty() ? state.free : state.ready.front().units;
      sum -= of.asleep * units * duration;
      sum += of.cycle * std::max<std::int64_t>(0, units - std::max<std::int64_t>(0, awake));
    }
    most = std::max(most, sum);
  }
  return most.count;
}

bool Machine::preferred(const JobEntry& e, const Choice& a, const Choice& b) const {
  if (preference_.by_energy) {
    const auto& options = group_of(e).options;
    const std::int64_t energy_a = energy(e, options[a.option]);
    const std::int64_t energy_b = energy(e, options[b.option]);
    if (energy_a != energy_b) return energy_a < energy_b;
  }
  return a.better_than(b);
}

// Within the bound on slowdown against the choice that finishes first.
bool Machine::quick_enough(const Choice& choice, const Choice& first, SimTime now) const {
  if (!preference_.slowdown) return true;
  const Int128 longest = Int128{(first.finish - now).count()} * (1'000'000 + *preference_.slowdown);
  return Int128{(choice.finish - now).count()} * 1'000'000 <= longest;
}

Choice Machine::choose(const JobEntry& e, SimTime now) const {
  return choose_among(e, now, [&](const RunOption& option) { return earliest(e, option, now); });
}

void Machine::reserve(const JobEntry& e, const Choice& choice) {
  if (choice.start == kNever) return;
  Takes taken;
  const auto free_then = [&](std::size_t c) { return std::max<std::int64_t>(0, classes_[c].free_by(choice.start)); };
  takes(e, group_of(e).options[choice.option], free_then, taken);
  for (const Take& take : taken) {
    ClassState& c = classes_[static_cast<std::size_t>(take.in_class)];
    c.shadow = choice.start;
    c.extra = c.free_by(choice.start) - take.units;
  }
}

void Machine::give_back(const DemandGroup& group, std::int64_t surplus, Takes& takes) {
  for (Take& take : takes) {
    const std::int32_t worth = group.demand[static_cast<std::size_t>(take.in_class)].processors_per;
    const auto units = static_cast<std::int32_t>(std::min<std::int64_t>(take.units, surplus / worth));
    take.units -= units;
    surplus -= std::int64_t{units} * worth;
  }
  takes.erase(std::remove_if(takes.begin(), takes.end(), [](const Take& t) { return t.units == 0; }), takes.end());
}

void Machine::take_free(const JobEntry& e, std::size_t option, Takes& out) const {
  const auto free = [&](std::size_t c) { return std::max<std::int64_t>(0, classes_[c].free); };
  takes(e, group_of(e).options[option], free, out);
}

void Machine::take_within(const JobEntry& e, Seconds estimate, const Choice& choice, const std::vector<Hole>& by_class,
                          Takes& out) {
  const RunOption& option = group_of(e).options[choice.option];
  const auto hole = [&](std::size_t c) { return by_class[c].widest_for(option.speed.duration(estimate)); };
  takes(e, option, hole, out);
  for (const Take& take : out) {
    ClassState& c = classes_[static_cast<std::size_t>(take.in_class)];
    if (choice.finish > c.shadow) c.extra -= take.units;
  }
}

void Machine::holes(std::vector<Hole>& by_class, SimTime now) const {
  for (std::size_t c = 0; c < classes_.size(); ++c) classes_[c].hole(by_class[c], now);
}

Seconds Machine::wait_for_others(const RunOption& option) const {
  if (!waits_across_ || option.classes.size() == 1) return Seconds{0};
  Seconds longest{0};
  for (const std::int32_t c : option.classes) {
    const auto& ready = classes_[static_cast<std::size_t>(c)].ready;
    if (!ready.empty()) longest = std::max(longest, ready.back().delay);
  }
  return longest;
}

const Hole& Machine::group_hole(std::size_t index, const std::vector<Hole>& by_class) {
  if (plain()) return by_class.front();
  const DemandGroup& group = demands_.group(static_cast<std::int32_t>(index));
  Seconds longest{kForever};  // for which there are licences
  for (const Take& licence : group.licences)
    longest = std::min(longest, by_class[static_cast<std::size_t>(licence.in_class)].window(licence.units));
  steps_.clear();
  for (const RunOption& option : group.options) {
    // How wide a job can be that runs so long, for each length at which that changes.
    for (const std::int32_t changing : option.classes)
      for (const Hole::Step& step : by_class[static_cast<std::size_t>(changing)].steps()) {
        const auto units = [&](std::size_t c) { return by_class[c].widest_for(step.window); };
        const Seconds own = step.window == kForever ? kForever : step.window - wait_for_others(option);
        // Licences are held while the nodes wake: as long as for the widest job of the step.
        const Seconds licensed = longest == kForever ? kForever : longest - delay(option, units);
        const Seconds window = std::max(Seconds{0}, std::min(own, licensed));
        steps_.push_back({group.processors(option, units), option.speed.reference(window)});
      }
  }
  // The longest window of all that are as wide.
  std::sort(steps_.begin(), steps_.end(), [](const Hole::Step& a, const Hole::Step& b) {
    return a.processors != b.processors ? a.processors > b.processors : a.window > b.window;
  });
  Seconds kept_window{0};
  std::size_t kept = 0;
  for (const Hole::Step& step : steps_) {
    if (step.window <= kept_window) continue;
    kept_window = step.window;
    steps_[kept++] = step;
  }
  group_hole_.clear();
  while (kept-- > 0) group_hole_.add(steps_[kept].processors, steps_[kept].window);
  return group_hole_;
}

Choice Machine::start_within(const JobEntry& e, Seconds estimate, const std::vector<Hole>& by_class,
                             SimTime now) const {
  const DemandGroup& group = group_of(e);
  const auto fits = [&](const RunOption& option) {
    const Seconds own = option.speed.duration(estimate) + wait_for_others(option);
    const auto units = [&](std::size_t c) { return by_class[c].widest_for(own); };
    // They are held while the nodes wake.
    const Seconds held = option.speed.duration(estimate) + (group.licences.empty() ? Seconds{0} : delay(e, option));
    const bool licensed = std::ranges::all_of(group.licences, [&](const Take& licence) {
      return by_class[static_cast<std::size_t>(licence.in_class)].widest_for(held) >= licence.units;
    });
    return !licensed || group.processors(option, units) < e.job.processors ? kNever : now;
  };
  const Choice first = best(e, estimate, now, fits, [](const Choice& a, const Choice& b) { return a.better_than(b); });
  if (!preference_.by_energy || first.start == kNever) return first;
  return best(e, estimate, now, fits, [&](const Choice& a, const Choice& b) {
    const bool quick = quick_enough(a, first, now);
    return b.start == kNever ? quick : quick && preferred(e, a, b);
  });
}

}  // namespace wattfill
