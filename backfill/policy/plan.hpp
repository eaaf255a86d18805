// A timeline for each class of nodes, and where a job fits best on them.
#pragma once

#include <vector>

#include "backfill/model/scheduler.hpp"
#include "backfill/policy/machine.hpp"
#include "backfill/policy/out_of_work.hpp"
#include "backfill/timeline/timeline.hpp"

namespace wattfill {

class Plan {
 public:
  explicit Plan(const Machine& machine) : machine_(machine), timelines_(machine.classes().size()) {}

  // What running jobs and advance reservations leave, from now on.
  void build(SimTime now, const std::vector<AdvanceReservation>& advance) { build(now, advance, {}, now); }
  // The same beside the nodes that are to be out of work: step by step until a time, and from then on the most of all
  // times, unless it is known that nothing changes any more. So no reservation is made that would not hold.
  void build(SimTime now, const std::vector<AdvanceReservation>& advance, const OutOfWork& out, SimTime until);
  void advance(SimTime now);

  Timeline& of_class(std::size_t c) { return timelines_[c]; }
  const Timeline& of_class(std::size_t c) const { return timelines_[c]; }

  // The way to run a job that is estimated to finish first, not starting before `from`; ties by the earlier start, then
  // in the order of the options. A job that starts at the plan's begin holds its nodes while they wake.
  Choice best(const JobEntry& e, SimTime from) const;

  // The same as Machine::choose(): it may be another way for the sake of energy.
  Choice choose(const JobEntry& e) const;

  // Takes what the choice needs of each class, and says what that is.
  void reserve(const JobEntry& e, const Choice& choice, Takes& taken);
  // Gives back, or takes again, what reserve() took.
  void release(const Choice& choice, const Takes& taken);
  void take(const Choice& choice, const Takes& taken);

  // What may start at the plan's begin, by class; the boots that a job would have to wait for are taken off.
  void holes(std::vector<Hole>& by_class) const;

 private:
  SimTime begin() const { return timelines_.front().begin(); }
  SimTime start(const JobEntry& e, const RunOption& option, SimTime from) const;
  SimTime earliest(const JobEntry& e, const RunOption& option, Seconds held, SimTime from) const;
  SimTime earliest_on_nodes(const JobEntry& e, const RunOption& option, Seconds held, SimTime from) const;

  const Machine& machine_;
  std::vector<Timeline> timelines_;
};

}  // namespace wattfill
