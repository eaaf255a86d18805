// The expected start of a queued job is when it starts if every running job uses its whole estimate and nothing more
// arrives; and asking for it changes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

// A scheduler in the middle of a random workload in which every job runs as long as it asked for.
struct Situation {
  Situation(const PolicySpec& policy, std::uint64_t seed) : random(seed), workload(small_workload(random, 20, 60)) {
    desk = std::make_unique<Desk>(policy, workload.processors);
    const std::size_t arrive = workload.jobs.size();
    for (std::size_t next = 0; next < arrive;) {
      now = workload.jobs[next].job.submit;
      advance_to(now);
      for (; next < arrive && workload.jobs[next].job.submit == now; ++next) {
        const Job& j = workload.jobs[next].job;
        desk->submit(j.id, seconds_since_epoch(j.submit), j.processors, j.requested.count());
        queued.push_back(j.id);
      }
      // In order of arrival: the queue of those policies whose head is of interest.
      std::sort(queued.begin(), queued.end(), [this](JobId a, JobId b) {
        return std::pair(desk->jobs[a].submit, a) < std::pair(desk->jobs[b].submit, b);
      });
      pass();
    }
  }

  // Lets jobs end, and passes be made at the wake-ups, up to and including `until`'s terminations.
  void advance_to(SimTime until) {
    while (true) {
      SimTime next = desk->wakeup;
      for (const auto& [id, end] : ends) next = std::min(next, end);
      if (next > until || next == kNever) break;
      now = next;
      std::erase_if(ends, [&](const auto& e) {
        if (e.second != now) return false;
        desk->end(e.first, seconds_since_epoch(now));
        return true;
      });
      if (now == until) break;
      pass();
    }
    now = std::max(now, until == kNever ? now : until);
  }

  void pass() {
    for (const JobId id : desk->pass(seconds_since_epoch(now))) {
      starts[id] = now;
      ends[id] = now + desk->jobs[id].requested;
      std::erase(queued, id);
    }
  }

  Random random;
  SmallWorkload workload;
  std::unique_ptr<Desk> desk;
  SimTime now{};
  std::map<JobId, SimTime> ends;
  std::map<JobId, SimTime> starts;
  std::vector<JobId> queued;
};

// `jobs`: how many of the queue, from its head on, are foretold exactly.
void expect_foretold(const PolicySpec& policy, std::size_t jobs) {
  std::size_t foretold = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Situation s(policy, seed);
    std::map<JobId, SimTime> expected;
    for (std::size_t i = 0; i < std::min(jobs, s.queued.size()); ++i)
      expected[s.queued[i]] = s.desk->core.expected_start(s.desk->handles[s.queued[i]], s.now);
    s.advance_to(kNever);
    for (const auto& [id, start] : expected)
      ASSERT_EQ(seconds_since_epoch(s.starts[id]), seconds_since_epoch(start)) << "job " << id << ", seed " << seed;
    foretold += expected.size();
  }
  EXPECT_GT(foretold, 100U);
}

constexpr std::size_t kAll = 1000;

TEST(ExpectedStart, IsExactForEveryJobUnderConservative) { expect_foretold(conservative(), kAll); }

TEST(ExpectedStart, IsExactForEveryJobUnderFcfs) { expect_foretold(fcfs(), kAll); }

TEST(ExpectedStart, IsExactForTheHeadUnderEasy) { expect_foretold(easy(), 1); }

TEST(ExpectedStart, IsExactForTheHeadUnderEasySjbf) { expect_foretold(policy(Order::kFcfs, Order::kSjf, 1), 1); }

TEST(ExpectedStart, IsExactForTheJobsThatHoldReservations) {
  expect_foretold(policy(Order::kFcfs, Order::kFcfs, 3), 1);
}

TEST(ExpectedStart, OfAStartedJobIsItsStart) {
  Desk desk(easy(), 4);
  desk.submit(1, 3, 4, 10);
  desk.pass(3);
  EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(5)), at(3));
}

TEST(ExpectedStart, OfAJobTooWideForTheMachineIsNever) {
  for (const PolicySpec& policy : {fcfs(), easy(), conservative()}) {
    Desk desk(policy, 4);
    desk.submit(1, 0, 5, 10);
    EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(0)), kNever);
    desk.pass(0);
    EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(0)), kNever);
  }
}

TEST(ExpectedStart, AskedBeforeThePassLosesNoStart) {
  Desk desk(easy(), 10);
  EXPECT_EQ(desk.pass(0), Ids{});
  desk.submit(1, 1, 4, 10);
  EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(1)), at(1));
  EXPECT_EQ(desk.pass(1), Ids{1});
}

TEST(ExpectedStart, UnderFcfsNobodyPassesTheHead) {
  Desk desk(fcfs(), 10);
  desk.submit(1, 0, 6, 100);
  desk.pass(0);
  desk.submit(2, 1, 10, 50);
  desk.submit(3, 2, 1, 10);
  EXPECT_EQ(desk.pass(2), Ids{});
  EXPECT_EQ(desk.core.expected_start(desk.handles[2], at(2)), at(100));
  EXPECT_EQ(desk.core.expected_start(desk.handles[3], at(2)), at(150));
}

// Two schedulers see the same events; one is asked about its jobs at odd moments.
TEST(ExpectedStart, ChangesNoDecision) {
  std::uint64_t seed = 0;
  for (const std::int32_t depth : {0, 1, 2, kReserveAll})
    for (const Order order : {Order::kFcfs, Order::kSjf, Order::kWfp3})
      for (const std::optional<Order> backfill : {std::optional<Order>{}, std::optional{Order::kSaf}})
        for (int repeat = 0; repeat < 10; ++repeat) {
          Random random(++seed);
          const SmallWorkload workload = small_workload(random, 15, 60);
          SchedulerOptions options;
          options.policy = policy(order, backfill, depth);
          options.processors = workload.processors;
          Desk quiet(options.policy, workload.processors);
          Desk asked(options.policy, workload.processors);
          std::multimap<SimTime, JobId> ends;
          std::map<JobId, Seconds> runtimes;
          for (const TestJob& j : workload.jobs) runtimes[j.job.id] = j.runtime;
          std::size_t next = 0;
          const auto ask = [&](SimTime now) {
            for (const auto& [id, handle] : asked.handles)
              if (random.chance(20)) asked.core.expected_start(handle, now);
          };
          while (next < workload.jobs.size() || !ends.empty()) {
            SimTime now = std::min(quiet.wakeup, ends.empty() ? kNever : ends.begin()->first);
            if (next < workload.jobs.size()) now = std::min(now, workload.jobs[next].job.submit);
            const std::int64_t t = seconds_since_epoch(now);
            while (!ends.empty() && ends.begin()->first == now) {
              const JobId id = ends.begin()->second;
              quiet.end(id, t);
              asked.end(id, t);
              asked.handles.erase(id);
              ends.erase(ends.begin());
            }
            ask(now);
            for (; next < workload.jobs.size() && workload.jobs[next].job.submit == now; ++next) {
              const Job& j = workload.jobs[next].job;
              quiet.submit(j.id, t, j.processors, j.requested.count());
              asked.submit(j.id, t, j.processors, j.requested.count());
            }
            ask(now);
            const Ids started = quiet.pass(t);
            ASSERT_EQ(asked.pass(t), started) << "seed " << seed << ", depth " << depth << ", at " << t;
            for (const JobId id : started) ends.emplace(now + runtimes.at(id), id);
          }
        }
}

}  // namespace
}  // namespace wattfill::testing
