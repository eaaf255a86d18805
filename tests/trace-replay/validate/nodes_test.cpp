// Hand-made schedules on nodes, each with one planted defect that the judge must find and name.
#include <gtest/gtest.h>

#include <functional>

#include "tests/trace-replay/validate/small_cluster.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/validate/node_machine.hpp"
#include "trace-replay/validate/trace_recipe.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;
using Plant = std::function<void(std::vector<TraceEntry>&, std::vector<ScheduleRow>&, ValidationRequest&)>;

Seconds seconds(std::int64_t count) { return Seconds{count}; }
SimTime at(std::int64_t count) { return SimTime{Seconds{count}}; }

// Four slow nodes, two fast ones, two processors each. 1 takes both fast nodes: 100 s become 50. 2 would run on slow
// nodes until 402 and waits for fast ones: from 50 to 100. 3 fits on a slow node beside that. 4 is too wide for either
// type and takes all six nodes once 3 has ended, at the speed of the slow ones.
struct Case {
  std::vector<TraceEntry> trace = trace_of({{0, 4, 100, 100}, {2, 3, 200, 100}, {3, 2, 90, 90}, {4, 12, 60, 60}});
  std::vector<ScheduleRow> rows = rows_of(trace, {0, 50, 3, 183});
  ValidationRequest request;

  explicit Case(AllocationMode mode, const std::string& policy = "easy")
      : request(request_on(small_cluster(mode), policy)) {
    rows[0].executed = seconds(50);
    rows[1].executed = seconds(50);
    rows[2].executed = seconds(180);
    rows[3].executed = seconds(120);
    if (mode == AllocationMode::kWholeNodes) {
      on_nodes(rows[0], {4, 5});
      on_nodes(rows[1], {4, 5});
      on_nodes(rows[2], {0});
      on_nodes(rows[3], {0, 1, 2, 3, 4, 5});
    } else {
      on_nodes(rows[0], {4, 5}, {{0, 1}, {0, 1}});
      on_nodes(rows[1], {4, 5}, {{0, 1}, {1}});
      on_nodes(rows[2], {2}, {{0, 1}});
      on_nodes(rows[3], {0, 1, 2, 3, 4, 5}, {{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}});
    }
  }
};

ValidationReport after(AllocationMode mode, const std::string& policy, const Plant& plant) {
  Case of(mode, policy);
  plant(of.trace, of.rows, of.request);
  return judged(of.request, of.trace, of.rows);
}
ValidationReport whole(const std::string& policy, const Plant& plant) {
  return after(AllocationMode::kWholeNodes, policy, plant);
}
ValidationReport cores(const Plant& plant) { return after(AllocationMode::kCores, "", plant); }

TEST(Nodes, FaithfulSchedulesAreClean) {
  for (const AllocationMode mode : {AllocationMode::kWholeNodes, AllocationMode::kCores}) {
    const ValidationReport report = after(mode, "easy", [](auto&, auto&, auto&) {});
    expect_only(report, {});
    EXPECT_EQ(report.judged, 4);
    EXPECT_TRUE(report.of(Check::kTypeChoice).performed);
    EXPECT_EQ(report.of(Check::kNodeOverlap).performed, mode == AllocationMode::kWholeNodes);
    EXPECT_EQ(report.of(Check::kCoreSets).performed, mode == AllocationMode::kCores);
    EXPECT_FALSE(report.of(Check::kAllocationOverlap).performed);
  }
}

TEST(Nodes, NodeOutsideTheMachine) {
  expect_only(whole("", [](auto&, auto& rows, auto&) { on_nodes(rows[2], {0, 6}); }), {{Check::kNodeRange, 1}});
}

TEST(Nodes, NodeOfTwoJobs) {
  const ValidationReport report = whole("", [](auto&, auto& rows, auto&) { rows[1].start = at(49); });
  expect_only(report, {{Check::kNodeOverlap, 1}});
  EXPECT_NE(report.of(Check::kNodeOverlap).examples[0].seen.find("node 4 is still held by job 1 until 50 s"),
            std::string::npos);
  // One node named twice.
  expect_only(whole("", [](auto&, auto& rows, auto&) { on_nodes(rows[1], {4, 4}); }), {{Check::kNodeOverlap, 1}});
}

