// Promotion relative to the backlog: who is late, when the scheduler asks to be called, and what nobody can do to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/backfill/policy/core_system.hpp"
#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

PolicySpec shortest_first(std::int64_t age, std::int32_t backlog_percent) {
  PolicySpec spec = policy(Order::kSjf, Order::kSjf, 1, Seconds{age});
  spec.promotion_backlog_percent = backlog_percent;
  return spec;
}

// Jobs of the whole machine, so that they run one after the other. 300 s of work wait before job 4: its turn comes when
// so much has left, and the age counts from then.
TEST(PromotionByBacklog, CountsTheAgeFromTheTurn) {
  Desk desk(shortest_first(50, 100), 10);
  desk.submit(1, 0, 10, 100);
  ASSERT_EQ(desk.pass(0), Ids{1});
  desk.submit(2, 1, 10, 100);
  desk.submit(3, 1, 10, 200);
  desk.pass(1);
  EXPECT_EQ(desk.wakeup, at(51));  // job 2, before which nothing waited
  desk.submit(4, 2, 10, 500);
  desk.pass(2);
  desk.pass(51);
  EXPECT_EQ(desk.wakeup, kNever);  // the turns of 3 and 4 depend on who leaves
  desk.end(1, 100);
  EXPECT_EQ(desk.pass(100), Ids{2});
  EXPECT_EQ(desk.wakeup, at(150));  // 100 s of work were before job 3, and have left
  desk.pass(150);
  desk.submit(5, 160, 10, 200);
  desk.pass(160);
  desk.end(2, 200);
  EXPECT_EQ(desk.pass(200), Ids{3});
  EXPECT_EQ(desk.wakeup, at(250));  // now job 4, though job 5 is shorter
  desk.end(3, 240);
  EXPECT_EQ(desk.pass(240), Ids{5});
  desk.pass(250);
  desk.submit(6, 251, 10, 1);
  EXPECT_EQ(desk.pass(251), Ids{});
  desk.end(5, 260);
  EXPECT_EQ(desk.pass(260), Ids{4});
}

// The turn of job 3 takes 400 s to come, and a quarter of that is longer than the age of those that come after it.
TEST(PromotionByBacklog, CountsAShareOfTheLongestWayToATurn) {
  PolicySpec spec = shortest_first(50, 100);
  spec.promotion_age_percent = 25;
  Desk desk(spec, 10);
  desk.submit(1, 0, 10, 400);
  ASSERT_EQ(desk.pass(0), Ids{1});
  desk.submit(2, 0, 10, 100);
  desk.submit(3, 0, 10, 500);
  desk.pass(0);
  EXPECT_EQ(desk.wakeup, at(50));  // job 2, whose turn has come at once
  desk.pass(50);
  desk.end(1, 400);
  EXPECT_EQ(desk.pass(400), Ids{2});
  EXPECT_EQ(desk.wakeup, at(450));  // job 3: no turn had taken any time before
  desk.submit(4, 450, 10, 300);
  desk.pass(450);
  desk.end(2, 500);
  EXPECT_EQ(desk.pass(500), Ids{3});
  EXPECT_EQ(desk.wakeup, at(600));  // job 4
}

// Where all are old because all came at once, a fixed age serves them by arrival; relative to the backlog the short one
// that comes later is served first, for nobody before it is late.
TEST(PromotionByBacklog, DoesNotMakeABurstOrderedByArrival) {
  for (const std::int32_t percent : {0, 100}) {
    Desk desk(shortest_first(250, percent), 10);
    for (JobId id = 1; id <= 20; ++id) desk.submit(id, 0, 10, 200 + id);
    ASSERT_EQ(desk.pass(0), Ids{1});
    desk.end(1, 200);
    ASSERT_EQ(desk.pass(200), Ids{2});
    desk.submit(21, 300, 10, 5);
    EXPECT_EQ(desk.pass(300), Ids{});
    desk.end(2, 400);
    EXPECT_EQ(desk.pass(400), Ids{percent == 0 ? 3 : 21}) << percent;
  }
}

