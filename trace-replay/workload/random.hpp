// Random numbers that are the same on every host: one engine, seeded by (seed, stream), and draws that are defined here
// or by Boost.Random. The distributions of the standard library differ between libraries and are not used.
#pragma once

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace wattfill {

using RandomEngine = boost::random::mt19937_64;

// An engine for one purpose. Purposes with streams of their own do not disturb each other: drawing more numbers for the
// estimates leaves the arrivals as they were. Seed and stream are mixed by SplitMix64's finaliser (Steele, Lea, Flood
// 2014), so neighbouring seeds give unrelated engines.
inline RandomEngine seeded_engine(std::uint64_t seed, std::uint64_t stream) {
  const auto mix = [](std::uint64_t z) {
    z += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  };
  return RandomEngine(mix(mix(seed) ^ stream));
}

// Uniform on [0, 1), a multiple of 2^-53.
inline double uniform(RandomEngine& engine) { return static_cast<double>(engine() >> 11) * 0x1p-53; }

// Uniform on [low, high).
inline double uniform(RandomEngine& engine, double low, double high) { return low + (high - low) * uniform(engine); }

// Uniform on 0 ... count - 1, for 0 < count < 2^31; the bias is below count * 2^-53.
inline std::size_t uniform_index(RandomEngine& engine, std::size_t count) {
  return static_cast<std::size_t>(uniform(engine) * static_cast<double>(count));
}

// The number of failures before the first success of trials that succeed with `probability`, at most `limit`.
inline int geometric(RandomEngine& engine, double probability, int limit) {
  int failures = 0;
  while (failures < limit && uniform(engine) >= probability) ++failures;
  return failures;
}

// Draws index i with probability weight[i] / sum of the weights. Construction O(n), one draw O(log n).
class WeightedIndex {
 public:
  explicit WeightedIndex(std::vector<double> weights) : cumulative_(std::move(weights)) {
    double sum = 0;
    for (double& weight : cumulative_) weight = sum += weight;
  }
  std::size_t draw(RandomEngine& engine) const {
    const double point = uniform(engine) * cumulative_.back();
    const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, point);
    return static_cast<std::size_t>(found - cumulative_.begin());
  }

 private:
  std::vector<double> cumulative_;
};

}  // namespace wattfill
