// What is inside a node, as plain data; wattfill::topology reads it with hwloc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wattfill {

struct NodeCore {
  std::int32_t package = 0;
  std::int32_t numa_node = 0;
  std::int32_t l3 = 0;
  std::int32_t kind = 0;           // hybrid machines: the rank of the core's kind by efficiency, 0 the slowest
  std::vector<std::uint32_t> pus;  // operating-system indices of its hardware threads
  bool operator==(const NodeCore&) const = default;
};

struct NodeAccelerator {
  std::string type;            // "cuda", "opencl", "rsmi", "ve", ...: what hwloc calls it
  std::string name;            // "cuda0"
  std::int32_t numa_node = 0;  // the one that it is near to
  bool operator==(const NodeAccelerator&) const = default;
};

// Indices of packages, NUMA nodes and caches count from 0 without gaps, in hwloc's logical order. Of a package and a
// NUMA node that share cores, one holds the other.
struct NodeInsides {
  std::vector<NodeCore> cores;  // in hwloc's logical order
  std::int32_t packages = 1;
  std::int32_t numa_nodes = 1;
  std::int32_t l3s = 1;        // cores without a shared L3 count as one group per NUMA node
  std::int64_t memory_kb = 0;  // 0: not known
  std::vector<NodeAccelerator> accelerators;
  bool operator==(const NodeInsides&) const = default;

  // A node of which nothing but the number of cores is known: one package, one NUMA node.
  static NodeInsides flat(std::int32_t cores) {
    NodeInsides insides;
    insides.cores.resize(static_cast<std::size_t>(cores));
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(cores); ++i) insides.cores[i].pus = {i};
    return insides;
  }
};

}  // namespace wattfill