// A stream of short jobs that alone would fill the machine for ever. However long it is, the long job starts once its
// turn has come, the age has passed, the job that then runs has ended, and at most the jobs before it have run.
TEST(PromotionByBacklog, LetsNobodyStarve) {
  for (const std::int32_t percent : {50, 100, 250}) {
    SmallWorkload workload;
    workload.processors = 4;
    const auto add = [&](std::int64_t submit, std::int64_t requested) {
      TestJob j;
      j.job.id = static_cast<JobId>(workload.jobs.size()) + 1;
      j.job.submit = at(submit);
      j.job.processors = 4;
      j.job.requested = j.runtime = Seconds{requested};
      workload.jobs.push_back(j);
    };
    for (int i = 0; i < 10; ++i) add(0, 20);
    add(0, 1000);  // 200 s of work wait before it
    for (int i = 0; i < 500; ++i) add(10 * i, 10);
    SchedulerOptions options;
    options.policy = shortest_first(60, percent);
    options.processors = 4;
    CoreSystem core(workload, options);
    const std::vector<SimTime> starts = drive(workload, core, Passes::kEachInstant);
    const std::int64_t promoted = 200 * percent / 100 + 60;
    EXPECT_GE(starts[10], at(promoted - 20)) << percent;
    EXPECT_LE(starts[10], at(promoted + 20 + 200)) << percent;
  }
}

// What the host refuses or changes was not served and does not bring anybody's turn: 7,500 processor-seconds wait
// before job 4, and the one job that is proposed a hundred times holds 500 of them.
TEST(PromotionByBacklog, IsNotDrivenByRefusals) {
  Desk desk(shortest_first(10, 100), 10);
  desk.submit(1, 0, 10, 1000);
  ASSERT_EQ(desk.pass(0), Ids{1});
  desk.submit(2, 1, 5, 100);
  desk.submit(3, 1, 10, 700);
  desk.submit(4, 1, 10, 800);
  desk.pass(1);
  desk.end(1, 500);
  for (std::int64_t now = 500; now < 600; ++now) {
    ASSERT_EQ(desk.propose(now), Ids{2}) << now;
    desk.core.refused(desk.handles[2], Refusal::kNotNow, at(now));
    if (now % 10 == 0) desk.core.modify(desk.handles[2], desk.jobs[2], at(now));
  }
  EXPECT_EQ(desk.pass(600), Ids{2});
  EXPECT_EQ(desk.wakeup, kNever);
  desk.end(2, 700);
  EXPECT_EQ(desk.pass(700), Ids{3});
  EXPECT_EQ(desk.wakeup, at(710));
}

// What is submitted later changes nothing that starts earlier.
TEST(PromotionByBacklog, NeverLooksAhead) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const SmallWorkload whole = small_workload(random, 40, 80);
    SmallWorkload half = whole;
    half.jobs.resize(whole.jobs.size() / 2);
    const SimTime parting = whole.jobs[half.jobs.size()].job.submit;
    const auto starts = [](const SmallWorkload& workload) {
      SchedulerOptions options;
      options.policy = shortest_first(10, 80);
      options.processors = workload.processors;
      CoreSystem core(workload, options);
      return drive(workload, core, Passes::kEachInstant);
    };
    const std::vector<SimTime> all = starts(whole);
    const std::vector<SimTime> some = starts(half);
    for (std::size_t i = 0; i < some.size(); ++i)
      EXPECT_EQ(std::min(all[i], parting), std::min(some[i], parting)) << "seed " << seed << ", job " << i;
  }
}

// A budget may end a pass while reservations are made, and the host may be late with the rest of it.
TEST(PromotionByBacklog, MayComeDueInTheMiddleOfAPass) {
  for (const std::int32_t percent : {0, 100}) {
    PolicySpec spec = shortest_first(50, percent);
    spec.reservation_depth = 3;
    Desk desk(spec, 10);
    desk.submit(1, 0, 10, 100);
    ASSERT_EQ(desk.pass(0), Ids{1});
    for (JobId id = 2; id <= 6; ++id) desk.submit(id, 1, 6, 20 * id);
    EXPECT_FALSE(desk.core.schedule(at(2), {2}).complete);
    EXPECT_EQ(desk.pass(60), Ids{});
    desk.end(1, 70);
    EXPECT_EQ(desk.pass(70), Ids{2});
  }
}

}  // namespace
}  // namespace wattfill::testing
