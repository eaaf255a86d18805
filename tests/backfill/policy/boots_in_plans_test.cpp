// Beside advance reservations a job that starts on sleeping nodes holds them while they wake, too. Taurus nodes take
// 152 s for that.
#include <gtest/gtest.h>

#include <memory>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

// Nodes reach at once the state that they are sent to.
class SleepyDesk {
 public:
  explicit SleepyDesk(std::vector<NodeType> types, const char* power = "timeout:60")
      : core_(options(std::move(types), power)) {}

  JobHandle submit(JobId id, std::int64_t now, std::int32_t processors, std::int64_t requested) {
    return core_.submit(job_at(now, id, processors, requested), at(now));
  }
  // How many jobs start.
  std::size_t pass(std::int64_t now) {
    const Pass made = core_.schedule(at(now), {});
    woken = 0;
    for (const Proposal& p : made.proposals) core_.started(p.job, at(now));
    for (const PowerAction& a : made.power) {
      if (a.wake)
        woken += a.nodes.length;
      else
        core_.power_changed(a.nodes, false, at(now));
    }
    next = made.next_wakeup;
    return made.proposals.size();
  }
  void reserve(std::int64_t from, std::int64_t to, std::int32_t processors, std::int32_t type = 0) {
    core_.reservation_changed({next_id_++, at(from), at(to), processors, type}, at(0));
  }
  BackfillScheduler& core() { return core_; }

  std::int32_t woken = 0;  // nodes that the last pass wakes
  SimTime next = kNever;   // when it wants to be followed by another

 private:
  static SchedulerOptions options(std::vector<NodeType> types, const char* power) {
    auto cluster = std::make_shared<Cluster>();
    cluster->allocation = AllocationMode::kWholeNodes;
    cluster->node_types = std::move(types);
    SchedulerOptions o;
    o.policy = easy();
    o.policy.power = power_from_text(power);
    o.cluster = cluster;
    return o;
  }

  BackfillScheduler core_;
  std::int64_t next_id_ = 1;
};

// All nodes sleep from 110 on.
void fall_asleep(SleepyDesk& desk) {
  const JobHandle first = desk.submit(1, 0, 1, 10);
  EXPECT_EQ(desk.pass(0), 1U);
  desk.core().end(first, at(10));
  for (const std::int64_t now : {10, 60, 70, 110}) desk.pass(now);
}

TEST(BootsInPlans, AJobEndsBeforeTheReservationWithItsBoot) {
  for (const std::int64_t requested : {448, 449}) {
    SleepyDesk desk({taurus_nodes(4)});
    desk.reserve(1000, 2000, 4);
    fall_asleep(desk);
    desk.submit(2, 400, 2, requested);
    EXPECT_EQ(desk.pass(400), requested == 448 ? 1U : 0U) << "400 + 152 + " << requested;
  }
}

// The second job fills the hole before the reservation that the first one waits for.
TEST(BootsInPlans, SoDoesOneThatFillsAHole) {
  for (const std::int64_t requested : {448, 449}) {
    SleepyDesk desk({taurus_nodes(4)});
    desk.reserve(1000, 2000, 4);
    fall_asleep(desk);
    desk.submit(2, 400, 4, 5000);
    EXPECT_EQ(desk.pass(400), 0U);
    desk.submit(3, 400, 2, requested);
    EXPECT_EQ(desk.pass(400), requested == 448 ? 1U : 0U);
  }
}

// Of three nodes only one is reserved: the two others are there for a long job, however long they take to wake.
TEST(BootsInPlans, NodesThatNobodyReservesAreThereForAnyTime) {
  SleepyDesk desk({taurus_nodes(3)});
  desk.reserve(1000, 2000, 1);
  fall_asleep(desk);
  desk.submit(2, 400, 2, 100'000);
  EXPECT_EQ(desk.pass(400), 1U);
}

// One type is awake and reserved soon, the other has to wake: the job would hold both until it has.
TEST(BootsInPlans, AJobAcrossTypesWaitsForThoseThatSleep) {
  for (const std::int64_t requested : {448, 449}) {
    NodeType never_asleep = taurus_nodes(2);
    never_asleep.name = "awake";
    never_asleep.power.sleep.clear();
    SleepyDesk desk({never_asleep, taurus_nodes(2)});
    desk.reserve(1000, 2000, 2, 0);
    fall_asleep(desk);
    desk.submit(2, 400, 4, 5000);  // waits until the reservation is over
    EXPECT_EQ(desk.pass(400), 0U);
    desk.submit(3, 400, 3, requested);
    EXPECT_EQ(desk.pass(400), requested == 448 ? 1U : 0U);
  }
}

TEST(BootsInPlans, NodesWakeInTimeForTheEndOfTheReservation) {
  SleepyDesk desk({taurus_nodes(4)}, "timeline");
  desk.reserve(1000, 5000, 4);
  const JobHandle first = desk.submit(1, 0, 1, 10);
  desk.pass(0);
  desk.core().end(first, at(10));
  for (const std::int64_t now : {10, 212, 222, 223}) desk.pass(now);
  desk.submit(2, 1500, 3, 100);
  EXPECT_EQ(desk.pass(1500), 0U);
  EXPECT_EQ(desk.woken, 0);
  EXPECT_EQ(desk.next, at(5000 - 152));
  EXPECT_EQ(desk.pass(5000 - 152), 0U);
  EXPECT_EQ(desk.woken, 3);
}

// A start in time would end too late by the boot, and so would one as soon as the nodes are awake.
TEST(BootsInPlans, TheExpectedStartKnowsTheBoot) {
  SleepyDesk desk({taurus_nodes(4)});
  desk.reserve(1000, 2000, 4);
  fall_asleep(desk);
  const JobHandle job = desk.submit(2, 400, 2, 449);
  EXPECT_EQ(desk.core().expected_start(job, at(400)), at(2000));
}

}  // namespace
}  // namespace wattfill::testing