TEST(Nodes, TooManyOrTooFewNodes) {
  expect_only(whole("", [](auto&, auto& rows, auto&) { on_nodes(rows[2], {0, 1}); }), {{Check::kNodeCount, 1}});
  expect_only(whole("", [](auto&, auto& rows, auto&) { on_nodes(rows[1], {4}); }), {{Check::kNodeCount, 1}});
  expect_only(whole("",
                    [](auto&, auto& rows, auto&) {
                      on_nodes(rows[3], {0, 1, 2, 3, 4});
                    }),
              {{Check::kNodeCount, 1}});
  // 9 processors: four slow nodes and one fast, or three and two.
  const auto across = [](const std::vector<std::int64_t>& nodes) {
    return whole("", [=](auto& trace, auto& rows, auto&) {
      trace[3].processors = rows[3].processors = 9;
      on_nodes(rows[3], nodes);
    });
  };
  expect_only(across({0, 1, 2, 3, 4}), {});
  expect_only(across({1, 2, 3, 4, 5}), {});
  expect_only(across({0, 1, 2, 3, 4, 5}), {{Check::kNodeCount, 1}});
}

TEST(Nodes, MemoryTakesMoreNodes) {
  const auto hungry = [](std::int64_t memory_kb, const std::vector<std::int64_t>& nodes) {
    return whole("", [=](auto& trace, auto& rows, auto&) {
      trace[2].memory_kb = memory_kb;
      on_nodes(rows[2], nodes);
    });
  };
  expect_only(hungry(500, {0}), {});
  expect_only(hungry(501, {0}), {{Check::kNodeCount, 1}});
  expect_only(hungry(501, {0, 1}), {});
  expect_only(hungry(1001, {0, 1}), {{Check::kNodeAccess, 1}});
}

TEST(Nodes, TypesThatAccessRulesForbid) {
  const Plant plant = [](auto& trace, auto&, auto& request) {
    request.cluster->access = {{AccessRule::Field::kQueue, 7, {1}}, {AccessRule::Field::kPartition, 3, {0}}};
    trace[0].queue = 7;      // on fast nodes: right
    trace[1].partition = 3;  // on fast nodes: wrong
    trace[2].queue = 7;      // on a slow node: wrong
  };
  expect_only(whole("", plant), {{Check::kNodeAccess, 2}});
}

TEST(Nodes, SeveralTypesWhereOneCouldHoldTheJob) {
  expect_only(whole("",
                    [](auto&, auto& rows, auto&) {
                      on_nodes(rows[1], {1, 4});
                      rows[1].executed = seconds(200);
                      rows[3].start = at(250);
                    }),
              {{Check::kSeveralTypes, 1}});
}

TEST(Nodes, RunTimeIsThatOfTheSlowestNode) {
  expect_only(whole("", [](auto&, auto& rows, auto&) { rows[2].executed = seconds(179); }), {{Check::kRuntime, 1}});
  expect_only(whole("", [](auto&, auto& rows, auto&) { rows[3].executed = seconds(30); }), {{Check::kRuntime, 1}});
  // 51 s at a speed of 2 are 26 s.
  expect_only(whole("",
                    [](auto& trace, auto& rows, auto&) {
                      trace[0].runtime = seconds(51);
                      rows[0].executed = seconds(26);
                    }),
              {});
}

TEST(Nodes, RealLimitCutsRunTimesAndClosesSlowTypes) {
  // 3 asks for 90 s, so a slow node has no time for it, by its request; a fast one has.
  expect_only(whole("", [](auto&, auto&, auto& request) { request.limit = LimitRule::kReal; }),
              {{Check::kNodeAccess, 2}, {Check::kRuntime, 2}});
  const auto clairvoyant = [](std::int64_t ran) {
    return whole("", [=](auto& trace, auto& rows, auto& request) {
      request.limit = LimitRule::kReal;
      request.estimates = ValidationRequest::Estimates::kClairvoyant;
      for (TraceEntry& entry : trace) entry.requested = seconds(200);
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i].requested = seconds(200);
      rows[2].executed = seconds(ran);
      rows[3].start = at(184);
    });
  };
  expect_only(clairvoyant(180), {});
  expect_only(clairvoyant(181), {{Check::kRuntime, 1}});
}

