// The engine through libwattfill.so: every outcome is that of the built-in scheduler.
#include <gtest/gtest.h>

#include "plugin/rerun.hpp"
#include "tests/trace-replay/engine/capped_replays.hpp"
#include "tests/trace-replay/engine/power_replays.hpp"
#include "tests/trace-replay/output/folder.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/host/plugin_scheduler.hpp"

namespace wattfill::testing {
namespace {

struct Case {
  Workload workload;
  std::optional<Cluster> cluster;
  PolicySpec policy;
  std::int32_t processors = 0;
  PassRule pass = PassRule::kEachInstant;
};

SchedulerOptions options_of(const Case& c) {
  SchedulerOptions options = scheduler_options(c.policy, c.workload, c.processors, c.pass);
  if (!c.cluster) return options;
  options.cluster = std::make_shared<Cluster>(*c.cluster);
  const StepSeries& cap = c.cluster->facility.power_cap;
  if (!cap.empty()) options.out_of_work = nodes_out_of_work(*c.cluster, cap, nodes_sleep(c.policy, *c.cluster));
  return options;
}

ReplayOptions replaying(const Case& c) {
  ReplayOptions options;
  options.pass = c.pass;
  if (c.cluster && nodes_sleep(c.policy, *c.cluster)) options.cluster = &*c.cluster;
  return options;
}

void expect_the_same(const Case& c, const std::string& log = "") {
  BackfillScheduler built_in(options_of(c));
  const ReplayResult expected = replay(c.workload, built_in, replaying(c));
  PluginScheduler plugin(WATTFILL_PLUGIN, plugin_config(options_of(c), "", log), c.cluster ? &*c.cluster : nullptr);
  const ReplayResult found = replay(c.workload, plugin, replaying(c));
  ASSERT_EQ(found.outcomes.size(), expected.outcomes.size());
  for (std::size_t i = 0; i < expected.outcomes.size(); ++i) {
    const JobOutcome& a = expected.outcomes[i];
    const JobOutcome& b = found.outcomes[i];
    ASSERT_TRUE(a.start == b.start && a.end == b.end && a.fate == b.fate && a.backfilled == b.backfilled &&
                a.node_type == b.node_type && a.boot_s == b.boot_s)
        << "job " << c.workload.jobs[i].job.id;
  }
  EXPECT_EQ(found.scheduler.passes, expected.scheduler.passes);
  EXPECT_EQ(found.scheduler.backfilled, expected.scheduler.backfilled);
  EXPECT_EQ(plugin.queued() + plugin.running(), built_in.queued() + built_in.running());
}

TEST(PluginReplay, CountedProcessorsUnderEachPreset) {
  for (const PolicySpec& policy : policy_presets()) {
    SCOPED_TRACE(policy.name);
    Case c;
    c.workload = generated_workload(busy_days(600, 64, 5, 1.0));
    c.policy = policy;
    c.processors = 64;
    expect_the_same(c);
    if (policy.name == "easy++" || policy.name == "easy") {
      c.pass = PassRule::kEachEvent;
      expect_the_same(c);
    }
  }
}

// What a cluster file can say: states have names, and a transition costs its duration times its power.
void make_writable(Cluster& cluster) {
  for (NodeType& type : cluster.node_types) {
    Milliwatts lighter = type.power.idle;
    for (SleepState& state : type.power.sleep) {
      state.name = "s" + std::to_string(&state - type.power.sleep.data());
      state.power = lighter = {std::max<std::int64_t>(0, std::min(state.power.count, lighter.count - 1))};
      for (Transition* transition : {&state.enter, &state.leave}) {
        transition->power = type.power.active;
        transition->energy = transition->power * transition->duration;
      }
    }
  }
}

TEST(PluginReplay, NodesThatSleepAndCancellations) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Case c;
    c.cluster = random_sleepers(random, random.between(1, 3), 4);
    make_writable(*c.cluster);
    c.workload = random_bursts(random, *c.cluster, 60);
    withdraw_some(c.workload, random);
    c.policy = preset(random.chance(50) ? "wattfill-energy" : "easy-sjbf");
    c.policy.power = random_power_spec(random);
    expect_the_same(c);
  }
}

