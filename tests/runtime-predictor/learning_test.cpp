// The parts of the learner: losses, the booster, calibration, drift.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "runtime-predictor/booster.hpp"
#include "runtime-predictor/drift_detector.hpp"
#include "runtime-predictor/quantile_calibration.hpp"
#include "runtime-predictor/runtime_loss.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

TEST(Logistic, IsCloseToTheExactFunction) {
  for (float x = -40; x <= 40; x += 0.037F) EXPECT_NEAR(logistic(x), 1 / (1 + std::exp(-double{x})), 2e-6) << x;
}

TEST(RuntimeTarget, IsWhatItsDefinitionSays) {
  const RuntimeTarget t = runtime_target(25, 100);
  EXPECT_FLOAT_EQ(t.log_ratio, -2);
  EXPECT_FLOAT_EQ(t.weight, 0.4F);
  EXPECT_FLOAT_EQ(t.share, 0.25F);
  EXPECT_FLOAT_EQ(runtime_target(0, 100).share, 0.01F);
  EXPECT_FLOAT_EQ(runtime_target(5, 100).weight, 1);
}

// Each gradient is the slope of the loss that its comment names, by finite differences.
TEST(RuntimeLoss, GradientsAreSlopes) {
  const double asymmetry = 0.9;
  const RuntimeTarget target = runtime_target(300, 5000);
  const RuntimeLoss loss({target, runtime_target(4000, 5000)}, asymmetry);
  const auto value = [&](std::size_t output, double margin) {
    const double p = 1 / (1 + std::exp(-margin));
    const double e = margin - target.log_ratio;
    switch (output) {
      case kMedianOutput:
        return 0.01 * std::sqrt(1 + e * e / 0.01);
      case kUpperOutput:
        return (e > 0 ? 1 - asymmetry : asymmetry) * e * e;
      case kWeightOutput:
        return -(target.weight * std::log(p) + (1 - target.weight) * std::log(1 - p));
      default:
        return -(target.share * std::log(p) + (1 - target.share) * std::log(1 - p));
    }
  };
  for (const float margin : {-3.0F, -0.4F, 0.0F, 1.7F}) {
    const std::vector<float> margins(2 * kOutputs, margin);
    std::vector<float> gradient(2 * kOutputs);
    std::vector<float> hessian(2 * kOutputs);
    loss.derive(margins, gradient, hessian);
    for (std::size_t k = 0; k < kOutputs; ++k) {
      const double at = double{margin} + loss.base()[k];
      EXPECT_NEAR(gradient[k], (value(k, at + 1e-4) - value(k, at - 1e-4)) / 2e-4, 2e-3) << "output " << k;
      EXPECT_GT(hessian[k], 0);
    }
  }
}

class Squares final : public Booster::Loss {
 public:
  explicit Squares(std::vector<float> targets) : targets_(std::move(targets)) {}
  void derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const override {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      gradient[i] = margins[i] - targets_[i];
      hessian[i] = 1;
    }
  }

 private:
  std::vector<float> targets_;
};

Booster steps(int outputs, std::size_t rows) {
  std::vector<float> values;
  std::vector<float> targets;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto x = static_cast<float>(i % 10);
    values.insert(values.end(), {x, static_cast<float>(i % 3)});
    for (int k = 0; k < outputs; ++k) targets.push_back((x < 5 ? 1.0F : 3.0F) + static_cast<float>(k));
  }
  BoosterParameters parameters;
  parameters.outputs = outputs;
  parameters.column_share = parameters.row_share = 1;
  return Booster::train(parameters, values, rows, 2, Squares(targets), 60);
}

TEST(Booster, LearnsAStepInEachOutput) {
  for (const int outputs : {1, 4}) {
    const Booster booster = steps(outputs, 600);
    std::vector<float> out(static_cast<std::size_t>(outputs));
    for (const float x : {2.0F, 7.0F}) {
      const std::vector<float> row = {x, 1};
      booster.predict(row, out);
      for (int k = 0; k < outputs; ++k)
        EXPECT_NEAR(out[static_cast<std::size_t>(k)], (x < 5 ? 1 : 3) + k, 0.02) << outputs << " outputs, " << k;
    }
    EXPECT_EQ(booster.columns(), 2U);
    const std::vector<double> importance = booster.importance();
    EXPECT_GT(importance.at(0), 0);
    EXPECT_EQ(importance.at(1), 0);
  }
}

TEST(Booster, ComesBackFromABufferAsItWas) {
  const Booster booster = steps(4, 300);
  for (const char* format : {"ubj", "json"}) {
    const Booster copy = Booster::load(booster.save(format), 4);
    for (float x = 0; x < 10; ++x) {
      const std::vector<float> row = {x, 2};
      std::vector<float> one(4);
      std::vector<float> other(4);
      booster.predict(row, one);
      copy.predict(row, other);
      EXPECT_EQ(one, other) << format;
    }
  }
}

