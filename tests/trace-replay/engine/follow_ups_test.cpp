// Dependencies and closed loops: who follows whom, and when a follower arrives.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/engine/arrivals.hpp"

namespace wattfill::testing {
namespace {

constexpr std::uint32_t kNone = FollowUps::kNone;

// One processor-job of 100 s for each; `recorded_wait` delays the recorded start.
struct LinkedJob {
  std::int64_t submit;
  std::int64_t recorded_wait = 0;
  std::int32_t user = 1;
  std::int64_t preceding = -1;
  std::int64_t think = -1;
  std::int64_t runtime = 100;
};

Workload linked(const std::vector<LinkedJob>& jobs) {
  std::vector<SmallJob> small;
  small.reserve(jobs.size());
  for (const LinkedJob& j : jobs) small.push_back({j.submit, 1, j.runtime, j.runtime, j.user});
  Workload w = workload_of(small);
  for (const LinkedJob& j : jobs) w.links.push_back({j.preceding, Seconds{j.think}, at(j.submit + j.recorded_wait)});
  return w;
}

ReplayResult arrived(const Workload& w, Arrivals arrivals, std::int32_t processors = 10) {
  ReplayOptions options;
  options.arrivals = arrivals;
  return replayed(w, preset("easy"), processors, options);
}

std::vector<std::int64_t> submissions(const ReplayResult& result) {
  std::vector<std::int64_t> all;
  for (const JobOutcome& o : result.outcomes) all.push_back(seconds_since_epoch(o.submit));
  return all;
}

using Times = std::vector<std::int64_t>;

TEST(Links, AreNeeded) {
  Workload w = linked({{0}, {10}});
  w.links.clear();
  EXPECT_THROW(follow_ups(w, Arrivals::kDependent), std::invalid_argument);
  EXPECT_THROW(arrived(w, Arrivals::kClosedLoop), std::invalid_argument);
}

TEST(Dependencies, FollowFields17And18) {
  const Workload w = linked({{0}, {10, 0, 1, 1, 50}, {20, 0, 2, 1, -1}, {900, 0, 2, 2, 5}});
  const FollowUps f = follow_ups(w, Arrivals::kDependent);
  EXPECT_EQ(f.follows, (std::vector<std::uint32_t>{kNone, 0, 0, 1}));
  EXPECT_EQ(f.think, (std::vector<Seconds>{Seconds{0}, Seconds{50}, Seconds{0}, Seconds{5}}));
  // Job 1 ends at 100; job 2 thinks for 50 s and runs till 250; job 4 is recorded later than 255.
  EXPECT_EQ(submissions(arrived(w, Arrivals::kDependent)), (Times{0, 150, 100, 900}));
  // In a closed loop it comes as soon as it may.
  EXPECT_EQ(submissions(arrived(w, Arrivals::kClosedLoop)), (Times{0, 150, 100, 255}));
  EXPECT_EQ(submissions(arrived(w, Arrivals::kRecorded)), (Times{0, 10, 20, 900}));
}

TEST(Dependencies, WithoutFieldsArriveAsRecorded) {
  const Workload w = linked({{0}, {150}, {300, 0, 2}});
  EXPECT_EQ(follow_ups(w, Arrivals::kDependent).follows, std::vector<std::uint32_t>(3, kNone));
  EXPECT_EQ(submissions(arrived(w, Arrivals::kDependent)), (Times{0, 150, 300}));
}

TEST(Dependencies, OfDroppedJobsAreForgotten) {
  const Workload w = linked({{0}, {150, 0, 1, 77, 5}});
  EXPECT_EQ(follow_ups(w, Arrivals::kDependent).follows[1], kNone);
  EXPECT_EQ(submissions(arrived(w, Arrivals::kDependent)), (Times{0, 150}));
  // Nor does a session take its place: the trace says that it follows something else.
  EXPECT_EQ(submissions(arrived(w, Arrivals::kClosedLoop)), (Times{0, 150}));
}

TEST(Dependencies, ChildrenComeInOrderOfSubmission) {
  const FollowUps f = follow_ups(linked({{0}, {1, 0, 1, 1}, {2, 0, 1, 1}, {3, 0, 1, 1}}), Arrivals::kDependent);
  EXPECT_EQ(f.first_child[0], 1U);
  EXPECT_EQ(f.next_child[1], 2U);
  EXPECT_EQ(f.next_child[2], 3U);
  EXPECT_EQ(f.next_child[3], kNone);
}

TEST(Dependencies, APredecessorMayStandLaterInTheTrace) {
  EXPECT_EQ(submissions(arrived(linked({{0, 0, 1, 2, 5}, {10}}), Arrivals::kDependent)), (Times{115, 10}));
}

TEST(Circles, AreCutAtTheirFirstJob) {
  // A job behind itself; two behind each other; a circle of three with a tail that leads into it.
  const Workload w =
      linked({{0, 0, 1, 1}, {1, 0, 1, 3}, {2, 0, 1, 2}, {3, 0, 1, 6}, {4, 0, 1, 4}, {5, 0, 1, 5}, {6, 0, 1, 5}});
  EXPECT_EQ(follow_ups(w, Arrivals::kDependent).follows, (std::vector<std::uint32_t>{kNone, kNone, 1, kNone, 3, 4, 4}));
  for (const Arrivals arrivals : {Arrivals::kDependent, Arrivals::kClosedLoop})
    for (const JobFate fate : fates(arrived(w, arrivals))) EXPECT_EQ(fate, JobFate::kKilledAtLimit);
}

TEST(Circles, OfASessionAndADependencyAreCutToo) {
  // Job 1 is said to follow job 2, and job 2 comes ten seconds after the recorded end of job 1 by the same user.
  const Workload w = linked({{0, 0, 1, 2}, {110}});
  EXPECT_EQ(follow_ups(w, Arrivals::kClosedLoop).follows, (std::vector<std::uint32_t>{kNone, 0}));
  EXPECT_EQ(starts(arrived(w, Arrivals::kClosedLoop)), (Times{0, 110}));
}

TEST(LongChains, AreFollowedInLinearTime) {
  std::vector<LinkedJob> jobs;
  constexpr std::int64_t kJobs = 200'000;
  for (std::int64_t i = 0; i < kJobs; ++i) jobs.push_back({i, 0, 1, i, 0, 1});
  const Workload w = linked(jobs);
  const auto begin = std::chrono::steady_clock::now();
  const FollowUps f = follow_ups(w, Arrivals::kDependent);
  // A walk along the chain for each of the jobs would be 2 x 10^10 steps.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  for (std::uint32_t i = 1; i < kJobs; ++i) ASSERT_EQ(f.follows[i], i - 1);
}

TEST(Sessions, APauseOfMoreThanTwentyMinutesEndsThem) {
  const Workload w = linked({{0}, {1300}, {2601}});
  const FollowUps f = follow_ups(w, Arrivals::kClosedLoop);
  EXPECT_EQ(f.follows, (std::vector<std::uint32_t>{kNone, 0, kNone}));
  EXPECT_EQ(f.think[1], Seconds{1200});
}

TEST(Sessions, FollowTheJobThatEndedLastAsRecorded) {
  // Job 1 runs till 100; job 2, which waited, from 150 till 250; job 3 comes at 260, job 4 at 120.
  const Workload w = linked({{0}, {50, 100}, {120}, {260}});
  const FollowUps f = follow_ups(w, Arrivals::kClosedLoop);
  EXPECT_EQ(f.follows, (std::vector<std::uint32_t>{kNone, kNone, 0, 1}));
  EXPECT_EQ(f.think[2], Seconds{20});
  EXPECT_EQ(f.think[3], Seconds{10});
}

TEST(Sessions, BelongToOneUserAndNotToUnknownOnes) {
  const Workload w = linked({{0, 0, 1}, {110, 0, 2}, {0, 0, kUnknown}, {110, 0, kUnknown}});
  EXPECT_EQ(follow_ups(w, Arrivals::kClosedLoop).follows, std::vector<std::uint32_t>(4, kNone));
}

TEST(ClosedLoop, AJobsDelayMovesWhatItsUserDoesNext) {
  // One processor. User 2's job holds it till 500; user 1's second job came 30 s after the first had ended.
  const Workload w = linked({{0, 0, 2, -1, -1, 500}, {10, 0, 1}, {140, 0, 1}});
  const ReplayResult open = arrived(w, Arrivals::kRecorded, 1);
  EXPECT_EQ(submissions(open), (Times{0, 10, 140}));
  const ReplayResult closed = arrived(w, Arrivals::kClosedLoop, 1);
  EXPECT_EQ(submissions(closed), (Times{0, 10, 630}));
  EXPECT_EQ(starts(closed), (Times{0, 500, 630}));
}

TEST(ClosedLoop, EveryJobOfAGeneratedTraceEnds) {
  LublinOptions options = busy_days(1500, 64, 11, 1.2);
  RecipeOptions recipe;
  recipe.processors = options.processors;
  recipe.links = true;
  const Workload w = load_text(generated_trace(options), recipe);
  const FollowUps f = follow_ups(w, Arrivals::kClosedLoop);
  EXPECT_GT(std::count_if(f.follows.begin(), f.follows.end(), [](std::uint32_t i) { return i != kNone; }), 100);
  const ReplayResult result = arrived(w, Arrivals::kClosedLoop, options.processors);
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    ASSERT_NE(result.outcomes[i].fate, JobFate::kUnfinished);
    if (f.follows[i] == kNone)
      ASSERT_EQ(result.outcomes[i].submit, w.jobs[i].job.submit);
    else
      ASSERT_EQ(result.outcomes[i].submit, result.outcomes[f.follows[i]].end + f.think[i]);
  }
}

}  // namespace
}  // namespace wattfill::testing
