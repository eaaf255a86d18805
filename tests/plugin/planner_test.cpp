// A planner behind messages, and what it keeps over its end.
#include "plugin/planner.hpp"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <limits>

#include "backfill/config/config.hpp"
#include "plugin/state_file.hpp"
#include "tests/plugin/planners.hpp"
#include "tests/plugin/random_host.hpp"
#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::testing {
namespace {

RandomHost::Callbacks host_of(Planner& planner) {
  return {[&planner](const protocol::Event& e) { return planner.apply(e); },
          [&planner](std::int64_t now, std::int64_t budget) { return planner.schedule(now, budget); }};
}

TEST(Planner, ServesARandomHostUnderEachPolicy) {
  for (const char* policy : {"easy", "conservative", "greedy", "wattfill", "wattfill-host", "easy++"}) {
    SCOPED_TRACE(policy);
    Planner planner(small_config(policy), kAble);
    RandomHost host(7, kNodes, kCores, host_of(planner));
    for (int i = 0; i < 1500; ++i) host.step();
    host.drain();
    EXPECT_GT(host.started(), 1000);
    EXPECT_EQ(planner.queued() + planner.running(), 0U);
    EXPECT_TRUE(planner.settled());
  }
}

// A planner made from a state decides the same as the one that it was taken from, as long as nothing is learned.
TEST(Planner, GoesOnFromItsState) {
  for (const char* policy : {"easy", "easy-sjbf", "greedy", "saf"}) {
    SCOPED_TRACE(policy);
    const plugin::Config config = small_config(policy);
    Planner first(config, kAble);
    std::unique_ptr<Planner> second;
    std::int64_t compared = 0;
    RandomHost host(11, kNodes, kCores,
                    {[&](const protocol::Event& e) {
                       if (second) second->apply(e);
                       return first.apply(e);
                     },
                     [&](std::int64_t now, std::int64_t budget) {
                       protocol::Pass pass = first.schedule(now, budget);
                       if (second) {
                         const protocol::Pass again = second->schedule(now, budget);
                         EXPECT_EQ(pass.ShortDebugString(), again.ShortDebugString());
                         ++compared;
                       }
                       return pass;
                     }},
                    {.refuses = false});
    for (int i = 0; i < 1000 && !::testing::Test::HasFailure(); ++i) {
      host.step();
      if (i % 50 != 0) continue;
      const plugin::State state = first.state();
      second = std::make_unique<Planner>(config, kAble, &state);
      EXPECT_EQ(second->state().ShortDebugString(), state.ShortDebugString());
    }
    EXPECT_GT(compared, 900);
  }
}

// To the last bit, where no job was withdrawn or requeued, which is not remembered, and each instant had one event.
TEST(Planner, WhatWasLearnedIsLearnedAgain) {
  const plugin::Config config = small_config("wattfill-host");
  Planner first(config, kAble);
  RandomHost host(3, kNodes, kCores, host_of(first), {.hasty = false});
  for (int i = 0; i < 3000; ++i) host.step();
  host.drain();
  const plugin::State state = first.state();
  ASSERT_GT(state.ended_size(), 1000);
  Planner second(config, kAble, &state);
  Planner empty(config, kAble);
  std::int64_t same = 0, differ_from_empty = 0;
  for (int i = 0; i < 50; ++i) {
    protocol::Event e;
    e.set_time_s(host.now() + i);
    protocol::Job& job = *e.mutable_submit();
    job.set_id(1'000'000 + i);
    job.set_submit_s(host.now() + i);
    job.set_requested_s(4 * (i + 1));
    job.set_processors(1 + i % 8);
    job.set_user(i % 6);
    job.set_executable(i % 4);
    for (Planner* planner : {&first, &second, &empty}) planner->apply(e);
    same += first.predicted(job.id()) == second.predicted(job.id());
    differ_from_empty += first.predicted(job.id()) != empty.predicted(job.id());
  }
  EXPECT_EQ(same, 50);
  EXPECT_GT(differ_from_empty, 40);
}

// What stands in the queue was estimated when jobs ended that may have been forgotten since.
TEST(Planner, RenewedEstimatesAreRemembered) {
  const plugin::Config config = small_config("wattfill-host");
  Planner first(config, kAble);
  RandomHost host(5, kNodes, kCores, host_of(first), {.hasty = false});
  std::int64_t renewed = 0;
  for (int i = 0; i < 600; ++i) {
    host.step();
    if (i % 20 != 0) continue;
    const plugin::State state = first.state();
    EXPECT_EQ(Planner(config, kAble, &state).state().ShortDebugString(), state.ShortDebugString());
    plugin::State unaware = state;
    for (plugin::LiveJob& job : *unaware.mutable_job()) {
      job.clear_order_s();
      job.clear_fill_s();
    }
    renewed += Planner(config, kAble, &unaware).state().ShortDebugString() != state.ShortDebugString();
  }
  EXPECT_GT(renewed, 10) << "nothing was renewed, so nothing is tested";
}

TEST(Planner, SleepingNodesAreRememberedAsleep) {
  const plugin::Config config = resolved(parse_config("policy: 'easy-energy' cluster: 'hetero-small'", "test"));
  Planner first(config, kAble);
  protocol::Event e;
  e.set_time_s(100);
  protocol::Job& job = *e.mutable_submit();
  job.set_id(1);
  job.set_submit_s(100);
  job.set_requested_s(60);
  job.set_processors(1);
  first.apply(e);
  std::int64_t asleep = 0;
  protocol::Pass pass = first.schedule(100, 0);
  for (int i = 0; i < 100 && pass.next_wakeup_s() > 0 && asleep == 0; ++i) {
    for (const protocol::Proposal& p : pass.proposal()) {
      e.Clear();
      e.set_time_s(pass.time_s());
      e.mutable_started()->set_job(p.job());
      first.apply(e);
    }
    for (const protocol::PowerAction& action : pass.power()) asleep += action.wake() ? 0 : action.nodes().length();
    pass = first.schedule(pass.next_wakeup_s(), 0);
  }
  ASSERT_GT(asleep, 0);
  const plugin::State state = first.state();
  EXPECT_GT(state.asleep_size(), 0);
  Planner second(config, kAble, &state);
  EXPECT_EQ(second.state().ShortDebugString(), state.ShortDebugString());
  // Jobs on them have to wait for their boot.
  e.Clear();
  e.set_time_s(pass.time_s() + 10);
  e.set_end(1);
  second.apply(e);
  protocol::Job& wide = *e.mutable_submit();
  wide.set_id(2);
  wide.set_submit_s(e.time_s());
  wide.set_requested_s(60);
  wide.set_processors(static_cast<std::int32_t>(first.options().cluster->processors()));
  second.apply(e);
  const protocol::Pass next = second.schedule(e.time_s(), 0);
  ASSERT_EQ(next.proposal_size(), 1);
  EXPECT_GT(next.proposal(0).boot_s(), 0);
}

TEST(Planner, WrongEventsChangeNothing) {
  Planner planner(small_config("easy"), kAble);
  protocol::Event e;
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  e.set_time_s(10);
  e.set_end(5);
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  protocol::Job& job = *e.mutable_submit();
  job.set_id(5);
  job.set_requested_s(10);
  EXPECT_THROW(planner.apply(e), std::invalid_argument) << "no processors";
  job.set_processors(2);
  EXPECT_EQ(planner.apply(e), 0);
  EXPECT_THROW(planner.apply(e), std::invalid_argument) << "known already";
  e.set_time_s(9);
  e.set_cancel(5);
  EXPECT_THROW(planner.apply(e), std::invalid_argument) << "earlier";
  e.set_time_s(10);
  e.mutable_node()->set_node(99);
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  e.mutable_power()->mutable_nodes()->set_first(0);
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  protocol::Job& other = *e.mutable_submit();
  other.set_id(6);
  other.set_processors(2);
  for (const std::int64_t requested : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    other.set_requested_s(requested);
    EXPECT_THROW(planner.apply(e), std::invalid_argument) << requested;
  }
  other.set_requested_s(10);
  other.set_memory_kb_per_processor(std::numeric_limits<std::int64_t>::max());
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  EXPECT_THROW(planner.schedule(5, 0), std::invalid_argument);
  EXPECT_THROW(planner.schedule(10, -1), std::invalid_argument);
  EXPECT_EQ(planner.schedule(10, 0).proposal_size(), 1);
  protocol::Started& started = *e.mutable_started();
  started.set_job(5);
  started.mutable_nodes()->add_run()->set_first(-3);
  EXPECT_THROW(planner.apply(e), std::invalid_argument);
  started.mutable_nodes()->mutable_run(0)->set_first(0);
  started.mutable_nodes()->mutable_run(0)->set_length(1);
  started.mutable_nodes()->add_cores()->add_word(1);
  EXPECT_THROW(planner.apply(e), std::invalid_argument) << "cores of a whole node";
  started.clear_nodes();
  started.set_since_s(11);
  EXPECT_THROW(planner.apply(e), std::invalid_argument) << "since a later time";
  started.clear_since_s();
  EXPECT_EQ(planner.apply(e), 20);
  EXPECT_EQ(planner.running(), 1U);
}

// A proposal stands as it was, whatever else comes free meanwhile.
TEST(Planner, AWrongStartLeavesTheProposalAsItWas) {
  Planner planner(small_config("easy"), kAble);
  const auto apply = [&](std::int64_t now, auto&& fill) {
    protocol::Event e;
    e.set_time_s(now);
    fill(e);
    return planner.apply(e);
  };
  const auto submit = [&](std::int64_t now, std::int64_t id, std::int32_t nodes) {
    apply(now, [&](protocol::Event& e) {
      e.mutable_submit()->set_id(id);
      e.mutable_submit()->set_processors(nodes * kCores);
      e.mutable_submit()->set_requested_s(100);
    });
  };
  submit(0, 1, 1);
  submit(0, 2, 2);
  planner.schedule(0, 0);
  for (const std::int64_t job : {1, 2}) apply(0, [&](protocol::Event& e) { e.mutable_started()->set_job(job); });
  submit(5, 3, 1);
  ASSERT_EQ(planner.schedule(5, 0).proposal(0).nodes().run(0).first(), 3);
  apply(6, [](protocol::Event& e) { e.set_end(1); });
  const auto wrong = [&] {
    apply(7, [](protocol::Event& e) {
      e.mutable_started()->set_job(3);
      e.mutable_started()->mutable_nodes()->add_run()->set_first(1);
      e.mutable_started()->mutable_nodes()->mutable_run(0)->set_length(1);
    });
  };
  EXPECT_THROW(wrong(), std::invalid_argument);
  EXPECT_EQ(apply(7, [](protocol::Event& e) { e.mutable_started()->set_job(3); }), 105);
  const plugin::State state = planner.state();
  ASSERT_EQ(state.job_size(), 2);
  EXPECT_EQ(state.job(1).nodes().run(0).first(), 3);
}

// A host that was not connected tells since when a job has run.
TEST(Planner, AJobThatIsToldLateHasRunSinceItStarted) {
  const plugin::Config config = small_config("easy");
  Planner planner(config, kAble);
  protocol::Event e;
  e.set_time_s(1000);
  protocol::Job& job = *e.mutable_submit();
  job.set_id(1);
  job.set_processors(16);
  job.set_requested_s(500);
  planner.apply(e);
  protocol::Started& started = *e.mutable_started();
  started.set_job(1);
  started.set_since_s(700);
  started.mutable_nodes()->add_run()->set_length(8);
  EXPECT_EQ(planner.apply(e), 1200);
  protocol::Job& waiting = *e.mutable_submit();
  waiting.set_id(2);
  waiting.set_processors(1);
  waiting.set_requested_s(10);
  planner.apply(e);
  EXPECT_EQ(planner.expected_start(2, 1000), 1200);
  const plugin::State state = planner.state();
  Planner again(config, kAble, &state);
  EXPECT_EQ(again.expected_start(2, 1000), 1200);
  e.set_time_s(1100);
  e.set_end(1);
  planner.apply(e);
  EXPECT_EQ(planner.state().ended(0).runtime_s(), 400);
}

// The host gives a boot up and says that the node sleeps: whoever holds it still needs it.
TEST(Planner, ANodeWhoseBootWasGivenUpIsWokenAgain) {
  Planner planner(
      resolved(parse_config(
          "policy_text: 'name: \"p\" backfill_order: FCFS power { strategy: \"timeout:5\" boots_at_once: 1 }' "
          "cluster_text: 'name: \"c\" allocation: WHOLE_NODES node_type { name: \"n\" count: 1 power { "
          "idle_watts: 50 active_watts: 100 sleep { name: \"off\" watts: 1 leave { seconds: 10 watts: 80 } } } }'",
          "test")),
      kAble);
  const auto apply = [&](std::int64_t now, auto&& fill) {
    protocol::Event e;
    e.set_time_s(now);
    fill(e);
    planner.apply(e);
  };
  const auto submit = [&](std::int64_t now, std::int64_t id) {
    apply(now, [&](protocol::Event& e) {
      e.mutable_submit()->set_id(id);
      e.mutable_submit()->set_processors(1);
      e.mutable_submit()->set_requested_s(3);
    });
  };
  const auto asleep = [&](std::int64_t now) {
    apply(now, [](protocol::Event& e) { e.mutable_power()->mutable_nodes()->set_length(1); });
  };
  submit(0, 1);
  planner.schedule(0, 0);
  apply(0, [](protocol::Event& e) { e.mutable_started()->set_job(1); });
  apply(1, [](protocol::Event& e) { e.set_end(1); });
  planner.schedule(1, 0);
  ASSERT_EQ(planner.schedule(6, 0).power_size(), 1);
  EXPECT_FALSE(planner.settled());
  asleep(7);
  EXPECT_TRUE(planner.settled());
  submit(20, 2);
  const protocol::Pass first = planner.schedule(20, 0);
  ASSERT_EQ(first.proposal_size(), 1);
  ASSERT_EQ(first.power_size(), 1);
  EXPECT_TRUE(first.power(0).wake());
  apply(20, [](protocol::Event& e) { e.mutable_started()->set_job(2); });
  EXPECT_FALSE(planner.settled());
  asleep(25);
  const protocol::Pass again = planner.schedule(25, 0);
  ASSERT_EQ(again.power_size(), 1);
  EXPECT_TRUE(again.power(0).wake());
}

TEST(StateFile, IsWholeOrRefused) {
  const Folder folder;
  plugin::State state;
  state.set_version(protocol::CURRENT);
  state.set_time_s(77);
  state.add_down_node(3);
  write_state(state, folder.path("state"));
  EXPECT_EQ(read_state(folder.path("state")).ShortDebugString(), state.ShortDebugString());
  EXPECT_EQ(folder.names(), std::vector<std::string>{"state"});
  std::string text = folder.read("state");
  for (const std::size_t cut : {text.size() - 1, text.size() / 2, std::size_t{3}, std::size_t{0}}) {
    folder.write("cut", text.substr(0, cut));
    EXPECT_THROW(read_state(folder.path("cut")), StateFileError) << cut;
  }
  text.back() ^= 1;
  folder.write("flipped", text);
  EXPECT_THROW(read_state(folder.path("flipped")), StateFileError);
  EXPECT_THROW(read_state(folder.path("absent")), StateFileError);
  EXPECT_THROW(write_state(state, folder.path("no/folder")), StateFileError);
}

// Written by hand as version 1 had it.
constexpr const char* kFirstState = R"(
  version: FIRST time_s: 500
  ended { job { id: 1 submit_s: 10 requested_s: 100 processors: 4 user: 7 } entered_s: 10 started_s: 20 ended_s: 60
          runtime_s: 40 }
  job { job { id: 2 submit_s: 90 requested_s: 1000 processors: 4 user: 7 } entered_s: 90 started_s: 100
        nodes { run { first: 2 length: 2 } } }
  job { job { id: 3 submit_s: 400 requested_s: 300 processors: 16 } entered_s: 400 }
  down_node: 5)";

