// The expected start of a queued job is when it starts if every running job uses its whole estimate and nothing more
// arrives.
#include <gtest/gtest.h>

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

TEST(ExpectedStart, IsExactForTheHeadUnderFcfs) { expect_foretold(fcfs(), 1); }

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

}  // namespace
}  // namespace wattfill::testing
