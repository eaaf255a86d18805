// The machine: node types, in the order of the cluster file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wattfill {

struct NodeType {
  std::string name;
  std::int32_t count = 0;       // nodes
  std::int32_t processors = 1;  // of one node

  bool operator==(const NodeType&) const = default;
};

struct Cluster {
  std::string name;
  std::string description;
  std::vector<NodeType> node_types;

  std::int64_t nodes() const {
    std::int64_t sum = 0;
    for (const NodeType& type : node_types) sum += type.count;
    return sum;
  }
  std::int64_t processors() const {
    std::int64_t sum = 0;
    for (const NodeType& type : node_types) sum += static_cast<std::int64_t>(type.count) * type.processors;
    return sum;
  }

  bool operator==(const Cluster&) const = default;
};

}  // namespace wattfill
