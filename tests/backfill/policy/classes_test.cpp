// Machines with classes of nodes: single decisions by hand, equality with plain counting where there is no difference,
// and random lives of random machines in which nothing may be given twice.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/backfill/node_types.hpp"
#include "tests/backfill/policy/core_system.hpp"
#include "tests/backfill/policy/printing.hpp"

namespace wattfill::testing {
namespace {

SchedulerOptions options_on(std::vector<NodeType> types, AllocationMode mode, std::int32_t depth = 1) {
  auto cluster = std::make_shared<Cluster>();
  cluster->name = "test";
  cluster->node_types = std::move(types);
  cluster->allocation = mode;
  SchedulerOptions options;
  options.cluster = cluster;
  options.policy.backfill_order = Order::kFcfs;
  options.policy.reservation_depth = depth;
  return options;
}

// Jobs by their ids; every proposal is carried out.
class Host {
 public:
  explicit Host(SchedulerOptions options) : core(std::move(options)) {}

  void submit(JobId id, std::int64_t now, std::int32_t processors, std::int64_t requested, std::int64_t memory = -1,
              std::int32_t queue = kUnknown) {
    Job job;
    job.id = id;
    job.submit = at(now);
    job.processors = processors;
    job.requested = Seconds{requested};
    job.memory_kb_per_processor = memory;
    job.queue = queue;
    handles[id] = core.submit(job, at(now));
  }
  // "JOB@TYPE until ESTIMATED-END" for each start.
  std::vector<std::string> pass(std::int64_t now) {
    std::vector<std::string> starts;
    for (const Proposal& p : core.schedule(at(now), {}).proposals) {
      JobId id = 0;
      for (const auto& [known, handle] : handles)
        if (handle == p.job) id = known;
      starts.push_back(std::to_string(id) + "@" + std::to_string(p.node_type) + " until " +
                       std::to_string(seconds_since_epoch(p.estimated_end)));
      if (p.allocation != nullptr) nodes[id] = *p.allocation;
      EXPECT_EQ(core.started(p.job, at(now)), p.estimated_end);
    }
    return starts;
  }
  void end(JobId id, std::int64_t now) { core.end(handles[id], at(now)); }

