// Wrong command lines and wrong inputs: the exit status, and a message that says what is wrong.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/trace-replay/cli/program.hpp"
#include "tests/trace-replay/swf/gzip.hpp"

namespace wattfill::testing {
namespace {

const std::string kJobs =
    "1 0 -1 100 3 -1 -1 3 120 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "2 1 -1 50 4 -1 -1 4 60 -1 1 1 -1 -1 -1 -1 -1 -1\n";

struct Row {
  const char* line;
  int status;
  const char* phrase;  // must stand on standard error
};

class WrongUsage : public ::testing::Test {
 protected:
  void expect(const std::vector<Row>& rows) {
    files.write("t.swf", kJobs);
    const std::vector<std::string> before = files.names();
    for (const Row& row : rows) {
      const Ended ended = run_program(files, words(row.line));
      EXPECT_EQ(ended.status, row.status) << row.line << "\n" << ended.err;
      EXPECT_NE(ended.err.find(row.phrase), std::string::npos) << row.line << "\n" << ended.err;
      EXPECT_EQ(ended.out, "") << row.line;
      EXPECT_EQ(files.names(), before) << row.line;
    }
  }
  Folder files;
};

TEST_F(WrongUsage, OfTheProgram) {
  expect({{"", 2, "subcommand is required"},
          {"replay t.swf", 2, "there is no such command"},
          {"--policy easy", 2, "subcommand is required"},
          {"policies --show tea", 2, "\"tea\": there is no such preset"},
          {"clusters --all", 2, "--all"},
          {"describe", 2, "TRACE is required"},
          {"describe t.swf --procs 0", 2, "--procs"},
          {"generate --jobs 0", 2, "0 jobs"},
          {"generate --seed -1", 2, "--seed"},
          {"validate --trace t.swf --procs 4", 2, "--schedule is required"},
          {"validate --trace t.swf --schedule t.swf --procs 0", 2, "--procs 0"}});
}

TEST_F(WrongUsage, OfRun) {
  expect(
      {{"run", 2, "trace is required"},
       {"run t.swf --procs 4", 2, "--policy is required"},
       {"run t.swf --policy easy", 2, "Give --procs N or --cluster NAME-OR-FILE"},
       {"run t.swf --policy tea --procs 4", 2, "neither a preset (conservative, easy,"},
       {"run t.swf --policy easy --policy sjf --procs 4", 2, "--policy"},
       {"run t.swf --policy easy --procs 0", 2, "--procs: Value 0 not in range"},
       {"run t.swf --policy easy --procs 4 --frequency low", 2, "full, efficient or 1 to 9 is right"},
       {"run t.swf --policy easy --procs 4 --frequency 1", 2, "has no frequency below full speed"},
       {"run t.swf --policy easy --procs many", 2, "--procs: Value many"},
       {"run t.swf --policy easy --procs 3000000000", 2, "--procs: Value 3000000000"},
       {"run t.swf --policy easy --procs 4 --cluster kth-sp2", 2, "--procs excludes --cluster"},
       {"run t.swf --policy easy --cluster tea", 2, "neither a bundled cluster (ctc-sp2,"},
       {"run t.swf --policy easy --procs 4 --pass sometimes", 2, "--pass: sometimes not in"},
       {"run t.swf --policy easy --procs 4 --estimates tea", 2,
        "known are requested, last-two, user-mean, similar-jobs, sc15-linear, xgboost, clairvoyant"},
       {"run t.swf --policy easy --procs 4 --order-estimates tea", 2, "\"tea\": there is no such source"},
       {"run t.swf --policy easy --procs 4 --closed-loop --dependencies", 2, "--closed-loop excludes --dependencies"},
       {"run t.swf --policy easy --procs 4 --promote-after -1", 2, "--promote-after: Value -1"},
       {"run t.swf --policy easy --procs 4 --warm-up 0.95", 2, "--warm-up: Value 0.95"},
       {"run t.swf --policy easy --procs 4 --seed -1", 2, "--seed"},
       {"run t.swf --policy easy --procs 4 --sede 1", 2, "--sede"},
       {"run t.swf u.swf --policy easy --procs 4", 2, "not expected: u.swf"}});
}

TEST_F(WrongUsage, OfPowerCaps) {
  const std::string nodes =
      "allocation: WHOLE_NODES node_type { name: \"n\" count: 4 power { idle_watts: 50 active_watts: 100 } }\n";
  const auto day = [](const char* watts) {
    return std::string("facility { power_cap_watts { daily { at: \"08:00\" value: ") + watts +
           " } daily { at: \"20:00\" value: 400 } } }\n";
  };
  files.write("day.textproto", "name: \"day\"\n" + nodes + day("300"));
  files.write("low.textproto", "name: \"low\"\n" + nodes + day("199"));
  files.write("none.textproto", "name: \"none\"\n" + nodes);
  expect({{"run t.swf --policy easy --cluster none.textproto --power-cap cluster", 2, "none has none"},
          {"run t.swf --policy easy --cluster none.textproto --power-cap 1.5", 2, "a share above 0, at most 1"},
          {"run t.swf --policy easy --cluster low.textproto --power-cap cluster", 2, "draws 200 W, the cap is 199 W"},
          {"run t.swf --policy easy++ --cluster day.textproto --power-cap cluster", 2,
           "easy++ fits jobs by last-two, which may fall short"},
          {"run t.swf --policy easy --cluster day.textproto --power-cap cluster --stretch 0.1", 2,
           "--limit real ends them in time"}});
}

TEST_F(WrongUsage, OfCompare) {
  expect({{"compare t.swf --procs 4", 2, "--policies is required"},
          {"compare t.swf --procs 4 --policies easy,tea", 2, "policy \"tea\""},
          {"compare t.swf --procs 4 --policies easy,sjf,easy", 2, "two are named \"easy\""},
          {"compare t.swf --procs 4 --policies easy --replicas 3", 2, "--replicas needs --shake"},
          {"compare t.swf --procs 4 --policies easy --replicas 0 --shake 5", 2, "--replicas: Value 0"},
          {"compare t.swf --procs 4 --policies easy --shake -3", 2, "--shake: Value -3"}});
}

TEST_F(WrongUsage, WrongInput) {
  files.write("garbage.swf", "these are no jobs\n");
  files.write("empty.swf", "");
  files.write("wide.swf", "1 0 -1 100 8 -1 -1 8 120 -1 1 1 -1 -1 -1 -1 -1 -1\n");
  files.write("short.swf", kJobs + "3 2 -1 50\n");
  const std::string packed = gzip(kJobs);
  files.write("cut.swf.gz", packed.substr(0, packed.size() / 2));
  files.write("misspelt.textproto", "name: \"mine\"\nqueue_ordre: SJF\n");
  files.write("order.textproto", "name: \"mine\"\n\n  queue_order: TEA\n");
  files.write("nameless.textproto", "queue_order: SJF\n");
  files.write("fit.textproto", "name: \"mine\"\nfit_estimates: \"tea\"\n");
  files.write("sort.textproto", "name: \"mine\"\norder_estimates: \"Requested\"\n");
  files.write("fill.textproto", "name: \"mine\"\nfill_estimates: \"tea\"\n");
  files.write("deep.textproto", "name: \"mine\"\nreserve_all: true fill_estimates: \"xgboost\"\n");
  files.write("nodes.textproto", "name: \"mine\"\nnode_type { name: \"n\" cuont: 3 }\n");
  files.write("none.textproto", "name: \"mine\"\nnode_type { name: \"n\" count: 0 }\n");
  std::filesystem::create_directory(files.path("folder"));
  expect({{"run absent.swf --policy easy --procs 4", 3, "absent.swf: cannot be opened"},
          {"run folder --policy easy --procs 4", 3, "folder: is a directory"},
          {"run garbage.swf --policy easy --procs 4", 3, "garbage.swf:1: field 1 (job number)"},
          {"run empty.swf --policy easy --procs 4", 3, "empty.swf: is empty"},
          {"run - --policy easy --procs 4", 3, "<stdin>"},
          {"run wide.swf --policy easy --procs 4", 3, "1 dropped: wider than the machine"},
          {"run short.swf --policy easy --procs 4", 3, "short.swf:3:"},
          {"run cut.swf.gz --policy easy --procs 4", 3, "truncated"},
          {"compare short.swf --policies easy,sjf --procs 4", 3, "short.swf:3:"},
          {"run t.swf --policy absent.textproto --procs 4", 3, "absent.textproto: cannot be read"},
          {"run t.swf --policy misspelt.textproto --procs 4", 3, "misspelt.textproto:2:1: "},
          {"run t.swf --policy order.textproto --procs 4", 3,
           R"(order.textproto:3:16: Unknown enumeration value of "TEA" for field "queue_order"; known are FCFS, )"},
          {"run t.swf --policy nameless.textproto --procs 4", 3, "nameless.textproto: name: missing"},
          {"run t.swf --policy fit.textproto --procs 4", 3,
           "fit.textproto: fit_estimates: \"tea\" is no estimate source; known are requested, last-two, user-mean, "
           "similar-jobs"},
          {"run t.swf --policy fit.textproto --procs 4 --estimates last-two", 3, "fit.textproto: fit_estimates: "},
          {"compare t.swf --policies easy,sort.textproto --procs 4", 3, "sort.textproto: order_estimates: "},
          {"run t.swf --policy fill.textproto --procs 4", 3, "fill.textproto: fill_estimates: "},
          {"run t.swf --policy deep.textproto --procs 4", 3, "deep.textproto: fill_estimates: only with"},
          {"run t.swf --policy conservative --procs 4 --fill-estimates xgboost", 2, "--fill-estimates: only with"},
          {"compare absent.swf --policies easy --procs 4 --order-estimates tea", 2, "--order-estimates \"tea\": "},
          {"run t.swf --policy easy --cluster nodes.textproto", 3, "nodes.textproto:2:23: "},
          {"run t.swf --policy easy --cluster none.textproto", 3, "count: must be at least 1"},
          {"describe short.swf", 3, "short.swf:3:"},
          {"validate --trace t.swf --schedule garbage.swf --procs 4", 3, "garbage.swf"}});
}

TEST_F(WrongUsage, NoOutputPossible) {
  files.write("file", "x");
  expect({{"run t.swf --policy easy --procs 4 --quiet --output file", 4, "file: cannot be made"},
          {"run t.swf --policy easy --procs 4 --quiet --output file/below", 4, "file/below: cannot be made"},
          {"run t.swf --policy easy --procs 4 --quiet --output /proc/nowhere", 4, "/proc/nowhere: cannot be made"},
          {"compare t.swf --policies easy,sjf --procs 4 --quiet --output file", 4, "cannot be made"},
          {"generate --jobs 10 --output absent/w.swf", 4, "absent/w.swf"}});
}

TEST_F(WrongUsage, AFullDeviceBehindStandardOutput) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "there is no /dev/full here";
  files.write("t.swf", kJobs);
  Conditions full;
  full.standard_output = "/dev/full";
  for (const char* line : {"run t.swf --policy easy --procs 4", "run t.swf --policy easy --procs 4 --json",
                           "compare t.swf --policies easy,sjf --procs 4", "policies", "clusters", "describe t.swf",
                           "describe t.swf --json", "generate --jobs 100"}) {
    const Ended ended = run_program(files, words(line), full);
    EXPECT_EQ(ended.status, 4) << line << "\n" << ended.err;
    EXPECT_NE(ended.err, "") << line;
  }
}

TEST_F(WrongUsage, AFullDiskLeavesNoFiles) {
  // Files beyond 4 KiB cannot be written, as on a disk that is full.
  EXPECT_EQ(run_program(files, words("generate --jobs 500 --procs 64 --quiet --output w.swf")).status, 0);
  Conditions full;
  full.longest_file = 4096;
  const Ended ended = run_program(files, words("run w.swf --policy easy --procs 64 --quiet --output out"), full);
  EXPECT_EQ(ended.status, 4) << ended.err;
  EXPECT_NE(ended.err.find("jobs.csv: cannot be written"), std::string::npos) << ended.err;
  EXPECT_EQ(run_program(files, words("generate --jobs 500 --quiet --output v.swf"), full).status, 4);
  EXPECT_EQ(files.names(), (std::vector<std::string>{"out", "w.swf"}));  // an empty folder and the trace
}

}  // namespace
}  // namespace wattfill::testing
