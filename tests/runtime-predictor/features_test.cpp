// Features by hand, and what is forgotten.
#include "runtime-predictor/features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/runtime-predictor/event_stream.hpp"

namespace wattfill::testing {
namespace {

SimTime at(std::int64_t s) { return SimTime{Seconds{s}}; }

float value(const FeatureRow& row, std::string_view name) { return row.at(feature_index(name)); }

TEST(Features, TheTableIsComplete) {
  std::set<std::string_view> names;
  for (const FeatureInfo& f : kFeatures) {
    EXPECT_TRUE(names.insert(f.name).second) << f.name;
    EXPECT_FALSE(f.meaning.empty()) << f.name;
  }
  EXPECT_EQ(feature_index("no such feature"), kFeatureCount);
}

TEST(Features, OfAFirstJob) {
  FeatureExtractor features;
  const FeatureRow row = features.submitted(job_of(1), at(6 * 3600));
  EXPECT_EQ(value(row, "request"), 10);
  EXPECT_EQ(value(row, "processors"), 2);
  EXPECT_EQ(value(row, "user"), 1);
  EXPECT_TRUE(std::isnan(value(row, "queue")));
  EXPECT_NEAR(value(row, "day_sin"), 1, 1e-6);
  EXPECT_NEAR(value(row, "day_cos"), 0, 1e-6);
  EXPECT_EQ(value(row, "user_count"), 0);
  EXPECT_EQ(value(row, "user_queued"), 0);
  for (const char* name :
       {"user_last", "user_mean", "user_think", "user_gap", "user_elapsed", "shape_last", "last_two"})
    EXPECT_TRUE(std::isnan(value(row, name))) << name;
}

TEST(Features, OfAUserWithAHistory) {
  FeatureExtractor features;
  for (JobId id = 1; id <= 4; ++id) features.submitted(job_of(id), at(100));
  for (JobId id = 1; id <= 3; ++id) features.started(job_of(id), at(200));
  features.ended(job_of(1), at(456), Seconds{256});
  features.ended(job_of(2), at(712), Seconds{512});
  const FeatureRow row = features.submitted(job_of(5), at(1224));
  EXPECT_FLOAT_EQ(value(row, "user_last"), -1);    // 512 of 1024
  EXPECT_FLOAT_EQ(value(row, "user_second"), -2);  // 256 of 1024
  EXPECT_TRUE(std::isnan(value(row, "user_third")));
  EXPECT_FLOAT_EQ(value(row, "user_mean"), -1.5);
  EXPECT_FLOAT_EQ(value(row, "user_ratio"), -1.5);
  EXPECT_FLOAT_EQ(value(row, "last_two"), std::log2(384.0F) - 10);
  EXPECT_FLOAT_EQ(value(row, "user_think"), 9);  // 1224 - 712
  EXPECT_FLOAT_EQ(value(row, "user_running"), 1);
  EXPECT_FLOAT_EQ(value(row, "user_running_cores"), 4);
  EXPECT_FLOAT_EQ(value(row, "user_elapsed"), 0);  // 1224 - 200 = 1024 of 1024
  EXPECT_FLOAT_EQ(value(row, "user_queued"), 1);
  EXPECT_FLOAT_EQ(value(row, "shape_count"), 1);
  EXPECT_FLOAT_EQ(value(row, "user_limit"), 0);
}

TEST(Features, ShapesAreApart) {
  FeatureExtractor features;
  features.submitted(job_of(1), at(0));
  features.started(job_of(1), at(0));
  features.ended(job_of(1), at(64), Seconds{64});
  EXPECT_FLOAT_EQ(value(features.submitted(job_of(2), at(64)), "shape_last"), -4);
  EXPECT_TRUE(std::isnan(value(features.submitted(job_of(3, 1, 8), at(64)), "shape_last")));
  EXPECT_TRUE(std::isnan(value(features.submitted(job_of(4, 2), at(64)), "user_last")));
  EXPECT_FLOAT_EQ(value(features.submitted(job_of(5, 2), at(64)), "request_ratio"), -4);  // of all users
}

TEST(Features, ACancelledJobLeavesNoTrace) {
  FeatureExtractor features;
  features.submitted(job_of(1), at(0));
  features.cancelled(job_of(1), at(5));
  const FeatureRow row = features.submitted(job_of(2), at(8));
  EXPECT_EQ(value(row, "user_queued"), 0);
  EXPECT_EQ(value(row, "user_count"), 0);
}

TEST(Features, ARequeuedJobRunsOnce) {
  FeatureExtractor features;
  features.submitted(job_of(1), at(0));
  features.started(job_of(1), at(0));
  features.started(job_of(1), at(10));
  EXPECT_FLOAT_EQ(value(features.submitted(job_of(2), at(11)), "user_running"), 1);
}

TEST(HistoryTable, ForgetsTheOldestThatIsNotInUse) {
  HistoryTable table(2);
  const auto key = [](std::int64_t user) { return HistoryKey{kOfUser, user}; };
  History& held = table.touch(key(1));
  held.in_system = 1;
  held.count = 11;
  table.touch(key(2)).count = 22;
  table.touch(key(3)).count = 33;
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(&table.touch(key(1)), &held);
  EXPECT_EQ(held.count, 11);
  EXPECT_EQ(table.touch(key(2)).count, 0);  // was forgotten
}

}  // namespace
}  // namespace wattfill::testing
