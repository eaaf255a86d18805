// A trained model of runtimes: a booster, the base values of its outputs, and what it was trained with.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "runtime-predictor/booster.hpp"
#include "runtime-predictor/features.hpp"
#include "runtime-predictor/predictor.hpp"
#include "runtime-predictor/runtime_loss.hpp"

namespace wattfill {

struct TrainingOptions {
  BoosterParameters booster = {.outputs = static_cast<int>(kOutputs)};
  int rounds = 20;
  double asymmetry = 0.9;  // of the upper output's squared error, before it is calibrated
  bool operator==(const TrainingOptions&) const = default;
};

struct RuntimeModel {
  explicit RuntimeModel(Booster trees) : booster(std::move(trees)), forest(booster.flat()) {}

  Booster booster;    // what is saved
  FlatForest forest;  // what predicts
  std::array<float, kOutputs> base{};
  TrainingOptions options;
  std::int64_t rows = 0;  // trained on

  // `rows` holds kFeatureCount values for each target. At least one row. Throws BoosterError.
  static RuntimeModel train(const TrainingOptions& options, std::span<const float> rows,
                            std::vector<RuntimeTarget> targets);

  // Tells models apart; the same for the same trees and base values. As dear as saving.
  std::uint64_t digest() const;

  std::array<float, kOutputs> outputs(const FeatureRow& row) const;
};

// What the outputs say about a job with this request. `upper_shift`: added to the upper output by calibration.
Prediction prediction_of(const std::array<float, kOutputs>& outputs, Seconds requested, double upper_shift);

}  // namespace wattfill
