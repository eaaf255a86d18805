// What becomes of the lines of sacct.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "trace-replay/errors.hpp"
#include "trace-replay/import/sacct_trace.hpp"

namespace wattfill {
namespace {

const std::string kHeader =
    "JobID|User|Account|JobName|QOS|Partition|State|Submit|Eligible|Start|End|Elapsed|Suspended|Timelimit|AllocCPUS|"
    "ReqCPUS|NNodes|NodeList|ReqMem|MaxRSS|NTasks|TotalCPU|ConsumedEnergyRaw|Priority\n";

// A line that is right, with some of its cells replaced.
std::string line(std::initializer_list<std::pair<const char*, const char*>> changes = {}) {
  std::vector<std::pair<std::string, std::string>> cells = {{"JobID", "7"},
                                                            {"User", "ann"},
                                                            {"Account", "bio"},
                                                            {"JobName", "sim"},
                                                            {"QOS", "normal"},
                                                            {"Partition", "big"},
                                                            {"State", "COMPLETED"},
                                                            {"Submit", "1000"},
                                                            {"Eligible", "1000"},
                                                            {"Start", "1060"},
                                                            {"End", "1160"},
                                                            {"Elapsed", "00:01:40"},
                                                            {"Suspended", "00:00:00"},
                                                            {"Timelimit", "01:00:00"},
                                                            {"AllocCPUS", "8"},
                                                            {"ReqCPUS", "8"},
                                                            {"NNodes", "2"},
                                                            {"NodeList", "n[1-2]"},
                                                            {"ReqMem", "2Gn"},
                                                            {"MaxRSS", ""},
                                                            {"NTasks", ""},
                                                            {"TotalCPU", "00:10:00"},
                                                            {"ConsumedEnergyRaw", "40000"},
                                                            {"Priority", "5"}};
  for (const auto& [name, value] : changes)
    for (auto& cell : cells)
      if (cell.first == name) cell.second = value;
  std::string text;
  for (const auto& cell : cells) text += cell.second + "|";
  text.back() = '\n';
  return text;
}

SacctJobs read(const std::string& text, SacctOptions options = {}) {
  SacctReader reader("x", text, options.format);
  return read_sacct(reader, options);
}
SacctJobs jobs_of(const std::string& lines, const SacctOptions& options = {}) { return read(kHeader + lines, options); }
SwfRecord record_of(const std::string& lines, std::int64_t threads = 1) {
  const SacctJobs jobs = jobs_of(lines);
  return sacct_trace(jobs, plain_numbers(jobs, {}), {0, threads}).records.at(0);
}
JobEnergy energy_of(const std::string& lines) {
  const SacctJobs jobs = jobs_of(lines);
  return sacct_sidecar(jobs, plain_numbers(jobs, {}), {}).at(0);
}
std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Sacct, MapsEveryFieldOfAJob) {
  const SwfRecord r = record_of(line());
  SwfRecord expected;
  expected.job = 1;
  expected.submit_s = 0;
  expected.wait_s = 60;
  expected.run_s = 100;
  expected.allocated_processors = expected.requested_processors = 8;
  expected.average_cpu_s = 75;
  expected.requested_s = 3600;
  expected.requested_memory_kb = 2.0 * 1024 * 1024 * 2 / 8;
  expected.status = 1;
  expected.user = expected.group = expected.executable = expected.queue = expected.partition = 1;
  EXPECT_EQ(r, expected);
  EXPECT_EQ(record_of(line({{"AllocCPUS", "9"}}), 2).allocated_processors, 5);
}

TEST(Sacct, OrderOfColumnsAndTrailingBarsDoNotMatter) {
  const std::string text = "End|AllocCPUS|Nonsense|state|JobID|Start|Submit|\n160|4|x|COMPLETED|7|60|0|\n";
  const SacctJobs jobs = read(text);
  ASSERT_EQ(jobs.runs.size(), 1U);
  EXPECT_EQ(jobs.runs[0].run_s, 100);
  EXPECT_EQ(jobs.runs[0].cpus, 4);
  EXPECT_EQ(jobs.report.no_limit, 1);
  EXPECT_EQ(read("State|JobID|Submit|Start|End|NCPUS\r\nCOMPLETED|7|0|60|160|4\r\n\r\n").runs.size(), 1U);
}

TEST(Sacct, StatesBecomeStatuses) {
  const std::pair<const char*, int> rows[] = {{"COMPLETED", 1},     {"FAILED", 0},    {"TIMEOUT", 0},
                                              {"OUT_OF_MEMORY", 0}, {"NODE_FAIL", 0}, {"CANCELLED by 1001", 5},
                                              {"CANCELLED", 5},     {"PREEMPTED", 0}, {"REQUEUED", 0}};
  for (const auto& [state, status] : rows) EXPECT_EQ(record_of(line({{"State", state}})).status, status) << state;
}

// Lines with which the file is read, and the sum that counts them.
TEST(Sacct, OddLinesAreKeptOrLeftOutByCause) {
  const std::tuple<const char*, std::string, std::int64_t SacctReport::*, std::int64_t> rows[] = {
      {"running", line({{"State", "RUNNING"}, {"End", "Unknown"}}), &SacctReport::left_running, 1},
      {"suspended now", line({{"State", "SUSPENDED"}, {"End", "Unknown"}}), &SacctReport::left_running, 1},
      {"pending", line({{"State", "PENDING"}, {"Start", "Unknown"}, {"End", "Unknown"}}), &SacctReport::left_pending,
       1},
      {"pending array", line({{"JobID", "7_[1-5%2]"}, {"State", "PENDING"}, {"Start", "Unknown"}, {"End", "Unknown"}}),
       &SacctReport::left_pending, 1},
      {"cancelled waiting", line({{"State", "CANCELLED by 5"}, {"Start", "None"}, {"NodeList", "None assigned"}}),
       &SacctReport::cancelled_waiting, 1},
      {"cancelled waiting, start = end",
       line({{"State", "CANCELLED"}, {"Start", "1160"}, {"Elapsed", "00:00:00"}, {"NodeList", "None assigned"}}),
       &SacctReport::cancelled_waiting, 1},
      {"cancelled while held", line({{"State", "CANCELLED"}, {"Start", "None"}, {"Eligible", "Unknown"}}),
       &SacctReport::left_never_eligible, 1},
      {"cancelled before its time", line({{"State", "CANCELLED"}, {"Start", "None"}, {"Eligible", "9000"}}),
       &SacctReport::left_never_eligible, 1},
      {"deadline", line({{"State", "DEADLINE"}, {"Start", "Unknown"}}), &SacctReport::left_failed_waiting, 1},
      {"array task", line({{"JobID", "7_3"}}), &SacctReport::array_tasks, 1},
      {"component", line({{"JobID", "7+1"}}), &SacctReport::components, 1},
      {"listed twice", line() + line(), &SacctReport::left_twice, 1},
      {"run again",
       line({{"State", "REQUEUED"}}) +
           line({{"Submit", "1200"}, {"Eligible", "1320"}, {"Start", "1400"}, {"End", "1500"}}),
       &SacctReport::runs_again, 1},
      {"suspended", line({{"Suspended", "00:00:30"}, {"Elapsed", "00:01:10"}}), &SacctReport::suspended, 1},
      {"summer time", line({{"End", "4760"}}), &SacctReport::other_clock, 1},
      {"too early", line({{"Submit", "1100"}, {"Eligible", "1100"}}), &SacctReport::started_early, 1},
      {"unlimited", line({{"Timelimit", "UNLIMITED"}}), &SacctReport::unlimited, 1},
      {"limit of the partition", line({{"Timelimit", "Partition_Limit"}}), &SacctReport::unlimited, 1},
      {"no limit", line({{"Timelimit", ""}}), &SacctReport::no_limit, 1},
      {"no CPUs", line({{"AllocCPUS", "0"}, {"ReqCPUS", ""}}), &SacctReport::no_cpus, 1},
      {"step without job", line({{"JobID", "9.batch"}}), &SacctReport::steps_without_job, 1},
      {"header again", kHeader + line({{"JobID", "8"}}), &SacctReport::ran, 2},
      {"blank", "\n\n" + line({{"JobID", "8"}}), &SacctReport::ran, 2},
  };
  for (const auto& [what, lines, member, count] : rows) {
    // Another job before it, so that there is always one to keep.
    const SacctJobs jobs = jobs_of(line({{"JobID", "1"}}) + lines);
    EXPECT_EQ(jobs.report.*member, count) << what;
    const SacctReport& r = jobs.report;
    EXPECT_EQ(r.lines, r.jobs + r.steps + r.rejected) << what;
    EXPECT_EQ(r.jobs, r.ran + r.cancelled_waiting + r.left_running + r.left_pending + r.left_never_eligible +
                          r.left_failed_waiting + r.left_twice)
        << what;
    EXPECT_EQ(jobs.runs.size(), static_cast<std::size_t>(r.ran + r.cancelled_waiting)) << what;
    EXPECT_NE(describe_sacct(jobs).find(std::to_string(count)), std::string::npos) << what;
  }
}

TEST(Sacct, BadLinesAreToldByPlaceAndField) {
  const std::pair<std::string, const char*> rows[] = {
      {line({{"JobID", ""}}), "field 1 (JobID)"},
      {line({{"JobID", "job7"}}), "field 1 (JobID): \"job7\""},
      {line({{"JobID", "7."}}), "field 1 (JobID)"},
      {line({{"State", ""}}), "field 7 (State)"},
      {line({{"State", "HAPPY"}}), "\"HAPPY\" is no state"},
      {line({{"Submit", ""}}), "field 8 (Submit)"},
      {line({{"Submit", "Unknown"}}), "field 8 (Submit)"},
      {line({{"Submit", "-5"}}), "field 8 (Submit)"},
      {line({{"Submit", "2025-02-30T00:00:00"}}), "field 8 (Submit)"},
      {line({{"Eligible", "soon"}}), "field 9 (Eligible)"},
      {line({{"Start", "12:00"}}), "field 10 (Start)"},
      {line({{"End", "1.5"}}), "field 11 (End)"},
      {line({{"End", "1000"}, {"Elapsed", ""}}), "field End: lies before Start"},
      {line({{"End", "Unknown"}, {"Elapsed", ""}}), "fields End and Elapsed"},
      {line({{"Elapsed", "100"}}), "field 12 (Elapsed)"},
      {line({{"Elapsed", "1:2:3:4"}}), "field 12 (Elapsed)"},
      {line({{"Suspended", "x"}}), "field 13 (Suspended)"},
      {line({{"Suspended", "1-00:00:00"}, {"Elapsed", ""}}), "field Suspended: is longer"},
      {line({{"Timelimit", "60"}}), "field 14 (Timelimit)"},
      {line({{"Timelimit", "forever"}}), "field 14 (Timelimit)"},
      {line({{"AllocCPUS", "1.50K"}}), "--noconvert"},
      {line({{"AllocCPUS", "-8"}}), "field 15 (AllocCPUS)"},
      {line({{"ReqCPUS", "eight"}}), "field 16 (ReqCPUS)"},
      {line({{"NNodes", "2.0"}}), "field 17 (NNodes)"},
      {line({{"NodeList", "n[1-"}}), "field NodeList"},
      {line({{"NodeList", "n[5-1]"}}), "field NodeList"},
      {line({{"NodeList", "n1,,n2"}}), "field NodeList"},
      {line({{"ReqMem", "4Q"}}), "field 19 (ReqMem)"},
      {line({{"MaxRSS", "lots"}}), "field 20 (MaxRSS)"},
      {line({{"NTasks", "?"}}), "field 21 (NTasks)"},
      {line({{"TotalCPU", "7"}}), "field 22 (TotalCPU)"},
      {line({{"ConsumedEnergyRaw", "-40"}}), "field 23 (ConsumedEnergyRaw)"},
      {line({{"ConsumedEnergyRaw", "4e5"}}), "field 23 (ConsumedEnergyRaw)"},
      {line({{"Priority", "high"}}), "field 24 (Priority)"},
      {line({{"JobName", "a|b"}}), "has 25 fields, the first line 24"},
      {"7|ann\n", "has 2 fields, the first line 24"},
      {line().substr(0, 40) + "\n", "fields, the first line 24"},
      {std::string("\0\0\0\n", 4), "has 1 fields"},
      {std::string(70'000, '|') + "\n", "longer than"},
      {line({{"JobID", "9.batch"}, {"MaxRSS", "much"}}), "field 20 (MaxRSS)"},
      {line({{"JobID", "99999999999999999999"}}), "field 1 (JobID)"},
      {line({{"Submit", "99999999999999999"}}), "field 8 (Submit)"},
  };
  EXPECT_GE(std::size(rows), 40U);
  for (const auto& [bad, phrase] : rows) {
    const std::string error = error_of(kHeader + line({{"JobID", "1"}}) + bad);
    EXPECT_TRUE(error.starts_with("x:3: ")) << bad << error;
    EXPECT_NE(error.find(phrase), std::string::npos) << bad << error;
    SacctOptions lenient;
    lenient.format.strictness = SwfStrictness::kLenient;
    const SacctJobs jobs = jobs_of(line({{"JobID", "1"}}) + bad + line({{"JobID", "2"}}), lenient);
    EXPECT_EQ(jobs.report.rejected, 1) << bad;
    EXPECT_EQ(jobs.runs.size(), 2U) << bad;
    ASSERT_EQ(jobs.reject_examples.size(), 1U) << bad;
    EXPECT_EQ(jobs.reject_examples[0], error) << bad;
  }
}

TEST(Sacct, BadFilesAreTold) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "is empty"},
      {"\n\n", "is empty"},
      {"JobID|State\n", "lacks Submit, Start, End or Elapsed, AllocCPUS"},
      {"JobID,State,Submit,Start,End,AllocCPUS\n", "parted by \"|\""},
      {kHeader, "holds no job that has ended"},
      {kHeader + line({{"State", "RUNNING"}}), "holds no job that has ended"},
  };
  for (const auto& [text, phrase] : rows) EXPECT_NE(error_of(text).find(phrase), std::string::npos) << error_of(text);
}

