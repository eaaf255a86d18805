// trace-replay sweep as a shell would start it: alone, under mpirun, killed and resumed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/trace-replay/cli/program.hpp"

namespace wattfill::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Sweep : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int seed : {1, 2})
      ASSERT_EQ(run_program(files, words(fmt::format("generate --jobs 300 --procs 32 --load 1.1 --seed {0} --quiet "
                                                     "--output t{0}.swf",
                                                     seed)))
                    .status,
                0);
    files.write("mine.textproto", R"(name: "easy-sjbf" queue_order: FCFS backfill_order: SJF reservation_depth: 1)");
    files.write("s.textproto", R"(
      traces { path: "t1.swf" procs: 32 } traces { path: "t2.swf" clusters: "taurus-128" }
      policies: ["easy", "fcfs", "mine.textproto"] replicas: 3 shake_s: 30 seeds: 7)");
  }

  // Every file below a directory, by its path in it.
  std::map<std::string, std::string> contents(const std::string& directory) const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(files.path(directory)))
      if (entry.is_regular_file())
        all[fs::relative(entry.path(), files.path(directory)).string()] =
            files.read(fs::relative(entry.path(), files.path()).string());
    return all;
  }

  // In every job of a trace.
  void set_field(const std::string& trace, std::size_t field, const std::string& value) const {
    std::istringstream lines(files.read(trace));
    std::string changed;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> fields = words(line);
      if (!line.starts_with(";")) fields.at(field - 1) = value;
      changed += fmt::format("{}\n", fmt::join(fields, " "));
    }
    files.write(trace, changed);
  }

  // A command of the shell in the folder.
  int shell(const std::string& command) const {
    const std::string environment =
        "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
        "OMPI_MCA_hwloc_base_binding_policy=none ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=detect_deadlocks=0 "
        "PROGRAM=" WATTFILL_PROGRAM;
    const std::string line = fmt::format("cd '{}' && {{ {}; {}; }} >out 2>err", files.path(), environment, command);
    return WEXITSTATUS(std::system(line.c_str()));
  }
  static bool has_mpi() { return std::system("command -v mpirun >/dev/null 2>&1") == 0; }

  Folder files;
};

TEST_F(Sweep, EqualsCompareReplicaForReplica) {
  const Ended ended = run_program(files, words("sweep s.textproto --output a"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out.find("18 cells, 0 failed"), std::string::npos) << ended.out;
  const auto after = contents("a");
  EXPECT_EQ(after.size(), 18U + 3 + 4);  // cells; json, csv and the sweep's file; the report and its two tables
  EXPECT_NE(after.at("report.html").find("fcfs"), std::string::npos);
  const Json compared = Json::parse(
      run_program(files, words("compare t1.swf --procs 32 --policies easy,fcfs,mine.textproto --replicas 3 --shake 30 "
                               "--seed 7 --json"))
          .out);
  const Json swept = Json::parse(after.at("sweep.json"));
  ASSERT_EQ(swept["cells"].size(), 18U);
  int seen = 0;
  for (const Json& cell : swept["cells"]) {
    if (cell["trace"] != "t1") {
      EXPECT_GT(cell["figures"]["it_energy_j"].get<double>(), 0);
      continue;
    }
    for (const Json& policy : compared["policies"])
      if (policy["policy"] == cell["policy"]) {
        EXPECT_EQ(policy["mean_bounded_slowdown"]["values"][cell["replica"].get<std::size_t>()],
                  cell["figures"]["mean_bounded_slowdown"]);
        ++seen;
      }
  }
  EXPECT_EQ(seen, 9);
  // Two policies against the first, three metrics each; and what explains the spread.
  ASSERT_EQ(swept["claims"].size(), 6U);
  EXPECT_EQ(swept["claims"][0]["traces"], 2);
  EXPECT_EQ(swept["claims"][0]["text"].get<std::string>().rfind("fcfs ", 0), 0U) << swept["claims"][0];
  EXPECT_LT(swept["claims"][0]["better_percent"], 0);
  EXPECT_EQ(swept["anova"]["effects"].size(), 2U);  // trace and policy
  EXPECT_EQ(swept["anova"]["residual"]["degrees_of_freedom"], 6 - 1 - 1 - 2);
  // A line for the names, one for each cell; as many fields in each.
  std::istringstream csv(after.at("sweep.csv"));
  std::string line;
  std::ptrdiff_t commas = -1;
  int lines = 0;
  for (; std::getline(csv, line); ++lines) {
    if (commas < 0) commas = std::count(line.begin(), line.end(), ',');
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), commas) << line;
  }
  EXPECT_EQ(lines, 19);
}

