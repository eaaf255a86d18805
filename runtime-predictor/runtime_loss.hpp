// What the model is trained for: four outputs of one booster, each with a loss of its own.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "runtime-predictor/booster.hpp"

namespace wattfill {

// r: runtime, R: request, both in seconds. Margins, before the base value is added:
enum Output : std::size_t {
  kMedianOutput,  // log2(r / R) beyond the anchor (runtime_model.cpp), by the pseudo-Huber loss, which tends to the
                  // absolute error
  kUpperOutput,   // the same, by the asymmetric squared error (an expectile; Newey and Powell 1987)
  kWeightOutput,  // logit of E[10 / max(10, r)], by the cross entropy, which is proper for shares too
  kShareOutput,   // logit of E[r / R], likewise
  kOutputs
};

struct RuntimeTarget {
  float log_ratio;  // log2(r / R)
  float weight;     // 10 / max(10, r)
  float share;      // r / R
};
RuntimeTarget runtime_target(double runtime, double request);

class RuntimeLoss final : public Booster::Loss {
 public:
  RuntimeLoss(std::vector<RuntimeTarget> targets, double upper_asymmetry);

  // The best constants.
  const std::array<float, kOutputs>& base() const { return base_; }
  void derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const override;

 private:
  std::vector<RuntimeTarget> targets_;
  float asymmetry_;
  std::array<float, kOutputs> base_{};
};

// First and second derivative of the pseudo-Huber loss, which tends to the absolute error; within `width` of the target
// it is a square.
struct HuberDerivatives {
  float gradient;
  float hessian;
};
HuberDerivatives pseudo_huber(float error, float width);

// 1 / (1 + exp(-x)), from IEEE basic operations only. Absolute error below 2e-6.
float logistic(float x);

}  // namespace wattfill
