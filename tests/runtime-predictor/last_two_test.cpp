// The mean of a user's last two runtimes, by hand; and no look-ahead: what a workload does later changes no earlier
// start.
#include "runtime-predictor/last_two.hpp"

#include <gtest/gtest.h>

#include "tests/backfill/policy/core_system.hpp"

namespace wattfill::testing {
namespace {

Job job_of(std::int32_t user, std::int64_t requested) {
  Job job;
  job.user = user;
  job.processors = 1;
  job.requested = Seconds{requested};
  return job;
}

TEST(LastTwo, IsTheRequestUntilTwoJobsHaveEnded) {
  LastTwo source;
  EXPECT_EQ(source.at_submit(job_of(1, 100), at(0)), Seconds{100});
  source.ended(job_of(1, 100), at(10), Seconds{10});
  EXPECT_EQ(source.at_submit(job_of(1, 100), at(10)), Seconds{100});
  source.ended(job_of(1, 100), at(30), Seconds{20});
  EXPECT_EQ(source.at_submit(job_of(1, 100), at(30)), Seconds{15});
  EXPECT_EQ(source.at_submit(job_of(2, 100), at(30)), Seconds{100});  // another user
}

TEST(LastTwo, ForgetsAllButTheLastTwo) {
  LastTwo source;
  for (const std::int64_t runtime : {1000, 7, 12}) source.ended(job_of(3, 5000), at(0), Seconds{runtime});
  EXPECT_EQ(source.at_submit(job_of(3, 5000), at(0)), Seconds{9});  // (7 + 12) / 2, rounded down
  source.ended(job_of(3, 5000), at(0), Seconds{100});
  EXPECT_EQ(source.at_submit(job_of(3, 5000), at(0)), Seconds{56});
}

TEST(LastTwo, StaysBetweenOneSecondAndTheRequest) {
  LastTwo source;
  source.ended(job_of(4, 100), at(0), Seconds{90});
  source.ended(job_of(4, 100), at(0), Seconds{100});
  EXPECT_EQ(source.at_submit(job_of(4, 50), at(0)), Seconds{50});
  source.ended(job_of(4, 100), at(0), Seconds{0});
  source.ended(job_of(4, 100), at(0), Seconds{1});
  EXPECT_EQ(source.at_submit(job_of(4, 50), at(0)), Seconds{1});
}

TEST(LastTwo, LearnsFromEndsOnly) {
  LastTwo source;
  source.started(job_of(5, 100), at(0));
  source.started(job_of(5, 100), at(1));
  source.cancelled(job_of(5, 100), at(2));
  source.cancelled(job_of(5, 100), at(3));
  EXPECT_EQ(source.at_submit(job_of(5, 100), at(3)), Seconds{100});
  EXPECT_FALSE(source.upper_bound());
}

TEST(LastTwo, CorrectsAnOverrunByTsafrirsTable) {
  LastTwo source;
  EXPECT_EQ(source.after_overrun(job_of(1, 10'000), Seconds{40}, 1), Seconds{100});
  EXPECT_EQ(source.after_overrun(job_of(1, 10'000), Seconds{40}, 2), Seconds{340});
  EXPECT_EQ(source.after_overrun(job_of(1, 10'000), Seconds{40}, 50), Seconds{10'000});
}

std::vector<SimTime> starts_under_easy_plus_plus(const SmallWorkload& workload, Passes passes) {
  SchedulerOptions options;
  options.policy.queue_order = Order::kFcfs;
  options.policy.backfill_order = Order::kSjf;
  options.policy.reservation_depth = 1;
  options.processors = workload.processors;
  options.free_rule = passes == Passes::kEachEvent ? FreeRule::kEstimated : FreeRule::kEnded;
  options.fit_estimates = std::make_shared<LastTwo>();
  options.order_estimates = options.fit_estimates;
  CoreSystem system(workload, options);
  return drive(workload, system, passes);
}

// Two workloads that agree on everything that has shown by a time t: the jobs submitted by then, and of jobs that end
// later only that they do.
TEST(LastTwo, NeverLooksAhead) {
  int changed_later = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const Passes passes = seed % 2 ? Passes::kEachInstant : Passes::kEachEvent;
    const SmallWorkload workload = small_workload(random, 40, 120);
    const std::vector<SimTime> starts = starts_under_easy_plus_plus(workload, passes);
    const SimTime t = workload.jobs[random.index(workload.jobs.size())].job.submit;
    SmallWorkload other = workload;
    for (std::size_t i = 0; i < other.jobs.size(); ++i) {
      TestJob& j = other.jobs[i];
      if (j.job.submit > t) {
        j.job.processors = random.between32(1, other.processors);
        j.job.requested = Seconds{random.between(1, 120)};
        j.runtime = Seconds{random.between(1, j.job.requested.count())};
      } else if (starts[i] + j.runtime > t) {
        // It may end at any time after t, if its request allows.
        const std::int64_t run = std::max<std::int64_t>(1, (t - starts[i]).count() + 1);
        j.runtime = Seconds{random.between(std::min(run, j.job.requested.count()), j.job.requested.count())};
      }
    }
    const std::vector<SimTime> others = starts_under_easy_plus_plus(other, passes);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] <= t)
        ASSERT_EQ(starts[i], others[i]) << "job " << i + 1 << ", seed " << seed;
      else
        ASSERT_GT(others[i], t) << "job " << i + 1 << ", seed " << seed;
      changed_later += starts[i] != others[i];
    }
  }
  EXPECT_GT(changed_later, 1000);
}

}  // namespace
}  // namespace wattfill::testing
