// Which cores of a node a job gets: those that are nearest to each other.
//
// A pick spans the fewest NUMA nodes possible, among those choices the fewest packages, both exactly. Then, as far as
// that goes without more of either:
// - it does not mix kinds of cores: the fastest kind that holds the whole job, else the fewest of the fastest kinds;
// - it fills few L3 groups, the fewest possible of the NUMA nodes that it took; where one NUMA node holds the job, the
//   fewest possible of any such;
// - it takes the group that fits most tightly, so that large holes stay whole, of equals the one in the fuller package.
// Ties go to the lowest index, so a pick depends on its arguments only.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/core_set.hpp"
#include "backfill/model/node_insides.hpp"

namespace wattfill {

class CorePicker {
 public:
  // Throws std::invalid_argument where a NUMA node and a package overlap without one holding the other.
  explicit CorePicker(const NodeInsides& insides);

  // `count` cores of `free`, a set of this node's cores. Throws std::invalid_argument where there are fewer, or where
  // count is negative. Linear in the cores; several NUMA nodes cost another O(N * P * C), N and P those that the pick
  // spans, C the pairs of NUMA node and package that share cores.
  CoreSet pick(const CoreSet& free, std::int32_t count) const;

  // How many packages have a core in `used`.
  int packages_in_use(const CoreSet& used) const;

 private:
  // Cores that no rule tells apart.
  struct Leaf {
    std::int32_t cell, l3, kind;
  };
  // What a NUMA node and a package share: the whole of the smaller one.
  struct Cell {
    std::int32_t numa_node, package;
  };
  // Cells of one package, or of one NUMA node where that holds several packages.
  struct Star {
    bool of_package;
    std::vector<std::int32_t> cells;
  };
  class Pick;

  std::int32_t numa_nodes_, packages_, l3s_, kinds_;
  std::vector<std::int32_t> leaf_of_;  // by core
  std::vector<Leaf> leaves_;
  std::vector<Cell> cells_;
  std::vector<Star> stars_;
};

}  // namespace wattfill
