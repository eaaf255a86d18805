// Logarithms and the cube root against the long double library, and bit for bit against recorded values.
#include "backfill/model/portable_math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

constexpr long double kBound = 1e-15L;

long double relative_error(double found, long double expected) {
  return expected == 0 ? std::fabs(static_cast<long double>(found)) : std::fabs((found - expected) / expected);
}

// Mantissas uniform in their bits, binary exponents in [low, high].
double draw(Random& random, int low, int high) {
  const double mantissa = 1.0 + static_cast<double>(random.between(0, (1LL << 52) - 1)) / 4503599627370496.0;
  return std::ldexp(mantissa, static_cast<int>(random.between(low, high)));
}

TEST(PortableMath, LogarithmsStayWithinTheBound) {
  Random random(1);
  long double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    // Around 1 the logarithm is small; half of the draws go there.
    const double x = random.chance(50) ? draw(random, -1, 1) : draw(random, -1000, 1000);
    const long double xl = x;
    worst =
        std::max({worst, relative_error(portable_log(x), std::log(xl)), relative_error(portable_log2(x), std::log2(xl)),
                  relative_error(portable_log10(x), std::log10(xl))});
  }
  EXPECT_LT(worst, kBound);
}

TEST(PortableMath, CubeRootStaysWithinTheBound) {
  Random random(2);
  long double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = draw(random, -1000, 1000);
    worst = std::max(worst, relative_error(portable_cbrt(x), std::cbrt(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, kBound);
  EXPECT_EQ(portable_cbrt(0.0), 0.0);
}

TEST(PortableMath, StaysWithinTheBoundAtWholeNumbers) {
  EXPECT_EQ(portable_log(1.0), 0.0);
  for (int k = -60; k <= 60; ++k) EXPECT_LT(relative_error(portable_log2(std::ldexp(1.0, k)), k), kBound);
  for (std::int64_t n = 1; n <= 3000; ++n) {
    const double d = static_cast<double>(n);
    EXPECT_LT(relative_error(portable_cbrt(d * d * d), d), kBound);
    EXPECT_LT(relative_error(portable_log10(d), std::log10(static_cast<long double>(n))), kBound) << n;
  }
}

// Scores rank by them, so they may not fall where their argument grows.
TEST(PortableMath, IsMonotoneOverWholeSeconds) {
  Random random(3);
  for (int run = 0; run < 200; ++run) {
    const std::int64_t from = random.between(1, run % 2 == 0 ? 100'000 : 2'000'000'000);
    for (std::int64_t n = from; n < from + 200; ++n) {
      EXPECT_LT(portable_log10(static_cast<double>(n)), portable_log10(static_cast<double>(n + 1))) << n;
      EXPECT_LT(portable_cbrt(static_cast<double>(n)), portable_cbrt(static_cast<double>(n + 1))) << n;
    }
  }
}

struct Golden {
  double x;
  std::uint64_t log, log2, log10, cbrt;
};

// Recorded once: another host, compiler or library must give the same bits.
constexpr Golden kGolden[] = {
    {0.001, 0xc01ba18a998fffa0, 0xc023ee7b471b3a95, 0xc007ffffffffffff, 0x3fb9999999999999},
    {0.7, 0xbfd6d3c324e13f4f, 0xbfe0776228967d12, 0xbfc3d3d3d21ccf03, 0x3fec69b5a72f1a99},
    {1.4142135623730951, 0x3fd62e42fefa39f1, 0x3fe0000000000001, 0x3fc34413509f7a00, 0x3ff1f59ac3c7d6c0},
    {2.0, 0x3fe62e42fefa39ef, 0x3ff0000000000000, 0x3fd34413509f79fe, 0x3ff428a2f98d728b},
    {3.0, 0x3ff193ea7aad030a, 0x3ff95c01a39fbd68, 0x3fde8927964fd5fb, 0x3ff7137449123ef6},
    {10.0, 0x40026bb1bbb55515, 0x400a934f0979a371, 0x3feffffffffffffe, 0x40013c484138704f},
    {100.0, 0x40126bb1bbb55515, 0x401a934f0979a371, 0x3ffffffffffffffe, 0x401290fca9c761f8},
    {338.0, 0x40174acc8b10d38f, 0x4020cd4011c8f11a, 0x40043b38add0018f, 0x401bdcffdb738b6a},
    {3600.0, 0x4020609bdc65328b, 0x4027a0a7eda4c113, 0x400c734eb9bbd3fe, 0x402ea70232cddd87},
    {86400.0, 0x4026bbc5bb89bdc9, 0x40306614110c5c60, 0x4013befd7560ce3e, 0x40461aac213890e4},
    {1048576.5, 0x402bb9d3ceb8c82b, 0x403400000b8aa385, 0x4018151832ad15d1, 0x405965fee8f81496},
    {63241905.0, 0x4031f664f0276314, 0x4039ea14a4a7f238, 0x401f343aa3d06fea, 0x4078e6a135eddfb2},
    {1e12, 0x403ba18a998fffa0, 0x4043ee7b471b3a95, 0x4027ffffffffffff, 0x40c3880000000000},
    {1e300, 0x4085963447f87fb5, 0x408f24a09f1a8b89, 0x4072bfffffffffff, 0x54b249ad2594c37d},
};

TEST(PortableMath, GivesTheRecordedBits) {
  for (const Golden& g : kGolden) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(portable_log(g.x)), g.log) << g.x;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(portable_log2(g.x)), g.log2) << g.x;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(portable_log10(g.x)), g.log10) << g.x;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(portable_cbrt(g.x)), g.cbrt) << g.x;
  }
}

}  // namespace
}  // namespace wattfill