TEST_F(Sweep, OtherLoadsAndOtherWeeksAreOtherWorkloads) {
  ASSERT_EQ(
      run_program(files, words("generate --jobs 3000 --procs 16 --load 0.8 --seed 3 --quiet --output long.swf")).status,
      0);
  files.write("l.textproto", R"(traces { path: "long.swf" procs: 16 } policies: ["easy"] loads: [0.5, 1, 1.2]
                                replicas: 2 resample: WEEKS)");
  const Ended ended = run_program(files, words("sweep l.textproto --output l --json"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  const Json swept = Json::parse(ended.out);
  ASSERT_EQ(swept["cells"].size(), 6U);
  const auto figure = [&swept](std::size_t cell, const char* name) {
    return swept["cells"][cell]["figures"][name].get<double>();
  };
  EXPECT_NE(figure(2, "work_processor_s"), figure(3, "work_processor_s"));  // other weeks
  EXPECT_EQ(figure(0, "work_processor_s"), figure(2, "work_processor_s"));  // drawn before they become shorter
  EXPECT_LT(figure(0, "mean_wait_s"), figure(4, "mean_wait_s"));            // more load, longer waits
  EXPECT_GT(figure(0, "makespan_s"), figure(2, "makespan_s"));
  EXPECT_GT(figure(2, "makespan_s"), figure(4, "makespan_s"));
  EXPECT_TRUE(swept["claims"].empty());  // of one policy
}

TEST_F(Sweep, DrawnWorkloadsAreClaimedAsDraws) {
  ASSERT_EQ(
      run_program(files, words("generate --jobs 3000 --procs 16 --load 0.8 --seed 3 --quiet --output long.swf")).status,
      0);
  files.write("d.textproto", R"(traces { path: "long.swf" procs: 16 } policies: ["easy", "fcfs"] loads: [1, 1.2]
                                replicas: 39 resample: WEEKS)");
  const Ended ended = run_program(files, words("sweep d.textproto --output d --json"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  const Json claims = Json::parse(ended.out)["claims"];
  ASSERT_EQ(claims.size(), 3U);
  EXPECT_NE(claims[0]["text"].get<std::string>().find("of 39 drawn workloads: the interval is"), std::string::npos)
      << claims[0];
  EXPECT_LT(claims[0]["low"], claims[0]["better_percent"]);
  EXPECT_EQ(claims[0]["p"], nullptr);
  EXPECT_EQ(claims[0]["traces"], 1);
}

// Without requested times a job that ran as long as was expected was not killed. The first cell makes the file in
// cache/ from which the others read.
TEST_F(Sweep, ACellIsTheSameWhetherItReadTheTraceOrTheCache) {
  set_field("t1.swf", 9, "-1");
  files.write("c.textproto",
              R"(traces { path: "t1.swf" procs: 32 } policies: ["easy", "saf"] replicas: 2 shake_s: 30)");
  const Ended ended = run_program(files, words("sweep c.textproto --output c --json"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  const Json swept = Json::parse(ended.out);
  ASSERT_EQ(swept["cells"].size(), 4U);
  for (const Json& cell : swept["cells"]) EXPECT_EQ(cell["figures"]["killed_at_limit"], 0) << cell;
}

TEST_F(Sweep, RepeatsOnlyWhatIsNotThere) {
  ASSERT_EQ(run_program(files, words("sweep s.textproto --output a --quiet")).status, 0);
  const auto whole = contents("a");
  std::string first;
  for (const auto& [name, text] : whole)
    if (name.starts_with("cells/")) {
      if (first.empty()) first = name;
      if (name > "cells/8") files.write("a/" + name, text.substr(0, text.size() / 2));
    }
  fs::remove(files.path("a/" + first));
  files.write("a/cells/x.json.123.tmp", "left by a killed process");
  const Ended ended = run_program(files, words("sweep s.textproto --output a"));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out.find("18 cells, 0 of them"), std::string::npos) << ended.out;
  EXPECT_EQ(contents("a"), whole);
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find("18 of them finished before"),
            std::string::npos);
}

TEST_F(Sweep, AnotherQuestionIsAnotherCell) {
  ASSERT_EQ(run_program(files, words("sweep s.textproto --output a --quiet")).status, 0);
  files.write("t1.swf", files.read("t2.swf"));
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find("9 of them finished before"),
            std::string::npos);
  files.write("s.textproto", files.read("s.textproto") + R"( options: "--closed-loop")");
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find("0 of them finished before"),
            std::string::npos);
  // A file that an option names counts by what it holds.
  fs::create_directory(files.path("m"));
  files.write("m/about.json", "{}");
  files.write("s.textproto", files.read("s.textproto") + R"( options: "--model=m")");
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find(" 0 of them"), std::string::npos);
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find(" 18 of them"), std::string::npos);
  files.write("m/about.json", "[]");
  EXPECT_NE(run_program(files, words("sweep s.textproto --output a")).out.find(" 0 of them"), std::string::npos);
}

