// The files that the judge reads: its own recipe, SWF schedules, Batsim's jobs.csv; and its JSON report.
#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "tests/trace-replay/validate/judging.hpp"
#include "tests/trace-replay/validate/temporary_directory.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/validate/schedule_file.hpp"
#include "trace-replay/validate/trace_recipe.hpp"

namespace wattfill::judge {
namespace {

SwfRecord record(JobId job, std::int64_t submit, std::int64_t run, std::int64_t allocated, std::int64_t processors,
                 std::int64_t requested) {
  SwfRecord result;
  result.job = job;
  result.submit_s = submit;
  result.run_s = run;
  result.allocated_processors = allocated;
  result.requested_processors = processors;
  result.requested_s = requested;
  return result;
}

TEST(Recipe, KeepsClipsAndDropsByCause) {
  ValidationReport::Trace summary;
  const std::vector<TraceEntry> kept = apply_recipe(
      {
          record(1, 50, 10, 2, 4, 20),   // field 8 wins
          record(2, 40, 30, 2, -1, 20),  // field 5 where 8 is missing; clipped to 20; submitted earlier
          record(4, 50, 5, 1, 1, 5), record(3, 50, 5, 1, 1, 5),  // same submission as 4, lower number
          record(5, 60, 0, 1, 1, 5),                             // no run time
          record(6, 60, -1, 1, 1, 5),                            // no run time
          record(7, 60, 5, 1, 1, -1),                            // no request
          record(8, 60, 5, -1, 0, 5),                            // no processors
          record(9, 60, 5, 1, 9, 5),                             // wider than 8
      },
      8, summary);
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_EQ(kept[0].id, 2);
  EXPECT_EQ(kept[0].processors, 2);
  EXPECT_EQ(kept[0].runtime, Seconds{20});
  EXPECT_EQ(kept[1].id, 1);
  EXPECT_EQ(kept[1].processors, 4);
  EXPECT_EQ(kept[2].id, 3);
  EXPECT_EQ(kept[3].id, 4);
  EXPECT_EQ(summary.read, 9);
  EXPECT_EQ(summary.kept, 4);
  EXPECT_EQ(summary.clipped, 1);
  EXPECT_EQ(summary.no_runtime, 2);
  EXPECT_EQ(summary.no_request, 1);
  EXPECT_EQ(summary.no_processors, 1);
  EXPECT_EQ(summary.too_wide, 1);
  EXPECT_FALSE(summary.clairvoyant);
}

TEST(Recipe, TraceWithoutAnyRequestIsClairvoyant) {
  ValidationReport::Trace summary;
  const std::vector<TraceEntry> kept = apply_recipe({record(1, 0, 10, 1, 1, -1), record(2, 0, 7, 1, 1, 0)}, 8, summary);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_TRUE(summary.clairvoyant);
  EXPECT_EQ(kept[1].requested, Seconds{7});
  EXPECT_EQ(kept[1].runtime, Seconds{7});
}

TEST(IntervalSet, RangesAndSinglesBetweenBlanksOrCommas) {
  std::vector<ProcessorRange> ranges;
  ASSERT_TRUE(parse_interval_set("0-3 7 9-10", ranges));
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[0].first, 0);
  EXPECT_EQ(ranges[0].last, 3);
  EXPECT_EQ(ranges[1].first, 7);
  EXPECT_EQ(ranges[1].last, 7);
  EXPECT_EQ(ranges[2].last, 10);
  ASSERT_TRUE(parse_interval_set("1,2", ranges));
  EXPECT_EQ(ranges.size(), 2u);
  ASSERT_TRUE(parse_interval_set("", ranges));
  EXPECT_TRUE(ranges.empty());
  for (const char* bad : {"a", "1-", "3-1", "1--2", "1-2-3", "1.5", "-1", "-3-4", "99999999999999999999"}) {
    EXPECT_FALSE(parse_interval_set(bad, ranges)) << bad;
  }
}

const std::string kHeader =
    "job_id,workload_name,submission_time,requested_number_of_resources,requested_time,success,starting_time,"
    "execution_time,finish_time,allocated_resources\n";

TEST(JobsCsv, ReadsBatsimsColumns) {
  const std::vector<ScheduleRow> rows = parse_jobs_csv(
      "jobs.csv",
      kHeader +
          "w0!12,w0,5.000000,3,60.0,1,10,20.000,30,0-1 4\n13,\"a, \"\"b\"\"\",6,1,-1,0,,,,\r\n\n14,w,7,1,9,0,-1,,,\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].id, 12);
  EXPECT_EQ(seconds_since_epoch(rows[0].submit), 5);
  EXPECT_EQ(rows[0].processors, 3);
  EXPECT_EQ(rows[0].requested, Seconds{60});
  ASSERT_TRUE(rows[0].start);
  EXPECT_EQ(seconds_since_epoch(*rows[0].start), 10);
  EXPECT_EQ(rows[0].executed, Seconds{20});
  ASSERT_TRUE(rows[0].finish);
  EXPECT_EQ(seconds_since_epoch(*rows[0].finish), 30);
  EXPECT_EQ(rows[0].allocation.size(), 2u);
  EXPECT_EQ(rows[1].id, 13);
  EXPECT_FALSE(rows[1].start);
  EXPECT_FALSE(rows[1].requested);
  EXPECT_FALSE(rows[2].start);
}

TEST(JobsCsv, ErrorsNameFileLineAndColumn) {
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"job_id,submission_time\n1,2\n", "jobs.csv:1: the column requested_number_of_resources is missing"},
      {kHeader + "1,w,0,1\n", "jobs.csv:2: 4 cells where the first line names 10 columns"},
      {kHeader + "1,w,0,1,10,1,0,10,10,0\nx,w,0,1,10,1,0,10,10,0\n", "jobs.csv:3: column job_id: \"x\""},
      {kHeader + "1,w,0.5,1,10,1,0,10,10,0\n", "jobs.csv:2: column submission_time: \"0.5\" is not a whole number"},
      {kHeader + "1,w,0,1,10,1,zero,10,10,0\n", "jobs.csv:2: column starting_time: \"zero\""},
      {kHeader + "1,w,0,1,10,1,0,,10,0\n", "jobs.csv:2: column execution_time: \"\""},
      {kHeader + "1,w,0,1,10,1,0,10,10,3-1\n",
       "jobs.csv:2: column allocated_resources: \"3-1\" is not an interval set"},
      {kHeader + "1,w,99999999999999999999,1,10,1,0,10,10,0\n", "jobs.csv:2: column submission_time"},
  };
  for (const auto& bad : cases) {
    try {
      parse_jobs_csv("jobs.csv", bad.text);
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, bad.message.size()), bad.message) << error.what();
    }
  }
}

