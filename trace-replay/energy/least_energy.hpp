// A lower bound on the energy that any schedule of given jobs needs on machines of several node types.
//
// Job j takes u_jt node-seconds if it runs on type t, at the type's active power at full speed; a node-second that no
// job uses costs at least the deepest sleep state's power. With x_jt the part of j that runs on t:
//   minimise   sum_jt x_jt u_jt active_t + sum_t deepest_t (nodes_t horizon - sum_j x_jt u_jt)
//   subject to sum_t x_jt = 1,  sum_j x_jt u_jt <= nodes_t horizon,  x >= 0
// Times, whole jobs and transitions are relaxed, so no schedule within the horizon whose jobs draw the active power
// does better: the bound does not hold for jobs at lower frequencies, nor for nodes in use in part. Any prices p_t >= 0
// of a node-second bound it from below (weak duality):
//   sum_t deepest_t nodes_t horizon - sum_t p_t nodes_t horizon + sum_j min_t u_jt (active_t - deepest_t + p_t)
// Good prices are found in floating point, by Dantzig-Wolfe decomposition with smoothed prices (Wentges 1997); the
// bound at the best ones is then computed exactly, in integers, and rounded down.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/work_groups.hpp"

namespace wattfill {

struct LeastEnergyBound {
  Millijoules bound{};         // no less is possible
  Millijoules reached{};       // by a fractional placement that fits; in floating point, some 12 digits are right
  std::vector<double> prices;  // by type, milliwatts: what one more second of a node would save
  std::int64_t groups = 0;     // of jobs in different ratios
  std::int64_t rounds = 0;     // placements of all jobs that were tried

  // How far the bound is from the optimum of the relaxation at most, relative to it.
  double gap() const;
};

// The jobs do not fit into the horizon, even in parts: there is no schedule. The text says which horizon they need.
class JobsDoNotFit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Time: O(types) a job that is added; O(groups * types) a round, of which there are some tens, with many types a
// hundred or two. The same jobs in the same order give the same result.
class LeastEnergy {
 public:
  // `cluster` must outlive the object. Throws std::invalid_argument if its powers cannot be metered (node_power.hpp),
  // active power is below the deepest sleep's or the horizon is negative; std::overflow_error.
  LeastEnergy(const Cluster& cluster, Seconds horizon);

  // What a job would take of each node type, nodes times seconds, or kForbidden: see WorkGroups::add(). Throws
  // JobsDoNotFit if it would take more than nothing and may only run where nothing is.
  void add(std::span<const std::int64_t> node_seconds);

  // A job of so many processors, of which a type has room for `room` at once: it takes no more of a type than that
  // share of what it would take there as a whole. What is over runs elsewhere, so that with x_jt <= room_t / processors
  //   sum over T of x_jt <= sum over T of room_t / processors    for each T
  // of which those for the k types where the job costs least are kept: the job is added in parts, each of which may not
  // run where the ones before may. Parts are rounded down.
  void add(std::span<const std::int64_t> node_seconds, std::span<const std::int64_t> room, std::int64_t processors);

  // Throws JobsDoNotFit, unless what does not fit is less than a billionth (then the bound still holds), and
  // std::overflow_error if an energy takes more than 64 bits.
  LeastEnergyBound solve() const;

 private:
  class Search;
  Int128 bound(std::span<const double> prices) const;
  [[noreturn]] void refuse(double horizons) const;

  const Cluster* cluster_;
  Seconds horizon_;
  std::vector<std::int64_t> capacity_;  // by type, node-seconds
  std::vector<std::int64_t> extra_;     // by type, active power above the deepest sleep's
  Int128 asleep_ = 0;                   // millijoules, if no node were ever used
  WorkGroups jobs_;
};

}  // namespace wattfill
