// What a config may say of nodes out of work.
#include "plugin/setup.hpp"

#include <gtest/gtest.h>

#include <string>

#include "backfill/config/config.hpp"
#include "tests/plugin/planners.hpp"

namespace wattfill::testing {
namespace {

// Two types, of 8 and of 4 nodes.
Setup set_up_with(const std::string& text, const std::string& allocation = "WHOLE_NODES") {
  const std::string machine = "policy: \"easy\" cluster_text: \"name: 'small' allocation: " + allocation +
                              " node_type { name: 'n' count: 8 } node_type { name: 'm' count: 4 }\" ";
  return set_up(resolved(parse_config(machine + text, "test")), kAble);
}

TEST(OutOfWorkConfig, ANumberOrASeriesForEachType) {
  EXPECT_TRUE(set_up_with("").scheduler.out_of_work.empty());
  EXPECT_EQ(set_up_with("out_of_work: [3, 0]").scheduler.out_of_work,
            (std::vector<StepSeries>{StepSeries(3), StepSeries(0)}));
  const auto setup = set_up_with(
      "out_of_work_over_time { step { from_s: 10 nodes: 3 } step { from_s: 20 } period_s: 86400 } "
      "out_of_work_over_time { step { from_s: -5 nodes: 4 } }");
  const auto at = [](std::int64_t seconds) { return SimTime{Seconds{seconds}}; };
  EXPECT_EQ(setup.scheduler.out_of_work,
            (std::vector<StepSeries>{StepSeries({{at(10), 3}, {at(20), 0}}, Seconds{86400}),
                                     StepSeries(std::vector<StepSeries::Step>{{at(-5), 4}})}));
}

TEST(OutOfWorkConfig, WhatIsWrongIsTold) {
  const auto message = [](const std::string& text, const std::string& allocation = "WHOLE_NODES") -> std::string {
    try {
      set_up_with(text, allocation);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "taken";
  };
  const std::string one = "out_of_work_over_time { step { nodes: 1 } } ";
  const auto series = [&](const std::string& text) { return one + "out_of_work_over_time { " + text + " }"; };
  EXPECT_NE(message("out_of_work: 3").find("out_of_work: a number for each node type"), std::string::npos);
  EXPECT_NE(message("out_of_work: [3, 5]").find("out_of_work: 5 of 4 nodes"), std::string::npos);
  EXPECT_NE(message("out_of_work: [3, 0] " + one).find("give one of them"), std::string::npos);
  EXPECT_NE(message(one).find("out_of_work_over_time: a number for each node type"), std::string::npos);
  EXPECT_NE(message(series("")).find("at least one step"), std::string::npos);
  EXPECT_NE(message(series("step { nodes: 5 }")).find("5 of 4 nodes"), std::string::npos);
  EXPECT_NE(message(series("step { from_s: 5 } step { from_s: 5 }")).find("5 after 5; steps ascend"),
            std::string::npos);
  EXPECT_NE(message(series("step { from_s: 60 } period_s: 60")).find("60 is not within the period of 60 s"),
            std::string::npos);
  EXPECT_NE(message(series("step { } period_s: -1")).find("from 0 on is right"), std::string::npos);
  EXPECT_NE(message(series("step { }"), "COUNTS").find("use allocation: WHOLE_NODES"), std::string::npos);
}

}  // namespace
}  // namespace wattfill::testing
