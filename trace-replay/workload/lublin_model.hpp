// The workload model of U. Lublin and D. G. Feitelson, "The workload on parallel supercomputers: modeling the
// characteristics of rigid jobs", JPDC 63(11), 2003: its parameters and its three parts, each drawn on its own.
// Parameter values and conventions are those of the authors' program lublin99.c.
#pragma once

#include <array>
#include <boost/random/gamma_distribution.hpp>
#include <cstdint>

#include "trace-replay/workload/random.hpp"

namespace wattfill {

// Which column of the parameters a job is drawn from.
enum class LublinColumn { kInteractive, kBatch, kUntyped };

// Job size: 1 with probability `serial`, else 2^x, x two-stage uniform: on [low, medium] with probability
// `low_probability`, else on [medium, high]. With probability `power_of_two` (of all jobs) x is rounded to an integer.
struct SizeParameters {
  double serial, power_of_two;
  double low, medium, high, low_probability;
  std::int32_t machine;  // processors
};

// Natural logarithm of the runtime in seconds: hyper-gamma, gamma(a1, b1) with probability p, else gamma(a2, b2), where
// p = pa * size + pb, clipped to [0, 1].
struct RuntimeParameters {
  double a1, b1, a2, b2, pa, pb;
};

// Natural logarithm of an inter-arrival time in points (see DailyCycle): gamma(aarr * arar, barr).
// The shares of the half hours of a day: gamma(anum, bnum).
struct ArrivalParameters {
  double aarr, barr, anum, bnum, arar;
};

struct LublinParameters {
  SizeParameters size;
  RuntimeParameters runtime;
  ArrivalParameters arrival;
};

// A draw whose logarithm lies above is drawn again: runtimes above 45 h, gaps above 5 days (before the daily cycle).
inline constexpr double kMaxLogRuntime = 12;
inline constexpr double kMaxLogInterarrival = 13;
// The longest runtime that the model gives: floor(exp(12)).
inline constexpr std::int32_t kLublinMaxRuntimeSeconds = 162754;

// The column's parameters, its sizes fitted to a machine of `processors` > 0. With m = log2(processors) the authors'
// values for 128 processors are moved along: batch and untyped high = m, interactive high = m - 1.5, and medium keeps
// the column's own distance below high (2, 2.5 and 2.5, all within the paper's 1.5 to 3.5). On small machines the
// distance shrinks to 60 % of the range but not below 1.5 (the authors' example: 8 processors, medium 1.5), and no
// bound leaves [0, m]. A machine of one processor has serial jobs only.
LublinParameters lublin_parameters(LublinColumn column, std::int32_t processors);

// Processors of one job, 1 ... machine. Where rounding x would give a power of two wider than the machine, the largest
// power of two that fits is taken.
std::int32_t draw_size(RandomEngine& engine, const SizeParameters& parameters);

// Draws runtimes in whole seconds, 1 ... kLublinMaxRuntimeSeconds (rounded down, as the authors do).
class RuntimeSampler {
 public:
  explicit RuntimeSampler(const RuntimeParameters& parameters);
  std::int32_t draw(RandomEngine& engine, std::int32_t size);

  // The probability p of the first gamma for a job of this size.
  double first_probability(std::int32_t size) const;

 private:
  RuntimeParameters parameters_;
  boost::random::gamma_distribution<double> first_, second_;
};

// Draws gaps between arrivals, in points.
class InterarrivalSampler {
 public:
  explicit InterarrivalSampler(const ArrivalParameters& parameters);
  double draw(RandomEngine& engine);

 private:
  boost::random::gamma_distribution<double> log_gap_;
};

inline constexpr int kDayBuckets = 48;  // half hours
inline constexpr double kBucketSeconds = 1800;
inline constexpr double kDaySeconds = 86400;

// The daily cycle: maps points to time. A half hour holds `weight` points, on average 1; a gap of one point is half an
// hour at the average rate, and less when the bucket is popular. Bucket (i - 1) mod 48 has the weight cdf(i + 0.5) -
// cdf(i - 0.5) of gamma(anum, bnum), i = 11 ... 58, normalised to the mean 1: the authors' day begins at five in the
// morning. points_at() and time_at() are inverse to each other, continuous and increasing, O(log 48).
class DailyCycle {
 public:
  explicit DailyCycle(const ArrivalParameters& parameters);
  double weight(int bucket) const { return weights_[static_cast<std::size_t>(bucket)]; }
  double points_at(double seconds) const;  // seconds since a midnight, >= 0
  double time_at(double points) const;     // points since that midnight, >= 0

 private:
  std::array<double, kDayBuckets> weights_{};
  std::array<double, kDayBuckets + 1> before_{};  // points of the day before each bucket
};

}  // namespace wattfill
