// What a host may do besides carrying out proposals, one situation each.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "tests/backfill/policy/desk.hpp"
#include "tests/backfill/policy/printing.hpp"

namespace wattfill::testing {
namespace {

class EachPolicy : public ::testing::TestWithParam<PolicySpec> {};

INSTANTIATE_TEST_SUITE_P(Policies, EachPolicy,
                         ::testing::Values(fcfs(), policy(Order::kFcfs, Order::kFcfs, 0), easy(),
                                           policy(Order::kFcfs, Order::kSjf, 1), policy(Order::kFcfs, Order::kFcfs, 3),
                                           conservative(), policy(Order::kSjf, Order::kSjf, 1, Seconds{50}),
                                           policy(Order::kWfp3, Order::kUnicep, kReserveAll, Seconds{50})),
                         [](const auto& spec) { return label(spec.param); });

TEST_P(EachPolicy, ReplansWithoutARefusedJobAndOffersItLater) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 6, 20);
  desk.submit(2, 0, 6, 20);
  ASSERT_EQ(desk.propose(0), Ids{1});
  desk.core.refused(desk.handles[1], Refusal::kNotNow, at(0));
  EXPECT_EQ(desk.core.queued(), 2U);
  EXPECT_EQ(desk.core.running(), 0U);
  EXPECT_EQ(desk.pass(0), Ids{2});  // its processors are free for others at once
  EXPECT_EQ(desk.pass(0), Ids{});   // and it is not offered again at this instant
  EXPECT_EQ(desk.wakeup, at(1));
  EXPECT_EQ(desk.pass(1), Ids{});
  desk.end(2, 20);
  EXPECT_EQ(desk.pass(20), Ids{1});
  EXPECT_EQ(desk.core.statistics().refused, 1);
  EXPECT_EQ(desk.core.statistics().started, 2);
}

TEST_P(EachPolicy, HoldsAJobUntilItIsModified) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 6, 20);
  ASSERT_EQ(desk.propose(0), Ids{1});
  desk.core.refused(desk.handles[1], Refusal::kHeld, at(0));
  for (const std::int64_t now : {0, 1, 60, 1000}) EXPECT_EQ(desk.pass(now), Ids{}) << now;
  EXPECT_EQ(desk.core.queued(), 1U);
  EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(1000)), kNever);
  desk.core.modify(desk.handles[1], desk.jobs[1], at(1001));
  EXPECT_EQ(desk.pass(1001), Ids{1});
}

TEST_P(EachPolicy, ForgetsACancelledJob) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 10, 20);
  desk.pass(0);
  desk.submit(2, 1, 10, 20);
  desk.submit(3, 1, 10, 20);
  EXPECT_EQ(desk.pass(1), Ids{});
  desk.core.cancel(desk.handles[2], at(2));
  EXPECT_EQ(desk.core.queued(), 1U);
  desk.submit(4, 3, 10, 20);
  desk.core.cancel(desk.handles[4], at(3));  // never looked at
  desk.pass(3);
  desk.end(1, 20);
  EXPECT_EQ(desk.pass(20), Ids{3});
}

TEST_P(EachPolicy, TakesAModifiedJobAsItIsNow) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 6, 20);
  desk.pass(0);
  desk.submit(2, 1, 10, 20);
  EXPECT_EQ(desk.pass(1), Ids{});
  Job narrow = desk.jobs[2];
  narrow.processors = 4;
  desk.core.modify(desk.handles[2], narrow, at(2));
  EXPECT_EQ(desk.pass(2), Ids{2});
}

TEST_P(EachPolicy, StartsARequeuedJobAgain) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 10, 20);
  EXPECT_EQ(desk.pass(0), Ids{1});
  desk.submit(2, 1, 10, 20);
  desk.pass(1);
  desk.core.requeue(desk.handles[1], at(5));
  EXPECT_EQ(desk.core.queued(), 2U);
  EXPECT_EQ(desk.core.running(), 0U);
  // It kept its submit time and comes first, but where all jobs hold reservations job 2's moves up before it is placed.
  const bool all = GetParam().reservation_depth == kReserveAll;
  EXPECT_EQ(desk.pass(5), Ids{all ? 2 : 1});
  desk.end(all ? 2 : 1, 25);
  EXPECT_EQ(desk.pass(25), Ids{all ? 1 : 2});
}