TEST(Sacct, RunTimeIsWithoutSuspension) {
  EXPECT_EQ(record_of(line({{"Suspended", "00:00:30"}, {"Elapsed", "00:01:10"}})).run_s, 70);
  EXPECT_EQ(record_of(line({{"Suspended", "00:00:30"}, {"Elapsed", "00:01:40"}})).run_s, 70);  // Elapsed with it
  EXPECT_EQ(record_of(line({{"Suspended", "00:00:30"}, {"Elapsed", ""}})).run_s, 70);
  EXPECT_EQ(record_of(line({{"End", "Unknown"}})).run_s, 100);
}

TEST(Sacct, EachRunOfARequeuedJobIsAJobOfItsOwn) {
  const std::string text = line({{"State", "NODE_FAIL"}}) + line({{"JobID", "7.extern"}, {"ConsumedEnergyRaw", "5"}}) +
                           line({{"Submit", "1160"}, {"Eligible", "1280"}, {"Start", "1300"}, {"End", "1400"}});
  const SacctJobs jobs = jobs_of(text);
  const auto records = sacct_trace(jobs, plain_numbers(jobs, {}), {}).records;
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].status, 0);
  EXPECT_EQ(records[1].job, 2);
  EXPECT_EQ(records[1].submit_s, 280);  // when it was eligible again
  EXPECT_EQ(records[1].wait_s, 20);
  SacctOptions submitted;
  submitted.from_eligible = false;
  EXPECT_EQ(jobs_of(text, submitted).runs[1].arrival, 1160);
}

