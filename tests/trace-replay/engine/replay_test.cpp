// The event engine: what happens in which order at one instant, when passes are made, and what becomes of jobs.
#include "trace-replay/engine/replay.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/engine/watched_scheduler.hpp"

namespace wattfill::testing {
namespace {

using Log = std::vector<std::string>;
using Starts = std::vector<std::int64_t>;

Log log_of(const Workload& workload, const std::string& policy, std::int32_t processors, PassRule pass) {
  BackfillScheduler scheduler(scheduler_options(preset(policy), workload, processors, pass));
  WatchedScheduler watched(scheduler);
  replay(workload, watched, with_pass(pass));
  return watched.log;
}

// At 10 job 1 ends and job 3 arrives; at 20 jobs 2 and 3 end and jobs 4 and 5 arrive.
Workload crossing() {
  return workload_of({{0, 3, 30, 10}, {0, 1, 30, 20}, {10, 3, 50, 10}, {20, 4, 5, 5}, {20, 1, 5, 4}});
}

TEST(EachInstant, TellsEndsThenSubmissionsThenMakesOnePass) {
  EXPECT_EQ(log_of(crossing(), "fcfs", 4, PassRule::kEachInstant),
            (Log{"submit 1 @0",   "submit 2 @0",  "pass @0",      "started 1 @0",  "started 2 @0",  //
                 "end 1 @10",     "submit 3 @10", "pass @10",     "started 3 @10",                  //
                 "end 2 @20",     "end 3 @20",    "submit 4 @20", "submit 5 @20",  "pass @20",
                 "started 4 @20", "end 4 @25",    "pass @25",     "started 5 @25",  //
                 "end 5 @29",     "pass @29"}));
}

TEST(EachEvent, MakesAPassAfterEachSubmissionAndThenAfterEachEnd) {
  EXPECT_EQ(log_of(crossing(), "fcfs", 4, PassRule::kEachEvent),
            (Log{"submit 1 @0",  "pass @0",  "started 1 @0",  "submit 2 @0", "pass @0",       "started 2 @0",  //
                 "submit 3 @10", "pass @10", "end 1 @10",     "pass @10",    "started 3 @10",                  //
                 "submit 4 @20", "pass @20", "submit 5 @20",  "pass @20",    "end 2 @20",     "pass @20",
                 "end 3 @20",    "pass @20", "started 4 @20",  //
                 "end 4 @25",    "pass @25", "started 5 @25",  //
                 "end 5 @29",    "pass @29"}));
}

TEST(BothPassRules, TellTerminationsInTheOrderOfTheStarts) {
  // At 10 the shorter request starts first, though it has the later number; both run for 20.
  const Workload w = workload_of({{0, 2, 10, 10}, {1, 1, 40, 20}, {1, 1, 30, 20}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent}) {
    const Log log = log_of(w, "sjf", 2, pass);
    const auto place = [&log](const std::string& entry) {
      EXPECT_EQ(std::count(log.begin(), log.end(), entry), 1) << entry;
      return std::find(log.begin(), log.end(), entry);
    };
    EXPECT_LT(place("started 3 @10"), place("started 2 @10"));
    EXPECT_LT(place("end 3 @30"), place("end 2 @30"));
  }
}

// The third job of user 1 is predicted to run for 10 s, as the first two did, and runs for 100: its estimate becomes
// 10 + 60 at 40 and 10 + 300 at 100. Job 4 of another user waits for it.
Workload overrunning() {
  return workload_of({{0, 1, 1000, 10}, {10, 1, 1000, 10}, {30, 1, 1000, 100}, {40, 1, 50, 40, 2}});
}

TEST(EachEvent, OverrunsComeFirstAndTriggerNoPass) {
  EXPECT_EQ(log_of(overrunning(), "easy++", 1, PassRule::kEachEvent),
            (Log{"submit 1 @0",    "pass @0",      "started 1 @0",                                 //
                 "submit 2 @10",   "pass @10",     "end 1 @10",      "pass @10", "started 2 @10",  //
                 "end 2 @20",      "pass @20",                                                     //
                 "submit 3 @30",   "pass @30",     "started 3 @30",                                //
                 "overrun 3 @40",  "submit 4 @40", "pass @40",                                     //
                 "overrun 3 @100",                                                                 //
                 "end 3 @130",     "pass @130",    "started 4 @130",                               //
                 "end 4 @170",     "pass @170"}));
}

TEST(EachInstant, OverrunsAreFollowedByThePassOfTheInstant) {
  const Log log = log_of(overrunning(), "easy++", 1, PassRule::kEachInstant);
  const Log expected = {"overrun 3 @40", "submit 4 @40", "pass @40", "overrun 3 @100", "pass @100", "end 3 @130"};
  EXPECT_NE(std::search(log.begin(), log.end(), expected.begin(), expected.end()), log.end());
}

TEST(PassCounts, AreThoseOfInstantsAndOfEvents) {
  const Workload w = generated_workload(busy_days(400, 32, 5));
  const ReplayResult instants = replayed(w, preset("easy"), 32, with_pass(PassRule::kEachInstant));
  std::set<SimTime> times;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    times.insert(instants.outcomes[i].submit);
    times.insert(instants.outcomes[i].end);
  }
  EXPECT_EQ(instants.scheduler.passes, static_cast<std::int64_t>(times.size()));
  const ReplayResult events = replayed(w, preset("easy"), 32, with_pass(PassRule::kEachEvent));
  EXPECT_EQ(events.scheduler.passes, 2 * static_cast<std::int64_t>(w.jobs.size()));
  EXPECT_EQ(events.scheduler.started, static_cast<std::int64_t>(w.jobs.size()));
}

TEST(EachEvent, CountsAnEstimatedEndAsFreeBeforeItsOwnEvent) {
  // At 10 job 1 ends exactly at its estimate, and job 2 arrives. Its pass already counts the processor as free: it
  // starts before job 3, which each-instant would tell in the same pass.
  const Workload w = workload_of({{0, 1, 10, 10}, {10, 1, 30, 30}, {10, 1, 5, 5}});
  EXPECT_EQ(starts(replayed(w, preset("sjf"), 1, with_pass(PassRule::kEachEvent))), (Starts{0, 10, 40}));
  EXPECT_EQ(starts(replayed(w, preset("sjf"), 1, with_pass(PassRule::kEachInstant))), (Starts{0, 15, 10}));
}

TEST(Fates, JobsEndBeforeOrAtTheirLimit) {
  const ReplayResult result = replayed(workload_of({{0, 1, 10, 9}, {0, 1, 10, 10}}), preset("easy"), 2);
  EXPECT_EQ(fates(result), (std::vector<JobFate>{JobFate::kCompleted, JobFate::kKilledAtLimit}));
}

TEST(Fates, JobsThatNeverStartAreUnfinished) {
  const Workload w = workload_of({{3, 1, 10, 10}, {4, 2, 10, 10}, {9, 1, 5, 5}});
  IdleScheduler idle;
  const ReplayResult result = replay(w, idle);
  EXPECT_EQ(fates(result), std::vector<JobFate>(3, JobFate::kUnfinished));
  EXPECT_EQ(starts(result), (Starts{-1, -1, -1}));
  EXPECT_EQ(result.outcomes[1].submit, at(4));
  EXPECT_EQ(idle.passes, (Starts{3, 4, 9}));
  EXPECT_EQ(result.longest_queue, 3U);
}

TEST(WakeUps, ArePassesOfTheirOwn) {
  const Workload w = workload_of({{0, 1, 10, 10}, {10, 1, 10, 10}});
  for (const PassRule pass : {PassRule::kEachInstant, PassRule::kEachEvent}) {
    IdleScheduler idle(4);
    replay(w, idle, with_pass(pass));
    EXPECT_EQ(idle.passes, (Starts{0, 7, 10, 17, 24}));
  }
}

TEST(Budgets, PassesResumedUnitByUnitDecideTheSame) {
  const Workload w = generated_workload(busy_days(600, 32, 9, 1.1));
  for (const char* policy : {"easy", "easy-sjbf", "saf", "wfp3"}) {
    const ReplayResult whole = replayed(w, preset(policy), 32);
    BackfillScheduler scheduler(scheduler_options(preset(policy), w, 32, PassRule::kEachInstant));
    RationedScheduler rationed(scheduler, 1);
    EXPECT_EQ(starts(replay(w, rationed)), starts(whole)) << policy;
    EXPECT_GT(rationed.incomplete, 0) << policy;
  }
}

TEST(LongestQueue, IsCountedAfterThePasses) {
  const Workload w = workload_of({{0, 1, 100, 100}, {1, 1, 1, 1}, {2, 1, 1, 1}, {2, 1, 1, 1}});
  EXPECT_EQ(replayed(w, preset("easy"), 1).longest_queue, 3U);
  EXPECT_EQ(replayed(w, preset("easy"), 4).longest_queue, 0U);
}

Workload one_a_second(int jobs) {
  std::vector<SmallJob> all;
  all.reserve(static_cast<std::size_t>(jobs));
  for (int i = 0; i < jobs; ++i) all.push_back({i, 1, 1, 1});
  return workload_of(all);
}

TEST(Progress, IsToldNowAndThen) {
  std::vector<std::int64_t> told;
  ReplayOptions options;
  options.progress = [&told](std::int64_t done) { told.push_back(done); };
  replayed(one_a_second(40000), preset("easy"), 1, options);
  EXPECT_EQ(told, (std::vector<std::int64_t>{16384, 32768}));
}

// The leak sanitizer of the dev build watches over what the unwinding leaves behind.
TEST(Progress, MayThrowToStopTheReplay) {
  struct Stop {};
  std::int64_t told = 0;
  ReplayOptions options;
  options.progress = [&told](std::int64_t done) {
    told = done;
    throw Stop{};
  };
  const Workload w = one_a_second(40000);
  EXPECT_THROW(replayed(w, preset("easy-sjbf"), 1, options), Stop);
  EXPECT_EQ(told, 16384);
}

TEST(Determinism, TwoReplaysAreEqual) {
  const Workload w = generated_workload(busy_days(2000, 64, 3));
  for (const PolicySpec& policy : policy_presets()) {
    const ReplayResult a = replayed(w, policy, 64);
    const ReplayResult b = replayed(w, policy, 64);
    EXPECT_EQ(starts(a), starts(b)) << policy.name;
    EXPECT_EQ(a.scheduler.candidate_searches, b.scheduler.candidate_searches) << policy.name;
    const Starts all = starts(a);
    EXPECT_EQ(std::count(all.begin(), all.end(), -1), 0) << policy.name;
  }
}

}  // namespace
}  // namespace wattfill::testing