TEST_P(EachPolicy, AcceptsAJobThatTheHostStarted) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 5, 20);
  desk.submit(2, 0, 5, 20);
  desk.submit(3, 0, 5, 20);
  desk.core.started(desk.handles[3], at(0));  // before any pass
  EXPECT_EQ(desk.pass(0), Ids{1});
  EXPECT_EQ(desk.pass(1), Ids{});
  desk.core.started(desk.handles[2], at(2));  // a waiting job, more than there is room for
  EXPECT_EQ(desk.core.queued(), 0U);
  EXPECT_EQ(desk.core.running(), 3U);
  desk.submit(4, 3, 5, 20);
  EXPECT_EQ(desk.pass(3), Ids{});
  desk.end(1, 20);
  EXPECT_EQ(desk.pass(20), Ids{});
  desk.end(3, 20);
  EXPECT_EQ(desk.pass(20), Ids{4});
}

TEST_P(EachPolicy, FollowsTheCapacityDownAndUp) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 6, 20);
  desk.pass(0);
  desk.core.capacity_changed(4, at(1));  // less than job 1 holds
  desk.submit(2, 1, 1, 5);
  EXPECT_EQ(desk.pass(1), Ids{});
  desk.end(1, 20);
  EXPECT_EQ(desk.pass(20), Ids{2});
  desk.submit(3, 21, 8, 20);
  EXPECT_EQ(desk.pass(21), Ids{});
  desk.end(2, 25);
  EXPECT_EQ(desk.pass(25), Ids{});
  EXPECT_EQ(desk.core.expected_start(desk.handles[3], at(25)), kNever);
  desk.core.capacity_changed(8, at(30));
  EXPECT_EQ(desk.pass(30), Ids{3});
}

TEST_P(EachPolicy, KeepsAnAdvanceReservationFree) {
  Desk desk(GetParam(), 10);
  desk.core.reservation_changed({.id = 7, .start = at(50), .end = at(100), .processors = 8}, at(0));
  desk.submit(1, 0, 4, 60);
  EXPECT_EQ(desk.pass(0), Ids{});  // it would run into the reservation
  EXPECT_EQ(desk.wakeup, at(50));
  EXPECT_EQ(desk.core.expected_start(desk.handles[1], at(0)), at(100));
  EXPECT_EQ(desk.pass(50), Ids{});
  EXPECT_EQ(desk.wakeup, at(100));  // nothing else would tell that it is over
  EXPECT_EQ(desk.pass(100), Ids{1});
}

TEST_P(EachPolicy, RunsBesideAnAdvanceReservationWhatFitsThere) {
  Desk desk(GetParam(), 10);
  desk.core.reservation_changed({.id = 7, .start = at(50), .end = at(100), .processors = 8}, at(0));
  desk.submit(1, 0, 10, 50);
  EXPECT_EQ(desk.pass(0), Ids{1});  // ends as it begins
  desk.end(1, 50);
  desk.submit(2, 50, 2, 200);
  EXPECT_EQ(desk.pass(50), Ids{2});
  desk.submit(3, 60, 1, 1);
  EXPECT_EQ(desk.pass(60), Ids{});
  desk.core.reservation_changed({.id = 7, .start = at(50), .end = at(100), .processors = 7}, at(61));
  EXPECT_EQ(desk.pass(61), Ids{3});
  desk.submit(4, 62, 8, 1);
  EXPECT_EQ(desk.pass(62), Ids{});
  desk.end(3, 62);
  desk.core.reservation_changed({.id = 7, .start = at(50), .end = at(100), .processors = 0}, at(63));
  EXPECT_EQ(desk.pass(63), Ids{4});
}

// EASY plans around the reservation: the head's shadow time is after it, and candidates are held to that.
TEST(AdvanceReservation, IsPartOfTheShadowTime) {
  Desk desk(easy(), 10);
  desk.submit(1, 0, 6, 40);
  ASSERT_EQ(desk.pass(0), Ids{1});
  desk.core.reservation_changed({.id = 1, .start = at(45), .end = at(80), .processors = 10}, at(0));
  desk.submit(2, 1, 10, 20);  // its shadow time is 80, not 40
  desk.submit(3, 1, 4, 60);   // fits now, but would run into the reservation
  desk.submit(4, 1, 4, 43);   // ends at 44, after job 1 and before the reservation
  EXPECT_EQ(desk.pass(1), Ids{4});
  EXPECT_EQ(desk.core.expected_start(desk.handles[2], at(1)), at(80));
}

TEST(NextWakeup, IsTheNextPromotion) {
  Desk desk(policy(Order::kSjf, Order::kSjf, 1, Seconds{100}), 10);
  desk.submit(1, 0, 10, 1000);
  desk.pass(0);
  desk.submit(2, 10, 8, 500);
  desk.pass(10);
  EXPECT_EQ(desk.wakeup, at(110));
  desk.submit(3, 20, 8, 5);
  desk.pass(20);
  EXPECT_EQ(desk.wakeup, at(110));
  desk.pass(110);
  EXPECT_EQ(desk.wakeup, at(120));
  desk.end(1, 115);
  EXPECT_EQ(desk.pass(115), Ids{2});  // not the shortest, but promoted
  EXPECT_EQ(desk.wakeup, at(120));
}

