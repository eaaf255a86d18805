#include "backfill/policy/policy_spec.hpp"

namespace wattfill {

bool nodes_sleep(const PolicySpec& policy, const Cluster& cluster) {
  return policy.power.manages() && cluster.allocation == AllocationMode::kWholeNodes;
}

std::string waiting_bound(const PolicySpec& spec, bool fit_is_upper_bound) {
  const bool fifo = info(spec.queue_order).arrival_ordered;
  if (!fifo && !spec.promotion_age) {
    if (spec.backfill_order && spec.reservation_depth == kReserveAll && fit_is_upper_bound)
      return "each job starts no later than the reservation it got at submission";
    return "none: jobs that the order puts last may starve";
  }
  const std::string once = spec.promotion_age ? "once promoted, " : "";
  if (!spec.backfill_order) return once + "no job is passed by a later one";
  if (spec.reservation_depth == 0) return "none: wide jobs may starve";
  const bool fills_by_fit = spec.fill_estimates.empty() || spec.fill_estimates == spec.fit_estimates;
  if (!fit_is_upper_bound || (!fills_by_fit && !spec.promotion_age))
    return "none: a prediction that is too short delays reservations";
  if (spec.reservation_depth == kReserveAll)
    return "each job starts no later than the reservation it got at submission";
  return once + "the first job in arrival order starts no later than its shadow time, whatever arrives";
}

}  // namespace wattfill
