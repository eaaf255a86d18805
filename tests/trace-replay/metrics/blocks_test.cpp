// Blocks against the figures of the whole and against what is counted by hand.
#include "trace-replay/metrics/blocks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/metrics/placed_jobs.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill::testing {
namespace {

constexpr std::int64_t kDay = 86400;

// `days` days with one job every six hours; waits and runtimes vary.
Schedule days_of_jobs(std::int64_t days) {
  RandomEngine engine(5);
  std::vector<Placed> jobs;
  for (std::int64_t t = 0; t <= days * kDay; t += kDay / 4) {
    const auto wait = static_cast<std::int64_t>(uniform_index(engine, 5000));
    const auto run = 1 + static_cast<std::int64_t>(uniform_index(engine, 3000));
    const bool cancelled = uniform(engine) < 0.1;
    jobs.push_back({t, wait, run, 1, 1, cancelled ? JobFate::kCancelledWaiting : JobFate::kCompleted});
  }
  return schedule_of(jobs);
}

SummaryOptions leaving_out(double warm_up, double cool_down) { return {1000, warm_up, cool_down}; }

std::vector<std::int64_t> days_between(const std::vector<SimTime>& bounds) {
  std::vector<std::int64_t> days;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) days.push_back((bounds[i + 1] - bounds[i]).count() / kDay);
  return days;
}

TEST(BlockBounds, FourWeeksEachAndTheRestJoinsTheLast) {
  const struct {
    std::int64_t days;
    std::vector<std::int64_t> expected;
  } cases[] = {
      {0, {0}}, {27, {27}}, {28, {28}}, {55, {55}}, {56, {28, 28}}, {100, {28, 28, 44}}, {112, {28, 28, 28, 28}}};
  for (const auto& c : cases) {
    const Schedule s = days_of_jobs(c.days);
    EXPECT_EQ(days_between(block_bounds(s.workload, leaving_out(0, 0))), c.expected) << c.days;
  }
}

TEST(BlockBounds, LeaveOutWarmUpAndCoolDown) {
  const Schedule s = days_of_jobs(200);
  const std::vector<SimTime> bounds = block_bounds(s.workload, leaving_out(0.1, 0.25));
  EXPECT_EQ(bounds.front(), at(20 * kDay));
  EXPECT_EQ(bounds.back(), at(150 * kDay + 1));
  EXPECT_EQ(days_between(bounds), (std::vector<std::int64_t>{28, 28, 28, 46}));
  EXPECT_EQ(days_between(block_bounds(s.workload, leaving_out(0.1, 0.25), Seconds{kDay * 7})).size(), 18);
}

TEST(BlockBounds, NoneWithoutJobsOrWindow) {
  EXPECT_TRUE(block_bounds(Workload{}, leaving_out(0, 0)).empty());
  EXPECT_TRUE(block_bounds(days_of_jobs(50).workload, leaving_out(0.6, 0.6)).empty());
  const Schedule s = days_of_jobs(50);
  EXPECT_TRUE(cut_blocks(s.workload, s.result, {}).empty());
}

TEST(Blocks, AddUpToTheSteadyFigures) {
  const Schedule s = days_of_jobs(400);
  const SummaryOptions options = leaving_out(0.1, 0.1);
  const Figures steady = summarise(s.workload, s.result, options).steady;
  Block sum;
  const std::vector<Block> blocks = cut_blocks(s.workload, s.result, block_bounds(s.workload, options));
  EXPECT_EQ(blocks.size(), 11);
  for (const Block& block : blocks) {
    EXPECT_GT(block.jobs, 80);
    sum.jobs += block.jobs;
    sum.sum_bounded_slowdown += block.sum_bounded_slowdown;
    sum.sum_log_bounded_slowdown += block.sum_log_bounded_slowdown;
    sum.sum_wait_s += block.sum_wait_s;
  }
  ASSERT_EQ(sum.jobs, steady.jobs);
  const auto n = static_cast<double>(sum.jobs);
  EXPECT_NEAR(sum.sum_bounded_slowdown / n, steady.mean_bounded_slowdown, 1e-9);
  EXPECT_NEAR(std::exp(sum.sum_log_bounded_slowdown / n), steady.geometric_mean_bounded_slowdown, 1e-9);
  EXPECT_DOUBLE_EQ(static_cast<double>(sum.sum_wait_s) / n, steady.mean_wait_s);
}

TEST(Blocks, ByHand) {
  Schedule s = schedule_of({
      {0, 90, 10},                                  // slowdown 10
      {5, 0, 50},                                   // 1
      {9, 1, 1, 1, 1, JobFate::kCancelledWaiting},  // never ran
      {10, 40, 10, 1, 1, JobFate::kKilledAtLimit},  // the next block; 5
      {30, 0, 10},                                  // after the last
  });
  s.result.outcomes[1].submit = at(25);  // entered the queue late, and waited as long as it could since
  s.result.outcomes[1].start = at(25);
  s.result.outcomes[1].end = at(75);
  const std::vector<SimTime> bounds = {at(0), at(10), at(20)};
  const std::vector<Block> blocks = cut_blocks(s.workload, s.result, bounds);
  ASSERT_EQ(blocks.size(), 2);
  EXPECT_EQ(blocks[0].jobs, 2);
  EXPECT_DOUBLE_EQ(blocks[0].sum_bounded_slowdown, 11);
  EXPECT_DOUBLE_EQ(blocks[0].sum_log_bounded_slowdown, std::log(10.0));
  EXPECT_EQ(blocks[0].sum_wait_s, 90);
  EXPECT_EQ(blocks_json(blocks).dump(), R"([{"begin_s":0,"end_s":10,"jobs":2,"sum_bounded_slowdown":11.0,)"
                                        R"("sum_log_bounded_slowdown":2.3025850929940455,"sum_wait_s":90},)"
                                        R"({"begin_s":10,"end_s":20,"jobs":1,"sum_bounded_slowdown":5.0,)"
                                        R"("sum_log_bounded_slowdown":1.6094379124341003,"sum_wait_s":40}])");
}

}  // namespace
}  // namespace wattfill::testing
