// Configs of small planners.
#pragma once

#include <string>

#include "plugin/planner.hpp"
#include "plugin/setup.hpp"

namespace wattfill::testing {

inline constexpr std::int32_t kNodes = 8;
inline constexpr std::int32_t kCores = 2;

inline plugin::Config small_config(const std::string& policy) {
  return resolved(parse_config("policy: \"" + policy +
                                   "\" cluster_text: \"name: 'small' allocation: WHOLE_NODES "
                                   "node_type { name: 'n' count: 8 processors: 2 }\"",
                               "test"));
}

inline constexpr HostAbilities kAble{WATTFILL_HOST_SLEEPS | WATTFILL_HOST_SHARES_NODES};

}  // namespace wattfill::testing