// A reservation that comes due though nothing ends: it waits for an advance reservation of the host to be over.
TEST(NextWakeup, IsTheNextReservationThatComesDue) {
  Desk desk(conservative(), 10);
  desk.submit(1, 0, 10, 100);
  desk.pass(0);
  desk.submit(2, 1, 10, 10);
  EXPECT_EQ(desk.pass(1), Ids{});
  EXPECT_EQ(desk.wakeup, at(100));
}

TEST(NextWakeup, IsNeverWhereOnlyEventsMatter) {
  for (const PolicySpec& spec : {fcfs(), easy(), policy(Order::kWfp3, Order::kWfp3, 3)}) {
    Desk desk(spec, 10);
    desk.submit(1, 0, 10, 100);
    desk.pass(0);
    desk.submit(2, 1, 10, 10);
    desk.pass(1);
    EXPECT_EQ(desk.wakeup, kNever);
  }
}

// Jobs of one instant are served by (submit, id), whatever the order of the host's calls and whatever waited before.
TEST(Instant, SubmissionsAreServedInOrderOfTheirIds) {
  for (const PolicySpec& spec : {fcfs(), easy(), conservative(), policy(Order::kFcfs, Order::kSjf, 3)}) {
    Desk desk(spec, 10);
    desk.submit(2, 0, 6, 20);
    desk.submit(1, 0, 6, 20);
    EXPECT_EQ(desk.pass(0), Ids{1}) << spec.reservation_depth;
  }
}

TEST(Instant, ARequeuedJobComesBeforeALaterSubmission) {
  for (const PolicySpec& spec : {fcfs(), easy(), policy(Order::kFcfs, Order::kSjf, 3)}) {
    Desk desk(spec, 10);
    desk.submit(1, 0, 6, 20);
    desk.pass(0);
    desk.submit(2, 5, 6, 20);
    desk.core.requeue(desk.handles[1], at(5));
    EXPECT_EQ(desk.pass(5), Ids{1}) << spec.reservation_depth;
  }
}

// A reservation in the far future changes nothing: depth 0 still starts from the head of the queue while jobs fit.
TEST(AdvanceReservation, InTheFarFutureChangesNothing) {
  for (const bool reserved : {false, true}) {
    Desk desk(policy(Order::kFcfs, Order::kSjf, 0), 10);
    if (reserved)
      desk.core.reservation_changed({.id = 1, .start = at(90'000), .end = at(90'001), .processors = 1}, at(0));
    desk.submit(1, 0, 6, 50);  // first in the queue
    desk.submit(2, 0, 6, 20);  // first of the candidates
    EXPECT_EQ(desk.pass(0), Ids{1}) << reserved;
  }
}

// Two jobs are overdue and expected to end at any moment: at the shadow time both have ended, and the processors of
// both are there, as for a deeper reservation depth.
TEST(Easy, CountsAllOverdueJobsAmongTheExtraProcessors) {
  for (const std::int32_t depth : {1, 2}) {
    Desk desk(policy(Order::kFcfs, Order::kFcfs, depth), 10);
    desk.submit(1, 0, 4, 20);
    desk.submit(2, 0, 4, 21);
    desk.pass(0);
    desk.submit(3, 30, 6, 50);  // at 31: 6 of 10 taken, 4 extra
    desk.submit(4, 30, 2, 50);
    EXPECT_EQ(desk.pass(30), Ids{4}) << "depth " << depth;
  }
}

TEST(NextWakeup, AHostThatComesLateGetsNoMoreThanTheMachineHolds) {
  Desk desk(conservative(), 10);
  desk.submit(1, 0, 10, 100);
  desk.pass(0);
  desk.submit(2, 1, 5, 50);   // reserved at 100
  desk.submit(3, 1, 10, 50);  // reserved at 150
  desk.pass(1);
  desk.end(1, 100);
  EXPECT_EQ(desk.pass(120), Ids{2});  // 20 s late: it is expected to end at 170
  EXPECT_EQ(desk.pass(150), Ids{});   // job 2 still runs
  desk.end(2, 170);
  EXPECT_EQ(desk.pass(170), Ids{3});
}