TEST_F(Sweep, AFailingCellIsReportedAndTheOthersAreFinished) {
  files.write("t2.swf", "no trace\n");
  const Ended ended = run_program(files, words("sweep s.textproto --output a"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.err.find("t2.swf:1"), std::string::npos) << ended.err;
  EXPECT_NE(ended.out.find("18 cells, 9 failed"), std::string::npos) << ended.out;
  const Json swept = Json::parse(files.read("a/sweep.json"));
  for (const Json& cell : swept["cells"]) EXPECT_EQ(cell.contains("error"), cell["trace"] == "t2");
  // Nor is it another error where all fail.
  files.write("t1.swf", "no trace\n");
  const Ended all = run_program(files, words("sweep s.textproto --output b"));
  EXPECT_EQ(all.status, 1) << all.err;
  EXPECT_NE(all.out.find("18 cells, 18 failed"), std::string::npos) << all.out;
}

// Jobs that need more memory than any node has.
TEST_F(Sweep, WhatHasNoJobsFailsAndTheRestIsConcluded) {
  set_field("t2.swf", 10, "99999999999");
  files.write("m.textproto", R"(
      traces { path: "t1.swf" procs: 32 } traces { path: "t2.swf" clusters: "hetero-small" }
      policies: ["easy", "fcfs", "mine.textproto"] replicas: 3 shake_s: 30)");
  const Ended ended = run_program(files, words("sweep m.textproto --output a"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.out.find("18 cells, 9 failed"), std::string::npos) << ended.out << ended.err;
  const Json swept = Json::parse(files.read("a/sweep.json"));
  EXPECT_EQ(swept["claims"][0]["traces"], 1);
  EXPECT_EQ(swept["left_out"].size(), 3U);
  EXPECT_TRUE(swept["anova"].contains("why_not"));  // one trace, so that only the policies are left
}

// The blocks of one trace hold the same jobs at any load.
TEST_F(Sweep, LoadsHaveTheSameBlocks) {
  files.write("l.textproto", R"(traces { path: "t1.swf" procs: 32 } policies: "easy" loads: [1, 0.5, 1.7])");
  ASSERT_EQ(run_program(files, words("sweep l.textproto --output l --quiet")).status, 0);
  std::set<std::string> jobs;
  for (const auto& [name, text] : contents("l")) {
    if (!name.starts_with("cells/")) continue;
    const Json cell = Json::parse(text);
    Json counts = Json::array();
    for (const Json& block : cell["blocks"]) counts.push_back(block["jobs"]);
    jobs.insert(counts.dump());
  }
  EXPECT_EQ(jobs.size(), 1U) << *jobs.begin() << *jobs.rbegin();
  EXPECT_GT(Json::parse(*jobs.begin()).at(0), 100);
}

TEST_F(Sweep, RefusesWhatCannotBe) {
  const auto refused = [this](const std::string& text, int status, const std::string& message) {
    files.write("w.textproto", text);
    const Ended ended = run_program(files, words("sweep w.textproto --output b"));
    EXPECT_EQ(ended.status, status) << text;
    EXPECT_NE(ended.err.find(message), std::string::npos) << ended.err;
  };
  refused(R"(traces { path: "none.swf" procs: 8 } policies: "easy")", 3, "none.swf: cannot be read");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: "eesy")", 2, "neither a preset");
  refused(R"(traces { path: "t1.swf" clusters: "nowhere" } policies: "easy")", 2, "neither a bundled cluster");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: "easy" predictors: "oracle")", 2, "no such source");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: "easy" options: "--no-such")", 3, "options: ");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: "easy" options: "--output=x")", 3, "not for the cells");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: ["easy-sjbf", "mine.textproto"])", 3,
          R"(two are named "easy-sjbf")");
  refused(R"(traces { path: "t1.swf" procs: 8 } policies: "easy" seeds: [1, 2])", 3, "all of them are the same");
  refused("nonsense", 3, "w.textproto:1:1");
  files.write("b-file", "");
  EXPECT_EQ(run_program(files, words("sweep s.textproto --output b-file/x")).status, 4);
}

