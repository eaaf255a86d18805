// The order in which a trace is told, and the figures by hand.
#include "trace-replay/predict/history.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "trace-replay/predict/figures.hpp"

namespace wattfill::testing {
namespace {

class Listener final : public Predictor {
 public:
  std::string_view name() const override { return "listener"; }
  Prediction predict(const Job& job, SimTime now) override { return note("submit", job, now), Prediction{1, 2, 3, 4}; }
  void started(const Job& job, SimTime now) override { note("start", job, now); }
  void ended(const Job& job, SimTime now, Seconds) override { note("end", job, now); }
  std::vector<std::string> heard;

 private:
  void note(const char* what, const Job& job, SimTime now) {
    heard.push_back(std::to_string(seconds_since_epoch(now)) + " " + what + " " + std::to_string(job.id));
  }
};

void add(Workload& workload, std::int64_t submit, std::int64_t wait, std::int64_t runtime) {
  TraceJob job;
  job.job.id = static_cast<JobId>(workload.jobs.size()) + 1;
  job.job.submit = SimTime{Seconds{submit}};
  job.job.processors = 1;
  job.job.requested = Seconds{1000};
  job.runtime = Seconds{runtime};
  workload.jobs.push_back(job);
  workload.links.push_back({.recorded_start = SimTime{Seconds{submit + wait}}});
}

TEST(History, IsToldInOrderOfTime) {
  Workload workload;
  add(workload, 0, 0, 10);
  add(workload, 5, 5, 3);
  add(workload, 10, 0, 7);
  Listener listener;
  const std::vector<Predictor*> all = {&listener};
  std::vector<std::size_t> before;
  const auto predictions = predict_history(workload, all, [&](std::size_t job) { before.push_back(job); });
  const std::vector<std::string> expected = {"0 submit 1", "0 start 1",  "5 submit 2", "10 end 1", "10 submit 3",
                                             "10 start 2", "10 start 3", "13 end 2",   "17 end 3"};
  EXPECT_EQ(listener.heard, expected);
  EXPECT_EQ(before, (std::vector<std::size_t>{0, 1, 2}));
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_EQ(predictions[0].at(2).upper, 2);
}

TEST(PredictionFigures, ByHand) {
  Workload workload;
  for (const std::int64_t runtime : {100, 200, 400}) add(workload, 0, 0, runtime);
  const std::vector<Prediction> predictions = {{50, 60, 0, 0}, {200, 199.5, 0, 0}, {800, 1000, 0, 0}};
  const std::vector<std::size_t> all = {0, 1, 2};
  const PredictionFigures f = prediction_figures(workload, predictions, all);
  EXPECT_EQ(f.jobs, 3);
  EXPECT_DOUBLE_EQ(f.accuracy, (0.5 + 1 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(f.mean_absolute_error_s, 450.0 / 3);
  EXPECT_NEAR(f.median_absolute_log_error, std::log(2), 1e-12);
  EXPECT_DOUBLE_EQ(f.underestimated, 1.0 / 3);
  EXPECT_DOUBLE_EQ(f.coverage, 2.0 / 3);
  EXPECT_EQ(prediction_figures(workload, predictions, {}).jobs, 0);
}

}  // namespace
}  // namespace wattfill::testing
