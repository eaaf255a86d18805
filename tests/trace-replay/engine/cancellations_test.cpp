// Jobs that are withdrawn while they wait or run.
#include <gtest/gtest.h>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/engine/watched_scheduler.hpp"

namespace wattfill::testing {
namespace {

using Times = std::vector<std::int64_t>;
using Fates = std::vector<JobFate>;

// job number -> when it is cancelled
Workload with_cancellations(Workload w, const std::vector<std::pair<std::size_t, std::int64_t>>& cancellations) {
  w.cancel_at.assign(w.jobs.size(), kNever);
  for (const auto& [job, when] : cancellations) w.cancel_at[job - 1] = at(when);
  return w;
}

TEST(Cancelled, WhileItWaits) {
  const Workload w = with_cancellations(workload_of({{0, 2, 100, 100}, {1, 2, 50, 50}, {60, 1, 10, 10}}), {{2, 60}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent}) {
    const ReplayResult result = replayed(w, preset("easy"), 2, with_pass(pass));
    EXPECT_EQ(fates(result), (Fates{JobFate::kKilledAtLimit, JobFate::kCancelledWaiting, JobFate::kKilledAtLimit}));
    EXPECT_EQ(starts(result), (Times{0, -1, 100}));
  }
}

TEST(Cancelled, WhileItRuns) {
  const Workload w = with_cancellations(workload_of({{0, 2, 100, 100}, {40, 2, 50, 50}}), {{1, 40}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent}) {
    const ReplayResult result = replayed(w, preset("easy"), 2, with_pass(pass));
    EXPECT_EQ(fates(result), (Fates{JobFate::kCancelledRunning, JobFate::kKilledAtLimit}));
    EXPECT_EQ(starts(result), (Times{0, 40}));
    EXPECT_EQ(result.outcomes[0].end, at(40));
    EXPECT_EQ(result.outcomes[1].end, at(90));
  }
}

TEST(Cancelled, AfterItsEndChangesNothing) {
  const Workload plain = workload_of({{0, 1, 10, 10}, {30, 1, 10, 10}});
  const ReplayResult result = replayed(with_cancellations(plain, {{1, 20}, {2, 40}}), preset("easy"), 1);
  EXPECT_EQ(fates(result), (Fates{JobFate::kKilledAtLimit, JobFate::kKilledAtLimit}));
  EXPECT_EQ(starts(result), (Times{0, 30}));
}

TEST(Cancelled, ReleasesTheJobsThatFollowIt) {
  Workload w =
      with_cancellations(workload_of({{0, 1, 100, 100}, {0, 1, 100, 100}, {0, 1, 5, 5}, {50, 1, 5, 5}}), {{2, 50}});
  w.links.assign(4, JobLink{});
  w.links[2] = {2, Seconds{7}, at(0)};
  ReplayOptions options;
  options.arrivals = Arrivals::kDependent;
  const ReplayResult result = replayed(w, preset("easy"), 1, options);
  EXPECT_EQ(result.outcomes[1].fate, JobFate::kCancelledWaiting);
  EXPECT_EQ(result.outcomes[2].submit, at(57));
  EXPECT_EQ(result.outcomes[2].fate, JobFate::kKilledAtLimit);
}

TEST(Cancelled, IsToldToASchedulerThatNeverStartsIt) {
  const Workload w = with_cancellations(workload_of({{0, 1, 10, 10}, {20, 1, 10, 10}}), {{1, 20}});
  IdleScheduler idle;
  EXPECT_EQ(fates(replay(w, idle)), (Fates{JobFate::kCancelledWaiting, JobFate::kUnfinished}));
  EXPECT_EQ(idle.cancelled, 1);
}

// Cancellations that fall on no other event's instant, or on the submission's own.

TEST(CancelledBetweenEvents, FreesItsProcessorsAtOnce) {
  const Workload w = with_cancellations(workload_of({{0, 2, 100, 100}, {1, 2, 50, 50}}), {{1, 40}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent})
    EXPECT_EQ(starts(replayed(w, preset("easy"), 2, with_pass(pass))), (Times{0, 40}));
}

TEST(CancelledBetweenEvents, AHeadLetsOthersPassAtOnce) {
  const Workload w = with_cancellations(workload_of({{0, 1, 100, 100}, {1, 2, 50, 50}, {2, 1, 300, 300}}), {{2, 40}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent})
    EXPECT_EQ(starts(replayed(w, preset("easy"), 2, with_pass(pass))), (Times{0, -1, 40}));
}

TEST(CancelledAtItsSubmission, NeverRuns) {
  const Workload w = with_cancellations(workload_of({{0, 1, 100, 100}, {10, 1, 50, 50}}), {{2, 10}});
  EXPECT_EQ(fates(replayed(w, preset("easy"), 1)), (Fates{JobFate::kKilledAtLimit, JobFate::kCancelledWaiting}));
}

TEST(CancelledBeforeItsArrival, NeverRuns) {
  Workload w = with_cancellations(workload_of({{0, 1, 100, 100}, {10, 1, 50, 50}}), {{2, 20}});
  w.links.assign(2, JobLink{});
  w.links[1] = {1, Seconds{0}, at(10)};
  ReplayOptions options;
  options.arrivals = Arrivals::kDependent;
  EXPECT_EQ(fates(replayed(w, preset("easy"), 1, options)),
            (Fates{JobFate::kKilledAtLimit, JobFate::kCancelledWaiting}));
}

}  // namespace
}  // namespace wattfill::testing
