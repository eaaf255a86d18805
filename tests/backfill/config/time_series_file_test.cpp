#include "backfill/config/time_series_file.hpp"

#include <gtest/gtest.h>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

constexpr SeriesScale kWatts{1'000, 0, 1e6};

TEST(TimeSeriesFile, ReadsStepsInTheModelsUnit) {
  const auto steps =
      parse_time_series("# from a meter\ntime_s,value\r\n\n-60, 1.5\r\n0,2 # noon\n3600 ,1e3", "x", kWatts);
  const std::vector<StepSeries::Step> expected = {
      {SimTime{Seconds{-60}}, 1'500}, {SimTime{Seconds{0}}, 2'000}, {SimTime{Seconds{3600}}, 1'000'000}};
  EXPECT_EQ(steps, expected);
}

TEST(TimeSeriesFile, TellsTheLineAndTheFieldOfWhatIsWrong) {
  const std::string header = "time_s,value\n";
  const std::tuple<std::string, std::string, std::string> wrong[] = {
      {"", "x: ", "empty"},
      {"\n# nothing\n", "x: ", "empty"},
      {"0,1\n", "x:1: header: ", "time_s,value"},
      {"value,time_s\n0,1\n", "x:1: header: ", "time_s,value"},
      {"\n\ntime,value\n0,1\n", "x:3: header: ", "time_s,value"},
      {header, "x:1: ", "no value"},
      {header + "0\n", "x:2: ", "two fields"},
      {header + "0,1,2\n", "x:2: ", "two fields"},
      {header + "0;1\n", "x:2: ", "two fields"},
      {header + "0,1\n,2\n", "x:3: time_s: ", "no whole number"},
      {header + "0.5,1\n", "x:2: time_s: ", "no whole number"},
      {header + "07:00,1\n", "x:2: time_s: ", "no whole number"},
      {header + "99999999999999999999,1\n", "x:2: time_s: ", "no whole number"},
      {header + "2000000000000,1\n", "x:2: time_s: ", "no whole number"},
      {header + "0,1\n\n0,2\n", "x:4: time_s: ", "does not come after 0"},
      {header + "5,1\n4,2\n", "x:3: time_s: ", "4 does not come after 5"},
      {header + "0,\n", "x:2: value: ", "no number"},
      {header + "0,one\n", "x:2: value: ", "no number"},
      {header + "0,1W\n", "x:2: value: ", "no number"},
      {header + "0,-1\n", "x:2: value: ", "from 0 to"},
      {header + "0,nan\n", "x:2: value: ", "from 0 to"},
      {header + "0,inf\n", "x:2: value: ", "from 0 to"},
      {header + "0,1e7\n", "x:2: value: ", "from 0 to"},
      {header + "0,1\x01\n", "x:2: value: ", "no number"},
  };
  for (const auto& [text, place, phrase] : wrong) {
    try {
      parse_time_series(text, "x", kWatts);
      FAIL() << "accepted: " << text;
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(place)) << message;
      EXPECT_NE(message.find(phrase), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace wattfill
