// Strategies as text: there and back, and what is said of wrong ones.
#include "backfill/power/power_spec.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

TEST(PowerText, IsReadBackTheSame) {
  Random random(1);
  for (const PowerStrategyInfo& strategy : all_power_strategies()) {
    EXPECT_EQ(info(strategy.strategy).name, strategy.name);
    PowerSpec spec;
    spec.strategy = strategy.strategy;
    EXPECT_EQ(power_from_text(to_string(spec)), spec);
    EXPECT_EQ(power_from_text(strategy.name), spec);
    for (int i = 0; i < 2000; ++i) {
      if (spec.strategy == PowerStrategy::kTimeout) spec.timeout = Seconds{random.between(0, 1'000'000'000)};
      if (spec.strategy == PowerStrategy::kForecast) spec.risk = random.between32(1, 1'000'000);
      ASSERT_EQ(power_from_text(to_string(spec)), spec) << to_string(spec);
    }
  }
}

TEST(PowerText, ByHand) {
  EXPECT_EQ(to_string({}), "always-on");
  EXPECT_EQ(to_string(power_from_text("timeout:212")), "timeout:212");
  EXPECT_EQ(to_string(power_from_text("forecast:0.10")), "forecast:0.1");
  EXPECT_EQ(to_string(power_from_text("forecast:1")), "forecast:1");
  EXPECT_EQ(power_from_text("forecast:0.000001").risk, 1);
  EXPECT_FALSE(power_from_text("always-on").manages());
  EXPECT_TRUE(power_from_text("timeline").manages());
}

std::string wrong(const std::string& text) {
  try {
    power_from_text(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing wrong with " + text;
}

TEST(PowerText, ErrorsSayWhatWouldBeRight) {
  for (const char* text : {"", "sleepy", "timeout 5", "Timeout", ":5", "time"})
    EXPECT_EQ(wrong(text), "power '" + std::string(text) +
                               "': not known; one of always-on, timeout, break-even, timeline, forecast");
  for (const char* text :
       {"timeout:", "timeout:-1", "timeout:soon", "timeout:5s", "timeout:1e10", "timeout:nan", "timeout::5"})
    EXPECT_EQ(wrong(text), "power '" + std::string(text) + "': behind the colon stands a number of seconds");
  for (const char* text : {"forecast:", "forecast:0", "forecast:1.1", "forecast:-0.1", "forecast:10%", "forecast:1e-9"})
    EXPECT_EQ(wrong(text),
              "power '" + std::string(text) + "': behind the colon stands a probability above 0, at most 1");
  for (const char* text : {"always-on:1", "break-even:", "timeline:5"})
    EXPECT_EQ(wrong(text), "power '" + std::string(text) + "': takes no number");
}

}  // namespace
}  // namespace wattfill::testing