// Job 1 needs three of four processors, job 2 all, job 3 fits beside job 1.
const std::string kTrace =
    "; MaxProcs: 4\n"
    "1 0 -1 100 3 -1 -1 3 100 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "2 1 -1 80 4 -1 -1 4 50 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "3 2 -1 90 1 -1 -1 1 90 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "4 3 -1 -1 1 -1 -1 1 90 -1 5 1 -1 -1 -1 -1 -1 -1\n";
const std::string kSwf =
    "; Computer: test\n"
    "1 0 0 100 3 -1 -1 3 100 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "2 1 99 50 4 -1 -1 4 50 -1 1 1 -1 -1 -1 -1 -1 -1\n"
    "3 2 0 90 1 -1 -1 1 90 -1 1 1 -1 -1 -1 -1 -1 -1\n";
const std::string kCsv = kHeader +
                         "1,w,0,3,100,1,0,100,100,0-2\n"
                         "2,w,1,4,50,1,100,50,150,0-3\n"
                         "3,w,2,1,90,1,2,90,92,3\n";

class Files : public testing::Test {
 protected:
  ValidationReport run(const std::string& schedule) {
    ValidationRequest request = request_for(4, "easy");
    request.trace = files.write("trace.swf", kTrace);
    request.schedule = schedule;
    return validate(request);
  }
  TemporaryDirectory files;
};

