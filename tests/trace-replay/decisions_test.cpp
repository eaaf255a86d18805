// What the program tells of a decision log: explain, rerun, import wattfill-log.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/trace-replay/cli/program.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill::testing {
namespace {

// A node of two processors; job 1 holds it, 2 and 3 wait, 4 fills the hole beside 2.
constexpr const char* kTrace =
    "; MaxProcs: 4\n"
    "1 0 -1 100 3 -1 -1 3 100 -1 1 7 -1 -1 -1 -1 -1 -1\n"
    "2 10 -1 50 4 -1 -1 4 60 -1 1 7 -1 -1 -1 -1 -1 -1\n"
    "3 11 -1 10 2 -1 -1 2 10 -1 1 8 -1 -1 -1 -1 -1 -1\n"
    "4 12 -1 20 1 -1 -1 1 30 -1 1 8 -1 -1 -1 -1 -1 -1\n";

class Decisions : public ::testing::Test {
 protected:
  Decisions() {
    folder_.write("t.swf", kTrace);
    folder_.write("c.textproto", "name: 'c' allocation: WHOLE_NODES node_type { name: 'n' count: 4 }");
    const Ended ran =
        run_program(folder_, {"run", "t.swf", "--cluster", "./c.textproto", "--policy", "easy", "--plugin",
                              WATTFILL_PLUGIN, "--decision-log", "log", "--output", "run", "--quiet"});
    EXPECT_EQ(ran.status, 0) << ran.err;
  }
  Folder folder_;
};

TEST_F(Decisions, AreTheSameAgain) {
  const Ended rerun = run_program(folder_, words("rerun log"));
  EXPECT_EQ(rerun.status, 0) << rerun.out << rerun.err;
  EXPECT_NE(rerun.out.find("4 proposals: the same"), std::string::npos) << rerun.out;
  EXPECT_EQ(run_program(folder_, words("rerun log --quiet")).out, "");
  EXPECT_EQ(run_program(folder_, words("rerun no-such-log")).status, 3);
  folder_.write("text", "no log");
  EXPECT_EQ(run_program(folder_, words("rerun text")).status, 3);
}

TEST_F(Decisions, AreExplained) {
  const auto explained = [this](int job) {
    const Ended ended = run_program(folder_, words("explain log --job " + std::to_string(job)));
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  };
  EXPECT_EQ(explained(1),
            "0 s  submitted: 3 processors for at most 0:01:40, predicted to run 0:01:40\n"
            "0 s  proposed to start on n[0-2], estimated to end at 100 s; it is first in the queue, and there is room\n"
            "0 s  started by the host\n"
            "100 s  ended\n");
  EXPECT_EQ(
      explained(2),
      "10 s  submitted: 4 processors for at most 0:01:00, predicted to run 0:01:00\n"
      "10 s  waits: first in the queue, with a reservation; it needs 4 processors, and 1 is free; "
      "expected to start at 100 s\n"
      "100 s  proposed to start on n[0-3], estimated to end at 160 s; it is first in the queue, and there is room\n"
      "100 s  started by the host\n"
      "150 s  ended\n");
  EXPECT_EQ(
      explained(3),
      "11 s  submitted: 2 processors for at most 0:00:10, predicted to run 0:00:10\n"
      "11 s  waits: 1 job comes before it; it needs 2 processors, and 1 is free; job 2 (4 processors) is first and "
      "expected to start at 100 s; expected to start at 160 s\n"
      "100 s  waits: first in the queue, with a reservation; it needs 2 processors, and 0 are free; "
      "expected to start at 160 s\n"
      "150 s  proposed to start on n[0-1], estimated to end at 160 s; it is first in the queue, and there is room\n"
      "150 s  started by the host\n"
      "160 s  ended\n");
  EXPECT_EQ(explained(4),
            "12 s  submitted: 1 processor for at most 0:00:30, predicted to run 0:00:30\n"
            "12 s  proposed to start on n3, estimated to end at 42 s; it fills a hole that those before it leave; "
            "the first that waits, job 2, is still expected to start at 100 s\n"
            "12 s  started by the host\n"
            "32 s  ended\n");
  EXPECT_EQ(run_program(folder_, words("explain log --job 5")).status, 3);
}

TEST_F(Decisions, BecomeATraceWithNodes) {
  const Ended ended = run_program(folder_, words("import wattfill-log log --output back.swf --nodes nodes.csv"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(folder_.read("nodes.csv"),
            "job,log_job,nodes\n1,1,\"n[0-2]\"\n2,2,\"n[0-3]\"\n3,3,\"n[0-1]\"\n4,4,\"n3\"\n");
  SwfReader reader("back.swf", folder_.read("back.swf"), SwfStrictness::kStrict);
  std::vector<SwfRecord> jobs;
  for (SwfRecord r; reader.next(r);) jobs.push_back(r);
  ASSERT_EQ(jobs.size(), 4U);
  EXPECT_EQ(jobs[1].wait_s, 90);
  EXPECT_EQ(jobs[1].run_s, 50);
  EXPECT_EQ(jobs[3].wait_s, 0);
  EXPECT_EQ(jobs[3].requested_s, 30);
  EXPECT_EQ(jobs[2].user, 8);
  EXPECT_EQ(reader.header().integer("MaxProcs"), 4);
  EXPECT_EQ(run_program(folder_, words("run back.swf --procs 4 --policy easy --quiet")).status, 0);
}

}  // namespace
}  // namespace wattfill::testing
