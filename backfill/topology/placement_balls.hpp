// Where enough free nodes are near to each other, in a network of any shape: the smallest ball that holds them.
//
// A ball is all switches within a number of links of its centre; its diameter is at most twice its radius. Balls grow
// ring by ring around up to 32 centres, spread evenly over the switches by their numbers, until they hold enough; the
// one with the smallest radius wins, of equals the one whose nodes are nearest to its centre, then the one that touches
// the fewest switches, then the first. Within the last ring the nodes are on as few switches as possible.
// This is a heuristic. Where all switches with nodes are tried, the best ball's radius is no more than the diameter of
// the best choice, so the answer's diameter is at most twice that; in practice it is often the same.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backfill/topology/placement_groups.hpp"

namespace wattfill {

class Network;

class BallSearch {
 public:
  // `free`: free nodes at each switch with nodes. The answer says how many to use of each; precondition: all together
  // are enough. Valid until the next call. At most 32 breadth-first searches, each as far as the best ball reaches.
  std::span<const std::int32_t> smallest(const Network& network, std::span<const std::int32_t> free,
                                         std::int32_t needed);

 private:
  struct Ball {
    std::int32_t radius;
    std::int64_t links;     // from the centre to the nodes, in sum
    std::int32_t switches;  // that it uses
    auto operator<=>(const Ball&) const = default;
  };

  struct Ring {
    std::int32_t nodes;     // that are free in it
    std::int32_t switches;  // that have some
    std::int32_t largest;   // free nodes at one switch
  };

  // Leaves the ball in order_, last_ring_ and groups_; nothing where it is no better than `bound`.
  std::optional<Ball> grow(const Network& network, std::span<const std::int32_t> free, std::int32_t needed,
                           std::int32_t centre, const Ball& bound);
  void append_unseen(const Network& network, std::int32_t around);
  static Ring count(std::span<const std::int32_t> ring, std::span<const std::int32_t> free);
  std::int32_t cover(std::span<const std::int32_t> ring, std::span<const std::int32_t> free, std::int32_t largest,
                     std::int32_t needed);
  void use(std::span<const std::int32_t> free);

  // Switches behind the last of `free` have no nodes.
  static std::int32_t free_at(std::span<const std::int32_t> free, std::int32_t s) {
    return static_cast<std::size_t>(s) < free.size() ? free[static_cast<std::size_t>(s)] : 0;
  }

  // Room that is used again.
  FewestGroups groups_;
  std::vector<std::uint32_t> seen_;  // by switch: the search that last came by
  std::uint32_t searches_ = 0;
  std::vector<std::int32_t> order_;  // switches as they are found
  std::size_t last_ring_ = 0;        // where the last ring begins in order_
  std::vector<std::int32_t> used_;   // by switch, of the best ball
};

}  // namespace wattfill
