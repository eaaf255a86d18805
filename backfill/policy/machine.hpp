// The machine as a pass sees it: what is free in each class of nodes, what running jobs will give back, and what the
// head of the queue has reserved.
//
// With several classes a job can run in several ways (RunOption). The head reserves the way that is estimated to finish
// first, ties by the earlier start, then in the order of the cluster file; so it may wait for fast nodes while slow
// ones are free, and others fill those.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "backfill/policy/demand.hpp"
#include "backfill/policy/job_table.hpp"
#include "backfill/timeline/hole.hpp"
#include "backfill/timeline/release_profile.hpp"

namespace wattfill {

using Takes = boost::container::small_vector<Take, 1>;

struct ClassState {
  // So many of the free units can serve after this delay, until which nodes wake.
  struct Ready {
    std::int64_t units;
    Seconds delay;
  };

  std::int64_t free = 0;     // units; less than none where the host has overcommitted them
  std::vector<Ready> ready;  // rising in both; empty: all free units are ready
  ReleaseProfile releases;
  // The head's reservation: at this time it takes what it needs, and so many units are left over.
  SimTime shadow = kNever;
  std::int64_t extra = 0;

  // Units that are free at a later time, if nothing else starts.
  std::int64_t free_by(SimTime at) const { return free + releases.released_by(at); }
  // How long a job that takes so many of the free units waits for them to wake.
  Seconds delay(std::int64_t units) const {
    for (const Ready& r : ready)
      if (units <= r.units) return r.delay;
    return ready.empty() ? Seconds{0} : ready.back().delay;
  }
  // The wider a job, the longer it waits for nodes to wake: so much less time is left for it in a hole, in units.
  void take_off_boots(Hole& hole) const;
  // In units and in this class's time.
  void hole(Hole& out, SimTime now) const {
    out.clear();
    if (shadow != kNever) out.add(extra < free ? extra : free, kForever);
    const Seconds window = shadow == kNever ? kForever : shadow - now;
    for (const Ready& r : ready) out.add(r.units < free ? r.units : free, window - r.delay);
    if (ready.empty()) out.add(free, window);
  }
};

// A way to run a job, and when. No option: start is kNever.
struct Choice {
  std::size_t option = 0;
  SimTime start = kNever;
  SimTime finish = kNever;
  bool better_than(const Choice& other) const {
    return finish != other.finish ? finish < other.finish : start < other.start;
  }
};

// Which node type a job takes when it can start on several: the one where it finishes first, or the one where its run
// costs the least energy.
struct TypePreference {
  bool by_energy = false;
  // By how much longer than where it finishes first a job may take for the sake of energy, in millionths; none: no
  // bound.
  std::optional<std::int64_t> slowdown;
  bool nodes_sleep = false;  // a node that is not used sleeps, and a run may have to wake it
};

class Machine {
 public:
  Machine(Demands demands, TypePreference preference);

  Demands& demands() { return demands_; }
  const Demands& demands() const { return demands_; }
  bool plain() const { return demands_.plain(); }
  std::vector<ClassState>& classes() { return classes_; }
  const std::vector<ClassState>& classes() const { return classes_; }
  const DemandGroup& group_of(const JobEntry& e) const { return demands_.group(e.group); }

  // What a job takes where there is one class, and for how long.
  std::int64_t units(const JobEntry& e) const {
    return plain() ? e.job.processors : group_of(e).demand.front().units(e.job.processors);
  }
  Seconds duration(const JobEntry& e) const {
    return plain() ? e.fit : group_of(e).options.front().speed.duration(e.fit);
  }

  // The best of all ways to run a job for so long (reference time); no option: it never can. earliest(option) tells
  // when it could start. At `now` it may have to wait for its nodes to wake.
  template <class Earliest, class Better>
  Choice best(const JobEntry& e, Seconds estimate, SimTime now, Earliest&& earliest, Better&& better) const {
    Choice best;
    const auto& options = group_of(e).options;
    for (std::size_t o = 0; o < options.size(); ++o) {
      Choice choice{o, earliest(options[o]), kNever};
      if (choice.start == kNever) continue;
      choice.finish = choice.start + options[o].speed.duration(estimate);
      if (choice.start == now) choice.finish += delay(e, options[o]);
      if (better(choice, best)) best = choice;
    }
    return best;
  }

  // Until the nodes would be awake that the job got if it started now.
  Seconds delay(const JobEntry& e, const RunOption& option) const {
    return delay(option, [&](std::size_t c) { return group_of(e).demand[c].units(e.job.processors); });
  }
  // The same for so many units of each class.
  template <class Units>
  Seconds delay(const RunOption& option, Units&& units) const {
    Seconds longest{0};
    for (const std::int32_t c : option.classes) {
      const auto i = static_cast<std::size_t>(c);
      if (!classes_[i].ready.empty()) longest = std::max(longest, classes_[i].delay(units(i)));
    }
    return longest;
  }

