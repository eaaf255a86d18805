// Nodes out of work under a cap that changes, and what a host tells meanwhile.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

SchedulerOptions options(StepSeries out, const char* power) {
  auto cluster = std::make_shared<Cluster>();
  cluster->allocation = AllocationMode::kWholeNodes;
  cluster->node_types = {taurus_nodes(4)};
  SchedulerOptions o;
  o.policy = easy();
  o.policy.power = power_from_text(power);
  o.cluster = cluster;
  o.out_of_work = {std::move(out)};
  return o;
}

// Four nodes of one processor.
class CappedDesk {
 public:
  explicit CappedDesk(StepSeries out, const char* power = "always-on") : core(options(std::move(out), power)) {}

  void submit(JobId id, std::int64_t now, std::int32_t processors, std::int64_t requested) {
    handles_[id] = core.submit(job_at(now, id, processors, requested), at(now));
  }
  // How many jobs start.
  std::size_t pass(std::int64_t now) {
    const Pass made = core.schedule(at(now), {});
    for (const Proposal& p : made.proposals) core.started(p.job, at(now));
    wakeup = made.next_wakeup;
    jobs_need_wakeup = made.jobs_need_wakeup;
    asleep = 0;
    for (const PowerAction& a : made.power) asleep += a.wake ? -a.nodes.length : a.nodes.length;
    return made.proposals.size();
  }
  // Up, unused and not out of work, after a pass.
  std::int64_t free(std::int64_t now) {
    pass(now);
    return core.free_processors();
  }
  void end(JobId id, std::int64_t now) { core.end(handles_.at(id), at(now)); }
  void overrun(JobId id, std::int64_t now) { core.overrun(handles_.at(id), at(now)); }
  void node(NodeIndex n, bool available, std::int64_t now) { core.node_changed(n, available, at(now)); }

  BackfillScheduler core;
  SimTime wakeup = kNever;
  bool jobs_need_wakeup = false;
  std::int32_t asleep = 0;  // nodes that the last pass lets sleep, less those that it wakes

 private:
  std::map<JobId, JobHandle> handles_;
};

StepSeries two_out_from_1000_to_2000() { return StepSeries({{at(0), 0}, {at(1000), 2}, {at(2000), 0}}); }

TEST(CapEvents, ANodeThatIsOutAndGoesDownIsCountedOnce) {
  CappedDesk desk(two_out_from_1000_to_2000());
  EXPECT_EQ(desk.free(0), 4);
  EXPECT_EQ(desk.free(1000), 2);  // the highest are out
  desk.node(3, false, 1100);
  EXPECT_EQ(desk.free(1100), 2);
  desk.node(0, false, 1200);
  EXPECT_EQ(desk.free(1200), 1);
  EXPECT_EQ(desk.free(2000), 2);  // nodes 1 and 2
  desk.node(3, true, 2100);
  desk.node(0, true, 2100);
  EXPECT_EQ(desk.free(2100), 4);
}

TEST(CapEvents, ANodeThatIsOutAndComesUpStaysOut) {
  for (const StepSeries& out : {two_out_from_1000_to_2000(), StepSeries(2)}) {
    CappedDesk desk(out);
    desk.free(1000);
    desk.node(3, false, 1100);
    desk.node(3, true, 1200);
    EXPECT_EQ(desk.free(1200), 2);
    desk.submit(1, 1300, 2, 10);
    EXPECT_EQ(desk.pass(1300), 1U);
    desk.submit(2, 1300, 1, 10);
    EXPECT_EQ(desk.pass(1300), 0U);
  }
}

// Nodes 2 and 3 are down when two are to be out: the other two are, and jobs wait for the step.
TEST(CapEvents, NodesThatAreDownComeOnTop) {
  CappedDesk desk(two_out_from_1000_to_2000());
  desk.node(2, false, 0);
  desk.node(3, false, 0);
  EXPECT_EQ(desk.free(0), 2);
  EXPECT_EQ(desk.free(1000), 0);
  desk.node(3, true, 1100);
  EXPECT_EQ(desk.free(1100), 1);
  EXPECT_EQ(desk.free(2000), 3);
}

