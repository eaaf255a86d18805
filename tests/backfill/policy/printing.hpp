// How GoogleTest names and prints orders and policies.
#pragma once

#include <ostream>
#include <string>

#include "backfill/policy/policy_spec.hpp"

namespace wattfill {

inline void PrintTo(Order order, std::ostream* out) { *out << info(order).name; }

namespace testing {

// Letters, digits and underscores only.
inline std::string label(const PolicySpec& spec) {
  std::string text(info(spec.queue_order).name);
  text.append("_").append(spec.backfill_order ? info(*spec.backfill_order).name : "none");
  text.append("_").append(spec.reservation_depth == kReserveAll ? "all" : std::to_string(spec.reservation_depth));
  if (spec.promotion_age) text.append("_promoted_at_").append(std::to_string(spec.promotion_age->count()));
  if (spec.renewals > 0) text.append("_renewing_").append(std::to_string(spec.renewals));
  if (spec.promotion_backlog_percent > 0)
    text.append("_after_").append(std::to_string(spec.promotion_backlog_percent)).append("_percent");
  if (spec.promotion_age_percent > 0)
    text.append("_or_").append(std::to_string(spec.promotion_age_percent)).append("_percent_later");
  return text;
}

}  // namespace testing

inline void PrintTo(const PolicySpec& spec, std::ostream* out) { *out << testing::label(spec); }

}  // namespace wattfill
