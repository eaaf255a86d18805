// How many links lie between two switches: by a closed form where the network is regular, so that no table of all pairs
// is needed, else by breadth-first search.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "backfill/model/cluster.hpp"

namespace wattfill {

// Switches as vertices. A link is there once, however many cables it has.
using NetworkGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

struct SwitchLoad {
  std::int32_t at;     // a switch
  std::int64_t nodes;  // that a job has there
};

class SwitchDistances {
 public:
  virtual ~SwitchDistances() = default;

  virtual std::int32_t between(std::int32_t a, std::int32_t b) const = 0;

  // Over all pairs of a job's nodes, the links between their switches: the sum and the most. `loads`: each switch once,
  // ascending. Unless told otherwise, quadratic in the switches.
  virtual std::int64_t sum(std::span<const SwitchLoad> loads) const;
  virtual std::int32_t most(std::span<const SwitchLoad> loads) const;
};

// Every switch knows the one above it: O(depth).
class TreeDistances final : public SwitchDistances {
 public:
  // The root is its own parent.
  explicit TreeDistances(std::vector<std::int32_t> parent);

  std::int32_t between(std::int32_t a, std::int32_t b) const override;
  std::int64_t sum(std::span<const SwitchLoad> loads) const override;  // O(switches * depth)
  std::int32_t most(std::span<const SwitchLoad> loads) const override;

 private:
  std::int32_t depth(std::int32_t s) const { return depth_[static_cast<std::size_t>(s)]; }
  std::int32_t parent(std::int32_t s) const { return parent_[static_cast<std::size_t>(s)]; }

  std::vector<std::int32_t> parent_, depth_;
};

// Routers numbered group by group. A group's links to the other groups, in their order, go to its routers in turn.
class DragonflyDistances final : public SwitchDistances {
 public:
  explicit DragonflyDistances(const Dragonfly& shape) : routers_(shape.routers_per_group), groups_(shape.groups) {}

  // O(links of a router to other groups).
  std::int32_t between(std::int32_t a, std::int32_t b) const override;

  // The router of the group that has the link to the other group.
  std::int32_t gateway(std::int32_t group, std::int32_t other) const {
    return group * routers_ + (other < group ? other : other - 1) % routers_;
  }

 private:
  std::int32_t routers_, groups_;
};

// Routers numbered with the last dimension fastest.
class TorusDistances final : public SwitchDistances {
 public:
  explicit TorusDistances(const Torus& shape) : dimensions_(shape.dimensions) {}

  std::int32_t between(std::int32_t a, std::int32_t b) const override;  // O(dimensions)
  std::int64_t sum(std::span<const SwitchLoad> loads) const override;   // linear in the switches, square in a dimension

 private:
  std::vector<std::int32_t> dimensions_;
};

// Any graph. Up to 1024 switches a table of 16-bit numbers; beyond that rows are searched when asked for, and the last
// few kept: then only one thread at a time may ask.
class GraphDistances final : public SwitchDistances {
 public:
  // The graph must be connected and outlive this.
  explicit GraphDistances(const NetworkGraph& graph);

  std::int32_t between(std::int32_t a, std::int32_t b) const override;

 private:
  static constexpr std::size_t kTableSwitches = 1024;
  static constexpr std::size_t kRows = 64;
  struct Row {
    std::int32_t from = -1;
    std::uint64_t asked = 0;
    std::vector<std::int32_t> links;
  };
  const Row& row(std::int32_t from) const;

  const NetworkGraph& graph_;
  std::vector<std::uint16_t> table_;
  mutable std::vector<Row> rows_;
  mutable std::uint64_t questions_ = 0;
};

// The links from one switch to each; -1 where there is no way.
std::vector<std::int32_t> links_from(const NetworkGraph& graph, std::int32_t from);

}  // namespace wattfill