// Four jobs that the host lets run for longer than they asked for.
TEST(CapEvents, WhatIsInUseGoesOutAsItComesFree) {
  CappedDesk desk(two_out_from_1000_to_2000());
  for (JobId id = 1; id <= 4; ++id) desk.submit(id, 800, 1, 100);
  EXPECT_EQ(desk.pass(800), 4U);
  for (JobId id = 1; id <= 4; ++id) desk.overrun(id, 900);
  desk.submit(5, 950, 1, 10);
  EXPECT_EQ(desk.pass(1000), 0U);
  desk.end(1, 1100);
  EXPECT_EQ(desk.pass(1100), 0U);
  desk.end(2, 1200);
  EXPECT_EQ(desk.pass(1200), 0U);
  desk.end(3, 1300);
  EXPECT_EQ(desk.pass(1300), 1U);
  desk.end(4, 1400);
  desk.end(5, 1400);
  EXPECT_EQ(desk.free(1400), 2);
  EXPECT_EQ(desk.free(2000), 4);
}

// Where nodes sleep somebody has to prepare the step even if no job waits; where they idle nobody has to.
TEST(CapEvents, CallsForAPassWhereAStepIsToBePrepared) {
  CappedDesk sleeping(two_out_from_1000_to_2000(), "timeout:100000");
  sleeping.submit(1, 0, 1, 10);
  sleeping.pass(0);
  EXPECT_EQ(sleeping.wakeup, at(1000 - 159));
  EXPECT_FALSE(sleeping.jobs_need_wakeup);
  sleeping.pass(1000 - 159);
  EXPECT_EQ(sleeping.asleep, 2);
  EXPECT_EQ(sleeping.wakeup, at(2000));

  CappedDesk idle(two_out_from_1000_to_2000());
  idle.submit(1, 0, 2, 1500);
  idle.pass(0);
  EXPECT_EQ(idle.wakeup, kNever);
  idle.submit(2, 100, 1, 1500);
  EXPECT_EQ(idle.pass(100), 0U);
  EXPECT_EQ(idle.wakeup, at(1000));
  EXPECT_TRUE(idle.jobs_need_wakeup);
}

TEST(CapEvents, TheExpectedStartKnowsComingSteps) {
  CappedDesk desk(two_out_from_1000_to_2000());
  desk.submit(1, 0, 2, 3000);
  EXPECT_EQ(desk.pass(0), 1U);
  Job job;
  job.id = 2;
  job.processors = 2;
  job.requested = Seconds{1001};
  EXPECT_EQ(desk.core.expected_start(desk.core.submit(job, at(0)), at(0)), at(2000));
  job.id = 3;
  job.requested = Seconds{1000};
  EXPECT_EQ(desk.core.expected_start(desk.core.submit(job, at(0)), at(0)), at(0));
}

TEST(CapEvents, WrongNumbersAreTold) {
  for (const StepSeries& wrong : {StepSeries(5), StepSeries(-1), StepSeries({{at(0), 1}, {at(9), 5}})})
    EXPECT_THROW(BackfillScheduler{options(wrong, "always-on")}, std::invalid_argument);
  SchedulerOptions o = options(StepSeries(1), "always-on");
  o.out_of_work.emplace_back(1);
  EXPECT_THROW(BackfillScheduler{o}, std::invalid_argument);
  o.out_of_work = {StepSeries(1)};
  auto counted = std::make_shared<Cluster>(*o.cluster);
  counted->allocation = AllocationMode::kCounts;
  o.cluster = counted;
  EXPECT_THROW(BackfillScheduler{o}, std::invalid_argument);
}

}  // namespace
}  // namespace wattfill::testing