plugin::State first_state(int version) {
  plugin::State state;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFirstState, &state));
  state.set_version(static_cast<protocol::Version>(version));
  return state;
}

TEST(StateFile, OfTheVersionBeforeIsGoneOnWith) {
  static_assert(int{protocol::CURRENT} == int{protocol::FIRST} + 1, "write a state of the version before by hand");
  const Folder folder;
  write_state(first_state(protocol::FIRST), folder.path("state"));
  const plugin::State state = read_state(folder.path("state"));
  Planner planner(small_config("wattfill-host"), kAble, &state);
  EXPECT_EQ(planner.running(), 1U);
  EXPECT_EQ(planner.queued(), 1U);
  EXPECT_EQ(planner.expected_start(3, 500), std::nullopt) << "with a node down it is too wide";
  // What it knows is what it was told, in this version.
  plugin::State now = planner.state();
  for (plugin::LiveJob& job : *now.mutable_job()) {  // that it tells of its own accord
    EXPECT_TRUE(job.has_order_s() && job.has_fill_s());
    job.clear_order_s();
    job.clear_fill_s();
    EXPECT_EQ(job.start_number() > 0, job.has_started_s());
    job.clear_start_number();
  }
  now.mutable_ended(0)->clear_start_number();
  EXPECT_EQ(now.ShortDebugString(), first_state(protocol::CURRENT).ShortDebugString());
  write_state(now, folder.path("state"));
  EXPECT_EQ(read_state(folder.path("state")).version(), protocol::CURRENT);
}

TEST(StateFile, OfAnUnknownVersionIsRefused) {
  const Folder folder;
  for (const int version : {0, protocol::CURRENT + 1, 9}) {
    const plugin::State state = first_state(version);
    write_state(state, folder.path("state"));
    try {
      read_state(folder.path("state"));
      ADD_FAILURE() << version << " is read";
    } catch (const StateVersionError& error) {
      EXPECT_EQ(error.version(), version);
      EXPECT_NE(std::string(error.what()).find(fmt::format("of version {}; this program understands 1 to 2", version)),
                std::string::npos)
          << error.what();
    }
    EXPECT_THROW(Planner(small_config("easy"), kAble, &state), std::invalid_argument);
  }
}

}  // namespace
}  // namespace wattfill::testing