// Every call that does not fit the job's state throws, and leaves what the scheduler would do as it was.
TEST_P(EachPolicy, RefusesCallsThatDoNotFitTheState) {
  Desk desk(GetParam(), 10);
  desk.submit(1, 0, 10, 20);
  desk.pass(0);
  desk.submit(2, 1, 10, 20);
  desk.pass(1);
  const JobHandle running = desk.handles[1];
  const JobHandle waiting = desk.handles[2];
  Job impossible = desk.jobs[2];
  impossible.processors = 0;
  Job timeless = desk.jobs[2];
  timeless.requested = Seconds{0};
  BackfillScheduler& core = desk.core;
  const SimTime now = at(2);

  EXPECT_THROW(core.submit(impossible, now), std::invalid_argument);
  EXPECT_THROW(core.submit(timeless, now), std::invalid_argument);
  EXPECT_THROW(core.modify(waiting, impossible, now), std::invalid_argument);
  EXPECT_THROW(core.modify(waiting, timeless, now), std::invalid_argument);
  EXPECT_THROW(core.modify(running, desk.jobs[1], now), std::invalid_argument);
  EXPECT_THROW(core.end(waiting, now), std::invalid_argument);
  EXPECT_THROW(core.cancel(running, now), std::invalid_argument);
  EXPECT_THROW(core.requeue(waiting, now), std::invalid_argument);
  EXPECT_THROW(core.overrun(waiting, now), std::invalid_argument);
  EXPECT_THROW(core.started(running, now), std::invalid_argument);
  EXPECT_THROW(core.refused(waiting, Refusal::kNotNow, now), std::invalid_argument);
  EXPECT_THROW(core.refused(running, Refusal::kHeld, now), std::invalid_argument);
  EXPECT_THROW(core.capacity_changed(-1, now), std::invalid_argument);
  EXPECT_THROW(core.reservation_changed({1, at(5), at(4), 1}, now), std::invalid_argument);
  EXPECT_THROW(core.reservation_changed({1, at(5), at(6), -1}, now), std::invalid_argument);

  EXPECT_EQ(core.queued(), 1U);
  EXPECT_EQ(core.running(), 1U);
  EXPECT_EQ(desk.pass(2), Ids{});
  desk.end(1, 20);
  EXPECT_EQ(desk.pass(20), Ids{2});
}

TEST_P(EachPolicy, RefusesStaleAndUnknownHandles) {
  Desk desk(GetParam(), 10);
  const JobHandle stale = desk.submit(1, 0, 10, 20);
  desk.pass(0);
  desk.end(1, 5);
  const JobHandle fresh = desk.submit(2, 5, 10, 20);
  ASSERT_EQ(fresh.slot, stale.slot);  // the slot is used again
  ASSERT_NE(fresh.generation, stale.generation);
  for (const JobHandle handle : {stale, JobHandle{}, JobHandle{77, 0}}) {
    BackfillScheduler& core = desk.core;
    EXPECT_THROW(core.modify(handle, desk.jobs[1], at(6)), std::invalid_argument);
    EXPECT_THROW(core.end(handle, at(6)), std::invalid_argument);
    EXPECT_THROW(core.cancel(handle, at(6)), std::invalid_argument);
    EXPECT_THROW(core.requeue(handle, at(6)), std::invalid_argument);
    EXPECT_THROW(core.overrun(handle, at(6)), std::invalid_argument);
    EXPECT_THROW(core.started(handle, at(6)), std::invalid_argument);
    EXPECT_THROW(core.refused(handle, Refusal::kNotNow, at(6)), std::invalid_argument);
    EXPECT_THROW(core.expected_start(handle, at(6)), std::invalid_argument);
  }
  EXPECT_EQ(desk.pass(6), Ids{2});
}

TEST(Scheduler, NeedsAMachine) {
  EXPECT_THROW(Desk(easy(), 0), std::invalid_argument);
  EXPECT_THROW(Desk(easy(), -1), std::invalid_argument);
}

// Proposal::backfilled is "started ahead of a job that comes before it in the queue".
TEST(Proposal, SaysThatItPassedAnotherJob) {
  for (const bool reserved : {false, true})
    for (const std::int32_t depth : {0, 1, 2}) {
      Desk desk(policy(Order::kFcfs, Order::kFcfs, depth), 10);
      if (reserved)
        desk.core.reservation_changed({.id = 1, .start = at(90'000), .end = at(90'001), .processors = 1}, at(0));
      desk.submit(1, 0, 6, 50);
      desk.submit(2, 0, 8, 50);
      desk.submit(3, 0, 2, 20);
      EXPECT_EQ(desk.pass(0), (Ids{1, 3}));
      EXPECT_EQ(desk.core.statistics().backfilled, 1) << depth << reserved;
    }
}

}  // namespace
}  // namespace wattfill::testing
