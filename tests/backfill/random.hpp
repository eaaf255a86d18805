// Seeded random numbers that are the same with every standard library.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wattfill::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed ^ (seed >> 32))) {}

  // Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  std::int32_t between32(std::int32_t low, std::int32_t high) {
    return boost::random::uniform_int_distribution<std::int32_t>(low, high)(engine_);
  }
  std::size_t index(std::size_t size) {
    return boost::random::uniform_int_distribution<std::size_t>(0, size - 1)(engine_);
  }
  bool chance(int percent) { return between(1, 100) <= percent; }

  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[index(values.size())];
  }

 private:
  boost::random::mt19937 engine_;
};

}  // namespace wattfill::testing
