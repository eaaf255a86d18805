// A policy: a choice for each of the scheduler's orthogonal parts. Named policies are presets of this
// (backfill/config).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "backfill/model/cluster.hpp"
#include "backfill/model/time.hpp"
#include "backfill/policy/order.hpp"
#include "backfill/power/power_spec.hpp"
#include "backfill/power/shift.hpp"
#include "backfill/topology/placement_spec.hpp"

namespace wattfill {

inline constexpr std::int32_t kReserveAll = std::numeric_limits<std::int32_t>::max();

struct PolicySpec {
  std::string name;
  std::string description;

  Order queue_order = Order::kFcfs;     // who holds the reservations
  std::optional<Order> backfill_order;  // who fills the holes; none: nobody may pass a waiting job

  // How many waiting jobs hold a reservation: 0 greedy, 1 EASY, k, kReserveAll conservative.
  std::int32_t reservation_depth = 1;

  // Names of estimate sources; the host makes them.
  std::string fit_estimates = "requested";    // to fit and to reserve
  std::string order_estimates = "requested";  // to order
  // To fill the hole beside a first job that is not promoted: what is expected to be too short by this source may delay
  // it. Beside a promoted one, and where it is empty, the estimates to fit serve. Only with a reservation depth of 0 or
  // 1.
  std::string fill_estimates;

  // When a job ends, so many of its user's waiting jobs that were submitted next before it, and as many of those next
  // after it, are estimated anew to order and to fill: what was submitted together often ends alike. Estimates to fit
  // stand. 0: none.
  std::int32_t renewals = 0;

  // A job that has waited for so long since its turn joins an arrival-ordered list that comes before all others.
  std::optional<Seconds> promotion_age;
  // Its turn comes when so many per cent of the work that waited at its submission have left the queue, whoever's work
  // that was. 0: at once, so that the age counts from the submission. Work is processors x requested time.
  std::int32_t promotion_backlog_percent = 0;
  // Where that is longer, the age is so many per cent of the longest time that a job's turn took to come within the
  // last year: where all wait for days, nobody is late for half a day more.
  std::int32_t promotion_age_percent = 0;

  // Which nodes a job gets, where nodes have an identity. With "most-efficient" or "fastest" among the terms, a job
  // that can start on several node types starts on that one; else on the one where it is estimated to finish first.
  PlacementSpec placement;

  // With "most-efficient": by how much longer than on the type where it would finish first a job may take, in
  // millionths. None: no bound.
  std::optional<std::int64_t> energy_slowdown;

  // When nodes sleep; has no effect where they are not given whole. Only with a reservation depth of 0 or 1 so far.
  PowerSpec power;

  // Whose jobs wait for cheap or clean power.
  ShiftSpec shift;

  bool operator==(const PolicySpec&) const = default;
};

// Whether nodes of this machine sleep under the policy: only those that are given whole do.
bool nodes_sleep(const PolicySpec& policy, const Cluster& cluster);

// The bound on waiting that a policy keeps, in words. `fit_is_upper_bound`: the fit estimates never fall short.
std::string waiting_bound(const PolicySpec& spec, bool fit_is_upper_bound);

}  // namespace wattfill
