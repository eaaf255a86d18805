// Whole reports of each kind of directory: what is in them, that nothing from files becomes markup, and the same bytes.
#include "trace-replay/report/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "tests/trace-replay/output/folder.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/run_directory.hpp"
#include "trace-replay/report/writers.hpp"

namespace wattfill::testing {
namespace {

constexpr const char* kEvil = "x</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{columns}}`|";

void write_run(const Folder& folder, const std::string& name, const std::string& policy, const std::string& called) {
  Workload workload = generated_workload(busy_days(400, 64, 5, 0.9));
  const ReplayResult result = replayed(workload, preset(policy), 64);
  workload.name = called;
  write_run_directory(folder.path(name), workload, result, summarise(workload, result, {64, 0.1, 0.1}),
                      {"trace-replay run " + called, called, "cluster " + called, 64});
}

// Jobs under EASY on four processors.
void write_run_of(const Folder& folder, const std::string& name, const Workload& jobs) {
  const ReplayResult result = replayed(jobs, preset("easy"), 4);
  write_run_directory(folder.path(name), jobs, result, summarise(jobs, result, {4, 0.1, 0.1}), {"", name, "", 4});
}

std::string report_of(const Folder& folder, const std::string& name, const std::string& baseline = "") {
  write_report({folder.path(name), baseline.empty() ? "" : folder.path(baseline), folder.path(name) + "/report.html"});
  return folder.read(name + "/report.html");
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string message_of(const ReportRequest& request) {
  try {
    write_report(request);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

const char* const kComparison = R"({"command": "trace-replay compare t.swf", "trace": "t.swf", "processors": 64,
  "replicas": 3, "policies": [
  {"policy": "easy", "mean_bounded_slowdown": {"mean": 10, "standard_deviation": 1, "values": [9, 10, 11]},
   "mean_wait_s": {"mean": 1000, "standard_deviation": 0, "values": [1000, 1000, 1000]},
   "it_energy_j": {"mean": 2e9, "standard_deviation": 0, "values": [2e9, 2e9, 2e9]}},
  {"policy": "wattfill", "mean_bounded_slowdown": {"mean": 5, "standard_deviation": 1, "values": [4, 5, 6]},
   "mean_wait_s": {"mean": 400, "standard_deviation": 0, "values": [400, 400, 400]},
   "it_energy_j": {"mean": 1.9e9, "standard_deviation": 0, "values": [1.9e9, 1.9e9, 1.9e9]}}]})";

const char* const kSweep = R"({"command": "trace-replay sweep s.textproto", "cells": [
  {"trace": "a", "policy": "easy", "replica": 0, "figures": {"mean_bounded_slowdown": 10, "it_energy_j": 2e9}},
  {"trace": "a", "policy": "easy", "replica": 1, "figures": {"mean_bounded_slowdown": 12, "it_energy_j": 2e9}},
  {"trace": "a", "policy": "easy", "replica": 2, "figures": {"mean_bounded_slowdown": 900, "it_energy_j": 9e9}},
  {"trace": "a", "policy": "saf", "replica": 0, "figures": {"mean_bounded_slowdown": 4, "it_energy_j": 1e9}},
  {"trace": "a", "policy": "saf", "replica": 1, "figures": {"mean_bounded_slowdown": 7, "it_energy_j": 1e9}},
  {"trace": "a", "policy": "saf", "replica": 2, "error": "no time left"},
  {"trace": "b", "policy": "saf", "load": 0.9, "figures": {"mean_bounded_slowdown": 7, "odd_figure": 3}}],
  "claims": [{"text": "saf is better than easy by 60 % [50, 70].", "metric": "mean_bounded_slowdown", "a": "saf",
   "b": "easy", "better_percent": 60, "low": 50, "high": 70, "p": 0.001, "blocks_better": 11, "blocks": 12,
   "traces_better": 1, "traces": 1}]})";

