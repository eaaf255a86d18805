// The report as text.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/backfill/random.hpp"
#include "tests/trace-replay/energy/machines.hpp"
#include "trace-replay/energy/energy_meter.hpp"
#include "trace-replay/energy/energy_output.hpp"

namespace wattfill::testing {
namespace {

EnergyReport small_report() {
  static Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes);
  cluster.facility.pue_millionths = 1'200'000;
  cluster.facility.tariff = StepSeries(200'000);
  cluster.facility.carbon = StepSeries(300'000);
  cluster.facility.power_cap = StepSeries(250'000);
  cluster.facility.currency = "EUR";
  MeterOptions options;
  options.begin = second(100);
  options.record_power = true;
  EnergyMeter meter(cluster, options);
  MeteredJob job = metered_job(0, 1, 12);
  job.work_processor_s = 50;
  const Allocation node = on({1});
  meter.job_started(job, &node, second(110));
  meter.sleep_begun({0, 1}, 0, second(120));
  meter.asleep({0, 1}, second(127));
  meter.job_ended(0, second(160));
  return meter.finish(second(200));
}

TEST(PowerCsv, HasARowForEachChangeAndTheEnd) {
  std::string file;
  write_power_csv(small_report(), [&file](std::string_view text) { file += text; });
  EXPECT_EQ(file,
            "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw\n"
            "100,190000,228000,0,190000,0,0\n"
            "110,285738,342886,190738,95000,0,0\n"
            "120,291738,350086,190738,0,0,101000\n"
            "126,200838,241006,190738,0,0,10100\n"
            "127,200488,240586,190738,0,9750,0\n"
            "160,104750,125700,0,95000,9750,0\n"
            "200,104750,125700,0,95000,9750,0\n");
}

TEST(EnergyJson, HasItsKeysInOrder) {
  const auto json = nlohmann::ordered_json::parse(energy_json(small_report()));
  EXPECT_EQ(
      json.dump(),
      R"({"begin_s":100,"end_s":200,"it_mj":17514750,"jobs_mj":9536900,"idle_mj":6650000,"sleep_mj":711750,)"
      R"("transition_mj":616100,"facility_mj":21017720,"mean_it_mw":175147.5,"peak_it_mw":291738,"sleeps":1,)"
      R"("wakes":0,"completed_work_processor_s":50,"cost_millionths":1168,"currency":"EUR","co2_mg":1751,)"
      R"("above_cap_s":16,"above_cap_mj":607808,"by_type":[{"type":"taurus","nodes":2,"it_mj":17514750,)"
      R"("jobs_mj":9536900,"idle_mj":6650000,"sleep_mj":711750,"transition_mj":616100}],)"
      R"("by_user":[{"user":12,"jobs":1,"jobs_mj":9536900}],"by_queue":[{"queue":-1,"jobs":1,"jobs_mj":9536900}]})");
}

TEST(EnergyJson, LeavesOutWhatTheFacilityDoesNotHave) {
  const Cluster cluster = taurus_cluster(1, AllocationMode::kCounts);
  EnergyMeter meter(cluster);
  const auto json = nlohmann::ordered_json::parse(energy_json(meter.finish(second(0))));
  EXPECT_EQ(json.dump(),
            R"({"begin_s":0,"end_s":0,"it_mj":0,"jobs_mj":0,"idle_mj":0,"sleep_mj":0,"transition_mj":0,)"
            R"("facility_mj":0,"mean_it_mw":0.0,"peak_it_mw":0,"sleeps":0,"wakes":0,"completed_work_processor_s":0,)"
            R"("by_type":[{"type":"taurus","nodes":1,"it_mj":0,"jobs_mj":0,"idle_mj":0,"sleep_mj":0,)"
            R"("transition_mj":0}],"by_user":[],"by_queue":[]})");
}

TEST(EnergyText, TellsTheFigures) {
  // Ten thousand times as long.
  EnergyReport report = small_report();
  constexpr std::int64_t kLonger = 10'000;
  report.end = report.begin + report.duration() * kLonger;
  for (Millijoules& part : report.it.values) part.count *= kLonger;
  report.facility.count *= kLonger;
  *report.cost_millionths *= kLonger;
  *report.carbon_mg *= kLonger;
  report.cap->above *= kLonger;
  report.cap->excess.count *= kLonger;
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"IT energy", "48.65 kWh (175.15 MJ)"},
      {"  jobs", "26.49 kWh (95.37 MJ), 54.45 %"},
      {"  idle", "18.47 kWh (66.50 MJ), 37.97 %"},
      {"  asleep", "1.98 kWh (7.12 MJ), 4.06 %"},
      {"  transitions", "1.71 kWh (6.16 MJ), 3.52 %"},
      {"nodes put to sleep, woken", "1, 0"},
      {"facility energy", "58.38 kWh (210.18 MJ)"},
      {"IT power, mean and peak", "0.175 kW, 0.292 kW"},
      {"above the power cap", "160000 s, 1.69 kWh (6.08 MJ)"},
      {"cost", "11.68 EUR"},
      {"CO2", "17.51 kg"},
      {"completed work", "50 processor s"},
  };
  EXPECT_EQ(energy_text(report), expected);
}

// Any steps come back as they were, in few bytes, without those that change nothing.
TEST(PowerSeries, GivesBackItsSteps) {
  Random random(1);
  PowerSeries series;
  std::vector<std::pair<SimTime, Parts<Milliwatts>>> expected;
  SimTime now = second(-1'000'000'000'000);
  for (int i = 0; i < 10'000; ++i) {
    now += Seconds{random.between(1, random.chance(1) ? 1'000'000'000'000 : 100)};
    Parts<Milliwatts> power;
    for (Milliwatts& part : power.values)
      part = {random.chance(1) ? random.between(0, std::int64_t{1} << 62) : random.between(0, 1)};
    series.append(now, power);
    if (expected.empty() || expected.back().second != power) expected.emplace_back(now, power);
  }
  std::vector<std::pair<SimTime, Parts<Milliwatts>>> steps;
  series.for_each([&](const PowerSeries::Step& step) { steps.emplace_back(step.from, step.power); });
  EXPECT_EQ(steps, expected);
  EXPECT_EQ(series.steps(), static_cast<std::int64_t>(expected.size()));
}

}  // namespace
}  // namespace wattfill::testing