// The library and the flat trees agree to the last bit, on rows with and without missing values.
TEST(FlatForest, IsTheBoosterBitForBit) {
  Random random(9);
  constexpr std::size_t kRows = 2000;
  constexpr std::size_t kColumns = 6;
  constexpr int kOutputsHere = 3;
  std::vector<float> values;
  std::vector<float> targets;
  for (std::size_t i = 0; i < kRows; ++i) {
    float sum = 0;
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto x = static_cast<float>(random.between(-1000, 1000)) / 77.0F;
      values.push_back(random.chance(20) ? std::nanf("") : x);
      sum += x;
    }
    for (int k = 0; k < kOutputsHere; ++k) targets.push_back(sum * static_cast<float>(k + 1));
  }
  BoosterParameters parameters;
  parameters.outputs = kOutputsHere;
  const Booster booster = Booster::train(parameters, values, kRows, kColumns, Squares(targets), 40);
  const FlatForest forest = booster.flat();
  for (std::size_t i = 0; i < kRows; ++i) {
    const std::span<const float> row(values.data() + i * kColumns, kColumns);
    std::vector<float> library(kOutputsHere);
    std::vector<float> flat(kOutputsHere);
    booster.predict(row, library);
    forest.predict(row, flat);
    ASSERT_EQ(library, flat) << "row " << i;
  }
}

TEST(FlatForest, RefusesWhatIsNoDump) {
  for (const char* text : {"", "x", "0:[f1<", "0:[g1<2] yes=1,no=2,missing=1", "0:leaf=tea"}) {
    const std::vector<const char*> trees = {text};
    EXPECT_THROW(FlatForest(trees, 1), std::invalid_argument) << text;
  }
}

TEST(Booster, SaysWhatIsWrongWithABuffer) {
  const std::vector<char> nonsense = {'n', 'o', ' ', 'm', 'o', 'd', 'e', 'l'};
  EXPECT_THROW(Booster::load(nonsense, 4), BoosterError);
}

TEST(QuantileCalibration, CoversUnderDrift) {
  Random random(7);
  for (const double coverage : {0.8, 0.9, 0.95}) {
    QuantileCalibration calibration(coverage);
    int covered = 0;
    constexpr int kJobs = 20000;
    for (int i = 0; i < kJobs; ++i) {
      const double drift = i < kJobs / 2 ? 0.0 : 3.0;
      const bool ok = static_cast<double>(random.between(0, 1000)) / 250 + drift <= calibration.shift();
      covered += ok;
      calibration.add(ok);
    }
    EXPECT_NEAR(static_cast<double>(covered) / kJobs, coverage, 0.01);
  }
}

// Errors between 0 and 4 with a mean near `level`. `run`: how many in a row are the same, as of a user who submits one
// job again and again.
class Errors {
 public:
  Errors(std::uint64_t seed, int run, bool two_valued) : random_(seed), run_(run), two_valued_(two_valued) {}
  double next(double level) {
    if (left_-- == 0) {
      left_ = random_.between(0, 2 * run_ - 2);
      const double share = static_cast<double>(random_.between(0, 1'000'000)) / 1e6;
      value_ = two_valued_ ? (share < level / 4 ? 4.0 : 0.0) : std::min(4.0, -level * std::log(1 - share * 0.999));
    }
    return value_;
  }

 private:
  Random random_;
  int run_;
  bool two_valued_;
  std::int64_t left_ = 0;
  double value_ = 0;
};

// The stated rate on errors that do not change, continuous or few large ones among zeros: independent ones without the
// tolerance, which would hide that the chart itself keeps it; runs of one error with it; and all the same.
TEST(DriftDetector, RaisesNoMoreFalseAlarmsThanItStates) {
  constexpr std::int64_t kErrors = 20 * DriftDetector::kErrorsToAFalseAlarm;
  struct Case {
    int run;
    double tolerance;
  };
  for (const Case& c : {Case{1, 0}, Case{5, 0.1}, Case{20, 0.1}})
    for (const bool two_valued : {false, true})
      for (const double level : {0.2, 1.0}) {
        Errors errors(3, c.run, two_valued);
        DriftDetector detector(c.tolerance);
        int alarms = 0;
        for (std::int64_t i = 0; i < kErrors; ++i) alarms += detector.add(errors.next(level));
        EXPECT_LE(alarms, 20) << "runs of " << c.run << ", level " << level << ", two values " << two_valued;
      }
  DriftDetector detector;
  for (std::int64_t i = 0; i < kErrors; ++i) ASSERT_FALSE(detector.add(0.75));
}

// A mean error that doubles is found within 1,200 errors, after 5,000 or more that were calm.
TEST(DriftDetector, FindsARiseSoon) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    for (const int run : {1, 5})
      for (const int calm : {5000, 30000}) {
        Errors errors(seed, run, false);
        DriftDetector detector;
        for (int i = 0; i < calm; ++i) detector.add(errors.next(0.6));
        int delay = 1;
        while (delay < 100'000 && !detector.add(errors.next(1.2))) ++delay;
        EXPECT_LE(delay, 1200) << "seed " << seed << ", runs of " << run << ", calm for " << calm;
      }
}

// Errors that fall are no drift: the model has learned.
TEST(DriftDetector, IsGladOfSmallerErrors) {
  Errors errors(9, 1, false);
  DriftDetector detector;
  int alarms = 0;
  for (int i = 0; i < 50'000; ++i) alarms += detector.add(errors.next(i < 25'000 ? 1.5 : 0.5));
  EXPECT_EQ(alarms, 0);
}

}  // namespace
}  // namespace wattfill::testing
