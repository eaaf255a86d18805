#include "trace-replay/predict/power_evaluation.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <filesystem>
#include <string>

#include "runtime-predictor/job_power.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/import/job_power_table.hpp"

namespace wattfill {
namespace {

// Users whose programs draw each their own power of a processor, less where a job is wide.
std::vector<JobEnergy> history(int count, unsigned seed) {
  boost::random::mt19937 generator(seed);
  const auto draw = [&](int least, int most) {
    return boost::random::uniform_int_distribution<int>(least, most)(generator);
  };
  std::vector<JobEnergy> jobs;
  for (int i = 0; i < count; ++i) {
    JobEnergy j;
    j.job = i;
    j.submit = i * 60;
    j.start = j.submit + draw(0, 100);
    j.run_s = draw(10, 3000);
    j.end = j.start + j.run_s;
    j.requested_s = 3600;
    j.user = draw(0, 5);
    j.executable = j.user * 10 + draw(0, 2);
    j.processors = std::int64_t{1} << draw(0, 5);
    j.nodes = 1;
    const double watts = (5.0 + j.executable % 7) * std::pow(0.9, std::log2(j.processors));
    j.joules = watts * static_cast<double>(j.processors * j.run_s);
    j.validity = JoulesValidity::kOk;
    jobs.push_back(j);
  }
  return jobs;
}

const PowerFigures& of(const PowerEvaluation& e, const std::string& name) {
  for (const EvaluatedPower& p : e.predictors)
    if (p.name == name) return p.all;
  throw std::runtime_error(name);
}

TEST(PowerEvaluation, TreesLearnWhatMeansCannot) {
  const PowerEvaluation e = evaluate_power("x", history(3000, 3), 0.2);
  for (const char* other : {"mean", "user-mean", "last-two", "program-mean"}) {
    EXPECT_LT(of(e, "xgboost").mean_absolute_percentage_error, of(e, other).mean_absolute_percentage_error / 2)
        << other;
    EXPECT_LT(of(e, "xgboost").mean_absolute_error_w, of(e, other).mean_absolute_error_w / 2) << other;
  }
}

TEST(PowerEvaluation, FiguresAreThoseOfFourJobsByHand) {
  std::vector<JobEnergy> jobs(4);
  for (int i = 0; i < 4; ++i) {
    JobEnergy& j = jobs[static_cast<std::size_t>(i)];
    j.job = i;
    j.submit = j.start = i * 1000;
    j.run_s = 100;
    j.end = j.start + 100;
    j.processors = 1;
    j.user = 1;
    j.joules = 100.0 * (i + 1);  // 1, 2, 3, 4 W
    j.validity = JoulesValidity::kOk;
  }
  const PowerEvaluation e = evaluate_power("x", jobs, 0.5);  // counts the last two
  // Means of those before: 1.5 for 3, 2 for 4; of the last two: 1.5 and 2.5.
  EXPECT_DOUBLE_EQ(of(e, "mean").mean_absolute_error_w, 1.75);
  EXPECT_DOUBLE_EQ(of(e, "mean").mean_absolute_percentage_error, 50);
  EXPECT_DOUBLE_EQ(of(e, "last-two").mean_absolute_error_w, 1.5);
  EXPECT_DOUBLE_EQ(of(e, "last-two").energy_error, 100.0 * -3 / 7);
  EXPECT_DOUBLE_EQ(of(e, "mean").accuracy, 0.5);
}

TEST(PowerEvaluation, JobsWithoutPowerOfTheirOwnTeachNothing) {
  std::vector<JobEnergy> jobs = history(500, 4);
  const PowerEvaluation before = evaluate_power("x", jobs, 0.2);
  std::vector<JobEnergy> more = jobs;
  for (std::size_t i = 0; i < more.size(); i += 5) {
    more[i].validity = JoulesValidity::kShared;
    more[i].joules *= 100;
  }
  const PowerEvaluation after = evaluate_power("x", more, 0.2);
  EXPECT_EQ(after.with_power, before.with_power - 100);
  EXPECT_LT(of(after, "mean").mean_absolute_percentage_error, 2 * of(before, "mean").mean_absolute_percentage_error);
  for (JobEnergy& job : jobs) job.validity = JoulesValidity::kShared;
  EXPECT_THROW(evaluate_power("x", jobs, 0.2), InputError);
}

// Whatever happens from some moment on changes no prediction made before it.
TEST(JobPower, NeverLooksAhead) {
  constexpr int kJobs = 900;
  constexpr int kChange = 600;
  const auto predictions = [](bool change) {
    std::vector<std::vector<double>> all;
    for (const auto& predictor : all_job_power_predictors()) {
      std::vector<double>& one = all.emplace_back();
      for (int i = 0; i < kJobs; ++i) {
        PowerJob job;
        job.job.id = i;
        job.job.processors = 1 + i % 7;
        job.job.requested = Seconds{3600};
        job.job.user = i % 3;
        job.nodes = 1;
        const SimTime now{Seconds{i * 100}};
        one.push_back(predictor->predict(job, now).value_or(-1));
        predictor->started(job, now);
        const double watts = change && i >= kChange ? 900 + i : 10 + i % 11;
        predictor->ended(job, now + Seconds{50}, Seconds{50}, i % 4 == 0 ? std::nullopt : std::optional(watts));
      }
    }
    return all;
  };
  const auto as_it_was = predictions(false);
  const auto changed = predictions(true);
  for (std::size_t p = 0; p < as_it_was.size(); ++p)
    for (std::size_t i = 0; i < kJobs; ++i) {
      if (i <= kChange) {
        ASSERT_EQ(as_it_was[p][i], changed[p][i]) << p << ", job " << i;
      } else if (i > kChange + 20) {
        ASSERT_NE(as_it_was[p][i], changed[p][i]) << p << ", job " << i;
      }
    }
}

TEST(JobPower, EuroraIsPredictedBetterThanByMeans) {
  const std::string path = WATTFILL_SHARED_DIR "/traces/power/eurora_jobs_power.csv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const std::vector<JobEnergy> jobs = read_job_power_table(path);
  EXPECT_EQ(jobs.size(), 5930U);
  const PowerEvaluation e = evaluate_power("eurora", jobs, 0.2);
  EXPECT_EQ(e.with_power, 4735);  // 4,795 have a power, 60 of them 0
  for (const char* other : {"mean", "user-mean", "last-two", "program-mean"}) {
    EXPECT_LT(of(e, "xgboost").mean_absolute_error_w, 0.7 * of(e, other).mean_absolute_error_w) << other;
    EXPECT_LT(of(e, "xgboost").mean_absolute_percentage_error, 0.5 * of(e, other).mean_absolute_percentage_error)
        << other;
  }
}

}  // namespace
}  // namespace wattfill
