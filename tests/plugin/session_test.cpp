// A host's conversation with the planner, without sockets.
#include "plugin/planner/session.hpp"

#include <gtest/gtest.h>

#include "backfill/config/cluster.pb.h"
#include "tests/plugin/planners.hpp"
#include "tests/plugin/random_host.hpp"

namespace wattfill::testing {
namespace {

plugin::Config config_of(const std::string& policy) { return parse_config("policy: \"" + policy + "\"", "test"); }

protocol::Request step(std::int64_t now) {
  protocol::Request request;
  request.set_sequence(2);
  request.mutable_step()->set_time_s(now);
  request.mutable_step()->set_schedule(true);
  return request;
}

void add_job(protocol::Request& request, std::int64_t id, std::int32_t processors, std::int64_t requested) {
  protocol::Event& event = *request.mutable_step()->add_event();
  event.set_time_s(request.step().time_s());
  protocol::Job& job = *event.mutable_submit();
  job.set_id(id);
  job.set_submit_s(event.time_s());
  job.set_processors(processors);
  job.set_requested_s(requested);
}

TEST(Session, AnswersInOrder) {
  Session session(config_of("easy"), kAble, {});
  EXPECT_NE(session.answer(step(1)).error().find("before hello"), std::string::npos);
  const protocol::Reply greeted = session.answer(hello());
  EXPECT_EQ(greeted.error(), "");
  EXPECT_NE(greeted.planner().find("policy easy"), std::string::npos);
  protocol::Request request = step(100);
  add_job(request, 1, 16, 50);
  add_job(request, 2, 16, 50);
  request.mutable_step()->add_expected_start_of(2);
  const protocol::Reply reply = session.answer(request);
  EXPECT_EQ(reply.error(), "");
  EXPECT_EQ(reply.sequence(), 2U);
  ASSERT_EQ(reply.pass().proposal_size(), 1);
  EXPECT_EQ(reply.pass().proposal(0).job(), 1);
  ASSERT_EQ(reply.expected_size(), 1);
  EXPECT_EQ(reply.expected(0).start_s(), 150);
  EXPECT_EQ(reply.expected(0).predicted_s(), 50);
}

// Nobody tells the planner that an estimate has passed.
TEST(Session, FindsOverrunsByItself) {
  Session session(config_of("easy"), kAble, {});
  session.answer(hello());
  protocol::Request request = step(100);
  add_job(request, 1, 16, 50);
  session.answer(request);
  request = step(101);
  request.mutable_step()->add_event()->set_time_s(101);
  request.mutable_step()->mutable_event(0)->mutable_started()->set_job(1);
  session.answer(request);
  request = step(200);
  add_job(request, 2, 16, 50);
  request.mutable_step()->add_expected_start_of(2);
  const protocol::Reply reply = session.answer(request);
  EXPECT_EQ(reply.error(), "");
  ASSERT_EQ(reply.expected_size(), 1);
  EXPECT_EQ(reply.expected(0).start_s(), 206) << "a sixteenth of the time that it has run beyond its limit";
}

TEST(Session, TellsWhatIsWrongAndGoesOnAfterANewHello) {
  Session session(config_of("easy"), kAble, {});
  session.answer(hello());
  protocol::Request request = step(100);
  request.mutable_step()->add_event()->set_time_s(100);
  request.mutable_step()->mutable_event(0)->set_end(7);
  EXPECT_NE(session.answer(request).error().find("event 0: job 7: not known"), std::string::npos);
  protocol::Request later = hello();
  later.mutable_hello()->set_version(static_cast<protocol::Version>(7));
  EXPECT_NE(session.answer(later).error().find("version"), std::string::npos);
  protocol::Request files = hello();
  files.mutable_hello()->mutable_cluster()->mutable_node_type(0)->mutable_topology()->set_xml_file("/etc/passwd");
  EXPECT_NE(session.answer(files).error(), "");
  EXPECT_EQ(session.answer(hello()).error(), "");
  request = step(50);  // the host's clock was set back
  add_job(request, 1, 2, 10);
  EXPECT_EQ(session.answer(request).pass().proposal_size(), 1);
  EXPECT_NE(session.answer(protocol::Request()).error(), "");
}

TEST(Session, KeepsWhatItLearnedOverConversationsAndRestarts) {
  Session session(config_of("wattfill-host"), kAble, {});
  session.answer(hello());
  RandomHost host(9, kNodes, kCores,
                  {[&](const protocol::Event& e) {
                     protocol::Request request;
                     request.mutable_step()->set_time_s(e.time_s());
                     *request.mutable_step()->add_event() = e;
                     EXPECT_EQ(session.answer(request).error(), "");
                     return e.time_s() + 1'000'000;  // the session watches overruns
                   },
                   [&](std::int64_t now, std::int64_t budget) {
                     protocol::Request request = step(now);
                     request.mutable_step()->set_budget(budget);
                     protocol::Reply reply = session.answer(request);
                     for (protocol::Proposal& p : *reply.mutable_pass()->mutable_proposal())
                       p.set_estimated_end_s(now + 1'000'000);
                     return reply.pass();
                   }},
                  {.blunders = false});
  for (int i = 0; i < 300; ++i) host.step();
  EXPECT_GT(session.ended(), 100);
  const plugin::State state = session.state();
  EXPECT_EQ(state.ended_size(), session.ended());
  EXPECT_EQ(session.answer(hello()).error(), "");
  EXPECT_EQ(session.state().ended_size(), state.ended_size());
  EXPECT_EQ(session.state().job_size(), 0) << "the host tells its jobs anew";
  Session restarted(config_of("wattfill-host"), kAble, state);
  EXPECT_EQ(restarted.answer(hello()).error(), "");
  EXPECT_EQ(restarted.state().ended_size(), state.ended_size());
}

constexpr const char* kPower =
    "power { idle_watts: 90 active_watts: 180 sleep { name: \"off\" watts: 5 enter { seconds: 5 watts: 90 } "
    "leave { seconds: 60 watts: 120 joules: 7150 } } }";

plugin::Config with_power(const std::vector<std::string>& lists) {
  std::string text =
      "policy_text: 'name: \"sleepy\" queue_order: FCFS reservation_depth: 1 backfill_order: FCFS "
      "fit_estimates: \"requested\" power { strategy: \"timeout:20\" }'";
  for (const std::string& list : lists) text += " node_power { nodes: \"" + list + "\" " + kPower + " }";
  return parse_config(text, "test");
}

protocol::Request hello_of_two_types(std::uint32_t abilities) {
  protocol::Request request = hello();
  protocol::Hello& out = *request.mutable_hello();
  out.set_abilities(abilities);
  out.mutable_cluster()->mutable_node_type(0)->set_node_names("n[1-8]");
  config::NodeType& other = *out.mutable_cluster()->add_node_type();
  other = out.cluster().node_type(0);
  other.set_name("m");
  other.set_node_names("m[1-8]");
  return request;
}

// The first node and the number of those that may sleep.
std::vector<std::pair<int, int>> may_sleep(const plugin::Config& config, const protocol::Request& request) {
  Session session(config, kAble, {});
  const protocol::Reply reply = session.answer(request);
  EXPECT_EQ(reply.error(), "");
  std::vector<std::pair<int, int>> runs;
  for (const protocol::NodeRun& run : reply.may_sleep()) runs.emplace_back(run.first(), run.length());
  return runs;
}

using Runs = std::vector<std::pair<int, int>>;

TEST(Session, KnowsThePowerOfNodesThatTheHostDoesNot) {
  const protocol::Request able = hello_of_two_types(WATTFILL_HOST_SLEEPS);
  EXPECT_EQ(may_sleep(with_power({}), able), Runs{});
  EXPECT_EQ(may_sleep(with_power({"m[1-8]"}), able), (Runs{{8, 8}}));
  EXPECT_EQ(may_sleep(with_power({"n[1-8],m[1-8],elsewhere"}), able), (Runs{{0, 8}, {8, 8}}));
  EXPECT_EQ(may_sleep(with_power({"n[1-8]", "m[1-8]"}), able), (Runs{{0, 8}, {8, 8}}));
  protocol::Request excluded = able;
  excluded.mutable_hello()->add_always_awake("n");
  EXPECT_EQ(may_sleep(with_power({"n[1-8]", "m[1-8]"}), excluded), (Runs{{8, 8}}));
}

TEST(Session, NodesSleepOnlyIfTheHostSaysThatTheyCan) {
  const plugin::Config config = with_power({"n[1-8]"});
  EXPECT_EQ(may_sleep(config, hello_of_two_types(WATTFILL_HOST_SHARES_NODES)), Runs{});
  protocol::Request silent = hello_of_two_types(0);
  silent.mutable_hello()->clear_abilities();
  EXPECT_EQ(may_sleep(config, silent), Runs{});
}

TEST(Session, TellsWhyPowerDoesNotFitTheHostsNodes) {
  const auto error = [](const std::vector<std::string>& lists) {
    Session session(with_power(lists), kAble, {});
    return session.answer(hello_of_two_types(WATTFILL_HOST_SLEEPS)).error();
  };
  EXPECT_EQ(error({"n[1-7]"}),
            "node_power: n1 and n8 are alike for the host, but only n1 has power; the same for both is right");
  EXPECT_EQ(error({"n[1-3]", "n[4-8]"}),
            "node_power: n1 and n4 are alike for the host, but stand in two entries; the same for both is right");
  EXPECT_EQ(error({"n[1-8]", "n8"}), "node_power: n8 stands in \"n[1-8]\" and in \"n8\"; once is right");
  EXPECT_NE(error({"n[8-1]"}).find("node_power: nodes: \"n[8-1]\""), std::string::npos);
  Session session(with_power({"n[1-8]"}), kAble, {});
  protocol::Request unknown = hello_of_two_types(WATTFILL_HOST_SLEEPS);
  unknown.mutable_hello()->add_always_awake("k");
  EXPECT_EQ(session.answer(unknown).error(), "hello: always_awake: \"k\" is no node type");
}

TEST(Session, BootsThatTheHostHasSeenReplaceThoseOfTheConfig) {
  protocol::Request request = hello_of_two_types(WATTFILL_HOST_SLEEPS);
  const auto tell = [&](const std::string& type, std::int64_t seconds) {
    request.mutable_hello()->clear_boot_time();
    protocol::BootTime& boot = *request.mutable_hello()->add_boot_time();
    boot.set_node_type(type);
    boot.set_seconds(seconds);
  };
  tell("m", 150);
  Session session(with_power({"n[1-8]", "m[1-8]"}), kAble, {});
  EXPECT_EQ(session.answer(request).error(), "");
  const auto& types = session.planner()->planner().options().cluster->node_types;
  EXPECT_EQ(types[0].power.sleep.front().leave.duration, Seconds{60});
  EXPECT_EQ(types[1].power.sleep.front().leave.duration, Seconds{150});
  EXPECT_EQ(types[1].power.sleep.front().leave.energy, Milliwatts{120'000} * Seconds{150});
  tell("k", 150);
  EXPECT_EQ(session.answer(request).error(), "hello: boot_time: \"k\" is no node type");
  for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{86'401}}) {
    tell("n", wrong);
    EXPECT_NE(session.answer(request).error().find("from 1 to 86400 is right"), std::string::npos) << wrong;
  }
}

}  // namespace
}  // namespace wattfill::testing
