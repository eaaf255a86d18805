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
    if (i % 10 == 0 && !host.waiting().empty()) {
      if (i % 20 == 0) host.pass_time(15);  // a question later than the last pass
      planner.expected_start(host.waiting().begin()->first, host.now());
    }
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

// Where its state cannot be told, the planner goes on, and the log ends.
TEST(DecisionLog, AMachineCountedByClassesIsScheduledThoughItsLogCannotGoOn) {
  const Folder folder;
  plugin::Config config =
      resolved(parse_config("policy: 'easy' cluster_text: 'name: \"c\" node_type { name: \"a\" count: 4 } node_type { "
                            "name: \"b\" count: 4 speed: 2 }'",
                            "test"));
  config.mutable_log()->set_directory(folder.path("log"));
  config.mutable_log()->set_file_kib(1);
  LoggedPlanner planner(config, kAble);
  std::int64_t started = 0;
  for (std::int64_t i = 1; i <= 2000; ++i) {
    protocol::Event e;
    e.set_time_s(10 * i);
    protocol::Job& job = *e.mutable_submit();
    job.set_id(i);
    job.set_processors(1);
    job.set_requested_s(25);
    job.set_user(static_cast<std::int32_t>(i * 7919 % 1000));
    planner.apply(e);
    const protocol::Pass pass = planner.schedule(10 * i, 0);
    for (const protocol::Proposal& p : pass.proposal()) {
      e.mutable_started()->set_job(p.job());
      planner.apply(e);
      ++started;
    }
    if (i < 3) continue;
    e.set_end(i - 2);
    planner.apply(e);
  }
  EXPECT_GT(started, 1990);
  ASSERT_EQ(planner.warnings().size(), 1U);
  EXPECT_NE(planner.warnings().front().find("cannot be told where jobs run"), std::string::npos);
}

// A full disk, or a folder that is gone: the planner goes on without, says so, and logs again once it can.
TEST(DecisionLog, IsGivenUpAndTakenUpAgain) {
  const Folder folder;
  folder.write("log", "a file stands where the folder should be");
  LoggedPlanner planner(logging("easy", folder, 65536, 10), kAble);
  EXPECT_EQ(planner.log_failures(), 1);
  ASSERT_EQ(planner.warnings().size(), 1U);
  EXPECT_NE(planner.warnings().front().find("decision log"), std::string::npos);
  // Minutes pass: what was held stays held, since the planner is the one that it was.
  protocol::Event e;
  e.set_time_s(100);
  protocol::Job& job = *e.mutable_submit();
  job.set_id(1'000'000);
  job.set_processors(1);
  job.set_requested_s(10);
  planner.apply(e);
  const auto proposed = [&](std::int64_t now) {
    const protocol::Pass pass = planner.schedule(now, 0);
    return std::any_of(pass.proposal().begin(), pass.proposal().end(),
                       [](const protocol::Proposal& p) { return p.job() == 1'000'000; });
  };
  ASSERT_TRUE(proposed(100));
  e.mutable_refused()->set_job(1'000'000);
  e.mutable_refused()->set_reason(protocol::Refused::HELD);
  planner.apply(e);
  for (const std::int64_t now : {200, 300, 400}) EXPECT_FALSE(proposed(now));
  EXPECT_GT(planner.log_failures(), 2);
  EXPECT_EQ(planner.renewals(), 0);
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
