// Random numbers and job shapes for the benchmarks: the same sequence everywhere.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Uniform in [0, n), up to a bias of n / 2^64.
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n)); }

 private:
  std::mt19937_64 engine_;
};

// What a job asks for.
struct Shape {
  std::int32_t processors;
  Seconds requested;
};

// `count` different shapes as an archive trace has them: mostly powers of two among the widths, and requests in whole
// five minutes up to 36 hours, short ones more often. count <= widest * 432 / 4.
inline std::vector<Shape> make_shapes(std::size_t count, std::int32_t widest, std::uint64_t seed) {
  Random random(seed);
  std::set<std::pair<std::int32_t, std::int64_t>> known;
  std::vector<Shape> shapes;
  while (shapes.size() < count) {
    const std::int32_t power = std::int32_t{1} << random.below(8);
    const bool round = random.below(10) < 7;
    const auto processors = std::min(widest, round ? power : static_cast<std::int32_t>(random.below(widest) + 1));
    const std::int64_t longest = std::int64_t{4} << random.below(8);  // of 4 to 512 units
    const std::int64_t requested = 300 * (1 + random.below(std::min<std::int64_t>(longest, 432)));
    if (known.insert({processors, requested}).second) shapes.push_back({processors, Seconds{requested}});
  }
  return shapes;
}

}  // namespace wattfill::bench
