// What a job will draw, learned from jobs that have ended: beside the runtime, from the same features and by the same
// boosted trees. A job's power is known at its end only, and nothing is learned of it before.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime-predictor/booster.hpp"
#include "runtime-predictor/features.hpp"
#include "runtime-predictor/training_window.hpp"

namespace wattfill {

struct PowerJob {
  Job job;
  std::int32_t nodes = kUnknown;
  std::int32_t accelerators = kUnknown;
};

// As Predictor (predictor.hpp), for the job's mean power while it runs, in watts. `watts` at the end is nothing where
// it was not measured, or not the job's alone. Learned is the power of a processor: jobs of all sizes teach each other.
class JobPowerPredictor {
 public:
  virtual ~JobPowerPredictor() = default;
  virtual std::string_view name() const = 0;
  // Nothing before the first job has ended whose power is known.
  virtual std::optional<double> predict(const PowerJob& job, SimTime now) = 0;
  virtual void started(const PowerJob& /*job*/, SimTime /*now*/) {}
  virtual void ended(const PowerJob& job, SimTime now, Seconds runtime, std::optional<double> watts) = 0;
};

// mean, user-mean, last-two (the user's), program-mean (user, executable, queue), xgboost: in this order they are
// compared. Where a user or a program is new, the mean of all jobs serves.
std::vector<std::unique_ptr<JobPowerPredictor>> all_job_power_predictors();

// What is known of the power of jobs that have something in common: log2 of the watts of a processor.
struct PowerHistory {
  std::int64_t count = 0;
  double sum_watts = 0;          // of a processor
  std::array<double, 2> last{};  // watts of a processor, newest first
  double mean = 0;               // of the logarithm, the newest job weighing at least an eighth
  void add(double watts);
};
using PowerKey = std::array<std::int64_t, 7>;

// The columns behind those of FeatureRow.
inline constexpr auto kPowerFeatures = std::to_array<std::string_view>(
    {"nodes", "processors_of_node", "accelerators_of_node", "user_last_power", "user_mean_power", "program_last_power",
     "program_mean_power", "shape_last_power", "shape_mean_power"});
inline constexpr std::size_t kPowerColumns = kFeatureCount + kPowerFeatures.size();
using PowerRow = std::array<float, kPowerColumns>;

struct PowerTrainingOptions {
  TrainingSchedule schedule = {};
  BoosterParameters booster = {.min_child_weight = 1, .row_share = 0.8};
  int rounds = 60;
};

// Boosted trees for log2 of the watts of a processor, as the distance from the mean of the job's shape (user, program,
// processors, nodes, accelerators), or else of its program, its user, all jobs; pseudo-Huber loss. Before the first
// training that mean alone.
class XgboostJobPower final : public JobPowerPredictor {
 public:
  explicit XgboostJobPower(const PowerTrainingOptions& options = {});
  ~XgboostJobPower() override;
  std::string_view name() const override { return "xgboost"; }
  std::optional<double> predict(const PowerJob& job, SimTime now) override;
  void started(const PowerJob& job, SimTime now) override;
  void ended(const PowerJob& job, SimTime now, Seconds runtime, std::optional<double> watts) override;
  std::int64_t failures() const { return failures_; }  // trainings that failed

 private:
  struct Pending {
    PowerRow row{};
    std::optional<float> anchor;
  };
  struct Target {
    float distance;  // log2 of the watts of a processor, from the anchor
  };
  class Loss;
  Pending prepare(const PowerJob& job, SimTime now);
  void train();

  PowerTrainingOptions options_;
  FeatureExtractor features_;
  std::map<PowerKey, PowerHistory> histories_;
  std::unordered_map<JobId, Pending> pending_;
  TrainingWindow<Target> window_;
  std::optional<FlatForest> forest_;
  std::int64_t failures_ = 0;
};

}  // namespace wattfill
