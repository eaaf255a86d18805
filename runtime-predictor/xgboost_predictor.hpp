// Gradient-boosted trees that learn while the system runs.
//
// Each job that ends becomes a row of a bounded window: its features as they were at its submission, and its runtime.
// After so many ended jobs a new model is trained on the window; the number grows with experience, so that training
// costs the same share of a job throughout. Nothing depends on the clock of the machine that it runs on.
// Cold start: until the first training the mean of the user's last two runtimes, without those the request.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime-predictor/drift_detector.hpp"
#include "runtime-predictor/features.hpp"
#include "runtime-predictor/predictor.hpp"
#include "runtime-predictor/quantile_calibration.hpp"
#include "runtime-predictor/runtime_model.hpp"
#include "runtime-predictor/training_window.hpp"

namespace wattfill {

struct XgboostOptions {
  TrainingOptions training = {};
  TrainingSchedule schedule = {};  // a row is an ended job
  double coverage = 0.9;           // of the upper quantile
};

class XgboostPredictor final : public Predictor {
 public:
  explicit XgboostPredictor(const XgboostOptions& options = {});
  // Starts with a model instead of a cold start.
  XgboostPredictor(const XgboostOptions& options, RuntimeModel model, double upper_shift);

  std::string_view name() const override { return "xgboost"; }
  Prediction predict(const Job& job, SimTime now) override;
  std::optional<Prediction> while_waiting(const Job& job, SimTime now) override;
  void started(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;
  void cancelled(const Job& job, SimTime now) override;
  std::uint64_t model_digest() override;

  struct Status {
    std::int64_t trainings = 0;
    std::int64_t drifts = 0;    // how often the errors rose
    std::int64_t failures = 0;  // trainings that failed; the model before them stays
    std::string last_failure;
  };
  const Status& status() const { return status_; }

  // Trains on the window as it is now; nothing happens without an ended job.
  void train();
  void freeze();  // never trains again of its own accord
  const std::optional<RuntimeModel>& model() const { return model_; }
  RuntimeModel take_model() { return std::move(model_).value(); }
  double upper_shift() const { return calibration_.shift(); }

 private:
  struct Pending {
    FeatureRow row{};  // at submission; once it has started, as it would have looked then
    Prediction prediction;
    bool modelled = false;
  };
  Prediction prediction_for(const Job& job, const FeatureRow& row) const;
  void judge(const Pending& pending, Seconds runtime);

  XgboostOptions options_;
  FeatureExtractor features_;
  std::unordered_map<JobId, Pending> pending_;
  std::optional<RuntimeModel> model_;
  QuantileCalibration calibration_;
  DriftDetector drift_;
  Status status_;
  std::optional<std::uint64_t> digest_;  // of the model, once it was asked for

  TrainingWindow<RuntimeTarget> window_;
};

}  // namespace wattfill
