// Every figure of a summary against values computed by hand or by the plainest code.
#include "trace-replay/metrics/summary.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/metrics/placed_jobs.hpp"

namespace wattfill::testing {
namespace {

using Json = nlohmann::json;

SummaryOptions on(std::int32_t processors, double warm_up = 0, double cool_down = 0) {
  return {processors, warm_up, cool_down};
}

Summary summary_of(const std::vector<Placed>& jobs, const SummaryOptions& options) {
  const Schedule s = schedule_of(jobs);
  return summarise(s.workload, s.result, options);
}

Figures figures_of_waits(const std::vector<std::int64_t>& waits) {
  std::vector<Placed> jobs;
  jobs.reserve(waits.size());
  for (const std::int64_t wait : waits) jobs.push_back({0, wait, 100});
  return summary_of(jobs, on(1000000)).all;
}

// No value is null, which is how a NaN or an infinity would be written.
void expect_all_numbers(const Json& json, const std::string& path = "") {
  ASSERT_FALSE(json.is_null()) << path;
  if (json.is_structured())
    for (const auto& [key, value] : json.items()) expect_all_numbers(value, path + "/" + key);
}

// Four jobs on eight processors, computed by hand.
class ByHand : public ::testing::Test {
 protected:
  Schedule schedule = schedule_of({
      {0, 0, 100, 8, 1, JobFate::kKilledAtLimit},     // flow 100, slowdown 1
      {10, 90, 4, 2, 1},                              // starts at 100; flow 94, over the bound of 10 s: 9.4
      {20, 80, 40, 4, 2, JobFate::kCompleted, true},  // flow 120, 3
      {30, 110, 60, 8, 3},                            // starts at 140, ends at 200; flow 170, 170/60
      {35, 0, 500, 8, 4, JobFate::kUnfinished},
      {36, 0, 500, 8, 4, JobFate::kCancelledWaiting},
  });
};

TEST_F(ByHand, EveryKeyOfTheSummary) {
  schedule.result.longest_queue = 5;
  schedule.result.scheduler = {11, 4, 1, 2, 33, 6};
  const Json json = Json::parse(summary_json(summarise(schedule.workload, schedule.result, on(8))));
  EXPECT_EQ(json["jobs"], 4);
  EXPECT_DOUBLE_EQ(json["mean_wait_s"], 70);
  EXPECT_DOUBLE_EQ(json["median_wait_s"], 85);
  EXPECT_DOUBLE_EQ(json["p95_wait_s"], 110);
  EXPECT_DOUBLE_EQ(json["p99_wait_s"], 110);
  EXPECT_DOUBLE_EQ(json["p999_wait_s"], 110);
  EXPECT_EQ(json["max_wait_s"], 110);
  EXPECT_DOUBLE_EQ(json["mean_flow_s"], 121);
  EXPECT_EQ(json["max_flow_s"], 170);
  EXPECT_DOUBLE_EQ(json["mean_bounded_slowdown"], (1 + 9.4 + 3 + 17.0 / 6) / 4);
  EXPECT_DOUBLE_EQ(json["geometric_mean_bounded_slowdown"], std::pow(9.4 * 3 * 17 / 6, 0.25));
  EXPECT_DOUBLE_EQ(json["max_bounded_slowdown"], 9.4);
  // 100/800 and 120/160 and 170/480 are below 1; 94/20 = 4.7 is not.
  EXPECT_DOUBLE_EQ(json["mean_per_processor_bounded_slowdown"], (1 + 4.7 + 1 + 1) / 4);
  // An eighth of four jobs is half a job: of the two widest, on average (0 + 110) / 2.
  EXPECT_DOUBLE_EQ(json["widest_eighth_mean_wait_s"], 55);
  EXPECT_DOUBLE_EQ(json["fairness_jain"], 1);  // no user has ten jobs
  EXPECT_EQ(json["backfilled_jobs"], 1);
  EXPECT_EQ(json["makespan_s"], 200);
  EXPECT_EQ(json["work_processor_s"], 800 + 8 + 160 + 480);
  EXPECT_DOUBLE_EQ(json["utilization"], 1448.0 / (8 * 200));
  EXPECT_EQ(json["unfinished"], 1);
  EXPECT_EQ(json["cancelled"], 1);
  EXPECT_EQ(json["killed_at_limit"], 1);
  EXPECT_EQ(json["longest_queue"], 5);
  EXPECT_EQ(
      json["scheduler"],
      (Json{{"passes", 11}, {"started", 4}, {"refused", 2}, {"candidate_searches", 33}, {"reservations_moved", 6}}));
  expect_all_numbers(json);
}

TEST_F(ByHand, TheKeysAreTheseAndInThisOrder) {
  const auto keys = [](const nlohmann::ordered_json& json) {
    std::vector<std::string> all;
    for (const auto& [key, value] : json.items()) all.push_back(key);
    return all;
  };
  const auto json = nlohmann::ordered_json::parse(summary_json(summarise(schedule.workload, schedule.result, on(8))));
  const std::vector<std::string> figures = {"jobs",
                                            "mean_wait_s",
                                            "median_wait_s",
                                            "p95_wait_s",
                                            "p99_wait_s",
                                            "p999_wait_s",
                                            "max_wait_s",
                                            "mean_flow_s",
                                            "max_flow_s",
                                            "mean_bounded_slowdown",
                                            "geometric_mean_bounded_slowdown",
                                            "max_bounded_slowdown",
                                            "mean_per_processor_bounded_slowdown",
                                            "widest_eighth_mean_wait_s",
                                            "fairness_jain",
                                            "backfilled_jobs",
                                            "mean_boot_wait_s",
                                            "boot_delayed_jobs"};
  std::vector<std::string> all = figures;
  for (const char* key : {"utilization", "makespan_s", "work_processor_s", "unfinished", "cancelled", "killed_at_limit",
                          "longest_queue", "steady_state", "waits_by_class", "scheduler"})
    all.emplace_back(key);
  EXPECT_EQ(keys(json), all);
  std::vector<std::string> steady = figures;
  steady.emplace_back("utilization");
  EXPECT_EQ(keys(json["steady_state"]), steady);
  EXPECT_EQ(keys(json["waits_by_class"][0]),
            (std::vector<std::string>{"width", "length", "jobs", "mean_wait_s", "max_wait_s"}));
}

TEST(Cancelled, RunningJobsCountAsBusyButNotAsJobs) {
  Schedule s = schedule_of({{0, 0, 100, 2}, {0, 0, 100, 2, 1, JobFate::kCancelledRunning}});
  s.result.outcomes[1].end = at(50);
  const Summary summary = summarise(s.workload, s.result, on(4));
  EXPECT_EQ(summary.all.jobs, 1);
  EXPECT_EQ(summary.cancelled, 1);
  EXPECT_EQ(summary.work_processor_s, 200);
  EXPECT_DOUBLE_EQ(summary.utilization, 300.0 / 400);
}

TEST(Percentiles, AreByNearestRank) {
  std::vector<std::int64_t> waits;
  for (std::int64_t n = 1; n <= 2500; ++n) {
    waits.push_back(n);  // the value is its rank
    if (n > 70 && n % 97 != 0 && n % 1000 > 2) continue;
    const Figures f = figures_of_waits(waits);
    const auto rank = [n](std::int64_t thousandths) {
      const std::int64_t whole = (n * thousandths + 999) / 1000;
      return static_cast<double>(whole);
    };
    ASSERT_EQ(f.p95_wait_s, rank(950)) << n;
    ASSERT_EQ(f.p99_wait_s, rank(990)) << n;
    ASSERT_EQ(f.p999_wait_s, rank(999)) << n;
    ASSERT_EQ(f.median_wait_s, static_cast<double>(n + 1) / 2) << n;
  }
}

TEST(Percentiles, DoNotDependOnTheOrderOfTheJobs) {
  EXPECT_EQ(figures_of_waits({5, 1, 4, 2, 3}).median_wait_s, 3);
  EXPECT_EQ(figures_of_waits({9, 1, 4, 2}).median_wait_s, 3);
  EXPECT_EQ(figures_of_waits({9, 1, 4, 2}).p95_wait_s, 9);
  EXPECT_EQ(figures_of_waits({7}).median_wait_s, 7);
}

TEST(Median, OfLengthsWhereRanksInFloatingPointAreWrong) {
  // 15 / 29 x 29 is more than 15 in doubles, and so is 27 / 52 x 52.
  for (const std::int64_t n : {29, 52, 56, 58, 60, 87, 92, 108, 149, 174}) {
    std::vector<std::int64_t> waits;
    for (std::int64_t i = 1; i <= n; ++i) waits.push_back(i * i);
    const auto lower = (n + 1) / 2;
    const auto upper = n / 2 + 1;
    EXPECT_EQ(figures_of_waits(waits).median_wait_s, static_cast<double>(lower * lower + upper * upper) / 2) << n;
  }
}

std::vector<Placed> jobs_of_user(int count, std::int32_t user, std::int64_t wait) {
  return std::vector<Placed>(static_cast<std::size_t>(count), Placed{0, wait, 100, 1, user});
}

std::vector<Placed> joined(std::initializer_list<std::vector<Placed>> parts) {
  std::vector<Placed> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Jain, CountsUsersWithTenJobsOrMore) {
  // Mean bounded slowdowns of 1 and 3: (1 + 3)^2 / (2 (1 + 9)) = 0.8.
  const auto two = joined({jobs_of_user(10, 1, 0), jobs_of_user(10, 2, 200)});
  EXPECT_DOUBLE_EQ(summary_of(two, on(100)).all.fairness_jain, 0.8);
  // A user with nine jobs, however badly served, does not count, nor do jobs of no known user.
  const auto more = joined({two, jobs_of_user(9, 3, 100000), jobs_of_user(50, kUnknown, 100000)});
  EXPECT_DOUBLE_EQ(summary_of(more, on(100)).all.fairness_jain, 0.8);
  // With a tenth job it does: slowdowns of 1, 3, 5 give 81 / (3 x 35).
  EXPECT_DOUBLE_EQ(summary_of(joined({two, jobs_of_user(10, 3, 400)}), on(100)).all.fairness_jain, 81.0 / 105);
  EXPECT_DOUBLE_EQ(summary_of(jobs_of_user(9, 1, 50), on(100)).all.fairness_jain, 1);
}

TEST(WidestEighth, CountsAWidthThatItCutsThroughInProportion) {
  // 24 jobs, an eighth is three: the one of 64 processors, and two of the four of 32, whichever they are.
  std::vector<Placed> jobs(19, Placed{0, 5, 10, 1});
  jobs.push_back({0, 1000, 10, 64});
  for (const std::int64_t wait : {100, 200, 300, 400}) jobs.push_back({0, wait, 10, 32});
  EXPECT_DOUBLE_EQ(summary_of(jobs, on(64)).all.widest_eighth_mean_wait_s, (1000 + 2 * 250.0) / 3);
  std::reverse(jobs.begin(), jobs.end());
  EXPECT_DOUBLE_EQ(summary_of(jobs, on(64)).all.widest_eighth_mean_wait_s, (1000 + 2 * 250.0) / 3);
}

TEST(WidestEighth, OfJobsOfOneWidthIsTheirMean) {
  EXPECT_DOUBLE_EQ(summary_of({{0, 10, 10}, {0, 20, 10}, {0, 60, 10}}, on(4)).all.widest_eighth_mean_wait_s, 30);
}

TEST(WidestEighth, EndsWhereAWidthEnds) {
  // 16 jobs: the eighth is exactly the two widest.
  std::vector<Placed> jobs(14, Placed{0, 7, 10, 1});
  jobs.push_back({0, 30, 10, 8});
  jobs.push_back({0, 50, 10, 9});
  EXPECT_DOUBLE_EQ(summary_of(jobs, on(64)).all.widest_eighth_mean_wait_s, 40);
}

TEST(SteadyState, LeavesOutWarmUpAndCoolDown) {
  std::vector<Placed> jobs;
  for (std::int64_t t = 0; t <= 100; t += 10) jobs.push_back({t, t, 10});  // the wait is the submission
  const Summary s = summary_of(jobs, on(4, 0.2, 0.3));
  EXPECT_EQ(s.all.jobs, 11);
  // Submitted from 20 to 70, both ends included.
  EXPECT_EQ(s.steady.jobs, 6);
  EXPECT_DOUBLE_EQ(s.steady.mean_wait_s, 45);
  EXPECT_EQ(s.steady.max_wait_s, 70);
  EXPECT_DOUBLE_EQ(s.steady.widest_eighth_mean_wait_s, 45);
  // Jobs run at 0-10, 20-30, 40-50, 60-70, ...: within 20-70 three of them, on one of four processors.
  EXPECT_DOUBLE_EQ(s.steady_utilization, 30.0 / (50 * 4));
  const Summary whole = summary_of(jobs, on(4));
  EXPECT_EQ(whole.steady.jobs, 11);
  EXPECT_DOUBLE_EQ(whole.steady.mean_bounded_slowdown, whole.all.mean_bounded_slowdown);
}

TEST(SteadyState, CountsJobsThatReachIntoTheWindowInPart) {
  // Window 25-75 of a trace of 100 s; the first job covers all of it, the second its last 15 s.
  const Summary s = summary_of({{0, 0, 300, 2}, {60, 0, 1000, 1}, {100, 0, 1, 1}}, on(4, 0.25, 0.25));
  EXPECT_DOUBLE_EQ(s.steady_utilization, (50 * 2 + 15) / 200.0);
}

TEST(SteadyState, MayBeEmpty) {
  const Json json = Json::parse(summary_json(summary_of({{0, 5, 10}, {100, 5, 10}}, on(4, 0.6, 0.6))));
  EXPECT_EQ(json["steady_state"]["jobs"], 0);
  EXPECT_EQ(json["steady_state"]["utilization"], 0.0);
  EXPECT_EQ(json["jobs"], 2);
  expect_all_numbers(json);
}

TEST(FewJobs, GiveNumbersEverywhere) {
  const std::vector<std::vector<Placed>> schedules = {
      {},
      {{0, 0, 1}},
      {{50, 0, 1, 4}},
      {{0, 0, 10, 1, 1, JobFate::kUnfinished}},
      {{0, 0, 10, 1, 1, JobFate::kCancelledWaiting}, {0, 0, 10, 1, 1, JobFate::kUnfinished}},
      {{7, 3, 10, 1, kUnknown}, {7, 3, 10, 1, kUnknown}}};
  for (const auto& jobs : schedules) {
    const Json json = Json::parse(summary_json(summary_of(jobs, {4, 0.1, 0.1})));
    expect_all_numbers(json);
    EXPECT_EQ(json["waits_by_class"].size(), 16U);
  }
  const Summary one = summary_of({{50, 20, 40, 4}}, {4, 0.1, 0.1});
  EXPECT_EQ(one.all.jobs, 1);
  EXPECT_EQ(one.steady.jobs, 1);
  EXPECT_EQ(one.makespan_s, 60);
  EXPECT_DOUBLE_EQ(one.utilization, 40.0 / 60);
  EXPECT_DOUBLE_EQ(one.all.median_wait_s, 20);
  EXPECT_DOUBLE_EQ(one.all.mean_bounded_slowdown, 1.5);
}

TEST(Classes, AreBoundedAsTheirNamesSay) {
  // On 64 processors 1/16 is 4 and 1/4 is 16.
  const std::vector<Placed> jobs = {{0, 1, 60, 1},     {0, 2, 61, 2},     {0, 3, 3600, 4},  {0, 4, 3601, 5},
                                    {0, 5, 28800, 16}, {0, 6, 28801, 17}, {0, 8, 28801, 64}};
  const Summary s = summary_of(jobs, on(64));
  const auto jobs_in = [&s](const std::string& width, const std::string& length) {
    for (const WaitClass& c : s.waits_by_class)
      if (c.width == width && c.length == length) return c.jobs;
    ADD_FAILURE() << "no class " << width << ", " << length;
    return std::int64_t{-1};
  };
  EXPECT_EQ(jobs_in("1 processor", "up to 1 min"), 1);
  EXPECT_EQ(jobs_in("up to 1/16", "up to 1 h"), 2);
  EXPECT_EQ(jobs_in("up to 1/4", "up to 8 h"), 2);
  EXPECT_EQ(jobs_in("over 1/4", "over 8 h"), 2);
  EXPECT_DOUBLE_EQ(s.waits_by_class.back().mean_wait_s, 7);
  EXPECT_EQ(s.waits_by_class.back().max_wait_s, 8);
}

TEST(Classes, SumToAllJobs) {
  const Workload w = generated_workload(busy_days(2500, 128, 4, 1.0));
  const ReplayResult result = replayed(w, preset("easy"), 128);
  const Summary s = summarise(w, result, {128, 0.1, 0.1});
  std::int64_t jobs = 0;
  double wait = 0;
  std::int64_t longest = 0;
  for (const WaitClass& c : s.waits_by_class) {
    jobs += c.jobs;
    wait += c.mean_wait_s * static_cast<double>(c.jobs);
    longest = std::max(longest, c.max_wait_s);
  }
  EXPECT_EQ(jobs, s.all.jobs);
  EXPECT_EQ(jobs, 2500);
  EXPECT_NEAR(wait / static_cast<double>(jobs), s.all.mean_wait_s, 1e-6);
  EXPECT_EQ(longest, s.all.max_wait_s);
  expect_all_numbers(Json::parse(summary_json(s)));
}

// The definitions once more, job by job.
TEST(Slowdowns, AreTheDefinitions) {
  boost::random::mt19937 generator(8);
  std::vector<Placed> jobs;
  double bounded = 0;
  double geometric = 0;
  double per_processor = 0;
  for (int i = 0; i < 500; ++i) {
    const Placed p{static_cast<std::int64_t>(generator() % 1000), static_cast<std::int64_t>(generator() % 300),
                   static_cast<std::int64_t>(generator() % 40 + 1), static_cast<std::int32_t>(generator() % 16 + 1)};
    jobs.push_back(p);
    const auto flow = static_cast<double>(p.wait + p.run);
    const double limit = p.run < 10 ? 10.0 : static_cast<double>(p.run);
    bounded += std::fmax(1, flow / limit) / 500;
    geometric += std::log(std::fmax(1, flow / limit)) / 500;
    per_processor += std::fmax(1, flow / (limit * p.processors)) / 500;
  }
  const Figures f = summary_of(jobs, on(1000)).all;
  EXPECT_NEAR(f.mean_bounded_slowdown, bounded, 1e-9);
  EXPECT_NEAR(f.geometric_mean_bounded_slowdown, std::exp(geometric), 1e-9);
  EXPECT_NEAR(f.mean_per_processor_bounded_slowdown, per_processor, 1e-9);
}

}  // namespace
}  // namespace wattfill::testing