// Two exports that overlap: every run of the requeued job once, as the later file has it, with that file's steps.
TEST(Sacct, FilesThatOverlapCountEachRunOnce) {
  const auto step = [](const char* joules) { return line({{"JobID", "7.extern"}, {"ConsumedEnergyRaw", joules}}); };
  const auto runs = [&](const char* first_state, const char* first, const char* second) {
    return line({{"State", first_state}, {"ConsumedEnergyRaw", ""}}) + step(first) +
           line({{"Submit", "1200"},
                 {"Eligible", "1200"},
                 {"Start", "1400"},
                 {"End", "1500"},
                 {"ConsumedEnergyRaw", ""}}) +
           step(second);
  };
  const SacctJobs jobs = jobs_of(runs("RUNNING", "1000", "2000") + runs("REQUEUED", "3000", "4000"));
  EXPECT_EQ(jobs.report.left_twice, 2);
  EXPECT_EQ(jobs.report.runs_again, 1);
  EXPECT_EQ(jobs.report.left_running, 0);
  EXPECT_TRUE(jobs.running.empty());
  ASSERT_EQ(jobs.runs.size(), 2U);
  EXPECT_EQ(jobs.runs[0].arrival, 1000);
  EXPECT_EQ(jobs.runs[0].joules, 3000);
  EXPECT_EQ(jobs.runs[1].arrival, 1200);
  EXPECT_EQ(jobs.runs[1].joules, 4000);
}