TEST(RunReport, HasPageMarkdownAndCsv) {
  const Folder folder;
  write_run(folder, "run", "easy", "easy");
  const std::string page = report_of(folder, "run");
  for (const char* part : {"<h1>easy on easy</h1>", "mean bounded slowdown", "id=\"machine\"", "id=\"waits\"",
                           "trace-replay run easy", "id=\"users\""})
    EXPECT_TRUE(holds(page, part)) << part;
  EXPECT_TRUE(holds(folder.read("run/report.md"), "## Waits and slowdowns"));
  EXPECT_TRUE(folder.read("run/report/waits.csv").starts_with("wait_s,easy_percent\n1.00,"));
}

TEST(RunReport, IsComparedWithABaseline) {
  const Folder folder;
  write_run(folder, "fcfs", "fcfs", "fcfs");
  write_run(folder, "easy", "easy", "easy");
  const std::string page = report_of(folder, "easy", "fcfs");
  EXPECT_TRUE(holds(page, "<p class=\"finding\">easy saved "));
  EXPECT_TRUE(holds(page, "of the waiting against fcfs.</p>"));
}

// A run's summary.json with other energy.
void meter(const Folder& folder, const std::string& run, std::int64_t end_s, double it_mj) {
  auto summary = nlohmann::ordered_json::parse(folder.read(run + "/summary.json"));
  summary["energy"] = {{"begin_s", 0}, {"end_s", end_s}, {"it_mj", it_mj}};
  folder.write(run + "/summary.json", summary.dump());
}

// The run that ends first has not saved what idle nodes draw in the rest.
TEST(RunReport, ComparesEnergyOverOneTimeOnly) {
  const Folder folder;
  write_run(folder, "fcfs", "fcfs", "fcfs");
  write_run(folder, "easy", "easy", "easy");
  meter(folder, "easy", 1000, 8e9);
  meter(folder, "fcfs", 1200, 9e9);
  const std::string apart = report_of(folder, "easy", "fcfs");
  EXPECT_FALSE(holds(apart, "of the energy against"));
  EXPECT_TRUE(holds(apart,
                    "<div class=\"neutral\"><dt>IT energy</dt><dd>2.22 kWh</dd>"
                    "<dd class=\"note\">baseline 2.50 kWh, over another time</dd>"));
  EXPECT_TRUE(holds(apart, "compare --energy"));
  meter(folder, "fcfs", 1000, 9e9);
  const std::string together = report_of(folder, "easy", "fcfs");
  EXPECT_TRUE(holds(together, "and 11.1 % of the energy against fcfs."));
  EXPECT_FALSE(holds(together, "over another time"));
  EXPECT_FALSE(holds(together, "compare --energy"));
}

// Each curve reaches to its own end, and the mean is over what was metered.
TEST(RunReport, ShowsAllOfTheBaselinesPower) {
  const Folder folder;
  const Workload one = workload_of({{0, 4, 10, 10}});
  const std::string header = "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw\n";
  for (const char* name : {"run", "base"}) write_run_of(folder, name, one);
  const std::string from_0 = "0,3000000,3000000,3000000,0,0,0\n";
  folder.write("run/power.csv", header + from_0 + "10,0,0,0,0,0,0\n");
  folder.write("base/power.csv", header + from_0 + "20,0,0,0,0,0,0\n");
  EXPECT_TRUE(holds(report_of(folder, "run", "base"), "The facility draws 3.00 kW on average"));
  const std::string curves = folder.read("run/report/power.csv");
  EXPECT_TRUE(holds(curves, "\n9,3.000,3.000,3.000,3.000,3.000\n")) << curves;
  EXPECT_TRUE(holds(curves, "\n19,,,,,3.000\n")) << curves;
}

TEST(RunReport, RefusesABaselineOfOtherJobs) {
  const Folder folder;
  write_run(folder, "run", "easy", "easy");
  for (const std::vector<SmallJob>& jobs : {std::vector<SmallJob>{{0, 1, 10, 10}}, std::vector<SmallJob>{}}) {
    write_run_of(folder, "other", workload_of(jobs));
    const std::string message = message_of({folder.path("run"), folder.path("other"), folder.path("r.html")});
    EXPECT_TRUE(holds(message, "has 0 jobs where")) << message;
  }
  const auto write_two = [&folder](const std::string& name, std::int32_t processors, std::int64_t requested) {
    write_run_of(folder, name, workload_of({{0, 1, 10, 10}, {5, processors, requested, 10}}));
    return folder.path(name);
  };
  const std::string run = write_two("two", 2, 20);
  for (const std::string& other : {write_two("wide", 3, 20), write_two("long", 2, 30)})
    EXPECT_TRUE(holds(message_of({run, other, folder.path("r.html")}), "job 2 asks for")) << other;
  EXPECT_EQ(message_of({run, write_two("same", 2, 20), folder.path("r.html")}), "no error");
}

