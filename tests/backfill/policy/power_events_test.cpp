// What a host may tell of nodes that sleep beside their transitions: nodes go down, jobs end before they began.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

class Told final : public EstimateSource {
 public:
  std::string_view name() const override { return "told"; }
  Seconds at_submit(const Job& job, SimTime) override { return job.requested; }
  void started(const Job& job, SimTime) override { log.push_back("started " + std::to_string(job.id)); }
  void ended(const Job& job, SimTime, Seconds runtime) override {
    log.push_back("ended " + std::to_string(job.id) + " after " + std::to_string(runtime.count()));
  }
  void cancelled(const Job& job, SimTime) override { log.push_back("cancelled " + std::to_string(job.id)); }
  std::vector<std::string> log;
};

// A host of Taurus nodes that carries out all that is proposed.
class Host {
 public:
  Host(std::int32_t nodes, const char* power,
       std::shared_ptr<EstimateSource> source = std::make_shared<RequestedTime>())
      : core_(options(nodes, power, std::move(source))) {}

  void submit(JobId id, std::int64_t now, std::int32_t processors) {
    Job job;
    job.id = id;
    job.submit = at(now);
    job.processors = processors;
    job.requested = Seconds{1000};
    handles_[id] = core_.submit(job, at(now));
  }
  // The runs of nodes that are to sleep (negative: that many) and to wake.
  std::vector<std::int32_t> pass(std::int64_t now) {
    const Pass pass = core_.schedule(at(now), {});
    for (const Proposal& p : pass.proposals) core_.started(p.job, at(now));
    std::vector<std::int32_t> actions;
    for (const PowerAction& a : pass.power) actions.push_back(a.wake ? a.nodes.length : -a.nodes.length);
    return actions;
  }
  JobHandle operator[](JobId id) { return handles_.at(id); }
  BackfillScheduler& core() { return core_; }

 private:
  static SchedulerOptions options(std::int32_t nodes, const char* power, std::shared_ptr<EstimateSource> source) {
    auto cluster = std::make_shared<Cluster>();
    cluster->allocation = AllocationMode::kWholeNodes;
    cluster->node_types = {taurus_nodes(nodes)};
    SchedulerOptions o;
    o.policy = easy();
    o.policy.power = power_from_text(power);
    o.cluster = cluster;
    o.fit_estimates = o.order_estimates = std::move(source);
    return o;
  }

  BackfillScheduler core_;
  std::map<JobId, JobHandle> handles_;
};

using Actions = std::vector<std::int32_t>;

// Job 1 holds one of two licences for 2,000 s, the head waits for both. Nodes sleep when job 3 comes, which would hold
// the other licence until 1950, but for the boot: that counts too.
TEST(PowerEvents, LicencesAreHeldWhileNodesWake) {
  for (const std::int64_t requested : {950, 600}) {
    auto cluster = std::make_shared<Cluster>();
    cluster->allocation = AllocationMode::kWholeNodes;
    cluster->node_types = {taurus_nodes(4)};
    cluster->licences = {{"solver", 2}};
    for (std::int32_t queue = 1; queue <= 2; ++queue)
      cluster->access.push_back({AccessRule::Field::kQueue, queue, {0}, {{0, queue}}});
    SchedulerOptions o;
    o.policy = easy();
    o.policy.power = power_from_text("timeout:60");
    o.cluster = cluster;
    BackfillScheduler core(o);
    const Seconds boot = cluster->node_types.front().power.sleep.front().leave.duration;
    ASSERT_GT(boot, Seconds{50});
    ASSERT_LT(boot, Seconds{400});
    const auto submit = [&](JobId id, std::int64_t now, std::int64_t seconds, std::int32_t queue) {
      Job job;
      job.id = id;
      job.submit = at(now);
      job.processors = 1;
      job.requested = Seconds{seconds};
      job.queue = queue;
      return core.submit(job, at(now));
    };
    std::int64_t starts = 0;
    const auto pass = [&](std::int64_t now) {
      const Pass made = core.schedule(at(now), {});
      for (const Proposal& p : made.proposals) core.started(p.job, at(now));
      starts += static_cast<std::int64_t>(made.proposals.size());
      for (const PowerAction& a : made.power) core.power_changed(a.nodes, a.wake, at(now));
    };
    submit(1, 0, 2000, 1);
    submit(2, 0, 100, 2);
    for (std::int64_t now = 0; now <= 120; now += 60) pass(now);
    submit(3, 1000, requested, 1);
    pass(1000);
    EXPECT_EQ(starts, requested == 600 ? 2 : 1);
  }
}

TEST(PowerEvents, ANodeThatIsDownIsNeitherIdleNorSleeps) {
  Host host(4, "timeout:100");
  host.submit(1, 0, 1);
  host.pass(0);
  host.core().node_changed(3, false, at(50));
  EXPECT_EQ(host.pass(99), Actions{});
  EXPECT_EQ(host.pass(100), Actions{-2});
  host.core().node_changed(3, true, at(150));
  EXPECT_EQ(host.pass(249), Actions{});
  EXPECT_EQ(host.pass(250), Actions{-1});
}

// All nodes come back and are taken: as many as the stack of unused ones must hold.
TEST(PowerEvents, NodesThatWereDownAreTaken) {
  Host host(4, "timeout:1000");
  for (NodeIndex n = 0; n < 4; ++n) host.core().node_changed(n, false, at(0));
  host.submit(1, 0, 4);
  EXPECT_EQ(host.pass(0), Actions{});
  for (NodeIndex n = 0; n < 4; ++n) host.core().node_changed(n, true, at(10));
  host.pass(10);
  EXPECT_EQ(host.core().running(), 1U);
  for (int round = 0; round < 5; ++round) {
    host.core().end(host[1], at(20 + 10 * round));
    for (NodeIndex n = 0; n < 2; ++n) host.core().node_changed(n, false, at(20 + 10 * round));
    host.pass(20 + 10 * round);
    for (NodeIndex n = 0; n < 2; ++n) host.core().node_changed(n, true, at(25 + 10 * round));
    host.submit(1, 25 + 10 * round, 4);
    host.pass(25 + 10 * round);
    EXPECT_EQ(host.core().running(), 1U);
  }
}

