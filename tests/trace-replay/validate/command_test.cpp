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

TEST_F(Command, WrongUsageAndWrongInput) {
  EXPECT_THROW(run("--schedule " + schedule(99) + " --procs 0"), UsageError);
  EXPECT_THROW(run("--schedule " + schedule(99) + " --procs 4 --policy easy --exact"), UsageError);
  EXPECT_THROW(run("--schedule " + files.path("none.swf") + " --procs 4"), InputError);
  EXPECT_GT(run("--schedule " + schedule(99) + " --procs four"), 1);
  EXPECT_GT(run("--schedule " + schedule(99) + " --procs 4 --pass sometimes"), 1);
  EXPECT_GT(run("--schedule " + schedule(99)), 1);
}

}  // namespace
}  // namespace wattfill::judge
