// Users: the model's distributions survive them, and their runtimes repeat.
#include "trace-replay/workload/users.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "trace-replay/workload/lublin_model.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill {
namespace {

// Arrivals one a minute with shapes drawn from the model, every third job interactive.
std::vector<GeneratedJob> model_jobs(std::size_t count) {
  RandomEngine engine = seeded_engine(8, 8);
  const LublinParameters columns[] = {lublin_parameters(LublinColumn::kInteractive, 256),
                                      lublin_parameters(LublinColumn::kBatch, 256)};
  RuntimeSampler samplers[] = {RuntimeSampler(columns[0].runtime), RuntimeSampler(columns[1].runtime)};
  std::vector<GeneratedJob> jobs(count);
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t queue = index % 3 == 0 ? 0 : 1;
    jobs[index].submit_s = static_cast<std::int64_t>(60 * index);
    jobs[index].queue = static_cast<std::int32_t>(queue);
    jobs[index].processors = draw_size(engine, columns[queue].size);
    jobs[index].run_s = samplers[queue].draw(engine, jobs[index].processors);
  }
  return jobs;
}

using QueueShape = std::tuple<std::int32_t, std::int32_t, std::int32_t>;

std::vector<QueueShape> sorted_shapes(const std::vector<GeneratedJob>& jobs) {
  std::vector<QueueShape> shapes;
  shapes.reserve(jobs.size());
  for (const GeneratedJob& job : jobs) shapes.emplace_back(job.queue, job.processors, job.run_s);
  std::sort(shapes.begin(), shapes.end());
  return shapes;
}

// Mean |ln(predicted / run)| when the mean of the user's last two runtimes predicts the next.
double last_two_error(const std::vector<GeneratedJob>& jobs) {
  std::map<std::int32_t, std::vector<double>> history;
  double sum = 0, count = 0;
  for (const GeneratedJob& job : jobs) {
    std::vector<double>& runs = history[job.user];
    if (runs.size() >= 2) {
      const double predicted = (runs[runs.size() - 1] + runs[runs.size() - 2]) / 2;
      sum += std::abs(std::log(predicted / job.run_s));
      ++count;
    }
    runs.push_back(job.run_s);
  }
  return sum / count;
}

TEST(AssignUsers, KeepsArrivalsAndEveryPairOfSizeAndRuntime) {
  // More than one block of 65,536 jobs in one queue.
  const std::vector<GeneratedJob> drawn = model_jobs(150'000);
  std::vector<GeneratedJob> jobs = drawn;
  assign_users(jobs, 300, 1);
  EXPECT_EQ(sorted_shapes(jobs), sorted_shapes(drawn));
  for (std::size_t index = 0; index < jobs.size(); ++index) {
    ASSERT_EQ(jobs[index].submit_s, drawn[index].submit_s);
    ASSERT_EQ(jobs[index].queue, drawn[index].queue);
    ASSERT_GE(jobs[index].user, 1);
    ASSERT_LE(jobs[index].user, 300);
    ASSERT_LE(jobs[index].group, 30);
  }
}

TEST(AssignUsers, RuntimesRepeat) {
  std::vector<GeneratedJob> jobs = model_jobs(50'000);
  assign_users(jobs, 250, 1);
  std::vector<GeneratedJob> shuffled = jobs;
  RandomEngine engine = seeded_engine(9, 9);
  for (std::size_t index = shuffled.size(); index > 1; --index) {
    std::swap(shuffled[index - 1].run_s, shuffled[uniform_index(engine, index)].run_s);
  }
  const double error = last_two_error(jobs), control = last_two_error(shuffled);
  EXPECT_LT(error, 0.5 * control);
  EXPECT_GT(error, 0.1 * control);  // yet no oracle
}

TEST(AssignUsers, AnApplicationHasOneUserOneQueueAndAlikeSizes) {
  std::vector<GeneratedJob> jobs = model_jobs(60'000);
  assign_users(jobs, 250, 2);
  std::map<std::int32_t, std::vector<const GeneratedJob*>> applications;
  for (const GeneratedJob& job : jobs) applications[job.executable].push_back(&job);
  double alike = 0, pairs = 0;
  for (const auto& [executable, members] : applications) {
    for (std::size_t index = 1; index < members.size(); ++index) {
      ASSERT_EQ(members[index]->user, members[0]->user);
      ASSERT_EQ(members[index]->group, members[0]->group);
      ASSERT_EQ(members[index]->queue, members[0]->queue);
      alike += members[index]->processors == members[index - 1]->processors ? 1 : 0;
      ++pairs;
    }
  }
  EXPECT_GT(alike / pairs, 0.6);
}

TEST(AssignUsers, ActivityIsUnevenAsInRealLogs) {
  std::vector<GeneratedJob> jobs = model_jobs(100'000);
  assign_users(jobs, 200, 3);
  std::map<std::int32_t, int> count;
  for (const GeneratedJob& job : jobs) ++count[job.user];
  std::vector<int> activity;
  activity.reserve(count.size());
  for (const auto& [user, jobs_of_user] : count) activity.push_back(jobs_of_user);
  std::sort(activity.rbegin(), activity.rend());
  // Zipf with exponent 0.8 gives the first of 200 users 10 %, the first ten 35 %; sessions make it vary.
  EXPECT_NEAR(activity[0] / 1e5, 0.10, 0.02);
  int ten = 0;
  for (int rank = 0; rank < 10; ++rank) ten += activity[static_cast<std::size_t>(rank)];
  EXPECT_NEAR(ten / 1e5, 0.35, 0.04);
  EXPECT_EQ(count.size(), 200U);
}

TEST(AssignUsers, OneUserAndNoJobsWillDo) {
  std::vector<GeneratedJob> none;
  assign_users(none, 5, 1);
  EXPECT_TRUE(none.empty());
  std::vector<GeneratedJob> jobs = model_jobs(10);
  assign_users(jobs, 1, 1);
  for (const GeneratedJob& job : jobs) EXPECT_EQ(job.user, 1);
}

}  // namespace
}  // namespace wattfill