// As in summary.json: neither the chart's slowdowns nor the users' waits are of jobs that were cancelled. The chart of
// the queue is of jobs that started, and says so.
TEST(RunReport, LeavesCancelledJobsOutOfWaits) {
  const Folder folder;
  const Workload jobs = load_text(
      "1 0 0 100 4 -1 -1 4 100 -1 1 1 1 1 1 1 -1 -1\n"
      "2 10 0 100 4 -1 -1 4 100 -1 1 2 1 1 1 1 -1 -1\n"
      "3 20 30 0 4 -1 -1 4 100 -1 5 2 1 1 1 1 -1 -1\n"
      "4 300 0 1 1 -1 -1 1 100 -1 1 3 1 1 1 1 -1 -1\n",
      [] {
        RecipeOptions recipe;
        recipe.processors = 4;
        recipe.cancellations = true;
        return recipe;
      }());
  write_run_of(folder, "run", jobs);
  const std::string page = report_of(folder, "run");
  EXPECT_TRUE(
      holds(page, "At most 1 jobs waited at once. Jobs that were cancelled while they waited are not counted."));
  EXPECT_TRUE(holds(page, "half wait no more than 0 s, 95 % no more than 90.0 s"));
  EXPECT_TRUE(holds(page, "<th scope=\"row\">of them cancelled while they waited</th><td>1</td>"));
  std::string schedule = folder.read("run/schedule.swf");
  const std::size_t second = schedule.find("\n2 ");
  ASSERT_NE(second, std::string::npos);
  schedule.replace(schedule.find(" 1 2 1 ", second), 7, " 5 2 1 ");  // status: cancelled
  folder.write("run/schedule.swf", schedule);
  EXPECT_TRUE(holds(report_of(folder, "run"), "half wait no more than 0 s, 95 % no more than 0 s"));
  const std::string users = folder.read("run/report/users.csv");
  EXPECT_TRUE(holds(users, "\n2,1,0.111111,,\n")) << users;
  EXPECT_TRUE(holds(users, "\n3,1,0.000278,0.0,1.000\n")) << users;
}

TEST(RunReport, NamesCommandsAndLinksThatWork) {
  const Folder folder;
  write_run(folder, "my run", "easy", "easy");
  const std::string page = report_of(folder, "my run");
  EXPECT_TRUE(holds(page, "trace-replay report &#39;" + folder.path("my run") + "&#39;"));
  write_report({folder.path("my run"), "", folder.path("a (b).html")});
  EXPECT_TRUE(holds(folder.read("a (b).html"), "<a href=\"a%20%28b%29/waits.csv\">"));
  EXPECT_TRUE(holds(folder.read("a (b).md"), "[waits.csv](a%20%28b%29/waits.csv)"));
}

// What a file says appears as text and nowhere else.
TEST(RunReport, TakesNothingForMarkup) {
  const Folder folder;
  write_run(folder, "run", "easy", kEvil);
  const std::string page = report_of(folder, "run");
  EXPECT_TRUE(holds(page, "x&lt;/script&gt;&lt;script&gt;alert(1)"));
  EXPECT_FALSE(holds(page, "<script>alert"));
  EXPECT_FALSE(holds(page.substr(0, page.find("Copyright")), "<img"));  // the library has some
  EXPECT_TRUE(holds(page, "{{columns}}"));                              // not filled in a second time
  const std::string markdown = folder.read("run/report.md");
  const std::string title = markdown.substr(0, markdown.find('\n'));
  for (std::size_t at = title.find('<'); at != std::string::npos; at = title.find('<', at + 1))
    EXPECT_EQ(title[at - 1], '\\') << title;
}

