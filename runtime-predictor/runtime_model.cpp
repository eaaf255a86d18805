#include "runtime-predictor/runtime_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

// request x 2^ratio, within [1, request].
double scaled(double request, double ratio) {
  constexpr double kLn2 = 0.693147180559945309417;
  return std::clamp(request * portable_exp(std::clamp(ratio, -60.0, 0.0) * kLn2), 1.0, request);
}

// The median and the upper output are learned as distances from what similar jobs took, so that a runtime that repeats
// is predicted exactly. A job without similar ones is measured from its request.
float anchor(float similar_median) { return std::isnan(similar_median) ? 0.0F : similar_median; }
constexpr std::size_t kAnchor = feature_index("similar_median");
static_assert(kAnchor < kFeatureCount);

}  // namespace

RuntimeModel RuntimeModel::train(const TrainingOptions& options, std::span<const float> rows,
                                 std::vector<RuntimeTarget> targets) {
  const std::size_t count = targets.size();
  for (std::size_t i = 0; i < count; ++i) targets[i].log_ratio -= anchor(rows[i * kFeatureCount + kAnchor]);
  const RuntimeLoss loss(std::move(targets), options.asymmetry);
  RuntimeModel model(Booster::train(options.booster, rows, count, kFeatureCount, loss, options.rounds));
  model.base = loss.base();
  model.options = options;
  model.rows = static_cast<std::int64_t>(count);
  return model;
}

std::uint64_t RuntimeModel::digest() const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  const auto add = [&hash](std::span<const char> bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  };
  add(booster.save());
  add({reinterpret_cast<const char*>(base.data()), sizeof(base)});
  return hash;
}

std::array<float, kOutputs> RuntimeModel::outputs(const FeatureRow& row) const {
  std::array<float, kOutputs> out{};
  forest.predict(row, out);
  for (std::size_t k = 0; k < kOutputs; ++k) out[k] += base[k];
  out[kMedianOutput] += anchor(row[kAnchor]);
  out[kUpperOutput] += anchor(row[kAnchor]);
  return out;
}

Prediction prediction_of(const std::array<float, kOutputs>& outputs, Seconds requested, double upper_shift) {
  const auto request = static_cast<double>(requested.count());
  Prediction p;
  p.median = scaled(request, outputs[kMedianOutput]);
  p.upper = std::max(p.median, scaled(request, outputs[kUpperOutput] + upper_shift));
  p.expected = std::clamp<double>(request * logistic(outputs[kShareOutput]), 1.0, request);
  const double least = 10.0 / std::max(10.0, request);
  p.index = p.expected / std::clamp<double>(logistic(outputs[kWeightOutput]), least, 1.0);
  return p;
}

}  // namespace wattfill
