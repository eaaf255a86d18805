#include "trace-replay/workload/lublin_model.hpp"

#include <algorithm>
#include <bit>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace wattfill {
namespace {

// One column of the authors' table. `high_gap` is the distance of log2(machine) above high, `medium_gap` that of high
// above medium, both read off the values for 128 processors.
struct Column {
  double serial, power_of_two, low, low_probability, high_gap, medium_gap;
  RuntimeParameters runtime;
  ArrivalParameters arrival;
};

constexpr Column kInteractiveColumn{.1541,
                                    .625,
                                    1,
                                    .705,
                                    1.5,
                                    2.5,
                                    {3.8351, .6605, 7.073, .6856, -.0118, .9156},
                                    {6.5510, .6621, 8.9186, 3.6680, .9797}};
constexpr Column kBatchColumn{
    .2927, .6686, 1.2, .875, 0, 2, {6.57, .823, 639.1, .0156, -.003, .6986}, {6.0415, .8531, 6.1271, 5.2740, 1.0519}};
constexpr Column kUntypedColumn{
    .244, .576, .8, .86, 0, 2.5, {4.2, .94, 312, .03, -.0054, .78}, {10.2303, .4871, 8.1737, 3.9631, 1.0225}};

const Column& column_of(LublinColumn column) {
  switch (column) {
    case LublinColumn::kInteractive:
      return kInteractiveColumn;
    case LublinColumn::kBatch:
      return kBatchColumn;
    case LublinColumn::kUntyped:
      break;
  }
  return kUntypedColumn;
}

SizeParameters fit_size(const Column& column, std::int32_t processors) {
  const double machine = std::log2(static_cast<double>(processors));
  const double low = std::min(column.low, machine);
  const double high = std::max(machine - column.high_gap, low);
  const double gap = std::min(column.medium_gap, std::max(1.5, 0.6 * (high - low)));
  const double medium = std::max(high - gap, low);
  return {column.serial, column.power_of_two, low, medium, high, column.low_probability, processors};
}

}  // namespace

LublinParameters lublin_parameters(LublinColumn column, std::int32_t processors) {
  const Column& values = column_of(column);
  return {fit_size(values, processors), values.runtime, values.arrival};
}

std::int32_t draw_size(RandomEngine& engine, const SizeParameters& parameters) {
  const double kind = uniform(engine);
  if (kind < parameters.serial || parameters.machine == 1) return 1;
  const bool low_stage = uniform(engine) < parameters.low_probability;
  const double exponent = low_stage ? uniform(engine, parameters.low, parameters.medium)
                                    : uniform(engine, parameters.medium, parameters.high);
  if (kind < parameters.serial + parameters.power_of_two) {
    const int largest = std::bit_width(static_cast<std::uint32_t>(parameters.machine)) - 1;
    return std::int32_t{1} << std::min(static_cast<int>(std::lround(exponent)), largest);
  }
  return std::min(static_cast<std::int32_t>(std::lround(std::exp2(exponent))), parameters.machine);
}

RuntimeSampler::RuntimeSampler(const RuntimeParameters& parameters)
    : parameters_(parameters), first_(parameters.a1, parameters.b1), second_(parameters.a2, parameters.b2) {}

double RuntimeSampler::first_probability(std::int32_t size) const {
  return std::clamp(parameters_.pa * size + parameters_.pb, 0.0, 1.0);
}

std::int32_t RuntimeSampler::draw(RandomEngine& engine, std::int32_t size) {
  const double first = first_probability(size);
  for (;;) {
    const double log_runtime = uniform(engine) < first ? first_(engine) : second_(engine);
    if (log_runtime <= kMaxLogRuntime) return static_cast<std::int32_t>(std::exp(log_runtime));
  }
}

InterarrivalSampler::InterarrivalSampler(const ArrivalParameters& parameters)
    : log_gap_(parameters.aarr * parameters.arar, parameters.barr) {}

double InterarrivalSampler::draw(RandomEngine& engine) {
  for (;;) {
    const double log_gap = log_gap_(engine);
    if (log_gap <= kMaxLogInterarrival) return std::exp(log_gap) / kBucketSeconds;
  }
}

DailyCycle::DailyCycle(const ArrivalParameters& parameters) {
  constexpr int kDayStart = 11;
  const auto cdf = [&](double x) { return boost::math::gamma_p(parameters.anum, x / parameters.bnum); };
  double sum = 0;
  for (int i = kDayStart; i < kDayBuckets + kDayStart; ++i) {
    const double weight = cdf(i + 0.5) - cdf(i - 0.5);
    weights_[static_cast<std::size_t>((i - 1) % kDayBuckets)] = weight;
    sum += weight;
  }
  for (std::size_t bucket = 0; bucket < weights_.size(); ++bucket) {
    weights_[bucket] *= kDayBuckets / sum;
    before_[bucket + 1] = before_[bucket] + weights_[bucket];
  }
}

double DailyCycle::points_at(double seconds) const {
  const double day = std::floor(seconds / kDaySeconds);
  const double buckets = (seconds - day * kDaySeconds) / kBucketSeconds;
  const auto bucket = std::min(static_cast<std::size_t>(buckets), weights_.size() - 1);
  return day * before_.back() + before_[bucket] + (buckets - static_cast<double>(bucket)) * weights_[bucket];
}

double DailyCycle::time_at(double points) const {
  const double day = std::floor(points / before_.back());
  const double rest = points - day * before_.back();
  const auto next = std::upper_bound(before_.begin() + 1, before_.end() - 1, rest);
  const auto bucket = static_cast<std::size_t>(next - before_.begin()) - 1;
  return day * kDaySeconds +
         (static_cast<double>(bucket) + (rest - before_[bucket]) / weights_[bucket]) * kBucketSeconds;
}

}  // namespace wattfill
