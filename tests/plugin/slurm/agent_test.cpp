// The plugin's agent between a controller that the test plays and the real planner behind a socket.
#include "plugin/slurm/agent.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "plugin/planner/server.hpp"
#include "plugin/planner/session.hpp"
#include "plugin/wattfill.h"
#include "tests/plugin/slurm/fake_controller.hpp"
#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::slurm {
namespace {

using wattfill::testing::Folder;

constexpr const char* kSleepy =
    "node_power { nodes: \"n[0-20]\" power { idle_watts: 90 active_watts: 180 sleep { name: \"off\" watts: 5 "
    "enter { seconds: 5 watts: 90 } leave { seconds: 7 watts: 120 } } } }";

class RunningPlanner {
 public:
  explicit RunningPlanner(const std::string& socket, const std::string& power = {})
      : ending_(eventfd(0, EFD_CLOEXEC)), server_(socket, {}) {
    plugin::Config config;
    if (power.empty()) {
      config.set_policy("easy");
    } else {
      config = parse_config(kSleepy, "test");
      config.set_policy_text(
          "name: \"sleepy\" queue_order: FCFS backfill_order: FCFS reservation_depth: 1 power { "
          "strategy: \"" +
          power + "\" }");
    }
    config.set_limit("real");
    session_ = std::make_unique<Session>(config, HostAbilities{WATTFILL_HOST_SHARES_NODES | WATTFILL_HOST_SLEEPS},
                                         plugin::State{});
    thread_ = std::thread([this] {
      server_.serve([this](const auto& request) { return session_->answer(request); }, ending_, 1000, [] {});
    });
  }
  ~RunningPlanner() {
    const std::uint64_t one = 1;
    EXPECT_EQ(write(ending_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    thread_.join();
    close(ending_);
  }

 private:
  int ending_;
  Server server_;
  std::unique_ptr<Session> session_;
  std::thread thread_;
};

class AgentTest : public ::testing::Test {
 protected:
  void configure(const std::string& more) {
    std::ofstream(folder.path("wattfill.conf")) << "socket = " << socket << "\nexpected_interval_seconds = 5\n" << more;
  }
  std::unique_ptr<Agent> agent_on(FakeController& controller) {
    auto agent = std::make_unique<Agent>(controller, folder.path("wattfill.conf"), "a test", "lab");
    agent->reconfigure();
    return agent;
  }
  // Seconds pass; each is a turn of the agent.
  static void pass(FakeController& controller, Agent& agent, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      controller.tick();
      agent.cycle();
    }
  }

  Folder folder;
  std::string socket = folder.path("socket");
};

// Whatever users, administrators and bad luck do: the planner never has to complain of what it is told, proposals are
// for waiting jobs on free nodes (the controller checks that), and all jobs end.
void live(AgentTest&, FakeController& controller, Agent& agent, std::uint64_t seed) {
  Random random(seed);
  controller.refuse_percent = 10;
  for (int second = 0; second < 600; ++second) {
    if (random.chance(30)) {
      const std::int64_t runtime = random.between(1, 60);
      const JobKey job = controller.submit(random.chance(80) ? static_cast<std::uint32_t>(random.between(1, 4)) : 11,
                                           runtime, random.between(runtime, 120));
      for (const auto& [name, count] : controller.licences)
        if (random.chance(20)) controller.jobs[job].view.licences[name] = random.between(1, count);
    }
    if (random.chance(30)) controller.meddle(random);
    controller.tick();
    agent.cycle();
    ASSERT_EQ(agent.statistics().planner_losses, 0) << controller.said.back();
  }
  controller.mend();
  controller.refuse_percent = 0;
  for (int second = 0; second < 20'000 && !controller.all_finished(); ++second) {
    controller.tick();
    agent.cycle();
  }
  EXPECT_TRUE(controller.all_finished());
  EXPECT_EQ(agent.statistics().planner_losses, 0) << controller.said.back();
}

class RandomLife : public AgentTest, public ::testing::WithParamInterface<std::tuple<int, bool, const char*>> {};

TEST_P(RandomLife, IsUnderstoodByThePlanner) {
  const auto [seed, shared, mode] = GetParam();
  configure(std::string("trip_refusals = 0\nmode = ") + mode + "\n");
  const RunningPlanner planner(socket);
  FakeController controller(11, shared);
  if (seed % 2 == 0) controller.licences = {{"cad@server", 2}, {"solver", 5}};
  const auto agent = agent_on(controller);
  live(*this, controller, *agent, static_cast<std::uint64_t>(seed));
  EXPECT_EQ(agent->statistics().started > 50, std::string(mode) == "act");
}

INSTANTIATE_TEST_SUITE_P(WholeNodes, RandomLife,
                         ::testing::Combine(::testing::Range(1, 6), ::testing::Values(false),
                                            ::testing::Values("act", "observe")));
INSTANTIATE_TEST_SUITE_P(SharedNodes, RandomLife,
                         ::testing::Combine(::testing::Range(1, 6), ::testing::Values(true), ::testing::Values("act")));

class RandomPower : public AgentTest,
                    public ::testing::WithParamInterface<std::tuple<int, const char*, const char*, int>> {};

TEST_P(RandomPower, IsUnderstoodByThePlanner) {
  const auto [seed, mode, strategy, rate] = GetParam();
  configure(std::string("trip_refusals = 0\npower = on\nmode = ") + mode + "\n");
  const RunningPlanner planner(socket, strategy);
  FakeController controller(11, false);
  controller.let_sleep(2);
  controller.suspend_rate = rate;
  controller.boot_s = seed % 2 == 0 ? 7 : 30;  // longer than the planner was told
  const auto agent = agent_on(controller);
  live(*this, controller, *agent, static_cast<std::uint64_t>(seed));
  const Statistics& figures = agent->statistics();
  EXPECT_EQ(figures.power.sleeps > 10, std::string(mode) == "act");
  EXPECT_GT(figures.booted_jobs, 0);  // also on nodes that somebody else let sleep
}

INSTANTIATE_TEST_SUITE_P(All, RandomPower,
                         ::testing::Combine(::testing::Range(1, 6), ::testing::Values("act", "observe"),
                                            ::testing::Values("timeout:10", "timeline"), ::testing::Values(0, 3)));

TEST_F(AgentTest, NodesSleepAndWakeForJobs) {
  configure("mode = act\npower = on\n");
  const RunningPlanner planner(socket, "timeout:20");
  FakeController controller(4, false);
  controller.let_sleep(1);
  const auto agent = agent_on(controller);
  controller.submit(1, 5, 10);
  pass(controller, *agent, 60);
  EXPECT_EQ(controller.count(Power::kAsleep), 3) << "one of four is kept from it";
  EXPECT_EQ(agent->statistics().power.asleep, 3);
  EXPECT_EQ(agent->statistics().power.sleeps, 3);
  const JobKey wide = controller.submit(4, 5, 10);
  pass(controller, *agent, 3);
  EXPECT_TRUE(controller.jobs[wide].view.configuring);
  pass(controller, *agent, 17);
  EXPECT_TRUE(controller.all_finished());
  EXPECT_EQ(agent->statistics().power.wakes, 3);
  EXPECT_EQ(agent->statistics().booted_jobs, 1);
  EXPECT_NEAR(static_cast<double>(agent->statistics().boot_wait_s), 7, 1);
  EXPECT_TRUE(controller.has_said("job 2 runs, "));
  const auto& boots = agent->statistics().power.boots;
  ASSERT_EQ(boots.size(), 2U);  // nodes with a feature and those without
  EXPECT_EQ(boots.begin()->second.size() + boots.rbegin()->second.size(), 3U);
  pass(controller, *agent, 60);
  EXPECT_EQ(controller.count(Power::kAsleep), 3);
}

// The planner believes in 7 s. It is told better when nodes have booted often enough, once.
TEST_F(AgentTest, BootTimesThatWereSeenAreToldToThePlanner) {
  configure("mode = act\npower = on\n");
  const RunningPlanner planner(socket, "timeout:20");
  FakeController controller(8, false);
  controller.let_sleep(0);
  controller.boot_s = 40;
  const auto agent = agent_on(controller);
  for (int round = 0; round < 4; ++round) {
    pass(controller, *agent, 60);
    controller.submit(8, 5, 10);
    pass(controller, *agent, 60);
  }
  pass(controller, *agent, 60);
  EXPECT_TRUE(controller.all_finished());
  EXPECT_EQ(agent->statistics().planner_losses, 0);
  EXPECT_EQ(controller.times_said("the planner is told that nodes of type1 boot in 4"), 1);
  EXPECT_EQ(controller.times_said("the planner is told that nodes of type2 boot in 4"), 1);
  EXPECT_LE(controller.times_said("the planner is wattfilld"), 3) << "one conversation, and one for each type at most";
}

// Slurm sets the node down and gives the job back.
TEST_F(AgentTest, ANodeThatDoesNotBootIsLeftOut) {
  configure("mode = act\npower = on\n");
  const RunningPlanner planner(socket, "timeout:20");
  FakeController controller(4, false);
  controller.let_sleep(0);
  const auto agent = agent_on(controller);
  controller.submit(1, 5, 10);
  pass(controller, *agent, 60);
  ASSERT_EQ(controller.count(Power::kAsleep), 4);
  controller.boot_s = 1'000;
  const JobKey job = controller.submit(3, 5, 10);
  pass(controller, *agent, 20);
  ASSERT_TRUE(controller.jobs[job].view.configuring);
  const std::int32_t dead = controller.jobs[job].view.placement.nodes.front();
  controller.boot_s = 7;
  controller.give_up_boot(dead);
  pass(controller, *agent, 60);
  EXPECT_TRUE(controller.all_finished());
  EXPECT_EQ(controller.jobs[job].starts, 2);
  EXPECT_EQ(std::ranges::count(controller.jobs[job].view.placement.nodes, dead), 0);
  EXPECT_EQ(agent->statistics().planner_losses, 0);
  controller.mend();
  const JobKey wide = controller.submit(4, 5, 10);
  pass(controller, *agent, 60);
  EXPECT_TRUE(controller.jobs[wide].finished) << "the node serves again";
}

TEST_F(AgentTest, JobsWithoutLicencesPassThoseThatWaitForThem) {
  configure("mode = act\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  controller.licences = {{"solver", 2}};
  const auto agent = agent_on(controller);
  JobKey first = controller.submit(1, 30, 30), second = controller.submit(1, 30, 30),
         free = controller.submit(2, 30, 60);
  controller.jobs[first].view.licences["solver"] = 2;
  controller.jobs[second].view.licences["solver"] = 1;
  pass(controller, *agent, 5);
  EXPECT_TRUE(controller.jobs[first].view.active);
  EXPECT_FALSE(controller.jobs[second].view.active) << "no licence is free";
  EXPECT_TRUE(controller.jobs[free].view.active);
  EXPECT_FALSE(controller.stock_on);
  controller.licences["solver"] = 3;  // more are bought
  pass(controller, *agent, 5);
  EXPECT_TRUE(controller.jobs[second].view.active);
  pass(controller, *agent, 60);
  EXPECT_TRUE(controller.all_finished());
  EXPECT_EQ(agent->statistics().planner_losses, 0);
}

TEST_F(AgentTest, NodesDoNotSleepWherePowerIsOff) {
  configure("mode = act\n");
  const RunningPlanner planner(socket, "timeout:20");
  FakeController controller(4, false);
  controller.let_sleep(0);
  const auto agent = agent_on(controller);
  controller.submit(1, 5, 10);
  pass(controller, *agent, 100);
  EXPECT_EQ(controller.count(Power::kAwake), 4);
}

TEST_F(AgentTest, NoMoreNodesAMinuteSleepThanTheRateSays) {
  configure("mode = act\npower = on\n");
  const RunningPlanner planner(socket, "timeout:20");
  FakeController controller(8, false);
  controller.let_sleep(0);
  controller.suspend_rate = 2;
  const auto agent = agent_on(controller);
  controller.submit(1, 1, 10);
  pass(controller, *agent, 60);
  EXPECT_EQ(controller.count(Power::kAsleep), 2);
  pass(controller, *agent, 60);
  EXPECT_EQ(controller.count(Power::kAsleep), 4);
  EXPECT_GT(agent->statistics().power.refused, 0);
}

TEST_F(AgentTest, StockSchedulesWithoutAPlannerAndWhileThereIsNone) {
  configure("mode = act\n");
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  pass(controller, *agent, 3);
  EXPECT_TRUE(controller.stock_on);
  {
    const RunningPlanner planner(socket);
    pass(controller, *agent, 70);
    EXPECT_FALSE(controller.stock_on);
    EXPECT_EQ(agent->statistics().planner_losses, 0);
  }
  controller.submit(1, 5, 10);
  EXPECT_THROW(agent->cycle(), PlannerError);  // the thread's loop turns this into a loss
}

TEST_F(AgentTest, StockSchedulesWhileAJobIsNotUnderstood) {
  configure("mode = act\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  pass(controller, *agent, 3);
  ASSERT_FALSE(controller.stock_on);
  const JobKey strange = controller.submit(1, 5, 10);
  controller.jobs[strange].view.not_understood = "is heterogeneous";
  pass(controller, *agent, 3);
  EXPECT_TRUE(controller.stock_on);
  EXPECT_TRUE(controller.has_said("job 1 waits, which is heterogeneous"));
  controller.jobs[strange].finished = true;
  pass(controller, *agent, 3);
  EXPECT_FALSE(controller.stock_on);
}

TEST_F(AgentTest, TooManyRefusalsHandBackForAWhile) {
  configure("mode = act\ntrip_refusals = 3\ntrip_pause_seconds = 50\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  pass(controller, *agent, 3);
  controller.refuse_percent = 100;
  for (int i = 0; i < 4; ++i) controller.submit(1, 5, 10);
  pass(controller, *agent, 5);
  EXPECT_TRUE(controller.stock_on);
  EXPECT_EQ(agent->statistics().trips, 1);
  EXPECT_TRUE(controller.has_said("trip_refusals"));
  controller.refuse_percent = 0;
  pass(controller, *agent, 60);
  EXPECT_FALSE(controller.stock_on);
  EXPECT_TRUE(controller.all_finished());
}

TEST_F(AgentTest, ALongHoldHandsBackUntilAReconfigure) {
  configure("mode = act\ntrip_hold_ms = 1000\ntrip_pause_seconds = 0\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  pass(controller, *agent, 3);
  controller.hold_us = 1'500'000;
  controller.submit(1, 5, 10);
  pass(controller, *agent, 10'000);
  EXPECT_TRUE(controller.stock_on);
  agent->reconfigure();
  pass(controller, *agent, 3);
  EXPECT_FALSE(controller.stock_on);
}

TEST_F(AgentTest, ALongWaitHandsBackThoughNothingChanges) {
  configure("mode = act\ntrip_wait_seconds = 4\ntrip_pause_seconds = 0\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  controller.submit(4, 100, 100);
  controller.submit(4, 5, 10);
  pass(controller, *agent, 3);
  ASSERT_FALSE(controller.stock_on);
  controller.changes = false;
  pass(controller, *agent, 5);
  EXPECT_TRUE(controller.stock_on);
  EXPECT_TRUE(controller.has_said("trip_wait_seconds"));
}

// A new conversation, as each change of the licences begins one, does not make the wait a new one.
TEST_F(AgentTest, AWaitIsCountedThroughNewConversations) {
  configure("mode = act\ntrip_wait_seconds = 4\ntrip_pause_seconds = 0\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  controller.submit(4, 100, 100);
  const JobKey late = controller.submit(4, 5, 10);
  controller.jobs[late].view.licences["solver"] = 1;
  for (int licences = 1; licences <= 10; ++licences) {
    controller.licences = {{"solver", licences}};
    pass(controller, *agent, 1);
  }
  EXPECT_TRUE(controller.stock_on);
  EXPECT_TRUE(controller.has_said("trip_wait_seconds"));
}

TEST_F(AgentTest, ABadFileChangesNothingAndIsReportedOnce) {
  configure("mode = act\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  pass(controller, *agent, 3);
  configure("mode = fast\n");
  for (int i = 0; i < 3; ++i) {
    agent->reconfigure();
    pass(controller, *agent, 2);
  }
  EXPECT_FALSE(controller.stock_on);
  EXPECT_EQ(controller.times_said("\"fast\" is none of"), 1);
}

TEST_F(AgentTest, ExpectedStartsArePublishedInTheOrderOfTheQueue) {
  configure("mode = act\n");
  const RunningPlanner planner(socket);
  FakeController controller(4, false);
  const auto agent = agent_on(controller);
  const JobKey first = controller.submit(4, 100, 100), second = controller.submit(4, 100, 200);
  const JobKey third = controller.submit(4, 100, 300);
  pass(controller, *agent, 10);
  ASSERT_TRUE(controller.jobs[first].view.active);
  ASSERT_EQ(controller.published.size(), 2U);
  EXPECT_EQ(controller.published[0].key, second);
  EXPECT_EQ(controller.published[0].start_s, controller.jobs[first].view.start_s + 100);
  EXPECT_EQ(controller.published[1].key, third);
  EXPECT_EQ(controller.published[1].start_s, controller.published[0].start_s + 200);
  EXPECT_EQ(controller.published[1].predicted_s, 300);
}

}  // namespace
}  // namespace wattfill::slurm