// What a refused run has measured is no other run's.
TEST(Sacct, StepsOfARefusedLineGoToNoOtherRun) {
  SacctOptions lenient;
  lenient.format.strictness = SwfStrictness::kLenient;
  const std::string run = line({{"ConsumedEnergyRaw", ""}});
  const std::string step = line({{"JobID", "7.extern"}, {"ConsumedEnergyRaw", "1000"}});
  for (const std::string& wrong : {line({{"State", "HAPPY"}}), line({{"NodeList", "n[2-1]"}}), line({{"Submit", "x"}}),
                                   line({{"End", "7"}, {"Elapsed", ""}}), line({{"JobName", "a|b"}})}) {
    const SacctJobs jobs = jobs_of(run + wrong + step, lenient);
    EXPECT_EQ(jobs.report.rejected, 1) << wrong;
    EXPECT_EQ(jobs.report.steps_without_job, 1) << wrong;
    EXPECT_EQ(jobs.runs.at(0).joules, -1) << wrong;
    const std::string next =
        line({{"Submit", "1200"}, {"Eligible", "1200"}, {"Start", "1400"}, {"End", "1500"}, {"ConsumedEnergyRaw", ""}});
    EXPECT_EQ(jobs_of(run + wrong + next + step, lenient).runs.at(1).joules, 1000) << wrong;
  }
}