TEST(PowerEvents, AJobThatEndsBeforeItsNodesWakeNeverRan) {
  const auto told = std::make_shared<Told>();
  Host host(2, "timeout:100", told);
  host.submit(1, 0, 1);
  host.pass(0);
  host.core().end(host[1], at(10));
  EXPECT_EQ(host.pass(110), Actions{-2});
  host.core().power_changed({0, 2}, false, at(117));
  host.submit(2, 1000, 2);
  EXPECT_EQ(host.pass(1000), Actions{2});
  host.core().end(host[2], at(1500));  // the boot has failed again and again
  EXPECT_EQ(told->log, (std::vector<std::string>{"started 1", "ended 1 after 10", "started 2", "cancelled 2"}));
}

TEST(PowerEvents, AJobThatHasBegunIsTold) {
  const auto told = std::make_shared<Told>();
  Host host(2, "timeout:100", told);
  host.submit(1, 0, 1);
  host.pass(0);
  host.core().end(host[1], at(50));
  host.pass(150);
  host.core().power_changed({0, 2}, false, at(157));
  host.submit(2, 1000, 2);
  host.pass(1000);
  host.core().power_changed({0, 2}, true, at(1200));
  EXPECT_EQ(host.core().begun(host[2], at(1200)), at(2200));
  host.core().end(host[2], at(1300));
  EXPECT_EQ(told->log.back(), "ended 2 after 100");
}

// The host refused the action, or somebody woke them: they are free, awake, and may be let sleep again.
TEST(PowerEvents, NodesThatDidNotSleepAfterAllAreCountedOnce) {
  Host host(4, "timeout:100");
  host.submit(1, 0, 4);
  host.pass(0);
  host.core().end(host[1], at(10));
  std::int64_t now = 110;
  for (int round = 0; round < 5; ++round, now += 100) {
    EXPECT_EQ(host.pass(now), Actions{-4});
    if (round % 2 == 1) host.core().power_changed({0, 4}, false, at(now));
    host.core().power_changed({0, 4}, true, at(now));
    EXPECT_EQ(host.pass(now), Actions{});
  }
  host.submit(2, now, 4);
  EXPECT_EQ(host.pass(now), Actions{}) << "nodes are awake, and none has to be woken";
  EXPECT_EQ(host.core().running(), 1U);
}

// A job holds nodes that still fall asleep, which the host then calls awake: nothing is left to be woken.
TEST(PowerEvents, ANodeThatIsWantedAndProvesAwakeIsNotWoken) {
  Host host(2, "timeout:100");
  host.submit(1, 0, 2);
  host.pass(0);
  host.core().end(host[1], at(10));
  EXPECT_EQ(host.pass(110), Actions{-2});
  host.submit(2, 111, 2);
  EXPECT_EQ(host.pass(111), Actions{});  // once they are asleep
  EXPECT_EQ(host.core().running(), 1U);
  host.core().power_changed({0, 2}, true, at(112));
  EXPECT_EQ(host.core().begun(host[2], at(112)), at(1112));
  EXPECT_EQ(host.pass(113), Actions{});
}

// As a resource manager does it: the job is given back, the node is down, and counts as powered down.
TEST(PowerEvents, ANodeThatDoesNotBootAndIsDownIsNotWokenForNobody) {
  Host host(2, "timeout:10");
  host.submit(1, 0, 2);
  host.pass(0);
  host.core().end(host[1], at(5));
  EXPECT_EQ(host.pass(15), std::vector<std::int32_t>{-2});
  host.core().power_changed({0, 2}, false, at(30));
  host.submit(2, 40, 2);
  EXPECT_EQ(host.pass(40), std::vector<std::int32_t>{2});
  host.core().requeue(host[2], at(300));
  host.core().node_changed(0, false, at(300));
  host.core().power_changed({0, 1}, false, at(300));
  host.core().power_changed({1, 1}, true, at(300));
  EXPECT_EQ(host.pass(300), std::vector<std::int32_t>{}) << "the job needs both";
  EXPECT_EQ(host.pass(311), std::vector<std::int32_t>{-1});
  host.core().node_changed(0, true, at(320));  // mended
  EXPECT_EQ(host.pass(320).size(), 1U) << "now the job can have it";
}

TEST(PowerEvents, WrongUseIsTold) {
  Host host(2, "timeout:100");
  host.submit(1, 0, 1);
  EXPECT_THROW(host.core().begun(host[1], at(0)), std::invalid_argument);
  EXPECT_THROW(host.core().power_changed({1, 2}, true, at(0)), std::invalid_argument);
  SchedulerOptions deep;
  deep.policy = conservative();
  deep.policy.power = power_from_text("break-even");
  auto cluster = std::make_shared<Cluster>();
  cluster->allocation = AllocationMode::kWholeNodes;
  cluster->node_types = {taurus_nodes(2)};
  deep.cluster = cluster;
  EXPECT_THROW(BackfillScheduler{deep}, std::invalid_argument);
  deep.policy.reservation_depth = 1;
  EXPECT_NO_THROW(BackfillScheduler{deep});
}

}  // namespace
}  // namespace wattfill::testing
