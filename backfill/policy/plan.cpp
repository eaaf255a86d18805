#include "backfill/policy/plan.hpp"

#include <algorithm>
#include <utility>

namespace wattfill {

void Plan::build(SimTime now, const std::vector<AdvanceReservation>& advance, const OutOfWork& out, SimTime until) {
  for (std::size_t c = 0; c < timelines_.size(); ++c) {
    const ClassState& state = machine_.classes()[c];
    Timeline& timeline = timelines_[c];
    const StepSeries* wanted = c < out.types() ? &out.wanted(c) : nullptr;
    // As if no more nodes worked than at last, at first; then those that may work until then come back.
    std::int64_t at_last = 0;
    if (wanted) at_last = wanted->next_change(until) == kNever ? wanted->at(until) : wanted->highest();
    timeline.reset(state.free + (wanted ? out.nodes(c) - at_last : 0), now);
    std::int64_t overdue = 0;
    std::vector<std::pair<SimTime, std::int64_t>> later;
    state.releases.for_each([&](SimTime at, std::int64_t units) {
      if (at <= now)
        overdue += units;
      else
        later.emplace_back(at, units);
    });
    timeline.append_releases(now + Seconds{1}, overdue, later);
    for (const AdvanceReservation& r : advance)
      if (static_cast<std::size_t>(r.node_type) == c)
        timeline.reserve(std::max(r.start, now), r.end, machine_.demands().of_class(c).units_of(r.processors));
    for (SimTime at = now; wanted && at < until;) {
      const SimTime next = std::min(wanted->next_change(at), until);
      timeline.release(at, next, at_last - wanted->at(at));
      at = next;
    }
  }
}

void Plan::advance(SimTime now) {
  for (Timeline& timeline : timelines_) timeline.advance(now);
}

// Where the nodes have to wake, a start at once takes longer. Later ones do not: by then they can be awake, but not
// sooner than that takes.
SimTime Plan::start(const JobEntry& e, const RunOption& option, SimTime from) const {
  const Seconds duration = option.speed.duration(e.fit);
  const Seconds boot = from > begin() ? Seconds{0} : machine_.delay(e, option);
  if (boot == Seconds{0}) return earliest(e, option, duration, from);
  if (earliest(e, option, duration + boot, from) == from) return from;
  const bool all_free = earliest(e, option, Seconds{1}, from) == from;  // else it waits for nodes that are in use
  return earliest(e, option, duration, from + (all_free ? boot : Seconds{1}));
}

// Nodes and licences, to be held for so long, each have their say until all agree.
SimTime Plan::earliest(const JobEntry& e, const RunOption& option, Seconds held, SimTime from) const {
  const auto& licences = machine_.group_of(e).licences;
  SimTime start = earliest_on_nodes(e, option, held, from);
  for (bool agreed = licences.empty(); !agreed && start != kNever;) {
    const SimTime nodes = start;
    for (const Take& licence : licences)
      if (start != kNever)
        start = timelines_[static_cast<std::size_t>(licence.in_class)].earliest_fit(licence.units, held, start);
    agreed = start == nodes;
    if (!agreed && start != kNever) start = earliest_on_nodes(e, option, held, start);
  }
  return start;
}

SimTime Plan::earliest_on_nodes(const JobEntry& e, const RunOption& option, Seconds held, SimTime from) const {
  const DemandGroup& group = machine_.group_of(e);
  if (option.classes.size() == 1) {
    const auto c = static_cast<std::size_t>(option.classes.front());
    return timelines_[c].earliest_fit(group.demand[c].units(e.job.processors), held, from);
  }
  // Across several classes, which is rare: a start can only be where something comes free.
  for (SimTime at = from; at != kNever;) {
    const auto units = [&](std::size_t c) { return timelines_[c].least_free(at, at + held); };
    if (group.processors(option, units) >= e.job.processors) return at;
    SimTime next = kNever;
    for (const std::int32_t c : option.classes)
      next = std::min(next, timelines_[static_cast<std::size_t>(c)].next_breakpoint(at));
    at = next;
  }
  return kNever;
}

Choice Plan::best(const JobEntry& e, SimTime from) const {
  return machine_.best(
      e, e.fit, begin(), [&](const RunOption& option) { return start(e, option, from); },
      [](const Choice& a, const Choice& b) { return a.better_than(b); });
}

Choice Plan::choose(const JobEntry& e) const {
  return machine_.choose_among(e, begin(), [&](const RunOption& option) { return start(e, option, begin()); });
}

void Plan::reserve(const JobEntry& e, const Choice& choice, Takes& taken) {
  taken.clear();
  if (choice.start == kNever) return;
  const auto free = [&](std::size_t c) {
    return std::max<std::int64_t>(0, timelines_[c].least_free(choice.start, choice.finish));
  };
  machine_.takes(e, machine_.group_of(e).options[choice.option], free, taken);
  take(choice, taken);
}

void Plan::take(const Choice& choice, const Takes& taken) {
  for (const Take& take : taken)
    timelines_[static_cast<std::size_t>(take.in_class)].reserve(choice.start, choice.finish, take.units);
}

void Plan::release(const Choice& choice, const Takes& taken) {
  for (const Take& take : taken)
    timelines_[static_cast<std::size_t>(take.in_class)].release(choice.start, choice.finish, take.units);
}

void Plan::holes(std::vector<Hole>& by_class) const {
  by_class.resize(timelines_.size());
  for (std::size_t c = 0; c < timelines_.size(); ++c) {
    timelines_[c].hole(by_class[c]);
    machine_.classes()[c].take_off_boots(by_class[c]);
  }
}

}  // namespace wattfill