TEST_F(Sweep, TheSameBytesOnAnyNumberOfRanksAndAfterKills) {
  if (!has_mpi()) GTEST_SKIP() << "there is no mpirun";
  ASSERT_EQ(run_program(files, words("sweep s.textproto --output a --quiet")).status, 0);
  const auto whole = contents("a");
  for (const int ranks : {1, 2, 4}) {
    EXPECT_EQ(shell(fmt::format("mpirun -n {0} $PROGRAM sweep s.textproto --output r{0}", ranks)), 0)
        << files.read("err");
    EXPECT_NE(files.read("out").find(fmt::format("on {} rank", ranks)), std::string::npos) << files.read("out");
    EXPECT_EQ(contents(fmt::format("r{}", ranks)), whole);
  }
  // A rank is killed, mpirun ends the others, the next start goes on.
  for (const char* after : {"0.2", "0.5", "0.8"})
    shell(
        fmt::format("mpirun -n 2 $PROGRAM sweep s.textproto --output k --quiet & m=$!; sleep {}; "
                    "pkill -9 -n -P $m; wait $m",
                    after));
  EXPECT_EQ(shell("mpirun -n 2 $PROGRAM sweep s.textproto --output k --quiet"), 0) << files.read("err");
  EXPECT_EQ(contents("k"), whole);
}

TEST_F(Sweep, AnErrorOnSeveralRanksEndsAllWithItsStatus) {
  if (!has_mpi()) GTEST_SKIP() << "there is no mpirun";
  files.write("w.textproto", "nonsense");
  EXPECT_EQ(shell("mpirun -n 2 $PROGRAM sweep w.textproto --output b"), 3);
  EXPECT_NE(files.read("err").find("w.textproto:1:1"), std::string::npos) << files.read("err");
}

}  // namespace
}  // namespace wattfill::testing
