// Sweep files: what they say, and what is wrong with them.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "backfill/config/config.hpp"
#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill::testing {
namespace {

SweepSpec parsed(const std::string& text) { return parse_sweep(text, "s.textproto", "folder"); }

TEST(SweepSpec, FillsInWhatIsNotSaid) {
  const SweepSpec spec = parsed(R"(traces { path: "a/KTH.swf.gz" procs: 100 } policies: "easy")");
  ASSERT_EQ(spec.traces.size(), 1U);
  EXPECT_EQ(spec.traces[0].path, "folder/a/KTH.swf.gz");
  EXPECT_EQ(spec.traces[0].name, "KTH");
  EXPECT_EQ(spec.loads, std::vector<double>{1});
  EXPECT_EQ(spec.seeds, std::vector<std::uint64_t>{1});
  EXPECT_EQ(spec.replicas, 1);
  EXPECT_EQ(grid(spec).size(), 1U);
}

TEST(SweepSpec, FindsFilesFromItsFolderAndLeavesNamesAlone) {
  const SweepSpec spec = parsed(R"(
    traces { path: "/abs/x.swf" name: "x" clusters: ["kth-sp2", "my.textproto"] }
    policies: ["easy", "mine.textproto", "sub/other", "/abs/p.textproto"])");
  EXPECT_EQ(spec.traces[0].path, "/abs/x.swf");
  EXPECT_EQ(spec.traces[0].clusters, (std::vector<std::string>{"kth-sp2", "folder/my.textproto"}));
  EXPECT_EQ(spec.policies,
            (std::vector<std::string>{"easy", "folder/mine.textproto", "folder/sub/other", "/abs/p.textproto"}));
}

TEST(SweepSpec, TheGridHoldsEveryCombinationOnce) {
  const SweepSpec spec = parsed(R"(
    traces { path: "a.swf" procs: 8 } traces { path: "b.swf" } clusters: ["c1", "c2"]
    policies: ["p", "q", "r"] predictors: ["requested", "xgboost"] loads: [0.8, 1] seeds: [1, 5] replicas: 4 shake_s: 30)");
  const std::vector<Cell> cells = grid(spec);
  EXPECT_EQ(cells.size(), (1U + 2U) * 2 * 2 * 4 * 2 * 3);
  std::set<std::tuple<std::size_t, std::string, double, std::uint64_t, int, std::string, std::string>> places;
  for (const Cell& c : cells) places.emplace(c.trace, c.cluster, c.load, c.seed, c.replica, c.predictor, c.policy);
  EXPECT_EQ(places.size(), cells.size());
  EXPECT_EQ(cells[0].policy, "p");
  EXPECT_EQ(cells[1].policy, "q");  // the policy changes fastest
}

struct Wrong {
  const char* text;
  const char* message;  // a part of it
};

class WrongSweep : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongSweep, IsToldWithWhatWouldBeRight) {
  try {
    parsed(GetParam().text);
    FAIL() << "taken: " << GetParam().text;
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("s.textproto:"), 0U) << error.what();
  }
}

#define TRACE R"(traces { path: "a.swf" procs: 8 } )"
INSTANTIATE_TEST_SUITE_P(
    All, WrongSweep,
    ::testing::Values(
        Wrong{"", "traces: at least one"}, Wrong{TRACE, "policies: at least one"},
        Wrong{R"(traces { procs: 8 } policies: "easy")", "traces 1: path: required"},
        Wrong{R"(traces { path: "a.swf" } policies: "easy")", "traces 1: which machine?"},
        Wrong{R"(traces { path: "a.swf" procs: 8 clusters: "c" } policies: "easy")", "exclude each other"},
        Wrong{TRACE TRACE R"(policies: "easy")", R"(two are named "a")"},
        Wrong{TRACE R"(policies: ["easy", "fcfs", "easy"])", "policies: easy stands there twice"},
        Wrong{TRACE R"(policies: [""])", "policies: an empty name"},
        Wrong{TRACE R"(policies: "easy" loads: [1, 1])", "loads: 1 stands there twice"},
        Wrong{TRACE R"(policies: "easy" loads: 0)", "loads: 0 is not from"},
        Wrong{TRACE R"(policies: "easy" loads: nan)", "loads: nan is not from"},
        Wrong{TRACE R"(policies: "easy" replicas: 3)", "without shake_s or resample"},
        Wrong{TRACE R"(policies: "easy" replicas: 1000000 shake_s: 1)", "replicas: at most"},
        Wrong{TRACE R"(policies: "easy" shake_s: 4000000000)", "shake_s: at most"},
        Wrong{TRACE R"(policies: "easy" resample: MONTHS)", "resample"},
        Wrong{TRACE R"(policies: "easy" resample: 7)", "resample"},
        Wrong{TRACE R"(policies: "easy" seeds: [9, 1, 7] replicas: 3 shake_s: 1)",
              "seeds: 7 and 9 draw alike, for replica k of seed s draws with s + k; 7 and 10 would be right"},
        Wrong{TRACE R"(policies: "easy" seeds: 18446744073709551615 replicas: 2 shake_s: 1)", "leaves no numbers"},
        Wrong{TRACE R"(policies: ["a", "b"] loads: [1, 2, 3, 4, 5, 6, 7, 8] replicas: 100000 shake_s: 1)", "cells"},
        Wrong{TRACE R"(policy: "easy")", "known are traces, clusters, policies"}));

}  // namespace
}  // namespace wattfill::testing