  // The head's choice among all ways to run it; a start at `now` means that it fits.
  Choice choose(const JobEntry& e, SimTime now) const;
  // With energy it may wait for nodes that need less of it, as far as the bound on slowdown goes; without a bound,
  // those that are free come before all others. earliest(option) as in best().
  template <class Earliest>
  Choice choose_among(const JobEntry& e, SimTime now, Earliest&& earliest) const {
    const auto sooner = [](const Choice& a, const Choice& b) { return a.better_than(b); };
    const Choice first = best(e, e.fit, now, earliest, sooner);
    if (!preference_.by_energy || first.start == kNever) return first;
    return best(e, e.fit, now, earliest, [&](const Choice& a, const Choice& b) {
      if (!quick_enough(a, first, now)) return false;
      if (b.start == kNever) return true;
      if (preference_.slowdown) return preferred(e, a, b);
      if (a.start != now && b.start != now) return a.better_than(b);
      return a.start != b.start ? a.start == now : preferred(e, a, b);
    });
  }
  // Sets shadows and extras for it.
  void reserve(const JobEntry& e, const Choice& choice);
  void clear_reservation() {
    for (ClassState& c : classes_) c.shadow = kNever;
  }

  // In a pass with a plan a job across several classes waits in each for the nodes of all. Beside EASY's reservation
  // that is left out.
  void wait_across(bool waits) { waits_across_ = waits; }

  // What may start now beside the reservation, by class: in units and in the time of the class.
  void holes(std::vector<Hole>& by_class, SimTime now) const;
  // What that is for a group of demand: in processors and reference time. The result holds until the next call.
  const Hole& group_hole(std::size_t group, const std::vector<Hole>& by_class);

  // The way in which a job of this estimate starts now within the holes; no start where it does not fit.
  Choice start_within(const JobEntry& e, Seconds estimate, const std::vector<Hole>& by_class, SimTime now) const;

  // What a job takes that starts at once: of what is free, or within the holes. The second leaves the reservation what
  // it needs.
  void take_free(const JobEntry& e, std::size_t option, Takes& out) const;
  void take_within(const JobEntry& e, Seconds estimate, const Choice& choice, const std::vector<Hole>& by_class,
                   Takes& out);

  // What a job takes of each class, licences at last. Where it runs across several, `most` tells how many units a class
  // can give.
  template <class Most>
  void takes(const JobEntry& e, const RunOption& option, Most&& most, Takes& out) const {
    const DemandGroup& group = group_of(e);
    out.clear();
    std::int64_t processors = e.job.processors;
    for (const std::int32_t c : option.classes) {
      const ClassDemand& demand = group.demand[static_cast<std::size_t>(c)];
      std::int64_t units = demand.units(processors);
      if (option.classes.size() > 1) units = demand.whole(std::min(units, most(static_cast<std::size_t>(c))));
      if (units <= 0) continue;
      out.push_back({c, static_cast<std::int32_t>(units)});
      processors -= demand.processors(units);
      if (processors <= 0) break;
    }
    if (processors < 0 && out.size() > 1) give_back(group, -processors, out);
    out.insert(out.end(), group.licences.begin(), group.licences.end());
  }

 private:
  // Units that a job does not need after all, those of slow classes first.
  static void give_back(const DemandGroup& group, std::int64_t surplus, Takes& takes);
  SimTime earliest(const JobEntry& e, const RunOption& option, SimTime now) const;
  SimTime earliest_in(std::size_t in_class, std::int64_t units, SimTime now) const;
  SimTime earliest_across(const JobEntry& e, const RunOption& option, SimTime now) const;
  // Millijoules of active power for the job's whole run; where nodes sleep, what it takes more than they would asleep.
  std::int64_t energy(const JobEntry& e, const RunOption& option) const;
  bool preferred(const JobEntry& e, const Choice& a, const Choice& b) const;
  bool quick_enough(const Choice& choice, const Choice& first, SimTime now) const;
  // By how much longer at most than its own nodes wake a class has to be held for the sake of the others.
  Seconds wait_for_others(const RunOption& option) const;

  Demands demands_;
  TypePreference preference_;
  std::vector<ClassState> classes_;
  bool waits_across_ = false;
  std::vector<Hole::Step> steps_;  // scratch
  Hole group_hole_;                // the same
};

}  // namespace wattfill
