#include "backfill/model/portable_math.hpp"

#include <bit>
#include <cstdint>

namespace wattfill {
namespace {

constexpr double kLn2 = 0.693147180559945309417232121458;
constexpr double kLn10 = 2.302585092994045684017991454684;
constexpr double kSqrt2 = 1.414213562373095048801688724210;

struct Split {
  double mantissa;  // in [1, 2)
  int exponent;
};

Split split(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
  return {std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL), exponent};
}

}  // namespace

double portable_log(double x) {
  auto [m, exponent] = split(x);
  if (m > kSqrt2) {
    m *= 0.5;
    ++exponent;
  }
  // ln m = 2 atanh(z), z = (m - 1) / (m + 1), |z| <= 0.172: the term z^23 / 23 lies below the last bit.
  const double z = (m - 1.0) / (m + 1.0);
  const double q = z * z;
  double sum = 0.0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * q + 1.0 / k;
  return 2.0 * z * sum + exponent * kLn2;
}

double portable_log2(double x) { return portable_log(x) / kLn2; }

double portable_log10(double x) { return portable_log(x) / kLn10; }

double portable_exp(double x) {
  // x = k ln 2 + r, |r| <= 0.35: the Taylor series' term r^15 / 15! lies below the last bit. ln 2 in two parts, the
  // first exact in few bits, so that k ln 2 loses nothing.
  constexpr double kLn2High = 0.693145751953125;
  constexpr double kLn2Low = 1.42860682030941723212e-6;
  const double scaled = x / kLn2 + (x < 0 ? -0.5 : 0.5);
  const int k = static_cast<int>(scaled);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1.0;
  for (int n = 15; n >= 1; --n) sum = 1.0 + sum * r / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

double portable_cbrt(double x) {
  if (x <= 0.0) return 0.0;
  // Start at a power of two within a factor of two of the root, then Newton: each step doubles the correct digits.
  const int exponent = split(x).exponent;
  const int third = exponent >= 0 ? exponent / 3 : (exponent - 2) / 3;
  double y = std::bit_cast<double>(static_cast<std::uint64_t>(third + 1023) << 52) * 1.26;
  for (int i = 0; i < 7; ++i) y -= (y - x / (y * y)) / 3.0;
  return y;
}

}  // namespace wattfill