TEST(Nodes, WithoutNodesTheTypesAreNotKnown) {
  const ValidationReport report = whole("easy", [](auto&, auto& rows, auto&) {
    for (ScheduleRow& row : rows) row.allocation.clear();
  });
  expect_only(report, {});
  EXPECT_FALSE(report.of(Check::kRuntime).performed);
  EXPECT_FALSE(report.of(Check::kNodeRange).performed);
  EXPECT_EQ(report.passes, 0);
  EXPECT_EQ(report.notes.size(), 3U);
}

TEST(Cores, SetsThatCannotBeRead) {
  for (const char* wrong : {"", "2:", "2:0x0", "2:0x4", "2:3 3:3", "3:0x3", "2:zebra", "2"})
    expect_only(cores([=](auto&, auto& rows, auto&) { rows[2].cpusets = wrong; }), {{Check::kCoreSets, 1}});
}

TEST(Cores, TooManyOrTooFew) {
  expect_only(cores([](auto&, auto& rows, auto&) {
                on_nodes(rows[1], {4, 5}, {{0, 1}, {0, 1}});
              }),
              {{Check::kNodeCount, 1}});
  expect_only(cores([](auto&, auto& rows, auto&) { on_nodes(rows[1], {4, 5}, {{0}, {1}}); }), {{Check::kNodeCount, 1}});
  // 501 KiB a processor are two cores' share of the 1000 KiB of a node.
  expect_only(cores([](auto& trace, auto&, auto&) { trace[2].memory_kb = 500; }), {});
  expect_only(cores([](auto& trace, auto&, auto&) { trace[2].memory_kb = 501; }), {{Check::kNodeCount, 1}});
}

TEST(Cores, OneCoreOfTwoJobs) {
  // Beside each other on one node is right.
  expect_only(cores([](auto&, auto& rows, auto&) { on_nodes(rows[2], {2, 3}, {{0}, {1}}); }), {});
  const ValidationReport report = cores([](auto&, auto& rows, auto&) { rows[1].start = at(49); });
  expect_only(report, {{Check::kCoreOverlap, 1}});
  EXPECT_NE(report.of(Check::kCoreOverlap).examples[0].seen.find("0x00000003 of node 4"), std::string::npos);
}

TEST(TypeChoice, HeadOnASlowTypeThatWasFree) {
  const ValidationReport report = whole("easy", [](auto&, auto& rows, auto&) {
    rows[1].start = at(2);
    rows[1].executed = seconds(200);
    on_nodes(rows[1], {1, 2});
    rows[2].start = at(50);
    rows[2].executed = seconds(45);
    on_nodes(rows[2], {4});
    rows[3].start = at(202);
  });
  expect_only(report, {{Check::kTypeChoice, 1}});
  EXPECT_EQ(report.of(Check::kTypeChoice).examples[0].right, "it waits until 50 s, for an estimated end at 150 s");
}

TEST(TypeChoice, HeadThatStartsAtOnceOnTheWrongType) {
  const auto starting = [](const std::vector<std::int64_t>& nodes, std::int64_t ran) {
    const std::vector<TraceEntry> trace = trace_of({{0, 2, 100, 100}});
    std::vector<ScheduleRow> rows = rows_of(trace, {0});
    on_nodes(rows[0], nodes);
    rows[0].executed = seconds(ran);
    return judged(request_on(small_cluster(AllocationMode::kWholeNodes), "fcfs"), trace, rows);
  };
  expect_only(starting({5}, 50), {});
  expect_only(starting({1}, 200), {{Check::kTypeChoice, 1}});
}

// 1 holds a fast node until 100; 2 needs both, from 100 on. 3 ends by then on the other fast node, and sooner than on a
// slow one; 4 would not, and is to run on a slow node although that takes four times as long.
struct Backfilling {
  std::vector<TraceEntry> trace = trace_of({{0, 2, 200, 200}, {1, 4, 20, 20}, {2, 1, 40, 40}, {50, 1, 120, 120}});
  std::vector<ScheduleRow> rows = rows_of(trace, {0, 100, 2, 50});
  ValidationRequest request = request_on(small_cluster(AllocationMode::kWholeNodes), "easy");
  Backfilling() {
    trace[1].queue = 1;  // not on slow nodes
    request.cluster->access = {{AccessRule::Field::kQueue, 1, {1}}};
    const std::int64_t ran[] = {100, 10, 20, 240};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].executed = seconds(ran[i]);
    on_nodes(rows[0], {4});
    on_nodes(rows[1], {4, 5});
    on_nodes(rows[2], {5});
    on_nodes(rows[3], {0});
  }
  ValidationReport report() const { return judged(request, trace, rows); }
};

