// Random machines and lives of them: every figure is the naive meter's, the parts add up to the whole, and so does
// power.csv, read back from its text.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/trace-replay/energy/naive_meter.hpp"
#include "tests/trace-replay/energy/scenario.hpp"
#include "trace-replay/energy/energy_output.hpp"

namespace wattfill::testing {
namespace {

FourParts counts_of(const Parts<Millijoules>& parts) {
  return {parts[Component::kJobs].count, parts[Component::kIdle].count, parts[Component::kSleep].count,
          parts[Component::kTransition].count};
}

std::map<std::int32_t, std::int64_t> energies(const std::vector<AccountEnergy>& accounts) {
  std::map<std::int32_t, std::int64_t> all;
  for (const AccountEnergy& account : accounts) all[account.id] = account.energy.count;
  return all;
}

// The power of each second, as power.csv tells it; checks its columns against each other.
std::vector<FourParts> power_of_file(const EnergyReport& report) {
  std::string file;
  write_power_csv(report, [&file](std::string_view text) { file += text; });
  std::istringstream in(file);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw");
  std::vector<FourParts> power;
  std::int64_t facility = 0;
  std::int64_t facility_mw = 0;
  FourParts held{};
  std::int64_t now = seconds_since_epoch(report.begin);
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::int64_t time = 0;
    std::int64_t it = 0;
    char comma = 0;
    row >> time >> comma >> it;
    for (; now < time; ++now, facility += facility_mw) power.push_back(held);
    row >> comma >> facility_mw;
    for (std::int64_t& part : held) row >> comma >> part;
    EXPECT_TRUE(row && row.peek() == EOF) << line;
    EXPECT_EQ(it, held[0] + held[1] + held[2] + held[3]);
  }
  EXPECT_EQ(now, seconds_since_epoch(report.end));
  EXPECT_EQ(facility, report.facility.count);
  return power;
}

// The nearest unit, halves away from zero.
std::int64_t per_kwh(Int128 sum) {
  constexpr Int128 kKwh = 3'600'000'000;
  const Int128 size = sum < 0 ? -sum : sum;
  const Int128 rounded = size / kKwh + (2 * (size % kKwh) >= kKwh ? 1 : 0);
  return static_cast<std::int64_t>(sum < 0 ? -rounded : rounded);
}

void expect_facility(const EnergyReport& report, const Scenario& scenario, const NaiveFacility& naive) {
  EXPECT_EQ(counts_of(report.it), naive.it);
  EXPECT_EQ(report.facility.count, naive.facility);
  EXPECT_EQ(report.peak_it.count, naive.peak);
  const Facility& f = scenario.cluster.facility;
  ASSERT_EQ(report.cost_millionths.has_value(), !f.tariff.empty());
  ASSERT_EQ(report.carbon_mg.has_value(), !f.carbon.empty());
  ASSERT_EQ(report.cap.has_value(), !f.power_cap.empty());
  EXPECT_EQ(report.cost_millionths.value_or(0), per_kwh(naive.cost));
  EXPECT_EQ(report.carbon_mg.value_or(0), per_kwh(naive.carbon));
  EXPECT_EQ(report.cap.value_or(CapExcess{}).above.count(), naive.above_s);
  EXPECT_EQ(report.cap.value_or(CapExcess{}).excess.count, naive.above_mj);
}

void expect_accounts(const EnergyReport& report, const NaiveReport& naive) {
  for (const auto& [job, energy] : naive.by_job)
    EXPECT_EQ(job < report.by_job.size() ? report.by_job[job].count : -1, energy) << "job " << job;
  EXPECT_EQ(energies(report.by_user), naive.by_user);
  EXPECT_EQ(energies(report.by_queue), naive.by_queue);
  EXPECT_EQ(report.jobs, static_cast<std::int64_t>(naive.by_job.size()));
  EXPECT_EQ(report.completed_work_processor_s, naive.completed_work);
}

std::int64_t on_nodes(AllocationMode mode, std::uint64_t seeds) {
  std::int64_t transitions = 0;
  for (std::uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Scenario scenario = random_scenario(mode, random);
    const EnergyReport report = metered(scenario);
    const NaiveReport naive = naively_metered(scenario);
    EXPECT_NO_THROW(verify(report));
    EXPECT_EQ(power_of_file(report), naive.power);
    expect_facility(report, scenario, naive_facility(scenario, naive.power));
    expect_accounts(report, naive);
    EXPECT_EQ(report.sleeps, naive.sleeps);
    EXPECT_EQ(report.wakes, naive.wakes);
    for (std::size_t i = 0; i < naive.by_node.size(); ++i)
      EXPECT_EQ(counts_of(report.by_node.at(i)), naive.by_node[i]) << "node " << i;
    transitions += naive.sleeps + naive.wakes;
  }
  return transitions;
}

TEST(Conservation, WholeNodes) { EXPECT_GT(on_nodes(AllocationMode::kWholeNodes, 2000), 2000); }

TEST(Conservation, NodesSharedByCore) { EXPECT_GT(on_nodes(AllocationMode::kCores, 2000), 2000); }

TEST(Conservation, Counts) {
  std::int64_t fractions = 0;
  for (std::uint64_t seed = 1; seed <= 2000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Scenario scenario = random_scenario(AllocationMode::kCounts, random);
    const EnergyReport report = metered(scenario);
    const NaiveReport naive = naively_metered(scenario);
    EXPECT_NO_THROW(verify(report));
    // A power of a fraction of a milliwatt comes in whole ones: the recorded power of each second, that is what money,
    // CO2 and the cap see, is the exact one rounded up or down, and the energies are the exact sums rounded down.
    const std::vector<FourParts> power = power_of_file(report);
    const std::int64_t denominator = scenario.cluster.node_types.front().processors;
    ASSERT_EQ(power.size(), naive.power.size());
    FourParts sum{};
    for (std::size_t i = 0; i < power.size(); ++i)
      for (std::size_t part = 0; part < 4; ++part) {
        sum[part] += naive.power[i][part];
        EXPECT_GT(power[i][part] * denominator, naive.power[i][part] - denominator);
        EXPECT_LE(power[i][part] * denominator, naive.power[i][part] + denominator);
        fractions += naive.power[i][part] % denominator != 0;
      }
    for (std::int64_t& part : sum) part /= denominator;
    EXPECT_EQ(counts_of(report.it), sum);
    expect_facility(report, scenario, naive_facility(scenario, power));
    expect_accounts(report, naive);
  }
  EXPECT_GT(fractions, 10'000);
}

}  // namespace
}  // namespace wattfill::testing