TEST(Sacct, StepsTellWhatTheirJobDoesNot) {
  const std::string job = line({{"ConsumedEnergyRaw", ""}});
  const auto step = [](const char* id, const char* joules, const char* rss = "", const char* tasks = "") {
    return line({{"JobID", id}, {"ConsumedEnergyRaw", joules}, {"MaxRSS", rss}, {"NTasks", tasks}});
  };
  EXPECT_EQ(energy_of(line() + step("7.batch", "9")).joules, 40'000);
  const JobEnergy by_extern =
      energy_of(job + step("7.batch", "9000") + step("7.extern", "30000") + step("7.0", "8000"));
  EXPECT_EQ(by_extern.joules, 30'000);
  EXPECT_EQ(by_extern.validity, JoulesValidity::kOk);
  const JobEnergy summed = energy_of(job + step("7.batch", "9000") + step("7.0", "8000") + step("7.1", "1000"));
  EXPECT_EQ(summed.joules, 9'000);
  EXPECT_EQ(summed.validity, JoulesValidity::kPartial);
  EXPECT_EQ(energy_of(job + step("7.batch", "9000")).validity, JoulesValidity::kPartial);  // one node of two
  EXPECT_EQ(energy_of(line({{"ConsumedEnergyRaw", ""}, {"NodeList", "n1"}}) + step("7.batch", "9000")).validity,
            JoulesValidity::kOk);
  EXPECT_EQ(record_of(job + step("7.0", "", "100K", "4") + step("7.1", "", "60K", "8")).used_memory_kb, 60);
}

TEST(Sacct, JoulesThatCannotBeAreRejected) {
  const std::pair<const char*, JoulesValidity> rows[] = {
      {"", JoulesValidity::kNone},     {"0", JoulesValidity::kZero},
      {"150", JoulesValidity::kReset}, {"18446744073709551614", JoulesValidity::kReset},
      {"40000", JoulesValidity::kOk},  {"2000001", JoulesValidity::kTooLarge}};
  for (const auto& [joules, validity] : rows)
    EXPECT_EQ(energy_of(line({{"ConsumedEnergyRaw", joules}})).validity, validity) << joules;
  const std::string other = line({{"JobID", "8"}, {"NodeList", "n[2-3]"}});
  EXPECT_EQ(energy_of(line() + other).validity, JoulesValidity::kShared);
  EXPECT_EQ(energy_of(line({{"NodeList", ""}})).validity, JoulesValidity::kNotKnown);
  // One that still runs is on its nodes, too.
  EXPECT_EQ(energy_of(line() + line({{"JobID", "8"}, {"State", "RUNNING"}, {"Start", "1159"}, {"End", "Unknown"}})).use,
            NodeUse::kShared);
  EXPECT_EQ(energy_of(line() + line({{"JobID", "8"}, {"State", "RUNNING"}, {"Start", "1160"}, {"End", "Unknown"}})).use,
            NodeUse::kExclusive);
}

TEST(Sacct, PartitionsAreNumberedAsTheirFileDoes) {
  const SacctJobs jobs = jobs_of(line({{"Partition", "small"}}) + line({{"JobID", "8"}, {"Partition", "new"}}) +
                                 line({{"JobID", "9"}, {"Partition", "big,small"}}));
  EXPECT_EQ(plain_numbers(jobs, {"big", "small"})[kPartitionName], (std::vector<std::int32_t>{2, 3, 1}));
}

}  // namespace
}  // namespace wattfill