TEST(TypeChoice, BackfilledJobs) {
  expect_only(Backfilling().report(), {});

  Backfilling on_slow;  // finishes later there
  on_nodes(on_slow.rows[2], {1});
  on_slow.rows[2].executed = seconds(80);
  expect_only(on_slow.report(), {{Check::kTypeChoice, 1}});

  Backfilling delays;  // on the fast node until 110
  on_nodes(delays.rows[3], {5});
  delays.rows[3].executed = seconds(60);
  delays.rows[1].start = at(110);
  const ValidationReport report = delays.report();
  EXPECT_EQ(report.of(Check::kTypeChoice).violations, 1) << validation_text(report);

  Backfilling waits;
  waits.rows[3].start = at(60);
  expect_only(waits.report(), {{Check::kBackfillMissed, 1}});

  Backfilling late;
  late.rows[1].start = at(101);
  expect_only(late.report(), {{Check::kHeadWaited, 1}});
}

TEST(TypeChoice, BackfilledJobThatDelaysTheHead) {
  Backfilling of;  // now the last job may not use slow nodes either, and has to wait
  of.trace[3].queue = 1;
  of.rows[3].start = at(110);
  of.rows[3].executed = seconds(60);
  on_nodes(of.rows[3], {4});
  expect_only(of.report(), {});
  of.rows[3].start = at(50);
  on_nodes(of.rows[3], {5});
  of.rows[1].start = at(110);
  expect_only(of.report(), {{Check::kHeadDelayed, 1}});
}

TEST(NodeMachine, WaysAreTheFewestAndFastestTypes) {
  Cluster cluster;
  cluster.allocation = AllocationMode::kCores;
  cluster.node_types = {testing::node_type("a", 1, 4, 500'000), testing::node_type("b", 1, 4, 3'000'000),
                        testing::node_type("c", 1, 4)};
  const NodeMachine machine(cluster, LimitRule::kScaled);
  const auto ways = [&](std::int64_t processors) {
    TraceEntry job;
    job.processors = processors;
    return machine.ways(job, Seconds{100});
  };
  ASSERT_EQ(ways(4).size(), 3U);
  EXPECT_EQ(ways(4)[1].types, (std::vector<std::size_t>{1}));
  EXPECT_EQ(ways(4)[1].duration, Seconds{34});
  ASSERT_EQ(ways(5).size(), 1U);
  EXPECT_EQ(ways(5)[0].types, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(ways(5)[0].duration, Seconds{100});
  EXPECT_EQ(ways(9)[0].types, (std::vector<std::size_t>{0, 2, 1}));
  EXPECT_TRUE(ways(13).empty());
}

TEST(NodeMachine, JobsThatCannotRunAreLeftOutAndCounted) {
  std::vector<TraceEntry> trace = trace_of({{0, 1, 10, 10}, {0, 12, 10, 10}, {0, 1, 10, 10}});
  trace[1].memory_kb = 501;  // six nodes hold six of them
  ValidationReport report;
  report.request = request_on(small_cluster(AllocationMode::kWholeNodes), "");
  leave_out_what_cannot_run(trace, NodeMachine(*report.request.cluster, LimitRule::kScaled), report);
  EXPECT_EQ(report.trace.cannot_run, 1);
  ASSERT_EQ(trace.size(), 2U);
  EXPECT_EQ(trace[1].id, 3);
}

TEST(NodeMachine, RequestsThatCannotBe) {
  ValidationRequest request = request_on(small_cluster(AllocationMode::kWholeNodes), "easy");
  request.pass = ValidationRequest::Pass::kEachEvent;
  EXPECT_THROW(judged(request, {}, {}), UsageError);
  request = request_on(small_cluster(AllocationMode::kWholeNodes), "easy");
  request.processors = 11;
  EXPECT_THROW(judged(request, {}, {}), UsageError);
}

}  // namespace
}  // namespace wattfill::judge
