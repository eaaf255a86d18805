// What the program prints and writes.
#include "tests/trace-replay/cli/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "backfill/config/config.hpp"
#include "tests/trace-replay/swf/gzip.hpp"

namespace wattfill::testing {
namespace {

using Json = nlohmann::json;

// A folder with a trace of 400 jobs that overload 64 processors, plain (w.swf) and packed (w.swf.gz).
class Program : public ::testing::Test {
 protected:
  void SetUp() override {
    good("generate --jobs 400 --procs 64 --load 1.1 --seed 11 --quiet --output w.swf");
    files.write("w.swf.gz", gzip(files.read("w.swf")));
  }
  Ended good(const std::string& line, const Conditions& conditions = {}) {
    Ended ended = run_program(files, words(line), conditions);
    EXPECT_EQ(ended.status, 0) << line << "\n" << ended.err;
    return ended;
  }
  Folder files;
};

TEST_F(Program, ExplainsItselfWithAnExampleForEachCommand) {
  const std::string help = good("--help").out;
  for (const char* command : {"run", "compare", "sweep", "describe", "generate", "validate", "policies", "clusters",
                              "import", "explain", "rerun", "train", "evaluate", "evaluate-power", "calibrate-power"})
    EXPECT_NE(help.find(std::string("\n  ") + command), std::string::npos) << help;
  for (const char* command : {"run", "compare", "sweep", "describe", "generate", "validate", "policies", "clusters",
                              "import", "explain", "rerun", "train", "evaluate", "evaluate-power", "calibrate-power",
                              "import sacct", "import slurm-conf", "import wattfill-log", "import job-power"}) {
    const std::string text = good(std::string(command) + " --help").out;
    EXPECT_NE(text.find("Example"), std::string::npos) << text;
    EXPECT_NE(text.find(std::string("trace-replay ") + command, text.find("Example")), std::string::npos) << text;
  }
  EXPECT_NE(help.find("Exit status: 0 done, 1 anything else, 2 wrong usage, 3 wrong input, 4 no output possible"),
            std::string::npos)
      << help;
  EXPECT_EQ(good("--version").out, std::string("trace-replay ") + WATTFILL_VERSION + "\n");
}

TEST_F(Program, ListsEveryPolicyAndClusterAndEstimateSource) {
  const std::string policies = good("policies").out;
  for (const PolicySpec& p : policy_presets()) {
    EXPECT_NE(("\n" + policies).find("\n" + p.name + " "), std::string::npos) << p.name;
    EXPECT_NE(policies.find(p.description), std::string::npos) << p.name;
  }
  for (const char* source : {"requested", "clairvoyant", "last-two"})
    EXPECT_NE(policies.find(std::string("\n  ") + source), std::string::npos) << source;
  const std::string clusters = good("clusters").out;
  for (const Cluster& c : bundled_clusters()) EXPECT_NE(clusters.find(c.description), std::string::npos) << c.name;
}

TEST_F(Program, ReadsStandardInputAndPackedTracesAlike) {
  const std::string plain = good("run w.swf --policy easy --procs 64 --json").out;
  EXPECT_EQ(good("run w.swf.gz --policy easy --procs 64 --json").out, plain);
  for (const char* name : {"w.swf", "w.swf.gz"}) {
    Conditions piped;
    piped.standard_input = files.path(name);
    EXPECT_EQ(good("run - --policy easy --procs 64 --json", piped).out, plain) << name;
  }
}

TEST_F(Program, PrintsATableUnlessItIsToldToBeQuiet) {
  const Ended loud = good("run w.swf --policy easy --procs 64");
  for (const char* phrase : {"400 jobs read, 400 kept", "easy on 64 processors", "mean bounded slowdown (AVEbsld)",
                             "utilisation", "longest wait"})
    EXPECT_NE(loud.out.find(phrase), std::string::npos) << phrase << " in\n" << loud.out;
  EXPECT_EQ(loud.err, "");  // no terminal, no progress
  for (const char* line : {"run w.swf --policy easy --procs 64 --quiet --output r",
                           "compare w.swf --policies easy,saf --procs 64 --quiet --output c"}) {
    const Ended quiet = good(line);
    EXPECT_EQ(quiet.out, "") << line;
    EXPECT_EQ(quiet.err, "") << line;
  }
}

TEST_F(Program, WritesNothingWithoutOutput) {
  const std::vector<std::string> before = files.names();
  good("run w.swf --policy easy --procs 64");
  good("compare w.swf --policies easy,saf --procs 64 --replicas 2 --shake 5");
  EXPECT_EQ(files.names(), before);
}

const std::set<std::string> kDocumentedKeys = {"jobs",
                                               "mean_wait_s",
                                               "median_wait_s",
                                               "p95_wait_s",
                                               "max_wait_s",
                                               "mean_bounded_slowdown",
                                               "geometric_mean_bounded_slowdown",
                                               "mean_per_processor_bounded_slowdown",
                                               "p999_wait_s",
                                               "max_flow_s",
                                               "utilization",
                                               "makespan_s",
                                               "backfilled_jobs",
                                               "fairness_jain",
                                               "unfinished"};

TEST_F(Program, JsonHasTheDocumentedKeysAndIsWhatSummaryJsonHolds) {
  const Json printed = Json::parse(good("run w.swf --policy easy-sjbf --procs 64 --json --output r").out);
  for (const std::string& key : kDocumentedKeys) EXPECT_TRUE(printed.contains(key)) << key;
  EXPECT_EQ(printed["jobs"], 400);
  EXPECT_EQ(printed["unfinished"], 0);
  EXPECT_GT(printed["mean_bounded_slowdown"], 1.0);
  EXPECT_GT(printed["backfilled_jobs"], 0);
  const Json written = Json::parse(files.read("r/summary.json"));
  for (const auto& [key, value] : printed.items()) EXPECT_EQ(written[key], value) << key;
  EXPECT_EQ(written["run"]["policy"], "easy-sjbf");
  EXPECT_EQ(written["run"]["trace"], "w.swf");
  EXPECT_EQ(written["run"]["processors"], 64);
  EXPECT_EQ(written["recipe"]["kept"], 400);
}

TEST_F(Program, TwoRunsWriteTheSameBytes) {
  for (const char* policy : {"easy++", "conservative"}) {
    const std::string line = std::string("run w.swf --procs 64 --quiet --output r --policy ") + policy;
    std::map<std::string, std::string> first;
    good(line);
    for (const std::string& name : files.names()) first[name] = files.read(name);
    std::filesystem::remove_all(files.path("r"));
    good(line);
    EXPECT_EQ(first.count("r/jobs.csv") + first.count("r/schedule.swf") + first.count("r/summary.json"), 3U);
    for (const auto& [name, text] : first) EXPECT_EQ(files.read(name), text) << name << " under " << policy;
  }
}

TEST_F(Program, AShownPresetIsAPolicyFile) {
  // One comparison writes the schedules of all presets, a second one those of their texts.
  std::string presets;
  std::string texts;
  for (const PolicySpec& p : policy_presets()) {
    presets += "," + p.name;
    texts += "," + p.name + ".textproto";
    files.write(p.name + ".textproto", policy_text(p));
  }
  EXPECT_EQ(good("policies --show easy++").out, files.read("easy++.textproto"));
  good("compare w.swf --procs 64 --quiet --output a --policies " + presets.substr(1));
  good("compare w.swf --procs 64 --quiet --output b --policies " + texts.substr(1));
  for (const PolicySpec& p : policy_presets())
    EXPECT_EQ(files.read("a/" + p.name + "/jobs.csv"), files.read("b/" + p.name + "/jobs.csv")) << p.name;
}

TEST_F(Program, NamesNodesAndMetersEnergyOnAMachineOfSeveralTypes) {
  const Json figures = Json::parse(
      good("run w.swf --cluster hetero-small --policy easy --placement fewest-switches --output run --json").out);
  const Json& energy = figures["energy"];
  EXPECT_EQ(energy, Json::parse(files.read("run/summary.json"))["energy"]);
  const std::string jobs = files.read("run/jobs.csv");
  EXPECT_NE(jobs.find("metadata,node_type,cpusets,mean_hops,switches\n"), std::string::npos);
  EXPECT_NE(jobs.find(",accelerated,,"), std::string::npos);
  EXPECT_EQ(files.read("run/power.csv").substr(0, 7), "time_s,");
  good("run w.swf --cluster hetero-small --policy easy --allocation cores --output cores --quiet");
  EXPECT_NE(files.read("cores/jobs.csv").find(":0x"), std::string::npos);
}

// Noon costs twice as much as the night; the same job an hour after either.
TEST_F(Program, ReadsTheTariffByTheClockOfTheTrace) {
  files.write(
      "c.textproto",
      "name: \"c\" node_type { name: \"n\" count: 1 power { idle_watts: 100 active_watts: 100 } }\n"
      "facility { currency: \"EUR\" tariff_per_kwh { daily { at: \"00:00\" value: 1 } daily { at: \"12:00\" value: 2 "
      "} } }\n");
  const auto cost = [&](const char* start) {
    files.write("t.swf",
                std::string("; UnixStartTime: ") + start + "\n1 0 0 3600 1 -1 -1 1 3600 -1 1 1 1 1 1 1 -1 -1\n");
    return Json::parse(good("run t.swf --cluster c.textproto --policy fcfs --json").out)["energy"]["cost_millionths"];
  };
  EXPECT_EQ(cost("1704067200"), 100'000);  // a Monday, 00:00
  EXPECT_EQ(cost("1704110400"), 200'000);
}

TEST_F(Program, TakesPoliciesAndClustersFromFiles) {
  files.write("mine.textproto",
              "# shortest first, nobody starves\nname: \"mine\"\nqueue_order: SJF\nbackfill_order: SJF\n"
              "reservation_depth: 1\npromotion_age_s: 20000\n");
  files.write("machine.textproto", "name: \"mine\"\nnode_type { name: \"thin\" count: 8 processors: 8 }\n");
  const Json from_files = Json::parse(good("run w.swf --policy mine.textproto --cluster machine.textproto --json").out);
  const Json from_options = Json::parse(good("run w.swf --policy sjf --promote-after 20000 --procs 64 --json").out);
  EXPECT_EQ(from_files, from_options);
  EXPECT_NE(from_files, Json::parse(good("run w.swf --policy sjf --procs 64 --json").out));
}

TEST_F(Program, EstimatesOverrideThePolicys) {
  const auto figures = [&](const std::string& options) {
    return Json::parse(good("run w.swf --procs 64 --json --policy " + options).out);
  };
  const Json both = figures("easy-sjbf --estimates clairvoyant");
  EXPECT_EQ(both, figures("easy-sjbf --fit-estimates clairvoyant --order-estimates clairvoyant"));
  EXPECT_NE(both, figures("easy-sjbf"));
  EXPECT_NE(both, figures("easy-sjbf --order-estimates clairvoyant"));
  EXPECT_EQ(figures("easy++"), figures("easy-sjbf --estimates last-two"));
}

TEST_F(Program, CancelsAndFollowsOnRequest) {
  // Job 2 waited from 10 till 40, when it was cancelled and job 3 came; job 4 follows job 1 and thinks for 50 s.
  files.write("linked.swf",
              "1 0 0 100 4 -1 -1 4 100 -1 1 1 1 1 1 -1 -1 -1\n"
              "2 10 30 -1 -1 -1 -1 4 50 -1 5 1 1 1 1 -1 -1 -1\n"
              "3 40 0 20 4 -1 -1 4 20 -1 1 2 1 1 1 -1 -1 -1\n"
              "4 60 0 10 4 -1 -1 4 10 -1 1 1 1 1 1 -1 1 50\n");
  const auto figures = [&](const std::string& options) {
    return Json::parse(good("run linked.swf --policy easy --procs 4 --json " + options).out);
  };
  const Json plain = figures("");
  EXPECT_EQ(plain["jobs"], 3);
  EXPECT_EQ(plain["cancelled"], 0);
  EXPECT_EQ(plain["mean_wait_s"], (0 + 60 + 60) / 3.0);
  const Json cancelled = figures("--cancellations");
  EXPECT_EQ(cancelled["jobs"], 3);
  EXPECT_EQ(cancelled["cancelled"], 1);
  EXPECT_EQ(cancelled["mean_wait_s"], plain["mean_wait_s"]);
  // Job 4 now arrives at 150 and finds the machine idle.
  EXPECT_EQ(figures("--dependencies")["mean_wait_s"], (0 + 60 + 0) / 3.0);
  EXPECT_EQ(figures("--closed-loop")["mean_wait_s"], (0 + 60 + 0) / 3.0);
}

TEST_F(Program, ComparesInATableAndInAFile) {
  const Ended ended = good("compare w.swf --policies easy,saf --procs 64 --output c");
  for (const char* phrase : {"AVEbsld", "geo.bsld", "\neasy ", "\nsaf "})
    EXPECT_NE(ended.out.find(phrase), std::string::npos) << phrase << " in\n" << ended.out;
  const Json comparison = Json::parse(files.read("c/comparison.json"));
  ASSERT_EQ(comparison["policies"].size(), 2U);
  EXPECT_EQ(comparison["policies"][1]["policy"], "saf");
  const Json saf = Json::parse(good("run w.swf --policy saf --procs 64 --json").out);
  for (const char* key : {"mean_bounded_slowdown", "mean_wait_s", "utilization", "fairness_jain"}) {
    EXPECT_EQ(comparison["policies"][1][key]["values"], Json::array({saf[key]})) << key;
    EXPECT_EQ(comparison["policies"][1][key]["mean"], saf[key]) << key;
    EXPECT_EQ(comparison["policies"][1][key]["standard_deviation"], 0.0) << key;
  }
  for (const char* name : {"c/easy/jobs.csv", "c/saf/schedule.swf", "c/saf/summary.json"})
    EXPECT_TRUE(std::filesystem::exists(files.path(name))) << name;
}

TEST_F(Program, ClaimsWhatItsBlocksAllow) {
  // Some days are one block, and no test.
  const Ended few = good("compare w.swf --policies easy,saf --procs 64");
  EXPECT_NE(few.out.find("in mean bounded slowdown, in 1 of 1 block: too few blocks for a test"), std::string::npos)
      << few.out;
  EXPECT_EQ(good("compare w.swf --policies easy --procs 64").out.find("block"), std::string::npos);
  good("generate --jobs 30000 --procs 4 --load 0.7 --seed 5 --quiet --output long.swf");
  const Ended ended = good("compare long.swf --policies easy,fcfs --procs 4 --replicas 2 --shake 5 --output c");
  const Json comparison = Json::parse(files.read("c/comparison.json"));
  ASSERT_EQ(comparison["claims"].size(), 3);
  for (const Json& claim : comparison["claims"]) {
    EXPECT_NE(ended.out.find(claim["text"].get<std::string>() + "\n"), std::string::npos) << claim;
    EXPECT_EQ(claim["text"].get<std::string>().rfind("fcfs is worse than easy by ", 0), 0) << claim;
    EXPECT_LT(claim["high"], 0);
    EXPECT_EQ(claim["blocks_better"], 0);
  }
  // The claim's figure from the blocks.
  const auto mean = [&](std::size_t policy) {
    double jobs = 0;
    double sum = 0;
    const Json& replicas = comparison["policies"][policy]["blocks"];
    EXPECT_EQ(replicas.size(), 2);
    for (const Json& blocks : replicas) {
      EXPECT_EQ(blocks.size(), comparison["claims"][0]["blocks"]);
      for (const Json& block : blocks) {
        jobs += block["jobs"].get<double>();
        sum += block["sum_bounded_slowdown"].get<double>();
      }
    }
    return sum / jobs;
  };
  EXPECT_NEAR(comparison["claims"][0]["better_percent"], 100 * (1 - mean(1) / mean(0)), 0.01);
}

TEST_F(Program, ReplicasGiveMeanAndStandardDeviation) {
  const std::string line = "compare w.swf --policies easy,sjf --procs 64 --replicas 3 --shake 600 --output ";
  const Ended ended = good(line + "c --seed 5");
  EXPECT_NE(ended.out.find(" ± "), std::string::npos) << ended.out;
  const Json comparison = Json::parse(files.read("c/comparison.json"));
  EXPECT_EQ(comparison["replicas"], 3);
  EXPECT_EQ(comparison["shake_s"], 600);
  for (const Json& policy : comparison["policies"]) {
    const Json& slowdown = policy["mean_bounded_slowdown"];
    const auto values = slowdown["values"].get<std::vector<double>>();
    ASSERT_EQ(values.size(), 3U);
    EXPECT_NE(values[0], values[1]);
    const double mean = (values[0] + values[1] + values[2]) / 3;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    EXPECT_NEAR(slowdown["mean"], mean, 1e-9);
    EXPECT_NEAR(slowdown["standard_deviation"], std::sqrt(squares / 2), 1e-9);
  }
  // The same seed shakes alike, another one differently; replica k is the shake of seed + k.
  good(line + "d --seed 5");
  good(line + "e --seed 6");
  const auto values = [&](const std::string& name) {
    return Json::parse(files.read(name + "/comparison.json"))["policies"][0]["mean_bounded_slowdown"]["values"];
  };
  EXPECT_EQ(values("c"), values("d"));
  EXPECT_NE(values("c"), values("e"));
  EXPECT_EQ(values("c")[1], values("e")[0]);
}

TEST_F(Program, LenientCountsWhatStrictRefuses) {
  files.write("bad.swf", files.read("w.swf") + "401 nonsense\n");
  const Ended ended = good("run bad.swf --policy easy --procs 64 --lenient");
  EXPECT_NE(ended.out.find("1 lines rejected (--lenient)"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("bad.swf:"), std::string::npos) << ended.out;
}

TEST_F(Program, ItsSchedulesSatisfyTheJudge) {
  good("compare w.swf --policies easy,easy-sjbf,fcfs,conservative --procs 64 --quiet --output c");
  for (const std::string policy : {"easy", "easy-sjbf", "fcfs", "conservative"})
    for (const char* file : {"jobs.csv", "schedule.swf"})
      good("validate --quiet --trace w.swf --procs 64 --policy " + policy + " --schedule c/" + policy + "/" + file +
           (policy == "conservative" ? " --exact" : ""));
  EXPECT_EQ(run_program(files, words("validate --quiet --trace w.swf --procs 64 --policy fcfs --schedule "
                                     "c/easy/jobs.csv"))
                .status,
            1);
}

// At 68.9 % of the speed a job takes longer and its nodes draw less, within what is left of a cap.
TEST_F(Program, WorksAtALowerFrequency) {
  good(
      "run w.swf --cluster taurus-128 --policy easy --allocation whole-nodes --frequency 1 --power-cap 0.8 --output f "
      "--quiet");
  const std::string judge =
      "validate --quiet --trace w.swf --schedule f/jobs.csv --cluster taurus-128 --allocation whole-nodes --policy "
      "easy "
      "--power f/power.csv --summary f/summary.json";
  good(judge + " --frequency 1");
  EXPECT_EQ(run_program(files, words(judge)).status, 1);
  const auto makespan = [&](const std::string& frequency) {
    files.write("t.swf", "1 0 0 1000 1 -1 -1 1 3600 -1 1 1 1 1 1 1 -1 -1\n");
    return Json::parse(
        good("run t.swf --cluster taurus-128 --policy fcfs --json --frequency " + frequency).out)["makespan_s"];
  };
  EXPECT_EQ(makespan("full"), 1000);
  EXPECT_EQ(makespan("efficient"), 1000);  // these nodes race to sleep
  EXPECT_EQ(makespan("1"), 1452);
  EXPECT_EQ(makespan("9"), makespan("2"));
}

// Fewer nodes may work by day than at night, by local time: the judge reads from power.csv that the cap was kept.
TEST_F(Program, KeepsACapThatChangesWithTheHour) {
  std::string machine = good("clusters --show taurus-128").out;
  machine.replace(machine.find("count: 128"), 10, "count: 64");
  files.write("day.textproto", machine +
                                   "facility { power_cap_watts { daily { at: \"08:00\" value: 9000 } "
                                   "daily { at: \"20:00\" value: 12207.232 } } }\n");
  std::string jobs = files.read("w.swf");
  jobs.erase(0, jobs.find("\n1 ") + 1);
  files.write("local.swf", "; UnixStartTime: 843480031\n; TimeZone: 3600\n" + jobs);
  const std::string line = "local.swf --cluster day.textproto --allocation whole-nodes ";
  const auto above = [&](const std::string& policy, const std::string& cap) {
    good("run " + line + "--widest 30 --policy " + policy + cap + " --output o --quiet");
    const std::string judged = good("validate --trace " + line +
                                    "--schedule o/jobs.csv --allow-missing --power o/power.csv --summary "
                                    "o/summary.json")
                                   .out;
    const std::int64_t seconds = Json::parse(files.read("o/summary.json"))["energy"]["above_cap_s"];
    EXPECT_NE(judged.find(fmt::format("IT power is above the facility's cap for {} s.", seconds)), std::string::npos)
        << judged;
    return seconds;
  };
  for (const char* policy : {"easy@timeout:600", "easy", "conservative"}) {
    EXPECT_EQ(above(policy, " --power-cap cluster"), 0) << policy;
    EXPECT_GT(above(policy, ""), 0) << policy;
  }
}

// Where limits are real, only its prediction lets the wide job run, on the slow nodes: at most what it really took.
TEST_F(Program, BoundsTheEnergyOfAJobThatItsRequestWouldKeepOut) {
  std::string jobs;
  for (const auto& [id, submit, processors] : {std::tuple{1, 0, 1}, {2, 10, 1}, {3, 2000, 7000}})
    jobs += fmt::format("{0} {1} 0 100 {2} -1 -1 {2} 1000 -1 1 7 1 1 1 1 -1 -1\n", id, submit, processors);
  files.write("t.swf", jobs);
  good(
      "compare t.swf --cluster hetero-small --limit real --policies easy,easy-energy --fit-estimates last-two --energy "
      "--quiet --output c");
  for (const char* policy : {"easy", "easy-energy"}) {
    const Json summary = Json::parse(files.read(std::string("c/") + policy + "/summary.json"));
    EXPECT_EQ(summary["unfinished"], 0) << policy;
    EXPECT_GT(summary["energy"]["it_mj"], 0) << policy;
  }
}

TEST_F(Program, AnInterruptedReplayLeavesNoFiles) {
  // Long enough for the replay to look up: it does so every 16,384 jobs that ended.
  std::string jobs;
  for (int i = 1; i <= 40000; ++i)
    jobs += std::to_string(i) + " " + std::to_string(i) + " -1 1 1 -1 -1 1 1 -1 1 1 -1 -1 -1 -1 -1 -1\n";
  const std::size_t half = jobs.size() / 2;
  const std::vector<std::string> before = files.names();
  for (const char* line :
       {"run - --policy easy --procs 4 --output r", "compare - --policies easy,sjf --procs 4 --output c"}) {
    const Ended ended = interrupt_program(files, words(line), jobs.substr(0, half), jobs.substr(half));
    EXPECT_EQ(ended.status, 1) << line << "\n" << ended.err;
    EXPECT_NE(ended.err.find("interrupted"), std::string::npos) << ended.err;
    EXPECT_EQ(files.names(), before) << line;
  }
}

}  // namespace
}  // namespace wattfill::testing
