// The files of a run: their columns, and that they tell the schedule again.
#include "trace-replay/output/run_directory.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/output/folder.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/validate/schedule_file.hpp"

namespace wattfill::testing {
namespace {

constexpr const char* kColumns =
    "job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,"
    "starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_energy,"
    "metadata";

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(at); end != std::string::npos; begin = end + 1, end = text.find(at, begin))
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

struct RunFiles {
  Workload workload;
  ReplayResult result;
  Folder folder;

  RunFiles(Workload w, const std::string& policy, std::int32_t processors, const RunDescription& description = {})
      : workload(std::move(w)), result(replayed(workload, preset(policy), processors)) {
    RunDescription run = description;
    run.processors = processors;
    if (run.policy.empty()) run.policy = policy;
    write_run_directory(folder.path("run"), workload, result, summarise(workload, result, {processors, 0.1, 0.1}), run);
  }
  std::vector<std::string> rows() const { return split(folder.read("run/jobs.csv"), '\n'); }
};

TEST(RunDirectory, HoldsThreeFiles) {
  const RunFiles run(workload_of({{0, 1, 10, 10}}), "easy", 4);
  EXPECT_EQ(run.folder.names(), (std::vector<std::string>{"run/jobs.csv", "run/schedule.swf", "run/summary.json"}));
}

TEST(JobsCsv, IsBatsims) {
  // Job 2 ends before its limit; job 3 waits for 40 s.
  const RunFiles run(workload_of({{0, 4, 50, 50}, {5, 4, 100, 40}, {50, 1, 8, 4}}), "fcfs", 4);
  EXPECT_EQ(run.rows(), (std::vector<std::string>{
                            kColumns,
                            "1,wattfill,,0,4,50,0,COMPLETED_WALLTIME_REACHED,0,50,50,0,50,1,0-3,,",
                            "2,wattfill,,5,4,100,1,COMPLETED_SUCCESSFULLY,50,40,90,45,85,2.125,0-3,,",
                            "3,wattfill,,50,1,8,1,COMPLETED_SUCCESSFULLY,90,4,94,40,44,11,0,,",
                            "",
                        }));
}

TEST(JobsCsv, TellsCancelledJobsAndLeavesOutThoseThatNeverRan) {
  Workload w = workload_of({{0, 4, 50, 50}, {5, 4, 100, 40}, {20, 1, 8, 4}});
  w.cancel_at = {at(20), kNever, at(40)};
  Workload waiting = workload_of({{0, 4, 50, 50}, {5, 4, 100, 40}, {20, 1, 8, 4}});
  waiting.cancel_at = {kNever, at(20), kNever};
  EXPECT_EQ(RunFiles(std::move(w), "fcfs", 4).rows()[1], "1,wattfill,,0,4,50,0,COMPLETED_KILLED,0,20,20,0,20,1,0-3,,");
  const std::vector<std::string> rows = RunFiles(std::move(waiting), "fcfs", 4).rows();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(split(rows[2], ',')[0], "3");
}

Workload busy() {
  Workload w = generated_workload(busy_days(1500, 64, 77, 1.0));
  w.header.labels.push_back({"Acknowledge", "nobody\nin particular"});
  w.header.labels.push_back({"MaxProcs", "4711"});
  return w;
}

TEST(JobsCsv, RowsTellTheSchedule) {
  const RunFiles run(busy(), "easy-sjbf", 64);
  const std::vector<std::string> rows = run.rows();
  ASSERT_EQ(rows.size(), run.workload.jobs.size() + 2);
  for (std::size_t i = 0; i < run.workload.jobs.size(); ++i) {
    const std::vector<std::string> cells = split(rows[i + 1], ',');
    ASSERT_EQ(cells.size(), 17U);
    const TraceJob& job = run.workload.jobs[i];
    const std::int64_t submit = seconds_since_epoch(job.job.submit);
    const std::int64_t start = seconds_since_epoch(run.result.outcomes[i].start);
    const std::int64_t execution = job.runtime.count();
    const auto number = [&cells](std::size_t column) { return std::stoll(cells[column]); };
    ASSERT_EQ(number(0), job.job.id);
    ASSERT_EQ(number(3), submit);
    ASSERT_EQ(number(4), job.job.processors);
    ASSERT_EQ(number(5), job.job.requested.count());
    ASSERT_EQ(number(6), job.runtime < job.job.requested ? 1 : 0);
    ASSERT_EQ(number(8), start);
    ASSERT_EQ(number(9), execution);
    ASSERT_EQ(number(10), start + execution);
    ASSERT_EQ(number(11), start - submit);
    ASSERT_EQ(number(12), start + execution - submit);
    ASSERT_EQ(std::stod(cells[13]), static_cast<double>(start + execution - submit) / static_cast<double>(execution));
  }
}

TEST(ScheduleSwf, ReadsBackWithTheSameWaits) {
  const RunFiles run(busy(), "easy", 64);
  SwfReader reader(run.folder.path("run/schedule.swf"));
  std::size_t i = 0;
  for (SwfRecord r; reader.next(r); ++i) {
    const TraceJob& job = run.workload.jobs[i];
    ASSERT_EQ(r.job, job.job.id);
    ASSERT_EQ(r.submit_s, seconds_since_epoch(job.job.submit));
    ASSERT_EQ(r.wait_s, (run.result.outcomes[i].start - job.job.submit).count());
    ASSERT_EQ(r.run_s, job.runtime.count());
    ASSERT_EQ(r.requested_s, job.job.requested.count());
    ASSERT_EQ(r.requested_processors, job.job.processors);
    ASSERT_EQ(r.allocated_processors, job.job.processors);
    ASSERT_EQ(r.user, job.job.user);
    ASSERT_EQ(r.executable, job.job.executable);
  }
  EXPECT_EQ(i, run.workload.jobs.size());
  // The machine is the one that was simulated, the thanks are the trace's.
  EXPECT_EQ(reader.header().integer("MaxProcs"), 64);
  ASSERT_NE(reader.header().find("Acknowledge"), nullptr);
  EXPECT_EQ(*reader.header().find("Acknowledge"), "nobody\nin particular");
}

TEST(ScheduleSwf, IsATraceThatReplaysToTheSameSchedule) {
  const RunFiles run(busy(), "easy", 64);
  RecipeOptions recipe;
  recipe.processors = 64;
  const Workload again = load_workload(run.folder.path("run/schedule.swf"), recipe);
  EXPECT_EQ(starts(replayed(again, preset("easy"), 64)), starts(run.result));
}

TEST(BothSchedules, TellTheJudgeTheSame) {
  const RunFiles run(busy(), "conservative", 64);
  const judge::ScheduleFile csv = judge::read_schedule(run.folder.path("run/jobs.csv"), false);
  const judge::ScheduleFile swf = judge::read_schedule(run.folder.path("run/schedule.swf"), false);
  EXPECT_EQ(csv.format, "jobs.csv");
  EXPECT_EQ(swf.format, "SWF");
  ASSERT_EQ(csv.rows.size(), swf.rows.size());
  for (std::size_t i = 0; i < csv.rows.size(); ++i) {
    ASSERT_EQ(csv.rows[i].id, swf.rows[i].id);
    ASSERT_EQ(csv.rows[i].start, swf.rows[i].start);
    ASSERT_EQ(csv.rows[i].executed, swf.rows[i].executed);
  }
}

TEST(SummaryJson, TellsWhatWasRunAndWhatTheRecipeDid) {
  Workload w = workload_of({{0, 1, 10, 10}});
  w.name = "odd \xff name \"quoted\"";  // a path need not be UTF-8
  w.report.read = 9;
  w.report.kept = 1;
  w.report.dropped_too_wide = 8;
  RunDescription description;
  description.command = "trace-replay run \xfe";
  description.policy = "mine";
  description.cluster = "c";
  const RunFiles run(std::move(w), "easy", 4, description);
  const auto json = nlohmann::json::parse(run.folder.read("run/summary.json"));
  EXPECT_EQ(json["run"]["policy"], "mine");
  EXPECT_EQ(json["run"]["cluster"], "c");
  EXPECT_EQ(json["run"]["processors"], 4);
  EXPECT_EQ(json["run"]["trace"], "odd \xEF\xBF\xBD name \"quoted\"");
  EXPECT_EQ(json["recipe"]["read"], 9);
  EXPECT_EQ(json["recipe"]["dropped_too_wide"], 8);
  EXPECT_EQ(json["jobs"], 1);
}

TEST(RunDirectory, ThatCannotBeWrittenLeavesNothingBehind) {
  const Folder folder;
  const Workload w = workload_of({{0, 1, 10, 10}});
  const ReplayResult result = replayed(w, preset("easy"), 1);
  const Summary summary = summarise(w, result, {1, 0.1, 0.1});
  folder.write("file", "x");
  const RunDescription run{"", "easy", "", 1};
  EXPECT_THROW(write_run_directory(folder.path("file"), w, result, summary, run), OutputError);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"file"}));
  // One of the three names is taken by a folder: no temporary file stays.
  std::filesystem::create_directories(folder.path("run/schedule.swf/inside"));
  EXPECT_THROW(write_run_directory(folder.path("run"), w, result, summary, run), OutputError);
  for (const std::string& name : folder.names()) EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
}

}  // namespace
}  // namespace wattfill::testing
