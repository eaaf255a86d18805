// How much longer a job runs on nodes that are far apart.
//
// The model is linear: a job whose nodes hang at one switch (2 hops between any two) takes its reference runtime, and
// each hop of the mean distance beyond that adds the same share of it:
//   runtime * (1 + rate * (mean hops - 2))
// It is a knob for what-if questions, not a measured law: how much a job suffers depends on how much and to whom it
// talks. The mean over all pairs stands for traffic from everyone to everyone (as in an all-to-all exchange), which is
// the worst a placement can do; jobs that talk to their neighbours suffer less. Congestion by other jobs is left out.
#pragma once

#include <cstdint>

#include "backfill/model/int128.hpp"
#include "backfill/model/time.hpp"

namespace wattfill {

// The mean distance between the nodes of a job, as an exact fraction. One node: no pairs, no hops.
struct MeanHops {
  std::int64_t sum = 0;  // over all pairs of nodes
  std::int64_t pairs = 0;
  bool operator==(const MeanHops&) const = default;
};

struct Stretch {
  std::int64_t millionths_per_hop = 0;  // of the runtime; 0: distance costs nothing
  bool operator==(const Stretch&) const = default;
};

// Rounded up to a second; exact in 128 bits. Needs runtime, rate and mean >= 0.
constexpr Seconds stretched(Seconds runtime, Stretch stretch, MeanHops hops) {
  if (stretch.millionths_per_hop == 0 || hops.sum <= 2 * hops.pairs || runtime >= kForever) return runtime;
  const Int128 whole = Int128{1'000'000} * hops.pairs;
  const Int128 factor = whole + Int128{stretch.millionths_per_hop} * (hops.sum - 2 * hops.pairs);
  return Seconds{static_cast<std::int64_t>((runtime.count() * factor + whole - 1) / whole)};
}

}  // namespace wattfill
