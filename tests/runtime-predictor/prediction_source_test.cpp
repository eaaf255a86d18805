// Predictors as estimate sources: what the core is told, and that a shared predictor hears of everything once.
#include "runtime-predictor/prediction_source.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace wattfill::testing {
namespace {

class Scripted final : public Predictor {
 public:
  Scripted(Prediction prediction, std::string* heard) : prediction_(prediction), heard_(heard) {}
  std::string_view name() const override { return "scripted"; }
  Prediction predict(const Job&, SimTime) override { return note('p'), prediction_; }
  std::optional<Prediction> while_waiting(const Job&, SimTime) override {
    note('w');
    return Prediction{.median = 2, .upper = 3, .expected = 4, .index = 5};
  }
  void started(const Job&, SimTime) override { note('s'); }
  void ended(const Job&, SimTime, Seconds) override { note('e'); }
  void cancelled(const Job&, SimTime) override { note('c'); }

 private:
  void note(char what) { *heard_ += what; }
  Prediction prediction_;
  std::string* heard_;
};

Job some_job() {
  Job job;
  job.id = 3;
  job.processors = 1;
  job.requested = Seconds{1000};
  return job;
}

TEST(PredictionSource, GivesTheFigureThatItIsFor) {
  struct Case {
    PredictedFigure figure;
    double low, high;
  };
  for (const Case& c : {Case{PredictedFigure::kMedian, 98, 102}, Case{PredictedFigure::kUpper, 901, 901},
                        Case{PredictedFigure::kExpected, 294, 306}, Case{PredictedFigure::kIndex, 78000, 82000}}) {
    std::string heard;
    auto shared = std::make_shared<SharedPredictor>(
        std::make_unique<Scripted>(Prediction{.median = 100, .upper = 900.5, .expected = 300, .index = 5000}, &heard));
    PredictionSource source("x", shared, c.figure);
    const auto estimate = static_cast<double>(source.at_submit(some_job(), SimTime{}).count());
    EXPECT_GE(estimate, c.low) << name_of(c.figure);
    EXPECT_LE(estimate, c.high) << name_of(c.figure);
    EXPECT_FALSE(source.upper_bound());
  }
}

TEST(PredictionSource, StaysWithinTheRequest) {
  std::string heard;
  auto shared = std::make_shared<SharedPredictor>(
      std::make_unique<Scripted>(Prediction{.median = 0.2, .upper = 5000, .expected = 999.9, .index = 1}, &heard));
  EXPECT_EQ(PredictionSource("a", shared, PredictedFigure::kMedian).at_submit(some_job(), SimTime{}), Seconds{1});
  EXPECT_EQ(PredictionSource("b", shared, PredictedFigure::kUpper).at_submit(some_job(), SimTime{}), Seconds{1000});
  EXPECT_LE(PredictionSource("c", shared, PredictedFigure::kExpected).at_submit(some_job(), SimTime{}), Seconds{1000});
}

TEST(PredictionSource, ASharedPredictorHearsOfEachEventOnce) {
  std::string heard;
  auto shared = std::make_shared<SharedPredictor>(std::make_unique<Scripted>(Prediction{1, 1, 1, 1}, &heard));
  PredictionSource fit("fit", shared, PredictedFigure::kUpper);
  PredictionSource order("order", shared, PredictedFigure::kIndex);
  const Job job = some_job();
  for (EstimateSource* s : {static_cast<EstimateSource*>(&fit), static_cast<EstimateSource*>(&order)})
    s->at_submit(job, SimTime{});
  EXPECT_EQ(fit.while_waiting(job, SimTime{}), Seconds{3});
  EXPECT_NEAR(static_cast<double>(order.while_waiting(job, SimTime{})->count()), 5 * kIndexUnit, 2);
  for (EstimateSource* s : {static_cast<EstimateSource*>(&fit), static_cast<EstimateSource*>(&order)})
    s->started(job, SimTime{});
  for (EstimateSource* s : {static_cast<EstimateSource*>(&fit), static_cast<EstimateSource*>(&order)})
    s->ended(job, SimTime{}, Seconds{0});
  EXPECT_EQ(heard, "pwse");
  // A source of its own tells everything, even the same thing twice.
  fit.at_submit(job, SimTime{});
  fit.at_submit(job, SimTime{});
  fit.cancelled(job, SimTime{});
  EXPECT_EQ(heard, "pwseppc");
}

}  // namespace
}  // namespace wattfill::testing
