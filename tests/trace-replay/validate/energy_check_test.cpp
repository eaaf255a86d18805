// The books of a run's energy: right ones are clean, each planted defect is found.
#include "trace-replay/validate/energy_check.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/trace-replay/validate/small_cluster.hpp"
#include "tests/trace-replay/validate/temporary_directory.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

// One type of two nodes, idle at 1000 mW and at most 5000 mW. A job holds node 0 from 0 to 10 at 4000 mW, so another
// 6000 mW s are what waking node 1 takes at the end, after it has slept.
struct Books {
  Cluster cluster;
  std::vector<PowerRow> power = {{SimTime{Seconds{0}}, {5000, 6000, 4000, 1000, 0, 0}},
                                 {SimTime{Seconds{10}}, {2000, 2400, 0, 2000, 0, 0}},
                                 {SimTime{Seconds{20}}, {1300, 1560, 0, 1000, 300, 0}},
                                 {SimTime{Seconds{30}}, {3000, 3600, 0, 1000, 0, 2000}},
                                 {SimTime{Seconds{33}}, {3000, 3600, 0, 1000, 0, 2000}}};
  EnergyTotals totals{SimTime{Seconds{0}}, SimTime{Seconds{33}}, {92'000, 110'400, 40'000, 43'000, 3'000, 6'000}};
  std::vector<TraceEntry> trace = trace_of({{0, 1, 10, 10}});
  std::vector<ScheduleRow> rows = rows_of(trace, {0});

  Books() {
    cluster.allocation = AllocationMode::kWholeNodes;
    cluster.node_types = {testing::node_type("node", 2, 1)};
    cluster.node_types[0].power.sleep = {{"off", {300}, {}, {}}};
    cluster.facility.pue_millionths = 1'200'000;
    rows[0].energy_mj = 40'000;
    on_nodes(rows[0], {0});
  }

  ValidationReport report() const {
    ValidationReport report;
    report.request = request_on(cluster, "");
    const NodeMachine machine(cluster, LimitRule::kScaled);
    std::vector<JudgedJob> jobs = {{trace[0], *rows[0].start, *rows[0].start + rows[0].executed}};
    jobs[0].use = machine.use_of(trace[0], rows[0]);
    check_books(&power, &totals, rows, report);
    check_power_states(power, jobs, machine, report);
    return report;
  }
};

ValidationReport after(const std::function<void(Books&)>& plant) {
  Books books;
  plant(books);
  return books.report();
}

TEST(EnergyBooks, RightOnesAreClean) {
  const ValidationReport report = Books().report();
  expect_only(report, {});
  for (const Check check :
       {Check::kPowerSteps, Check::kPowerParts, Check::kPowerStates, Check::kEnergyTotals, Check::kJobsEnergy})
    EXPECT_TRUE(report.of(check).performed);
}

TEST(EnergyBooks, StepsOutOfOrderAndPowerBelowZero) {
  ValidationReport report = after([](Books& b) { b.power[1].from = b.power[0].from; });
  EXPECT_EQ(report.of(Check::kPowerSteps).violations, 1);
  EXPECT_NE(validation_text(report).find("    at 0 s: follows 0 s; right: each step later"), std::string::npos);
  report = after([](Books& b) { b.power[1].mw = {2000, 2400, 0, 2001, -1, 0}; });
  EXPECT_EQ(report.of(Check::kPowerSteps).violations, 1);
  EXPECT_EQ(report.of(Check::kPowerParts).violations, 0);
}

TEST(EnergyBooks, PartsThatAreNotTheWhole) {
  // In the last row, which lasts no time, so that no energy changes.
  expect_only(after([](Books& b) { ++b.power[4].mw[kIdle]; }), {{Check::kPowerParts, 1}});
  expect_only(after([](Books& b) { ++b.power[4].mw[kFacility]; }), {{Check::kPowerParts, 1}});
}