  BackfillScheduler core;
  std::map<JobId, JobHandle> handles;
  std::map<JobId, Allocation> nodes;
};

using Starts = std::vector<std::string>;

TEST(Classes, TheHeadWaitsWhereItFinishesFirstAndOthersUseTheRest) {
  for (const std::int32_t depth : {1, 2}) {
    Host host(options_on({node_type("slow", 4, 1, 500'000), node_type("fast", 4, 1, 1'000'000)},
                         AllocationMode::kCounts, depth));
    host.submit(1, 0, 4, 10);
    EXPECT_EQ(host.pass(0), Starts{"1@1 until 10"});
    host.submit(2, 1, 4, 100);  // slow: 1 + 200; fast: 10 + 100
    host.submit(3, 1, 2, 50);   // slow, at once
    EXPECT_EQ(host.pass(1), Starts{"3@0 until 101"});
    EXPECT_EQ(host.core.expected_start(host.handles[2], at(1)), at(10));
    host.end(1, 10);
    EXPECT_EQ(host.pass(10), Starts{"2@1 until 110"});
  }
}

TEST(Classes, OfWaysThatFinishTogetherTheEarlierStartWins) {
  Host host(
      options_on({node_type("slow", 2, 1, 500'000), node_type("fast", 2, 1, 1'000'000)}, AllocationMode::kCounts));
  host.submit(1, 0, 2, 10);
  EXPECT_EQ(host.pass(0), Starts{"1@1 until 10"});
  host.submit(2, 0, 2, 10);  // slow: 0 + 20; fast: 10 + 10
  EXPECT_EQ(host.pass(0), Starts{"2@0 until 20"});
}

TEST(Classes, AJobThatNoTypeCanHoldRunsAcrossTheFewestAtTheSlowestSpeed) {
  Host host(options_on(
      {node_type("slow", 4, 1, 250'000), node_type("middle", 4, 1, 500'000), node_type("fast", 4, 1, 1'000'000)},
      AllocationMode::kWholeNodes));
  host.submit(1, 0, 7, 100);
  EXPECT_EQ(host.pass(0), Starts{"1@1 until 200"});
  EXPECT_EQ(host.nodes[1].nodes, (std::vector<NodeIndex>{4, 5, 6, 7, 8, 9, 10}));  // the slower ones are filled first
  host.submit(2, 0, 13, 100);                                                      // wider than the machine: held
  host.submit(3, 0, 1, 100);
  EXPECT_EQ(host.pass(0), Starts{"3@2 until 100"});
}

TEST(Classes, AJobAcrossTypesTakesNoNodeThatItDoesNotNeed) {
  Host host(options_on({node_type("slow", 2, 1, 1'000'000), node_type("fast", 2, 2, 2'000'000)},
                       AllocationMode::kWholeNodes));
  host.submit(1, 0, 5, 100);
  EXPECT_EQ(host.pass(0), Starts{"1@0 until 100"});
  EXPECT_EQ(host.nodes[1].nodes, (std::vector<NodeIndex>{0, 2, 3}));
}

TEST(Classes, WholeNodesThatComeFreeEarlyMoveReservations) {
  Host host(options_on({node_type("node", 2, 4, 1'000'000)}, AllocationMode::kWholeNodes, kReserveAll));
  host.submit(1, 0, 4, 100);
  host.submit(2, 0, 4, 200);
  EXPECT_EQ(host.pass(0), (Starts{"1@0 until 100", "2@0 until 200"}));
  host.submit(3, 1, 8, 50);
  EXPECT_EQ(host.pass(1), Starts{});
  host.end(1, 10);
  EXPECT_EQ(host.pass(10), Starts{});
  host.end(2, 200);
  EXPECT_EQ(host.pass(200), Starts{"3@0 until 250"});
}

TEST(Classes, MemoryAndAccessDecideWhereAJobMayRun) {
  auto types =
      std::vector<NodeType>{node_type("thin", 2, 8, 1'000'000, 8'000), node_type("fat", 2, 8, 1'000'000, 64'000)};
  SchedulerOptions options = options_on(types, AllocationMode::kWholeNodes);
  auto cluster = std::make_shared<Cluster>(*options.cluster);
  cluster->access.push_back({AccessRule::Field::kQueue, 3, {1}});
  options.cluster = cluster;
  Host host(std::move(options));
  host.submit(1, 0, 8, 10, 2'000);  // thin: 4 processors a node, two nodes; which come first in the file
  EXPECT_EQ(host.pass(0), Starts{"1@0 until 10"});
  EXPECT_EQ(host.nodes[1].nodes.size(), 2U);
  host.submit(2, 0, 1, 10, 20'000);  // fat only
  EXPECT_EQ(host.pass(0), Starts{"2@1 until 10"});
  host.submit(3, 0, 1, 10, -1, 3);  // by its queue
  EXPECT_EQ(host.pass(0), Starts{"3@1 until 10"});
  host.submit(4, 0, 1, 10, 65'000);  // nowhere
  EXPECT_EQ(host.pass(0), Starts{});
  EXPECT_EQ(host.core.queued(), 1U);
}

TEST(Classes, TheRealLimitKeepsJobsFromNodesWhereTheirEstimateDoesNotFit) {
  SchedulerOptions options =
      options_on({node_type("slow", 2, 1, 500'000), node_type("fast", 1, 1, 1'000'000)}, AllocationMode::kCounts);
  options.limit = LimitRule::kReal;
  Host host(std::move(options));
  host.submit(1, 0, 1, 10);
  host.submit(2, 0, 1, 10);  // requested times are bounds: never on the slow node
  EXPECT_EQ(host.pass(0), Starts{"1@1 until 10"});
}

TEST(Classes, TheHostMayChooseOtherNodes) {
  Host host(options_on({node_type("slow", 2, 4, 500'000), node_type("fast", 2, 4, 1'000'000)}, AllocationMode::kCores));
  host.submit(1, 0, 4, 100);
  const Pass pass = host.core.schedule(at(0), {});
  ASSERT_EQ(pass.proposals.size(), 1U);
  Allocation chosen{{0, 1}, {CoreSet(4), CoreSet(4)}};
  for (const std::int32_t core : {1, 2}) {
    chosen.cores[0].add(core);
    chosen.cores[1].add(core);
  }
  EXPECT_EQ(host.core.started_on(host.handles[1], chosen, at(0)), at(200));
  host.submit(2, 0, 4, 100);
  EXPECT_EQ(host.pass(0), Starts{"2@1 until 100"});
  host.submit(3, 0, 4, 100);
  EXPECT_THROW(host.core.started_on(host.handles[3], chosen, at(0)), std::invalid_argument);  // not free
  EXPECT_EQ(host.pass(0), Starts{"3@1 until 100"});
  host.end(1, 50);
  host.submit(4, 50, 8, 10);
  EXPECT_EQ(host.pass(50), Starts{"4@0 until 70"});
}

TEST(Classes, ANodeThatIsDownIsNotUsed) {
  Host host(options_on({node_type("node", 2, 4, 1'000'000)}, AllocationMode::kWholeNodes));
  host.core.node_changed(0, false, at(0));
  host.submit(1, 0, 4, 10);
  host.submit(2, 0, 4, 10);
  EXPECT_EQ(host.pass(0), Starts{"1@0 until 10"});
  EXPECT_EQ(host.nodes[1].nodes, std::vector<NodeIndex>{1});
  EXPECT_THROW(host.core.node_changed(1, false, at(0)), std::invalid_argument);  // in use
  host.core.node_changed(0, true, at(5));
  EXPECT_EQ(host.pass(5), Starts{"2@0 until 15"});
}

// One type at the reference speed, but with a memory limit that binds nobody: the general way to count.
TEST(Classes, OneClassStartsWhatPlainCountingStarts) {
  std::uint64_t seed = 0;
  for (const Order order : {Order::kFcfs, Order::kSaf, Order::kWfp3})
    for (const std::optional<Order> backfill :
         {std::optional<Order>{}, std::optional{Order::kFcfs}, std::optional{order}})
      for (const std::int32_t depth : {0, 1, 2, 5, kReserveAll})
        for (const AllocationMode mode : {AllocationMode::kCounts, AllocationMode::kWholeNodes, AllocationMode::kCores})
          for (const bool predicted : {false, true}) {
            Random random(++seed);
            const SmallWorkload workload = small_workload(random, 15, 80);
            SchedulerOptions plain;
            plain.processors = workload.processors;
            plain.policy.queue_order = order;
            plain.policy.backfill_order = backfill;
            plain.policy.reservation_depth = depth;
            if (seed % 3 == 0) plain.policy.promotion_age = Seconds{45};
            if (seed % 6 == 0) plain.policy.promotion_backlog_percent = 80;
            const auto predictions = std::make_shared<Predictions>(workload);
            if (predicted && seed % 2 == 0) plain.fit_estimates = plain.order_estimates = predictions;
            if (predicted && seed % 4 != 2) plain.fill_estimates = predictions;
            SchedulerOptions counted = plain;
            counted.cluster =
                options_on({node_type("node", workload.processors, 1, 1'000'000, 1'000'000'000)}, mode).cluster;
            CoreSystem one(workload, plain);
            CoreSystem other(workload, counted);
            ASSERT_EQ(drive(workload, one, Passes::kEachInstant), drive(workload, other, Passes::kEachInstant))
                << label(plain.policy) << ", seed " << seed;
          }
}

// A random machine, jobs of all kinds; what is given is free, enough and allowed, and everybody runs in the end.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {
    const AllocationMode mode = random_.chance(50) ? AllocationMode::kWholeNodes : AllocationMode::kCores;
    std::vector<NodeType> types;
    const std::int64_t kinds = random_.between(1, 4);
    for (std::int64_t k = 0; k < kinds; ++k)
      types.push_back(node_type("t" + std::to_string(k), random_.between32(1, 6), random_.between32(1, 5),
                                random_.between(1, 8) * 250'000,
                                random_.chance(50) ? 0 : random_.between(1'000, 9'000)));
    const bool hold_all = random_.chance(40);
    options_ = options_on(std::move(types), mode, hold_all ? kReserveAll : random_.between32(0, 3));
    options_.policy.queue_order = random_.chance(50) ? Order::kFcfs : Order::kSaf;
    if (random_.chance(30)) options_.policy.placement.terms.push_back({PlacementStrategy::kMostEfficient, 1});
    if (random_.chance(30)) options_.policy.promotion_age = Seconds{200};
  }

  void run() {
    BackfillScheduler core(options_);
    const Cluster& cluster = *options_.cluster;
    struct Running {
      JobHandle handle;
      Allocation nodes;
    };
    std::multimap<std::int64_t, Running> running;
    std::map<std::uint32_t, Job> waiting;
    std::map<NodeIndex, CoreSet> used;
    std::int64_t now = 0;
    int submitted = 0;
    while (submitted < 60 || !running.empty()) {
      now = running.empty() || (submitted < 60 && random_.chance(70)) ? now + random_.between(0, 8)
                                                                      : std::max(now, running.begin()->first);
      while (!running.empty() && running.begin()->first <= now) {
        const Running& r = running.begin()->second;
        for (std::size_t i = 0; i < r.nodes.nodes.size(); ++i) used[r.nodes.nodes[i]] -= cores_of(cluster, r.nodes, i);
        core.end(r.handle, at(now));
        running.erase(running.begin());
      }
      for (std::int64_t n = submitted < 60 ? random_.between(0, 2) : 0; n > 0; --n) {
        Job job;
        job.id = ++submitted;
        job.submit = at(now);
        job.processors = random_.between32(1, static_cast<std::int32_t>(cluster.processors()));
        if (random_.chance(60)) job.processors = random_.between32(1, 3);
        job.requested = Seconds{random_.between(1, 60)};
        job.memory_kb_per_processor = random_.chance(60) ? -1 : random_.between(1, 900);
        Demands demands(cluster, LimitRule::kScaled);
        const bool can_run = demands.plain() || !demands.group(demands.group_of(job, job.requested)).options.empty();
        const JobHandle handle = core.submit(job, at(now));
        if (can_run)
          waiting[handle.slot] = job;
        else
          core.cancel(handle, at(now));
      }
      for (const Proposal& p : core.schedule(at(now), {}).proposals) {
        ASSERT_NE(p.allocation, nullptr);
        const Job job = waiting.at(p.job.slot);
        waiting.erase(p.job.slot);
        check(cluster, job, p);
        for (std::size_t i = 0; i < p.allocation->nodes.size(); ++i) {
          const CoreSet cores = cores_of(cluster, *p.allocation, i);
          CoreSet& of_node =
              used.try_emplace(p.allocation->nodes[i], type_of(cluster, p.allocation->nodes[i]).processors)
                  .first->second;
          CoreSet both = of_node;
          both &= cores;
          ASSERT_TRUE(both.empty()) << "node " << p.allocation->nodes[i] << " is given twice";
          of_node |= cores;
        }
        const std::int64_t length = p.speed.duration(Seconds{random_.between(1, job.requested.count())}).count();
        running.emplace(now + length, Running{p.job, *p.allocation});
        core.started(p.job, at(now));
      }
    }
    EXPECT_TRUE(waiting.empty()) << waiting.size() << " jobs never ran";
    EXPECT_EQ(core.queued(), 0U);
  }

 private:
  static const NodeType& type_of(const Cluster& cluster, NodeIndex node) {
    for (const NodeType& t : cluster.node_types) {
      if (node < t.count) return t;
      node -= t.count;
    }
    throw std::logic_error("no such node");
  }
  static CoreSet cores_of(const Cluster& cluster, const Allocation& a, std::size_t i) {
    return a.cores.empty() ? CoreSet::all(type_of(cluster, a.nodes[i]).processors) : a.cores[i];
  }

  static void check(const Cluster& cluster, const Job& job, const Proposal& p) {
    const std::int64_t memory = std::max<std::int64_t>(0, job.memory_kb_per_processor);
    const bool shared = !p.allocation->cores.empty();
    std::int64_t given = 0;  // processors of the job that the nodes can take; cores where they are shared
    std::int64_t needed = 0;
    Speed slowest{1'000'000'000};
    std::set<std::string> types;
    for (std::size_t i = 0; i < p.allocation->nodes.size(); ++i) {
      const NodeType& t = type_of(cluster, p.allocation->nodes[i]);
      const bool limited = memory > 0 && t.memory_kb > 0;
      const std::int64_t share = t.memory_kb / t.processors;  // of a core
      needed = !shared || !limited ? job.processors : job.processors * ((memory + share - 1) / share);
      const std::int64_t cores = cores_of(cluster, *p.allocation, i).size();
      given += shared || !limited ? cores : std::min(cores, t.memory_kb / memory);
      slowest = std::min(slowest, t.speed);
      types.insert(t.name);
    }
    EXPECT_EQ(p.speed, slowest);
    EXPECT_GE(p.estimated_end - job.submit, slowest.duration(job.requested));
    if (!shared) {
      EXPECT_GE(given, needed);
    } else if (types.size() == 1) {  // across types, each core stands for its own share of memory
      EXPECT_EQ(given, needed);
    }
  }

  Random random_;
  SchedulerOptions options_;
};

TEST(Classes, GiveNothingTwiceAndLetEveryoneRun) {
  for (std::uint64_t seed = 1; seed <= 400 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life(seed).run();
  }
}

}  // namespace
}  // namespace wattfill::testing
