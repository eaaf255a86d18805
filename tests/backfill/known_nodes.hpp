// Nodes of which published studies tell what they draw (REFERENCE, section 4).
#pragma once

#include "tests/backfill/node_types.hpp"

namespace wattfill::testing {

// Grid'5000's Taurus: 6.1 s at 101 W to fall asleep, 151.52 s at 125.17 W to wake.
inline NodeType taurus_nodes(std::int32_t count) {
  NodeType type = node_type("taurus", count, 1);
  type.power.idle = {95'000};
  type.power.active = {190'738};
  type.power.sleep = {{"off", {9'750}, {Seconds{7}, {616'100}, {101'000}}, {Seconds{152}, {18'965'758}, {125'170}}}};
  return type;
}

// NASA's iPSC as in the studies of timeouts: 1800 s at 9 W to fall asleep, 2700 s at 190 W to wake.
inline NodeType ipsc_nodes(std::int32_t count) {
  NodeType type = node_type("ipsc", count, 1);
  type.power.idle = {190'000};
  type.power.active = {190'000};
  type.power.sleep = {
      {"off", {9'000}, {Seconds{1800}, {16'200'000}, {9'000}}, {Seconds{2700}, {513'000'000}, {190'000}}}};
  return type;
}

}  // namespace wattfill::testing
