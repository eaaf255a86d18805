// What holds for every predictor: it never looks ahead, it is deterministic, its figures lie within the request.
#include "runtime-predictor/predictors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "runtime-predictor/linear_model.hpp"
#include "runtime-predictor/similar_jobs.hpp"
#include "runtime-predictor/user_mean.hpp"
#include "runtime-predictor/xgboost_predictor.hpp"
#include "tests/runtime-predictor/event_stream.hpp"

namespace wattfill::testing {
namespace {

class EveryPredictor : public ::testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Predictors, EveryPredictor,
                         ::testing::ValuesIn(all_predictors().begin(), all_predictors().end()), [](const auto& tested) {
                           std::string name(tested.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(EveryPredictor, HasItsName) { EXPECT_EQ(make_predictor(GetParam())->name(), GetParam()); }

TEST_P(EveryPredictor, PredictsWithinTheRequest) {
  Random random(1);
  const auto jobs = history(random, 1500);
  const auto predictor = make_predictor(GetParam());
  const auto all = predictions(*predictor, jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto request = static_cast<double>(jobs[i].job.requested.count());
    for (const double figure : {all[i].median, all[i].upper, all[i].expected}) {
      EXPECT_GE(figure, 1) << "job " << i;
      EXPECT_LE(figure, request) << "job " << i;
    }
    EXPECT_GE(all[i].upper, all[i].median) << "job " << i;
    EXPECT_GE(all[i].index, all[i].expected * (1 - 1e-9)) << "job " << i;
    EXPECT_LE(all[i].index, request * std::max(10.0, request) / 10 * (1 + 1e-9)) << "job " << i;
  }
}

// Everything that happens from some moment on is replaced by something else: jobs that are submitted later, and the
// ends of those that still wait or run then. No prediction made before that moment changes.
TEST_P(EveryPredictor, NeverLooksAhead) {
  Random random(2);
  const auto jobs = history(random, 1200);
  for (const std::size_t from : {300U, 800U, 1199U}) {
    const SimTime moment = jobs[from].job.submit;
    auto changed = jobs;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      PastJob& past = changed[i];
      if (past.job.submit >= moment && i >= from) {
        past.job.user = (past.job.user + 3) % 6;
        past.job.requested = past.job.requested + Seconds{777};
        past.job.processors = 64;
      }
      if (past.start >= moment) {
        past.start += Seconds{12345};
        past.cancelled = !past.cancelled;
        past.runtime = Seconds{7};
      } else if (!past.cancelled && past.start + past.runtime >= moment) {
        past.runtime = moment - past.start + Seconds{random.between(0, 100)};
      }
    }
    const auto one = make_predictor(GetParam());
    const auto other = make_predictor(GetParam());
    std::vector<Later> later_before, later_after;
    const auto before = predictions(*one, jobs, &later_before);
    const auto after = predictions(*other, changed, &later_after);
    for (std::size_t i = 0; i < later_before.size() && later_before[i].at < moment; ++i)
      ASSERT_TRUE(same(later_before[i].prediction, later_after[i].prediction)) << "question " << i;
    for (std::size_t i = 0; i < from && jobs[i].job.submit < moment; ++i)
      ASSERT_TRUE(same(before[i], after[i])) << "job " << i << " of " << from;
  }
}

TEST_P(EveryPredictor, IsDeterministic) {
  Random random(3);
  const auto jobs = history(random, 1000);
  const auto one = make_predictor(GetParam());
  const auto other = make_predictor(GetParam());
  const auto a = predictions(*one, jobs);
  const auto b = predictions(*other, jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) ASSERT_TRUE(same(a[i], b[i])) << "job " << i;
}

TEST_P(EveryPredictor, QuestionsWhileJobsWaitTeachNothing) {
  Random random(4);
  const auto jobs = history(random, 1500);
  const auto one = make_predictor(GetParam());
  const auto other = make_predictor(GetParam());
  std::vector<Later> later;
  const auto asked = predictions(*one, jobs, &later);
  const auto not_asked = predictions(*other, jobs);
  ASSERT_GT(later.size(), 1000U);
  for (std::size_t i = 0; i < jobs.size(); ++i) ASSERT_TRUE(same(asked[i], not_asked[i])) << "job " << i;
  for (const Later& answer : later) {
    if (!answer.prediction) continue;
    ASSERT_GE(answer.prediction->expected, 1);
    ASSERT_GE(answer.prediction->upper, answer.prediction->median);
  }
}

TEST_P(EveryPredictor, BearsARequeueAndAModifiedJob) {
  const auto predictor = make_predictor(GetParam());
  Job job;
  job.id = 5;
  job.user = 1;
  job.processors = 2;
  job.requested = Seconds{100};
  predictor->predict(job, SimTime{Seconds{0}});
  predictor->started(job, SimTime{Seconds{1}});
  predictor->started(job, SimTime{Seconds{9}});  // requeued and started again
  predictor->ended(job, SimTime{Seconds{20}}, Seconds{11});
  job.id = 6;
  predictor->predict(job, SimTime{Seconds{20}});
  job.requested = Seconds{50};
  EXPECT_LE(predictor->predict(job, SimTime{Seconds{21}}).upper, 50);
  predictor->cancelled(job, SimTime{Seconds{22}});
  predictor->ended(job, SimTime{Seconds{23}}, Seconds{1});  // of a job that it does not know any more
}

TEST(XgboostPredictor, KnowsOfAWaitingJobWhatEndedInBetween) {
  XgboostPredictor predictor;
  const SimTime now{};
  EXPECT_EQ(predictor.predict(job_of(1), now).median, 1024);
  EXPECT_EQ(predictor.while_waiting(job_of(1), now)->median, 1024);
  for (const JobId id : {2, 3}) {
    predictor.predict(job_of(id), now);
    predictor.started(job_of(id), now);
    predictor.ended(job_of(id), now, Seconds{20 * id});
  }
  EXPECT_NEAR(predictor.while_waiting(job_of(1), now)->median, 50, 0.01);
  EXPECT_FALSE(predictor.while_waiting(job_of(2), now));  // it does not wait any more
}

TEST(Predictors, AnUnknownNameIsRefused) {
  EXPECT_THROW(make_predictor("crystal-ball"), std::invalid_argument);
  EXPECT_FALSE(is_predictor("crystal-ball"));
}

TEST(UserMean, IsTheMeanOfWhatHasEnded) {
  UserMean mean;
  const SimTime now{};
  EXPECT_EQ(mean.predict(job_of(1, 1, 1, 500), now).median, 500);
  mean.ended(job_of(1, 1, 1, 500), now, Seconds{100});
  mean.ended(job_of(2, 1, 1, 500), now, Seconds{201});
  EXPECT_EQ(mean.predict(job_of(3, 1, 1, 500), now).median, 150.5);
  EXPECT_EQ(mean.predict(job_of(3, 1, 1, 60), now).median, 60);
  EXPECT_EQ(mean.predict(job_of(3, 2, 1, 500), now).median, 500);
}

TEST(SimilarJobs, AsksTheNearest) {
  SimilarJobs similar(3);
  const SimTime now{};
  for (const std::int64_t r : {10, 20, 30}) similar.ended(job_of(1, 1, 4, 1000), now, Seconds{r});
  for (const std::int64_t r : {700, 800, 900}) similar.ended(job_of(2, 1, 64, 1000), now, Seconds{r});
  EXPECT_EQ(similar.predict(job_of(3, 1, 4, 1000), now).median, 20);
  EXPECT_EQ(similar.predict(job_of(3, 1, 4, 1000), now).upper, 30);
  EXPECT_EQ(similar.predict(job_of(3, 1, 64, 1000), now).median, 800);
  EXPECT_EQ(similar.predict(job_of(3, 1, 64, 750), now).upper, 750);
  EXPECT_EQ(similar.predict(job_of(3, 2, 4, 1000), now).median, 1000);
}

TEST(SimilarJobs, ForgetsTheOldest) {
  SimilarJobs similar(1, 2);
  const SimTime now{};
  for (const std::int64_t r : {10, 20, 30}) similar.ended(job_of(1, 1, 4, 1000), now, Seconds{r});
  EXPECT_EQ(similar.predict(job_of(3, 1, 4, 1000), now).median, 30);  // the newest among equals
  similar.ended(job_of(2, 1, 8, 1000), now, Seconds{99});
  similar.ended(job_of(2, 1, 8, 1000), now, Seconds{98});
  EXPECT_EQ(similar.predict(job_of(3, 1, 4, 1000), now).median, 98);
}

// The mean error in log2 units over the last half of a history of habits.
double late_error(Predictor& predictor) {
  Random random(4);
  const auto jobs = history(random, 4000);
  const auto all = predictions(predictor, jobs);
  double sum = 0;
  for (std::size_t i = jobs.size() / 2; i < jobs.size(); ++i)
    sum += std::fabs(std::log2(all[i].median / static_cast<double>(jobs[i].runtime.count())));
  return sum / (static_cast<double>(jobs.size()) / 2);
}

TEST(XgboostPredictor, LearnsHabitsBetterThanTheOthers) {
  const auto error = [](std::string_view name) { return late_error(*make_predictor(name)); };
  const double learned = error("xgboost");
  for (const char* other : {"requested", "last-two", "user-mean", "similar-jobs", "sc15-linear"})
    EXPECT_LT(learned, 0.95 * error(other)) << other;
}

// The loss that it is made to lower, on the last half of a history.
double late_e_loss(std::string_view name) {
  Random random(4);
  const auto jobs = history(random, 4000);
  const auto predictor = make_predictor(name);
  const auto all = predictions(*predictor, jobs);
  double sum = 0;
  for (std::size_t i = jobs.size() / 2; i < jobs.size(); ++i) {
    const auto runtime = static_cast<double>(jobs[i].runtime.count());
    const double error = (all[i].median - runtime) / 3600;
    sum += (1 + std::log(runtime * jobs[i].job.processors)) * (error > 0 ? error * error : -error);
  }
  return sum;
}

TEST(LinearModel, LowersItsLossBelowThatOfTheOthers) {
  for (const char* other : {"requested", "last-two", "user-mean"})
    EXPECT_LT(late_e_loss("sc15-linear"), late_e_loss(other)) << other;
}

TEST(XgboostPredictor, CoversWhatItStates) {
  for (const double coverage : {0.75, 0.9, 0.95}) {
    XgboostOptions options;
    options.coverage = coverage;
    XgboostPredictor predictor(options);
    Random random(5);
    const auto jobs = history(random, 6000);
    const auto all = predictions(predictor, jobs);
    double covered = 0;
    double counted = 0;
    for (std::size_t i = 1000; i < jobs.size(); ++i) {
      covered += static_cast<double>(jobs[i].runtime.count()) <= std::ceil(all[i].upper);
      ++counted;
    }
    EXPECT_NEAR(covered / counted, coverage, 0.02);
    EXPECT_GT(predictor.status().trainings, 3);
    EXPECT_EQ(predictor.status().failures, 0);
  }
}

TEST(XgboostPredictor, NoticesADrift) {
  XgboostPredictor predictor;
  Random random(6);
  auto jobs = history(random, 6000);
  predictions(predictor, jobs);
  const auto calm = predictor.status().drifts;
  for (std::size_t i = jobs.size() / 2; i < jobs.size(); ++i)
    jobs[i].runtime = Seconds{random.between(1, jobs[i].job.requested.count())};
  XgboostPredictor disturbed;
  predictions(disturbed, jobs);
  EXPECT_GT(disturbed.status().drifts, calm);
}

}  // namespace
}  // namespace wattfill::testing
