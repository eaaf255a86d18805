// trace-replay import sacct: the real program, its files, and that no name gets out.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "tests/trace-replay/cli/program.hpp"
#include "trace-replay/import/job_energy.hpp"
#include "trace-replay/import/pseudonyms.hpp"

namespace wattfill::testing {
namespace {

const std::string kSacct =
    "JobID|User|Account|JobName|QOS|Partition|State|Submit|Start|End|Timelimit|AllocCPUS|NodeList|ConsumedEnergyRaw\n"
    "11|anneliese|crystals|secretsim|normal|big|COMPLETED|2025-03-01T10:00:00|2025-03-01T10:00:00|2025-03-01T11:00:00|"
    "02:00:00|2|n[1-2]|1440000\n"
    "12|bartholomew|crystals|otherprog|normal|big|FAILED|2025-03-01T10:01:00|2025-03-01T10:02:00|2025-03-01T10:32:00|"
    "02:00:00|1|n3|360000\n"
    "12.extern||crystals|extern|||FAILED|2025-03-01T10:02:00|2025-03-01T10:02:00|2025-03-01T10:32:00||1|n3|\n";
const char* const kCluster = R"(name: "two" allocation: WHOLE_NODES
node_type { name: "n" node_names: "n[1-3]" count: 3 power { idle_watts: 90 active_watts: 150 } })";

TEST(Pseudonyms, AreTheHashThatPythonComputesToo) {
  // max(1, int.from_bytes(hmac.new(key, b"user\0ann", hashlib.sha256).digest()[:4], "big") >> 1)
  const Pseudonyms pseudonyms("0123456789abcdef");
  const std::vector<std::string> names = {"ann", "bob"};
  EXPECT_EQ(pseudonyms.numbers("user", names), (std::vector<std::int32_t>{1'212'854'147, 373'838'703}));
  EXPECT_EQ(pseudonyms.numbers("account", names)[0], 192'567'937);
  EXPECT_THROW(Pseudonyms("short"), std::invalid_argument);
}

TEST(Pseudonyms, DifferWithinAList) {
  std::vector<std::string> names;
  names.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) names.push_back("u" + std::to_string(i));  // some two of them meet
  auto numbers = Pseudonyms("0123456789abcdef").numbers("user", names);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
  EXPECT_GE(numbers.front(), 1);
}

TEST(ImportSacct, NoNameGetsOut) {
  const Folder files;
  files.write("sacct.txt", kSacct);
  const Ended ended = run_program(
      files, words("import sacct sacct.txt --key-file keys/k --output t.swf --sidecar e.csv --names names.csv"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  std::string all = ended.out + ended.err;
  for (const char* file : {"t.swf", "e.csv", "names.csv"}) all += files.read(file);
  for (const char* name : {"anneliese", "bartholomew", "crystals", "secretsim", "otherprog"})
    EXPECT_EQ(all.find(name), std::string::npos) << name;
  EXPECT_NE(all.find("n[1-2]"), std::string::npos);
  struct stat about {};
  ASSERT_EQ(stat(files.path("keys/k").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);

  // The same key, the same numbers, also of a file with fewer users; another key, others.
  const std::string trace = files.read("t.swf");
  EXPECT_EQ(run_program(files, words("import sacct sacct.txt --key-file keys/k --output again.swf")).status, 0);
  EXPECT_EQ(files.read("again.swf"), trace);
  EXPECT_EQ(run_program(files, words("import sacct sacct.txt --key-file other --output other.swf")).status, 0);
  EXPECT_NE(files.read("other.swf"), trace);
}

TEST(ImportSacct, PlainUsersAreNumberedInOrder) {
  const Folder files;
  files.write("sacct.txt", kSacct);
  const Ended ended =
      run_program(files, words("import sacct sacct.txt --plain-users --quiet --names names.csv --utc-offset +01:00"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_NE(ended.out.find("; UnixStartTime: 1740819600\n; TimeZone: 3600\n"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("\n1 0 0 3600 2 -1 -1 2 7200 -1 1 1 1 1 1 1 -1 -1\n"
                           "2 60 60 1800 1 -1 -1 1 7200 -1 0 2 1 2 1 1 -1 -1\n"),
            std::string::npos)
      << ended.out;
  EXPECT_NE(files.read("names.csv").find("user,2,bartholomew\n"), std::string::npos);
}

TEST(ImportSacct, WhatItWritesIsReplayedAndCalibrates) {
  const Folder files;
  files.write("sacct.txt", kSacct);
  files.write("two.textproto", kCluster);
  ASSERT_EQ(run_program(files, words("import sacct sacct.txt --key-file k --output t.swf.gz --sidecar e.csv "
                                     "--energy-type ipmi"))
                .status,
            0);
  const Ended replayed = run_program(files, words("run t.swf.gz --cluster two.textproto --policy easy --output run"));
  EXPECT_EQ(replayed.status, 0) << replayed.err;
  EXPECT_NE(files.read("run/schedule.swf").find("\n1 0 0 3600 2 "), std::string::npos);

  const Ended calibrated =
      run_program(files, words("calibrate-power e.csv --cluster two.textproto --least-jobs 2 --output new.textproto"));
  EXPECT_EQ(calibrated.status, 0) << calibrated.err;
  EXPECT_NE(files.read("new.textproto").find("active_watts: 200"), std::string::npos) << files.read("new.textproto");
  EXPECT_EQ(run_program(files, words("run t.swf.gz --cluster new.textproto --policy easy")).status, 0);
}

// What is not said of a job counts as none of it, and is not below none.
TEST(ImportJobPower, TakesEmptyCells) {
  const Folder files;
  files.write(
      "power.csv",
      "job_id,queue,submit_unix,start_unix,end_unix,run_s,req_time_s,nodes,cores,gpus,mics,mem_req_raw,app_type,"
      "used_node_ids,predicted_power_W\n7,q,1,2,12,10,,,4,,2,,,5 6,9\n"
      "8,q,1,2,12,10,,,4,,,,,,\n");
  const Ended ended = run_program(files, words("import job-power power.csv"));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out.find("\n7,1,2,12,10,,,,,1,,,4,2,,,\"n5,n6\",exclusive,90,"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("\n8,1,2,12,10,,,,,1,,,4,0,,,,unknown,,"), std::string::npos) << ended.out;
}

TEST(ImportSacct, TellsWhatIsWrongByStatusAndPlace) {
  const Folder files;
  files.write("sacct.txt", kSacct);
  files.write("bad.txt", kSacct + "13|x|y|z|normal|big|COMPLETED|never|0|0|0|1|n1|\n");
  const std::string power =
      "job_id,queue,submit_unix,start_unix,end_unix,run_s,req_time_s,nodes,cores,gpus,mics,mem_req_raw,app_type,"
      "used_node_ids,predicted_power_W\n";
  files.write("power-run.csv", power + "1,q,1,2,3,-1,9,1,1,0,0,1,0,5,9\n");
  files.write("power-id.csv", power + ",q,1,2,3,1,9,1,1,0,0,1,0,5,9\n");
  files.write("power-type.csv", power + "1,q,1,2,3,1,9,1,1,0,0,1,4294967297,5,9\n");
  files.write("power-nodes.csv", power + "1,q,1,2,3,1,9,1,1,0,0,1,0,5 [2-1],9\n");
  files.write("shortkey", "abc\n");
  chmod(files.path("shortkey").c_str(), 0600);
  files.write("openkey", "0123456789abcdef0123456789abcdef\n");
  chmod(files.path("openkey").c_str(), 0644);
  const std::tuple<const char*, int, const char*> rows[] = {
      {"import sacct", 2, "file is required"},
      {"import sacct none.txt --plain-users", 3, "none.txt: cannot be opened"},
      {"import sacct bad.txt --plain-users", 3, "bad.txt:5: field 8 (Submit): \"never\""},
      {"import sacct sacct.txt --key-file shortkey", 3, "too short"},
      {"import sacct sacct.txt --key-file openkey", 3, "chmod 600"},
      {"import sacct sacct.txt --key-file openkey --plain-users", 2, "excludes"},
      {"import sacct sacct.txt --plain-users --utc-offset 2h", 2, "+HH:MM"},
      {"import sacct sacct.txt --plain-users --default-limit 60", 2, "[D-]HH:MM:SS"},
      {"import sacct sacct.txt --plain-users --delimiter ab", 2, "one character"},
      {"import sacct sacct.txt --plain-users --energy-type guess", 2, "guess"},
      {"import sacct sacct.txt --plain-users --output no/folder/x", 4, "no/folder/x"},
      {"import job-power sacct.txt", 3, "there is no column"},
      {"import job-power power-run.csv", 3, "power-run.csv:2: field 6 (run_s): \"-1\""},
      {"import job-power power-id.csv", 3, "power-id.csv:2: field 1 (job_id)"},
      {"import job-power power-type.csv", 3, "power-type.csv:2: field 13 (app_type)"},
      {"import job-power power-nodes.csv", 3, "power-nodes.csv:2: field 14 (used_node_ids)"},
      {"calibrate-power sacct.txt --cluster kth-sp2", 3, "sacct.txt"},
      {"calibrate-power none.csv --cluster kth-sp2", 3, "none.csv"},
      {"evaluate-power none.csv", 3, "none.csv"},
      {"evaluate-power sacct.txt --warm-up 2", 2, "warm-up"},
  };
  for (const auto& [line, status, phrase] : rows) {
    const Ended ended = run_program(files, words(line));
    EXPECT_EQ(ended.status, status) << line << "\n" << ended.err;
    EXPECT_NE(ended.err.find(phrase), std::string::npos) << line << "\n" << ended.err;
    EXPECT_EQ(ended.out, "") << line;
  }
  const Ended lenient = run_program(files, words("import sacct bad.txt --plain-users --lenient --output t.swf"));
  EXPECT_EQ(lenient.status, 0) << lenient.err;
  EXPECT_NE(lenient.err.find("1 bad lines"), std::string::npos) << lenient.err;
}

}  // namespace
}  // namespace wattfill::testing
