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
  text += "_" + (spec.backfill_order ? std::string(info(*spec.backfill_order).name) : std::string("none"));
  text += spec.reservation_depth == kReserveAll ? "_all" : "_" + std::to_string(spec.reservation_depth);
  if (spec.promotion_age) text += "_promoted_at_" + std::to_string(spec.promotion_age->count());
  return text;
}

}  // namespace testing

inline void PrintTo(const PolicySpec& spec, std::ostream* out) { *out << testing::label(spec); }

}  // namespace wattfill