TEST_F(Files, SwfSchedule) {
  const ValidationReport report = run(files.write("schedule.swf", kSwf));
  expect_only(report, {});
  EXPECT_EQ(report.schedule_format, "SWF");
  EXPECT_EQ(report.judged, 3);
  EXPECT_EQ(report.trace.no_runtime, 1);
  EXPECT_EQ(report.trace.clipped, 1);
}

TEST_F(Files, JobsCsv) {
  const ValidationReport report = run(files.write("jobs.csv", kCsv));
  expect_only(report, {});
  EXPECT_EQ(report.schedule_format, "jobs.csv");
  EXPECT_TRUE(report.of(ValidationCheck::kAllocationOverlap).performed);
}

TEST_F(Files, SwfRowWithoutStartIsMissing) {
  expect_only(run(files.write("schedule.swf", kSwf.substr(0, kSwf.rfind("3 2 0")) +
                                                  "3 2 -1 -1 1 -1 -1 1 90 -1 5 1 -1 -1 -1 -1 -1 -1\n")),
              {{ValidationCheck::kMissingJob, 1}});
}

TEST_F(Files, CompressedJobsCsvAndOneThatBreaksOff) {
  const std::string path = files.path("jobs.csv.gz");
  std::string text = kCsv;
  // Enough rows that the cut falls beyond the first lines.
  for (int i = 0; i < 5000; ++i) text += std::to_string(1000 + i * 7919 % 10007) + ",w,0,3,100,1,0,100,100,0-2\n";
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  const ValidationReport report = run(path);
  EXPECT_EQ(report.of(ValidationCheck::kUnknownJob).violations, 5000);
  EXPECT_EQ(report.judged, 3);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THROW(run(path), InputError);
}

TEST_F(Files, ATraceThatRepeatsANumberIsReadLenientlyOnly) {
  ValidationRequest request = request_for(4, "easy");
  request.trace = files.write("twice.swf", kTrace + kTrace);
  request.schedule = files.write("schedule.swf", kSwf);
  EXPECT_THROW(validate(request), InputError);
  request.lenient = true;
  const ValidationReport report = validate(request);
  expect_only(report, {});
  EXPECT_EQ(report.trace.rejected_lines, report.trace.read);
}

TEST_F(Files, WrongFilesAreInputErrors) {
  EXPECT_THROW(run(files.path("none.swf")), InputError);
  EXPECT_THROW(run(files.write("empty", "")), InputError);
  EXPECT_THROW(run(files.write("text", "this is no schedule\n")), InputError);
}

TEST_F(Files, JsonHoldsEveryCheckAndItsExamples) {
  std::string late = kSwf;
  late.replace(late.find("2 1 99"), 6, "2 1 109");
  const nlohmann::json json = nlohmann::json::parse(validation_json(run(files.write("schedule.swf", late))));
  EXPECT_EQ(json["clean"], false);
  EXPECT_EQ(json["violations"], 1);
  EXPECT_EQ(json["trace"]["kept"], 3);
  EXPECT_EQ(json["checks"].size(), kValidationChecks);
  for (const auto& check : json["checks"]) {
    if (check["check"] != "head-waited") continue;
    EXPECT_EQ(check["violations"], 1);
    EXPECT_EQ(check["examples"][0]["job"], 2);
    EXPECT_EQ(check["examples"][0]["instant_s"], 100);
    return;
  }
  ADD_FAILURE() << "no check head-waited in " << json.dump();
}

}  // namespace
}  // namespace wattfill::judge