// Half of them change.
Case random_capped_case(Random& random) {
  Case c;
  c.cluster = random_sleepers(random, random.between(1, 3), 4);
  for (NodeType& type : c.cluster->node_types) type.count += 2;
  make_writable(*c.cluster);
  c.policy = preset(random.chance(50) ? "wattfill-energy" : "easy-sjbf");
  c.policy.power = random_power_spec(random);
  const bool sleep = nodes_sleep(c.policy, *c.cluster);
  c.cluster->facility.power_cap = random.chance(50) ? random_cap_series(random, *c.cluster, sleep)
                                                    : StepSeries(random_cap(random, *c.cluster, sleep));
  c.workload = random_bursts(random, least_at_work(*c.cluster, sleep), 60);
  return c;
}

TEST(PluginReplay, NodesOutOfWorkForAPowerCap) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    expect_the_same(random_capped_case(random));
  }
}

// Each file begins with the planner's state, and from there it decides the same: which nodes are out of work, too.
TEST(PluginReplay, ACappedPlannerGoesOnFromItsState) {
  std::size_t files = 0;
  for (std::uint64_t seed = 1001; seed <= 1030; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Case c = random_capped_case(random);
    const Folder folder;
    PluginScheduler plugin(WATTFILL_PLUGIN,
                           plugin_config(options_of(c), "", "") + " log { directory: \"" + folder.path("log") +
                               "\" file_kib: 1 files: 100 }",
                           &*c.cluster);
    const ReplayResult found = replay(c.workload, plugin, replaying(c));
    for (const JobOutcome& outcome : found.outcomes) EXPECT_NE(outcome.end, kNever);
    for (const std::string& file : log_files(folder.path("log"))) {
      Rerun rerun(file);
      while (rerun.step()) {
      }
      EXPECT_FALSE(rerun.difference()) << file;
      ++files;
    }
  }
  EXPECT_GT(files, 60U);
}

TEST(PluginReplay, NodesSharedByCore) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Case c;
    c.cluster = random_sleepers(random, random.between(1, 3), 1);
    make_writable(*c.cluster);
    c.cluster->allocation = AllocationMode::kCores;
    for (NodeType& type : c.cluster->node_types) {
      type.processors = random.chance(20) ? 200 : 3;
      type.insides = NodeInsides::flat(type.processors);
    }
    c.workload = random_bursts(random, *c.cluster, 60);
    c.policy = preset(random.chance(50) ? "easy" : "conservative");
    expect_the_same(c);
  }
}

TEST(PluginReplay, LogsWhatItDecided) {
  const Folder folder;
  Case c;
  c.workload = generated_workload(busy_days(300, 64, 5, 1.0));
  c.policy = preset("wattfill");
  c.processors = 64;
  expect_the_same(c, folder.path("log"));
  Rerun rerun(log_files(folder.path("log")).front());
  while (rerun.step()) {
  }
  EXPECT_FALSE(rerun.difference());
  EXPECT_EQ(rerun.proposals(), 300);
}

TEST(PluginReplay, WhatCannotBeLoadedIsToldInOneLine) {
  const auto message = [](const std::string& library, const std::string& config) -> std::string {
    try {
      const PluginScheduler plugin(library, config, nullptr);
    } catch (const InputError& error) {
      return error.what();
    }
    return "loaded";
  };
  EXPECT_NE(message("no-such.so", "").find("no-such.so"), std::string::npos);
  EXPECT_NE(message("libz.so.1", "").find("no function wattfill_abi_version"), std::string::npos);
  EXPECT_NE(message(WATTFILL_PLUGIN, "policy: 7").find("config:1:"), std::string::npos);
  EXPECT_NE(message(WATTFILL_PLUGIN, "policy_text: 'name: \"x\" fit_estimates: \"clairvoyant\"' processors: 4")
                .find("there is no such source"),
            std::string::npos);
}

}  // namespace
}  // namespace wattfill::testing
