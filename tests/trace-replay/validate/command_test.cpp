// trace-replay validate: options and exit statuses.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/trace-replay/validate/temporary_directory.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::judge {
namespace {

const std::string kTrace =
    "1 0 -1 100 3 -1 -1 3 100 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "2 1 -1 50 4 -1 -1 4 50 -1 1 1 -1 -1 -1 -1 -1 -1\n";

class Command : public testing::Test {
 protected:
  // The exit status that CLI11 gives for this command line; other errors are thrown on.
  int run(const std::string& line) {
    CLI::App app;
    cli::add_validate_command(app);
    try {
      app.parse("validate --trace " + files.write("trace.swf", kTrace) + " " + line);
    } catch (const CLI::ParseError& error) {
      return error.get_exit_code();
    }
    return 0;
  }
  std::string schedule(int wait_of_second) {
    return files.write("schedule.swf", "1 0 0 100 3 -1 -1 3 100 -1 1 1 -1 -1 -1 -1 -1 -1\n2 1 " +
                                           std::to_string(wait_of_second) +
                                           " 50 4 -1 -1 4 50 -1 1 1 -1 -1 -1 -1 -1 -1\n");
  }
  TemporaryDirectory files;
};

TEST_F(Command, CleanScheduleGivesZero) {
  testing::internal::CaptureStdout();
  const int status = run("--schedule " + schedule(99) + " --procs 4 --policy easy");
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(status, 0);
  EXPECT_NE(text.find("clean: no violation"), std::string::npos) << text;
}

TEST_F(Command, ViolationsGiveOneAndAreShown) {
  testing::internal::CaptureStdout();
  const int status = run("--schedule " + schedule(120) + " --procs 4 --policy easy");
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("job 2 at 100 s: head of the queue"), std::string::npos) << text;
  // Physics alone has nothing against it.
  EXPECT_EQ(run("--quiet --schedule " + schedule(120) + " --procs 4"), 0);
}

TEST_F(Command, JsonGoesToStandardOutputOrToAFile) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run("--schedule " + schedule(99) + " --procs 4 --policy easy --pass each-event --json -"), 0);
  const nlohmann::json printed = nlohmann::json::parse(testing::internal::GetCapturedStdout());
  EXPECT_EQ(printed["clean"], true);
  EXPECT_EQ(printed["pass"], "each-event");

  EXPECT_EQ(run("--quiet --schedule " + schedule(120) + " --procs 4 --policy easy --json " + files.path("report.json")),
            1);
  std::ifstream file(files.path("report.json"));
  EXPECT_EQ(nlohmann::json::parse(file)["violations"], 1);

  EXPECT_THROW(run("--quiet --schedule " + schedule(99) + " --procs 4 --json " + files.path("no/such/folder.json")),
               OutputError);
}

TEST_F(Command, OrderEstimatesFollowEstimatesUnlessGiven) {
  for (const auto& [options, expected] : {std::pair<std::string, std::string>{"--estimates clairvoyant", "clairvoyant"},
                                          {"--order-estimates clairvoyant", "clairvoyant"},
                                          {"--estimates clairvoyant --order-estimates requested", "requested"}}) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(run("--schedule " + schedule(99) + " --procs 4 --policy easy-sjbf --json - " + options), 0);
    EXPECT_EQ(nlohmann::json::parse(testing::internal::GetCapturedStdout())["order_estimates"], expected) << options;
  }
}

const std::string kCluster = R"(
name: "two"
allocation: WHOLE_NODES
node_type { name: "slow" count: 2 processors: 4 speed: 0.5 power { idle_watts: 1 active_watts: 3 } }
node_type { name: "fast" count: 1 processors: 4 power { idle_watts: 1 active_watts: 3 } }
)";
const std::string kColumns =
    "job_id,submission_time,requested_number_of_resources,requested_time,starting_time,execution_time,"
    "allocated_resources,consumed_energy,cpusets\n";

TEST_F(Command, JudgesNodesOfACluster) {
  const std::string base = "--cluster " + files.write("two.textproto", kCluster) + " --schedule ";
  const std::string good = files.write("good.csv", kColumns + "1,0,3,100,0,100,2,300,\n2,1,4,50,1,100,0,300.000,\n");
  EXPECT_EQ(run("--quiet --policy easy " + base + good), 0);
  // Two jobs on node 2.
  const std::string clash = files.write("clash.csv", kColumns + "1,0,3,100,0,100,2,300,\n2,1,4,50,1,50,2,300,\n");
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(base + clash), 1);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("job 2 at 1 s: node 2 is still held by job 1 until 100 s"), std::string::npos) << text;
  EXPECT_NE(text.find("two (2 node types, whole-nodes, limit scaled)"), std::string::npos) << text;
  // With real limits the second job has no time on a slow node.
  EXPECT_EQ(run("--quiet --limit real " + base + good), 1);

  const std::string core = files.write(
      "core.csv", kColumns + "1,0,3,100,0,100,2,300,\"2:0x00000000,0x00000007\"\n2,1,4,50,1,100,0,300,0:0xf\n");
  EXPECT_EQ(run("--quiet --policy easy --allocation cores " + base + core), 0);
  EXPECT_EQ(run("--quiet --allocation cores " + base + good), 1);

  const std::string header = "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw\n";
  const std::string power =
      files.write("power.csv", header +
                                   "0,5000,5000,3000,2000,0,0\n1,7000,7000,6000,1000,0,0\n100,5000,5000,3000,2000,0,0\n"
                                   "101,5000,5000,3000,2000,0,0\n");
  const std::string summary = R"({"energy": {"begin_s": 0, "end_s": 101, "it_mj": 703000, "facility_mj": 703000,
      "jobs_mj": 600000, "idle_mj": 103000, "sleep_mj": 0, "transition_mj": )";
  const std::string books = base + good + " --power " + power + " --summary ";
  EXPECT_EQ(run("--quiet " + books + files.write("right.json", summary + "0}}")), 0);
  EXPECT_EQ(run("--quiet " + books + files.write("wrong.json", summary + "1}}")), 1);
}

TEST_F(Command, WrongUsageAndWrongInput) {
  EXPECT_THROW(run("--schedule " + schedule(99) + " --cluster no-such-cluster"), UsageError);
  EXPECT_GT(run("--schedule " + schedule(99) + " --cluster kth-sp2 --procs 100"), 1);
  EXPECT_GT(run("--schedule " + schedule(99) + " --procs 4 --allocation cores"), 1);
  EXPECT_THROW(run("--schedule " + schedule(99) + " --procs 4 --power " + files.path("none.csv")), InputError);
  EXPECT_THROW(run("--schedule " + schedule(99) + " --procs 0"), UsageError);
  EXPECT_THROW(run("--schedule " + schedule(99) + " --procs 4 --policy easy --exact"), UsageError);
  EXPECT_THROW(run("--schedule " + files.path("none.swf") + " --procs 4"), InputError);
  EXPECT_GT(run("--schedule " + schedule(99) + " --procs four"), 1);
  EXPECT_GT(run("--schedule " + schedule(99) + " --procs 4 --pass sometimes"), 1);
  EXPECT_THROW(run("--schedule " + schedule(99)), UsageError);
}

}  // namespace
}  // namespace wattfill::judge
