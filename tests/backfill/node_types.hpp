// Node types for tests: what matters is told, the rest is simple.
#pragma once

#include <cstdint>
#include <string>

#include "backfill/model/cluster.hpp"

namespace wattfill::testing {

inline NodeType node_type(const std::string& name, std::int32_t count, std::int32_t processors,
                          std::int64_t speed_millionths = 1'000'000, std::int64_t memory_kb = 0) {
  NodeType type;
  type.name = name;
  type.count = count;
  type.processors = processors;
  type.speed = {speed_millionths};
  type.memory_kb = memory_kb;
  type.insides = NodeInsides::flat(processors);
  type.power.idle = {1000};
  type.power.active = {5000};
  return type;
}

}  // namespace wattfill::testing
