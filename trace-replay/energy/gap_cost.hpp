// What an idle gap of a node costs when it is slept as well as can be, known in advance.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/int128.hpp"

namespace wattfill {

// How a gap ends. It begins with the node awake.
enum class GapEnd {
  kHeld,     // the node must be awake again
  kHorizon,  // nothing is asked of the node any more
};

// The lowest power that an unused node of the type can draw: idle, or in one of its sleep states.
Milliwatts deepest_power(const NodePower& power);

// The costs of the gaps of one node type, exact, in millijoules.
class GapCosts {
 public:
  explicit GapCosts(const NodePower& power);

  struct Cost {
    Int128 millijoules = 0;
    bool asleep = false;  // strictly cheaper than idling
  };
  // The cheapest of idling and of every sleep state s for which the gap of length L >= 0 is long enough:
  //   enter_s.energy + power_s * (L - enter_s.duration - leave_s.duration) + leave_s.energy
  // without leave_s at the horizon. To sleep once in a gap is best unless transitions draw less than the deepest sleep.
  // O(sleep states).
  Cost cheapest(Seconds length, GapEnd end) const;

  // No more than cheapest() and concave in the length: the same without "long enough". Moreover its slope at the
  // horizon is, at any length, at most that of a gap at most as long which ends held. So no other assignment of nodes
  // has a smaller sum of it than last in, first out: exchanging the ends of two gaps that overlap, neither within the
  // other, only lowers the sum. Where it and cheapest() have the same sum, last in, first out is optimal for both.
  Int128 concave(Seconds length, GapEnd end) const;

 private:
  // One way to spend a gap: fixed + power * length.
  struct Way {
    Seconds least{};  // shorter gaps do not allow it
    std::int64_t power = 0;
    Int128 fixed = 0;
    Int128 at(Seconds length) const { return fixed + Int128{power} * length.count(); }
  };

  const std::vector<Way>& ways(GapEnd end) const { return end == GapEnd::kHeld ? held_ : horizon_; }
  Way relaxed(std::size_t way) const;

  std::vector<Way> held_;     // idling first
  std::vector<Way> horizon_;  // the same ones
  std::vector<Way> horizon_relaxed_;
};

}  // namespace wattfill