TEST(RunReport, AsksForNothing) {
  const Folder folder;
  write_run(folder, "run", "easy", "easy");
  const std::string page = report_of(folder, "run");
  const std::string before_library = page.substr(0, page.find("id=\"about\""));
  EXPECT_TRUE(holds(before_library, "default-src 'none'"));
  for (const char* part : {"http://", "https://", "src=\"", "@import", "url("})
    EXPECT_FALSE(holds(before_library, part)) << part;
}

TEST(RunReport, OfNoJobsIsAReport) {
  const Folder folder;
  const Workload none;
  const ReplayResult nothing = replayed(none, preset("easy"), 4);
  write_run_directory(folder.path("run"), none, nothing, summarise(none, nothing, {4, 0.1, 0.1}), {});
  EXPECT_TRUE(holds(report_of(folder, "run"), "At a glance"));
}

TEST(Reports, AreTheSameBytesAgain) {
  const Folder folder;
  write_run(folder, "run", "easy", "easy");
  std::filesystem::create_directory(folder.path("cmp"));
  folder.write("cmp/comparison.json", kComparison);
  std::filesystem::create_directory(folder.path("sweep"));
  folder.write("sweep/sweep.json", kSweep);
  for (const char* name : {"run", "cmp", "sweep"}) {
    const std::string first = report_of(folder, name);
    EXPECT_EQ(report_of(folder, name), first) << name;
  }
}

TEST(ComparisonReport, SaysWhatWasSavedAndHowSure) {
  const Folder folder;
  std::filesystem::create_directory(folder.path("cmp"));
  folder.write("cmp/comparison.json", kComparison);
  const std::string page = report_of(folder, "cmp");
  EXPECT_TRUE(holds(page, "wattfill saved 60.0 % of the waiting and 5.0 % of the energy against easy."));
  // Half of the interval: t(2, 0.975) / sqrt(3) = 4.302653 / 1.732051.
  EXPECT_TRUE(holds(page, "<td>5.00 ± 2.48</td>"));
  EXPECT_TRUE(holds(page, "id=\"chart-trade-off\""));
  const std::string csv = folder.read("cmp/report/policies.csv");
  EXPECT_TRUE(holds(csv, "wattfill,5.0000,2.5159,7.4841,")) << csv;
}

// Nothing waited: nothing can be said in a sentence.
TEST(ComparisonReport, HasNoHeadlineWithoutWords) {
  const Folder folder;
  auto json = nlohmann::ordered_json::parse(kComparison);
  for (auto& policy : json["policies"]) {
    policy.erase("it_energy_j");
    policy["mean_wait_s"]["mean"] = 0;
  }
  folder.write("comparison.json", json.dump());
  write_report({folder.path(), "", folder.path("r.html")});
  EXPECT_FALSE(holds(folder.read("r.html"), "class=\"finding\">wattfill"));
}

TEST(SweepReport, HasClaimsAndTables) {
  const Folder folder;
  std::filesystem::create_directory(folder.path("sweep"));
  folder.write("sweep/sweep.json", kSweep);
  const std::string page = report_of(folder, "sweep");
  EXPECT_TRUE(holds(page, "saf is better than easy by 60 % [50, 70]."));
  EXPECT_TRUE(holds(page, "<th scope=\"row\">a</th><td>2</td><td>11.0 ± 1.41</td><td>5.50 ± 2.12</td>"));
  EXPECT_TRUE(holds(page,
                    "A replay is metered until its own last end. Cells left out, because another policy&#39;s is "
                    "missing or ended with an error: 1."));
  EXPECT_EQ(folder.read("sweep/report/trade-off.csv"),
            "policy,trace,relative_energy,relative_slowdown\neasy,a,1.000000,1.000000\nsaf,a,0.500000,0.500000\n");
  EXPECT_TRUE(holds(page, "<td>11 of 12</td>"));
  EXPECT_TRUE(holds(page, "odd_figure"));
  EXPECT_TRUE(folder.read("sweep/report/cells.csv").starts_with("trace,policy,replica,load,mean_bounded_slowdown,"));
}

