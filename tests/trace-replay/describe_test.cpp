// describe: small traces whose every figure can be worked out by hand, and what is published of real ones.
#include "trace-replay/workload/describe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace wattfill {
namespace {

constexpr std::int64_t kDay = 86'400;

TraceDescription describe_text(const std::string& text, const DescribeOptions& options = {},
                               SwfStrictness strictness = SwfStrictness::kStrict) {
  SwfReader reader("trace", text, strictness);
  return describe(reader, options);
}

// Thursday 1 January 1998, 00:00 UTC; the machine stands two hours to the east.
const std::string kHeader =
    "; Computer: Toy\n; Installation: A desk\n; UnixStartTime: 883612800\n; TimeZone: 7200\n; MaxProcs: 10\n";

// job submit wait run procs cpu mem procs request mem status user group exe queue partition preceding think
const std::string kTrace = kHeader +
                           "1 0 0 100 1 -1 -1 -1 100 -1 1 7 1 5 0 1 -1 -1\n"        // Thu 02:00
                           "2 3600 10 50 3 -1 -1 4 200 -1 1 7 1 5 0 1 -1 -1\n"      // Thu 03:00
                           "3 90000 0 300 12 2.5 -1 -1 200 -1 0 8 1 6 1 1 -1 -1\n"  // Fri 03:00, wider, overran
                           "4 86400 -1 -1 -1 -1 -1 2 200 -1 5 8 2 6 1 1 3 60\n"     // Fri 02:00, cancelled, unsorted
                           "5 172800 5 1000 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n";  // Sat 02:00, nothing known

TEST(Describe, CountsWhatTheTraceHolds) {
  const TraceDescription d = describe_text(kTrace);
  EXPECT_EQ(d.computer, "Toy");
  EXPECT_EQ(d.installation, "A desk");
  EXPECT_EQ(d.jobs, 5);
  EXPECT_EQ(d.unsorted, 1);
  EXPECT_EQ(d.users, 2);
  EXPECT_EQ(d.groups, 2);
  EXPECT_EQ(d.executables, 2);
  EXPECT_EQ(d.queues, 2);
  EXPECT_EQ(d.partitions, 1);
  EXPECT_EQ(d.first_submit_s, 0);
  EXPECT_EQ(d.last_submit_s, 2 * kDay);
  EXPECT_EQ(d.last_end_s, 2 * kDay + 1005);
  EXPECT_EQ(d.jobs_by_status, (std::array<std::int64_t, 7>{1, 1, 2, 0, 0, 0, 1}));
  EXPECT_EQ(d.no_runtime, 1);
  EXPECT_EQ(d.no_processors, 1);
  EXPECT_EQ(d.no_request, 1);
  EXPECT_EQ(d.missing, (std::array<std::int64_t, kSwfFields>{0, 0, 1, 1, 2, 4, 5, 3, 1, 5, 1, 1, 1, 1, 1, 1, 4, 4}));
}

TEST(Describe, SizesRuntimesAndRequests) {
  const TraceDescription d = describe_text(kTrace);
  EXPECT_EQ(d.processors_per_job.values(), (std::vector<ValueCount>{{1, 1}, {2, 1}, {4, 1}, {12, 1}}))
      << "field 8 where positive, else field 5";
  EXPECT_EQ(d.power_of_two_jobs, 2);
  EXPECT_EQ(d.wider_than_machine, 1);
  EXPECT_EQ(d.runtime_s.values(), (std::vector<ValueCount>{{50, 1}, {100, 1}, {300, 1}, {1000, 1}}));
  EXPECT_EQ(d.ran_longer_than_requested, 1);
  EXPECT_EQ(d.requested_s.most_frequent(1), (std::vector<ValueCount>{{200, 3}}));
  EXPECT_EQ(d.runtime_per_mille_of_request.values(), (std::vector<ValueCount>{{250, 1}, {1000, 1}, {1500, 1}}));
}

TEST(Describe, LoadIsWorkOverCapacity) {
  const TraceDescription d = describe_text(kTrace);
  EXPECT_EQ(d.processors, 10);
  EXPECT_EQ(d.processors_from, ProcessorsFrom::kMaxProcs);
  ASSERT_EQ(d.load.size(), 3U);
  const std::vector<double> work = {1 * 100 + 4 * 50, 12 * 300, 0};
  for (std::size_t day = 0; day < 3; ++day) {
    EXPECT_EQ(d.load[day].start_s, static_cast<std::int64_t>(day) * kDay);
    EXPECT_EQ(d.load[day].length_s, kDay);
    EXPECT_DOUBLE_EQ(d.load[day].processor_seconds, work[day]);
    EXPECT_DOUBLE_EQ(d.load[day].offered_load, work[day] / (10.0 * kDay));
  }
  EXPECT_EQ(d.load[1].jobs, 2);
  EXPECT_DOUBLE_EQ(d.offered_load, 3900.0 / (10.0 * 2 * kDay));
}

TEST(Describe, ProcessorsComeFromTheOptionOrTheHeaderOrTheJobs) {
  const std::string job = "1 0 0 100 3 -1 -1 -1 100 -1 1 7 1 5 0 1 -1 -1\n";
  const auto both = describe_text("; MaxNodes: 4\n; MaxProcs: 8\n" + job, {.processors = 5});
  EXPECT_EQ(both.processors, 5);
  EXPECT_EQ(both.processors_from, ProcessorsFrom::kOption);
  const auto nodes = describe_text("; MaxNodes: 4 (of 9)\n; MaxProcs: -1\n" + job);
  EXPECT_EQ(nodes.processors, 4);
  EXPECT_EQ(nodes.processors_from, ProcessorsFrom::kMaxNodes);
  const auto none = describe_text(job);
  EXPECT_EQ(none.processors, 3);
  EXPECT_EQ(none.processors_from, ProcessorsFrom::kWidestJob);
}

TEST(Describe, ArrivalsAreInLocalTime) {
  const TraceDescription d = describe_text(kTrace);
  EXPECT_EQ(d.arrivals_by_hour[2], 3);
  EXPECT_EQ(d.arrivals_by_hour[3], 2);
  EXPECT_EQ(d.arrivals_by_weekday, (std::array<std::int64_t, 7>{0, 0, 0, 2, 2, 1, 0}));
  EXPECT_EQ(local_date_time(d, 0), "1998-01-01 02:00");
  EXPECT_EQ(local_date_time(d, 90'060), "1998-01-02 03:01");
  EXPECT_EQ(local_date_time(d, 1'000'000'000'000'000), "") << "no year has five digits";
}

TEST(Describe, WithoutADateHoursCountFromTheEpoch) {
  const TraceDescription d = describe_text("; TimeZone: 7200\n1 7300 0 9 1 -1 -1 -1 9 -1 1 1 1 1 1 1 -1 -1\n");
  EXPECT_FALSE(d.unix_start_s.has_value());
  EXPECT_EQ(d.arrivals_by_hour[2], 1);
  EXPECT_EQ(std::accumulate(d.arrivals_by_weekday.begin(), d.arrivals_by_weekday.end(), std::int64_t{0}), 0);
  EXPECT_EQ(local_date_time(d, 0), "");
  EXPECT_EQ(describe_as_text(d).find("day of week"), std::string::npos);
}

// The longest trace that the reader lets through must neither overflow nor make an endless chart.
TEST(Describe, TheChartHasAtMostSixtyIntervalsThatCoverTheTrace) {
  for (const std::int64_t last : {0L, 59L, 60L, 61L, 400L, 420L, 421L, 1679L, 1680L, 1681L, 22'000L, 11'574'074'074L}) {
    const std::string end = std::to_string(last * kDay);
    const TraceDescription d = describe_text("1 0 0 1000000000000000 2147483647 -1 -1 -1 1 -1 1 1 1 1 1 1 -1 -1\n2 " +
                                             end + " 1 9 1 -1 -1 -1 9 -1 1 1 1 1 1 1 -1 -1\n");
    ASSERT_GE(d.load.size(), 1U);
    EXPECT_LE(d.load.size(), 60U);
    EXPECT_EQ(d.load.front().start_s, 0);
    EXPECT_GT(d.load.back().start_s + d.load.back().length_s, last * kDay);
    EXPECT_LE(d.load.back().start_s, last * kDay);
    EXPECT_EQ(d.load.front().jobs + (d.load.size() > 1 ? d.load.back().jobs : 0), 2);
    EXPECT_FALSE(describe_as_text(d).empty());
    EXPECT_FALSE(describe_as_json(d).empty());
  }
}

TEST(Describe, JobsOfWhichNothingIsKnown) {
  const TraceDescription d = describe_text("1 5 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n");
  EXPECT_EQ(d.processors, 0);
  EXPECT_EQ(d.offered_load, 0);
  EXPECT_EQ(d.last_end_s, -1);
  EXPECT_NE(describe_as_text(d).find("1 have none"), std::string::npos);
  const auto json = nlohmann::json::parse(describe_as_json(d));
  EXPECT_TRUE(json["last_end_s"].is_null());
  EXPECT_EQ(json["runtime_s"]["count"], 0);
  EXPECT_TRUE(json["runtime_s"]["histogram"].empty());
}

TEST(Describe, TextShowsTheFigures) {
  const std::string text = describe_as_text(describe_text(kTrace));
  for (const char* const part : {"Jobs          5, 1 submitted before the job above them",
                                 "2 users, 2 groups, 2 executables", "1998-01-01 02:00 to 1998-01-03 02:00 (2 d)",
                                 "5 cancelled                1  20.0 %", "for 10 processors: header MaxProcs",
                                 "1 are wider than the machine", "serial 25.0 %, other powers of two 50.0 %",
                                 "3 min 20 s         3  75.0 %", "10 requested memory", "UTC+2.0 h"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find(" \n"), std::string::npos) << "blanks at a line's end";
}

TEST(Describe, LenientReadingShowsWhatWasLeftOut) {
  const TraceDescription d = describe_text(kTrace + "bad\n", {}, SwfStrictness::kLenient);
  EXPECT_EQ(d.jobs, 5);
  EXPECT_NE(describe_as_text(d).find("1 left out"), std::string::npos);
  EXPECT_NE(describe_as_text(d).find("trace:11: field 1"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(describe_as_json(d))["rejected_lines"], 1);
}

TEST(Describe, ControlCharactersOfTheHeaderDoNotReachTheTerminal) {
  const TraceDescription d = describe_text("; Computer: \x1b[31mred\x07\n; Installation: Ume\xe5\n" + kTrace);
  EXPECT_EQ(describe_as_text(d).find('\x1b'), std::string::npos);
  EXPECT_EQ(describe_as_text(d).find('\x07'), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(describe_as_json(d))) << "Latin-1 is not UTF-8";
}

TEST(Describe, JsonHoldsTheSameFigures) {
  const TraceDescription d = describe_text(kTrace);
  const auto json = nlohmann::json::parse(describe_as_json(d));
  EXPECT_EQ(json["jobs"], 5);
  EXPECT_EQ(json["first_submit_local"], "1998-01-01 02:00");
  EXPECT_EQ(json["status"]["cancelled"], 1);
  EXPECT_EQ(json["processors_from"], "MaxProcs");
  EXPECT_EQ(json["load"].size(), 3U);
  EXPECT_EQ(json["processors_per_job"]["serial_jobs"], 1);
  EXPECT_EQ(json["runtime_s"]["median"], 100);
  EXPECT_EQ(json["requested_s"]["most_popular"][0]["requested_s"], 200);
  EXPECT_EQ(json["requested_s"]["most_popular"][0]["share"], 0.75);
  EXPECT_EQ(json["runtime_over_request"]["max"], 1.5);
  EXPECT_EQ(json["missing"]["think time"], 4);
  std::int64_t jobs = 0;
  for (const auto& bin : json["processors_per_job"]["histogram"]) jobs += bin["jobs"].get<std::int64_t>();
  EXPECT_EQ(jobs, 4);
}

// Against the definition, on a sorted list of all values.
TEST(Distribution, AgreesWithTheSortedValues) {
  std::mt19937_64 generator(3);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t size = 1 + generator() % 300;
    std::vector<std::int64_t> values;
    ValueCounts counts;
    for (std::size_t at = 0; at < size; ++at) {
      values.push_back(static_cast<std::int64_t>(generator() % (1 + generator() % 100)));
      ++counts[values.back()];
    }
    std::sort(values.begin(), values.end());
    const Distribution distribution(counts);
    ASSERT_EQ(distribution.count(), static_cast<std::int64_t>(size));
    EXPECT_EQ(distribution.smallest(), values.front());
    EXPECT_EQ(distribution.largest(), values.back());
    EXPECT_DOUBLE_EQ(distribution.mean(),
                     static_cast<double>(std::accumulate(values.begin(), values.end(), std::int64_t{0})) /
                         static_cast<double>(size));
    for (const double q : {.01, .05, .25, .5, .75, .95, .99}) {
      const std::int64_t quantile = distribution.quantile(q);
      const auto up_to = std::upper_bound(values.begin(), values.end(), quantile) - values.begin();
      const auto below = std::lower_bound(values.begin(), values.end(), quantile) - values.begin();
      EXPECT_GE(static_cast<double>(up_to), q * static_cast<double>(size) - 1e-9);
      EXPECT_LT(static_cast<double>(below), q * static_cast<double>(size));
    }
    const std::int64_t from = static_cast<std::int64_t>(generator() % 100);
    const std::int64_t to = from + static_cast<std::int64_t>(generator() % 50);
    EXPECT_EQ(distribution.count_between(from, to),
              std::count_if(values.begin(), values.end(), [&](std::int64_t v) { return v >= from && v <= to; }));
  }
}

TEST(SharedTraces, FiguresThatArePublished) {
  struct Expected {
    const char* name;
    std::int64_t jobs;
    std::int64_t with_runtime;  // what the recipe keeps of traces with requests
    std::int64_t overran;       // ran longer than requested; -1: not published
    double load;                // 0: not published
  };
  bool any = false;
  for (const Expected& expected : {Expected{"KTH-SP2-1996-2.swf.gz", 28'489, 28'481, 475, 0},
                                   Expected{"SDSC-BLUE-2000-4.2-cln.swf.gz", 243'306, 232'536, -1, 0},
                                   Expected{"lublin_256.swf", 10'000, 10'000, -1, 1.06}}) {
    const std::string path = std::string(WATTFILL_SHARED_DIR) + "/traces/" + expected.name;
    if (!std::filesystem::exists(path)) continue;
    any = true;
    SwfReader reader(path);
    const TraceDescription d = describe(reader, {});
    EXPECT_EQ(d.jobs, expected.jobs) << path;
    EXPECT_EQ(d.runtime_s.count(), expected.with_runtime) << path;
    if (expected.overran >= 0) {
      EXPECT_EQ(d.ran_longer_than_requested, expected.overran) << path;
    }
    if (expected.load > 0) {
      EXPECT_NEAR(d.offered_load, expected.load, 0.005) << path;
    }
  }
  if (!any) GTEST_SKIP() << "no traces in " << WATTFILL_SHARED_DIR;
}

}  // namespace
}  // namespace wattfill
