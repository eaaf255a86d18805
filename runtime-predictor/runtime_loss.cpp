#include "runtime-predictor/runtime_loss.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr float kHuberWidth = 0.1F;  // log2 units: closer to the target the median's loss is a square

float logit(double p) {
  const double q = std::clamp(p, 1e-4, 1.0 - 1e-4);
  return static_cast<float>(portable_log(q / (1.0 - q)));
}

// 2^x for |x| < 120.
float exp2_of(float x) {
  const float whole = std::floor(x);
  const float t = (x - whole) * 0.69314718F;
  const float e =
      1 + t * (1 + t * (0.5F + t * (0.16666667F + t * (0.041666667F + t * (0.0083333333F + t * 0.0013888889F)))));
  return e * std::bit_cast<float>(static_cast<std::uint32_t>(static_cast<int>(whole) + 127) << 23);
}

}  // namespace

float logistic(float x) { return 1.0F / (1.0F + exp2_of(std::clamp(-x, -60.0F, 60.0F) * 1.44269504F)); }

HuberDerivatives pseudo_huber(float error, float width) {
  const float root = std::sqrt(1.0F + (error / width) * (error / width));
  return {error / root, 1.0F / root};
}

RuntimeTarget runtime_target(double runtime, double request) {
  const double r = std::clamp(runtime, 1.0, request);
  return {static_cast<float>(portable_log2(r / request)), static_cast<float>(10.0 / std::max(10.0, r)),
          static_cast<float>(r / request)};
}

RuntimeLoss::RuntimeLoss(std::vector<RuntimeTarget> targets, double upper_asymmetry)
    : targets_(std::move(targets)), asymmetry_(static_cast<float>(upper_asymmetry)) {
  if (targets_.empty()) return;
  double weight = 0;
  double share = 0;
  std::vector<float> ratios;
  ratios.reserve(targets_.size());
  for (const RuntimeTarget& t : targets_) {
    weight += t.weight;
    share += t.share;
    ratios.push_back(t.log_ratio);
  }
  const auto quantile = [&ratios](double q) {
    const auto k = static_cast<std::ptrdiff_t>(q * static_cast<double>(ratios.size() - 1));
    std::nth_element(ratios.begin(), ratios.begin() + k, ratios.end());
    return ratios[static_cast<std::size_t>(k)];
  };
  const auto rows = static_cast<double>(targets_.size());
  base_ = {quantile(0.5), quantile(0.8), logit(weight / rows), logit(share / rows)};
}

void RuntimeLoss::derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const RuntimeTarget& t = targets_[i];
    const std::size_t at = i * kOutputs;
    const auto put = [&](Output k, float g, float h) {
      gradient[at + k] = g;
      hessian[at + k] = h;
    };
    const auto margin = [&](Output k) { return margins[at + k] + base_[k]; };
    const HuberDerivatives median = pseudo_huber(margin(kMedianOutput) - t.log_ratio, kHuberWidth);
    put(kMedianOutput, median.gradient, median.hessian);
    const float above = margin(kUpperOutput) - t.log_ratio;
    const float side = above > 0 ? 1.0F - asymmetry_ : asymmetry_;
    put(kUpperOutput, 2 * side * above, 2 * side);
    const float weight = logistic(margin(kWeightOutput));
    put(kWeightOutput, weight - t.weight, std::max(weight * (1 - weight), 1e-4F));
    const float share = logistic(margin(kShareOutput));
    put(kShareOutput, share - t.share, std::max(share * (1 - share), 1e-4F));
  }
}

}  // namespace wattfill
