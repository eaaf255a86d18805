// What else is kept of a run: power changes of nodes, predictions, the facility's series.
#include <gtest/gtest.h>

#include <string>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/output/facility_file.hpp"
#include "trace-replay/output/power_change_log.hpp"
#include "trace-replay/output/prediction_log.hpp"

namespace wattfill::testing {
namespace {

template <class Write>
std::string written(Write&& write) {
  std::string text;
  write([&text](std::string_view piece) { text += piece; });
  return text;
}

TEST(PowerChangeLog, JoinsNeighboursThatChangeAlike) {
  PowerChangeLog log;
  EXPECT_TRUE(log.empty());
  log.power_changed({4, 2}, PowerChange::kSleepBegun, 1, at(10));
  log.power_changed({6, 1}, PowerChange::kSleepBegun, 1, at(10));
  log.power_changed({8, 1}, PowerChange::kSleepBegun, 1, at(10));  // not next to it
  log.power_changed({9, 1}, PowerChange::kSleepBegun, 0, at(10));  // another state
  log.power_changed({10, 1}, PowerChange::kBootFailed, 0, at(11));
  EXPECT_EQ(written([&log](auto sink) { log.write_csv(sink); }),
            "time_s,first_node,last_node,change,sleep_state\n10,4,6,sleep-begun,1\n10,8,8,sleep-begun,1\n"
            "10,9,9,sleep-begun,0\n11,10,10,boot-failed,0\n");
}

class Guess final : public Predictor {
 public:
  std::string_view name() const override { return "guess"; }
  Prediction predict(const Job& job, SimTime) override { return {7.4, static_cast<double>(job.id), 9, 3}; }
  void ended(const Job&, SimTime, Seconds) override { ++told; }
  int told = 0;
};

TEST(PredictionLog, NotesAnswersAndPassesEventsOn) {
  PredictionLog log;
  auto guess = std::make_unique<Guess>();
  Guess& inner = *guess;
  const std::unique_ptr<Predictor> watched = log.watch(std::move(guess));
  EXPECT_TRUE(log.empty());
  Job job;
  job.id = 12;
  const Prediction prediction = watched->predict(job, at(0));
  EXPECT_EQ(prediction.index, 3);
  watched->ended(job, at(5), Seconds{5});
  EXPECT_EQ(inner.told, 1);
  EXPECT_EQ(watched->name(), "guess");
  EXPECT_EQ(written([&log](auto sink) { log.write_csv(sink); }), "job_id,predictor,median_s,upper_s\n12,guess,7,12\n");
}

TEST(FacilityFile, HasARowForEachChange) {
  Facility facility;
  EXPECT_FALSE(has_series(facility));
  facility.power_cap = StepSeries(5000);
  facility.carbon = StepSeries({{at(0), 100}, {at(40), 300}, {at(60), 300}}, Seconds{100});
  EXPECT_TRUE(has_series(facility));
  EXPECT_EQ(written([&facility](auto sink) { write_facility_csv(facility, at(50), at(210), sink); }),
            "time_s,power_cap_mw,tariff_millionths_per_kwh,co2_mg_per_kwh\n"
            "50,5000,,300\n100,5000,,100\n140,5000,,300\n200,5000,,100\n");
}

}  // namespace
}  // namespace wattfill::testing