TEST(Reports, HaveTablesWhereThereIsNoLibrary) {
  report::Chart chart{"bars", "bars", "Some bars", "What they say.", {}};
  chart.frame.texts("who", "who").texts = {"<a>"};
  chart.frame.numbers("n", "number").add(3);
  report::Document document;
  document.sections.push_back({"one", "One", {chart}});
  const std::string page = report::html(document, {"data", ""});
  EXPECT_TRUE(holds(page, "built without Apache ECharts"));
  EXPECT_TRUE(holds(page, "<th scope=\"row\">&lt;a&gt;</th><td>3</td>"));
  EXPECT_FALSE(holds(page, "data-chart="));
  EXPECT_TRUE(holds(report::html(document, {"data", "the library"}), "data-chart=\"bars\""));
}

TEST(Reports, TellWhatIsWrong) {
  const struct {
    const char* file;
    const char* text;
    const char* message;
  } kWrong[] = {
      {"comparison.json", "{", "comparison.json: is no JSON"},
      {"comparison.json", "[]", "comparison.json: is no JSON object"},
      {"comparison.json", "{}", "comparison.json: policies: must be a list"},
      {"comparison.json", R"({"policies": [{}]})", "comparison.json: policies: policy: each needs its name"},
      {"comparison.json", R"({"policies": [{"policy": "a"}]})",
       "comparison.json: policies: a: mean_bounded_slowdown: mean: is no number"},
      {"sweep.json", R"({"cells": 3})", "sweep.json: cells: must be a list"},
      {"sweep.json", R"({"cells": [{"figures": {}}, {}]})", "sweep.json: cells[1]: figures: must be an object"},
  };
  for (const auto& wrong : kWrong) {
    const Folder folder;
    folder.write(wrong.file, wrong.text);
    const std::string message = message_of({folder.path(), "", folder.path("r.html")});
    EXPECT_TRUE(holds(message, wrong.message)) << message;
    EXPECT_EQ(folder.names(), std::vector<std::string>{wrong.file});
  }
}

TEST(Reports, TellWhichFileOfARunIsWrong) {
  const struct {
    const char* file;
    const char* text;
    const char* message;
  } kWrong[] = {
      {"jobs.csv", "job_id\n", "jobs.csv:1: the column submission_time is missing"},
      {"power.csv", "time\n", "power.csv:1: the first line must be"},
      {"nodes.csv", "time_s,first_node,last_node,change,sleep_state\n1,2,3,asleep\n", "nodes.csv:2: 4 cells"},
      {"predictions.csv", "job_id,predictor,median_s,upper_s\n1,x,a,3\n", "predictions.csv:2: column median_s: \"a\""},
      {"facility.csv", "x\n", "facility.csv:1: the first line must be"},
      {"summary.json", "x", "summary.json: is no JSON"},
      {"schedule.swf", "1 0 0 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n2 0 0 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n",
       "schedule.swf:2: job 2 where jobs.csv has no more"},
  };
  for (const auto& wrong : kWrong) {
    const Folder folder;
    write_run_of(folder, "run", workload_of({{0, 1, 10, 10}}));
    folder.write(std::string("run/") + wrong.file, wrong.text);
    const std::string message = message_of({folder.path("run"), "", folder.path("r.html")});
    EXPECT_TRUE(holds(message, wrong.message)) << message;
  }
}

TEST(Reports, AreWrittenOnlyWhereTheyCanBe) {
  const Folder folder;
  write_run(folder, "run", "easy", "easy");
  EXPECT_THROW(write_report({folder.path(), "", folder.path("r.html")}), UsageError);
  EXPECT_THROW(write_report({folder.path("run"), folder.path("nowhere"), folder.path("r.html")}), UsageError);
  EXPECT_THROW(write_report({folder.path("run"), "", folder.path("r.pdf")}), UsageError);
  std::filesystem::create_directory(folder.path("cmp"));
  folder.write("cmp/comparison.json", kComparison);
  EXPECT_THROW(write_report({folder.path("cmp"), folder.path("run"), folder.path("r.html")}), UsageError);
}

}  // namespace
}  // namespace wattfill::testing
