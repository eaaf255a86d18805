// What was logged can be rerun, whatever became of the writer.
#include "plugin/decision_log.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "plugin/logged_planner.hpp"
#include "plugin/rerun.hpp"
#include "tests/plugin/planners.hpp"
#include "tests/plugin/random_host.hpp"
#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::testing {
namespace {

plugin::Config logging(const std::string& policy, const Folder& folder, std::uint32_t kib, std::uint32_t files) {
  plugin::Config config = small_config(policy);
  config.mutable_log()->set_directory(folder.path("log"));
  config.mutable_log()->set_file_kib(kib);
  config.mutable_log()->set_files(files);
  return config;
}

struct Lived {
  std::int64_t passes = 0;
  std::int64_t started = 0;
};

Lived live(LoggedPlanner& planner, int steps) {
  Lived lived;
  RandomHost host(21, kNodes, kCores,
                  {[&](const protocol::Event& e) { return planner.apply(e); },
                   [&](std::int64_t now, std::int64_t budget) {
                     ++lived.passes;
                     return planner.schedule(now, budget);
                   }});
  for (int i = 0; i < steps; ++i) {
    host.step();
    if (i % 10 == 0 && !host.waiting().empty()) planner.expected_start(host.waiting().begin()->first, host.now());
  }
  lived.started = host.started();
  return lived;
}

TEST(DecisionLog, EachFileCanBeRerunByItself) {
  for (const char* policy : {"easy", "wattfill", "wattfill-host", "conservative"}) {
    SCOPED_TRACE(policy);
    const Folder folder;
    LoggedPlanner planner(logging(policy, folder, 16, 1000), kAble);
    const Lived lived = live(planner, 1500);
    EXPECT_EQ(planner.log_failures(), 0);
    const auto files = log_files(folder.path("log"));
    EXPECT_GT(files.size(), 2U);
    std::int64_t passes = 0;
    for (const std::string& file : files) {
      Rerun rerun(file);
      while (rerun.step()) {
      }
      EXPECT_FALSE(rerun.difference()) << rerun.difference()->now << "\nlogged " << rerun.difference()->logged;
      passes += rerun.passes();
    }
    EXPECT_EQ(passes, lived.passes);
  }
}

TEST(DecisionLog, ADecisionThatWasTamperedWithIsFound) {
  const Folder folder;
  {
    LoggedPlanner planner(logging("easy", folder, 65536, 10), kAble);
    live(planner, 100);
  }
  const std::string file = log_files(folder.path("log")).front();
  std::vector<plugin::Record> records;
  LogReader reader(file);
  for (plugin::Record record; reader.next(record);) records.push_back(record);
  EXPECT_FALSE(reader.truncated());
  std::int64_t altered = 0;
  plugin::Log config;
  config.set_directory(folder.path("altered"));
  DecisionLog log(config);
  log.begin(records.front());
  for (std::size_t i = 1; i < records.size(); ++i) {
    plugin::Record record = records[i];
    if (altered == 0 && i > 100 && record.has_pass() && record.pass().proposal_size() > 0) {
      record.mutable_pass()->mutable_proposal(0)->mutable_nodes()->mutable_run(0)->set_first(7);
      altered = static_cast<std::int64_t>(i) + 1;
    }
    log.append(record);
  }
  log.flush();
  ASSERT_GT(altered, 0);
  Rerun rerun(log_files(folder.path("altered")).front());
  while (rerun.step()) {
  }
  ASSERT_TRUE(rerun.difference());
  EXPECT_EQ(rerun.difference()->record, altered);
  EXPECT_NE(rerun.difference()->now, rerun.difference()->logged);
}

// The writer is killed: everything up to the last pass is there.
TEST(DecisionLog, AFileThatEndsEarlyIsReadAsFarAsItGoes) {
  const Folder folder;
  LoggedPlanner planner(logging("easy", folder, 65536, 10), kAble);
  const Lived lived = live(planner, 200);
  const std::string file = log_files(folder.path("log")).front();
  Rerun open_file(file);  // still being written
  while (open_file.step()) {
  }
  EXPECT_FALSE(open_file.difference());
  EXPECT_EQ(open_file.passes(), lived.passes);
  std::filesystem::copy(file, folder.path("cut"));
  for (const std::uintmax_t size : {std::filesystem::file_size(file) * 2 / 3, std::uintmax_t{700}}) {
    std::filesystem::resize_file(folder.path("cut"), size);
    try {
      Rerun cut(folder.path("cut"));
      while (cut.step()) {
      }
      EXPECT_FALSE(cut.difference());
      EXPECT_TRUE(cut.reader().truncated());
      EXPECT_LT(cut.passes(), lived.passes);
    } catch (const LogError& error) {
      EXPECT_NE(std::string(error.what()).find("record 1"), std::string::npos) << error.what();
    }
  }
  folder.write("text", "this is no log");
  EXPECT_THROW(Rerun(folder.path("text")), LogError);
  EXPECT_THROW(Rerun(folder.path("absent")), LogError);
  EXPECT_THROW(log_files(folder.path("")), LogError);
}

TEST(DecisionLog, KeepsTheNewestFilesOnly) {
  const Folder folder;
  LoggedPlanner planner(logging("easy", folder, 8, 3), kAble);
  live(planner, 1500);
  const auto files = log_files(folder.path("log"));
  EXPECT_EQ(files.size(), 3U);
  EXPECT_NE(std::filesystem::path(files.front()).filename(), "decisions-000001.wflog");
}

// A full disk, or a folder that is gone: the planner goes on without, says so, and logs again once it can.
TEST(DecisionLog, IsGivenUpAndTakenUpAgain) {
  const Folder folder;
  folder.write("log", "a file stands where the folder should be");
  LoggedPlanner planner(logging("easy", folder, 65536, 10), kAble);
  EXPECT_EQ(planner.log_failures(), 1);
  ASSERT_EQ(planner.warnings().size(), 1U);
  EXPECT_NE(planner.warnings().front().find("decision log"), std::string::npos);
  EXPECT_GT(live(planner, 20).started, 5);
  std::filesystem::remove(folder.path("log"));
  planner.schedule(1'000'000, 0);
  planner.schedule(1'000'001, 0);
  Rerun rerun(log_files(folder.path("log")).front());
  while (rerun.step()) {
  }
  EXPECT_FALSE(rerun.difference());
  EXPECT_EQ(rerun.passes(), 2);
}

}  // namespace
}  // namespace wattfill::testing
