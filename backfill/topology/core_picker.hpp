// Which cores of a node a job gets: those that are nearest to each other.
//
// A pick spans the fewest NUMA nodes possible and, among those choices, the fewest packages, both exactly. Then, as far
// as that goes without more of either:
// - it does not mix kinds of cores: the fastest kind that holds the whole job, else the fewest of the fastest kinds;
// - it fills few L3 groups: where one NUMA node holds the job, the fewest that any such NUMA node offers, else the
// fewest
//   of the NUMA nodes that it takes;
// - it takes the groups that fit most tightly, so that large holes stay whole, of equals those in the fuller package.
// Ties go to the lowest index, so a pick depends on its arguments only.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/core_set.hpp"
#include "backfill/model/node_insides.hpp"

namespace wattfill {

// Not changed by use: any number of threads may share one.
class CorePicker {
 public:
  // Throws std::invalid_argument where a NUMA node and a package overlap and neither holds the other.
  explicit CorePicker(const NodeInsides& insides);

  // `count` cores of `free`, a set of this node's cores. Throws std::invalid_argument where there are fewer, or where
  // count is negative. Linear in the cores; a job over several NUMA nodes costs another O(N * P * C): N the NUMA nodes
  // that it spans, P the packages, C the pairs of NUMA node and package that share cores.
  CoreSet pick(const CoreSet& free, std::int32_t count) const;

  // How many packages have a core in `used`.
  int packages_in_use(const CoreSet& used) const;

 private:
  // What a NUMA node and a package share: the whole of the smaller one. Its leaves are numbered in a row.
  struct Cell {
    std::int32_t numa_node, package, first_leaf, end_leaf;
  };
  // All cells of one package, or of one NUMA node where that holds several packages; numbered in a row.
  struct Star {
    bool of_package;
    std::int32_t first_cell, end_cell;
  };
  // Cores that no rule tells apart. Those of one cell stand in the order of their L3 groups.
  struct Leaf {
    std::int32_t cell, l3, kind;
  };
  struct Kinds {
    std::int32_t slowest, fastest;
  };
  class Pick;

  std::int32_t numa_nodes_, packages_, l3s_;
  std::vector<Star> stars_;
  std::vector<Cell> cells_;
  std::vector<Leaf> leaves_;
  std::vector<std::int32_t> leaf_of_;  // by core
  std::vector<Kinds> kind_choices_;    // the one to prefer first; the last is all
};

}  // namespace wattfill