TEST(EnergyBooks, TotalsThatAreNotTheIntegral) {
  for (std::size_t column = 0; column < kPowerColumns; ++column)
    expect_only(after([&](Books& b) { ++b.totals.mj[column]; }), {{Check::kEnergyTotals, 1}});
  expect_only(after([](Books& b) { b.totals.end += Seconds{1}; }), {{Check::kEnergyTotals, 1}});
}

TEST(EnergyBooks, JobsThatDoNotAddUp) {
  expect_only(after([](Books& b) { ++*b.rows[0].energy_mj; }), {{Check::kJobsEnergy, 1}});
  const ValidationReport report = after([](Books& b) { b.rows[0].energy_mj.reset(); });
  expect_only(report, {});
  EXPECT_FALSE(report.of(Check::kJobsEnergy).performed);
}

// Moves power between the parts of one row and makes the totals agree, so that only the nodes can tell.
ValidationReport moved(std::size_t row, PowerColumn from, PowerColumn to, std::int64_t mw) {
  return after([=](Books& b) {
    b.power[row].mw[from] -= mw;
    b.power[row].mw[to] += mw;
    const std::int64_t mj = mw * (b.power[row + 1].from - b.power[row].from).count();
    b.totals.mj[from] -= mj;
    b.totals.mj[to] += mj;
    *b.rows[0].energy_mj = b.totals.mj[kJobs];
  });
}

TEST(EnergyBooks, PowerThatTheNodesCannotDraw) {
  expect_only(moved(0, kIdle, kJobs, 1), {{Check::kPowerStates, 1}});     // an idle node draws less, and none sleeps
  expect_only(moved(0, kJobs, kIdle, 1), {{Check::kPowerStates, 1}});     // it draws more
  expect_only(moved(1, kIdle, kJobs, 1), {{Check::kPowerStates, 2}});     // power of jobs where none runs
  expect_only(moved(2, kIdle, kSleep, 400), {{Check::kPowerStates, 1}});  // more than two nodes asleep
  expect_only(moved(2, kIdle, kSleep, 300), {});
  expect_only(after([](Books& b) { on_nodes(b.rows[0], {0, 1}); }), {{Check::kPowerStates, 1}});
  // Nobody can sleep or wake while all nodes are in use.
  const ValidationReport report = after([](Books& b) {
    on_nodes(b.rows[0], {0, 1});
    b.rows[0].executed = Seconds{33};
  });
  expect_only(report, {{Check::kPowerStates, 9}});
}

TEST(EnergyBooks, TheCapIsANote) {
  const ValidationReport report = after([](Books& b) { b.cluster.facility.power_cap = StepSeries(1999); });
  expect_only(report, {});
  ASSERT_FALSE(report.notes.empty());
  EXPECT_EQ(report.notes[0], "IT power is above the facility's cap for 23 s.");
}

TEST(EnergyFiles, AreReadAndRefused) {
  const std::string header = "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw\n";
  const std::vector<PowerRow> rows = parse_power_csv("p", header + "-5,1,2,3,4,5,6\n7,1,2,3,4,5,6\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(seconds_since_epoch(rows[0].from), -5);
  EXPECT_EQ(rows[0].mw[kTransition], 6);
  for (const char* wrong : {"", "1,2,3,4,5,6\n", "1,2,3,4,5,6,7,8\n", "1,2,3,4,5,6,7.5\n", "1,2,3,4,5,6,\n"})
    EXPECT_THROW(parse_power_csv("p", header + wrong), InputError) << wrong;
  EXPECT_THROW(parse_power_csv("p", "1,2,3,4,5,6,7\n"), InputError);
  for (const char* wrong : {"", "{}", "[]", R"({"energy": 5})", R"({"energy": {"begin_s": 0.5}})"})
    EXPECT_THROW(parse_energy_totals("s", wrong), InputError) << wrong;
  EXPECT_THROW(read_whole("no/such/file"), InputError);
}

}  // namespace
}  // namespace wattfill::judge
