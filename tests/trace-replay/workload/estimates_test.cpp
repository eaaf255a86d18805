// Requested times: never below the runtime, modal, habitual.
#include "trace-replay/workload/estimates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/workload/lublin.hpp"

namespace wattfill {
namespace {

std::vector<GeneratedJob> generated(JobMix mix, EstimateOptions estimates, std::uint64_t seed = 1) {
  LublinOptions options;
  options.jobs = 60'000;
  options.seed = seed;
  options.mix = mix;
  options.estimates = estimates;
  return generate_lublin(options);
}

TEST(ModalEstimates, TwentyValuesCoverNineTenthsAndTheLongestIsTheMostPopular) {
  for (const JobMix mix : {JobMix::kTyped, JobMix::kBatch, JobMix::kUntyped}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const std::vector<GeneratedJob> jobs = generated(mix, {}, seed);
      std::map<std::int32_t, int> count;
      for (const GeneratedJob& job : jobs) ++count[job.requested_s];
      std::vector<std::pair<int, std::int32_t>> popularity;
      popularity.reserve(count.size());
      for (const auto& [value, number] : count) popularity.emplace_back(number, value);
      std::sort(popularity.rbegin(), popularity.rend());
      EXPECT_EQ(popularity[0].second, 48 * 3600);
      double covered = 0;
      for (std::size_t rank = 0; rank < 20; ++rank) covered += popularity[rank].first / 60'000.0;
      EXPECT_NEAR(covered, 0.91, 0.05) << "mix " << static_cast<int>(mix) << ", seed " << seed;
    }
  }
}

TEST(ModalEstimates, CoverTheRuntimeAndSometimesJustSo) {
  const std::vector<GeneratedJob> jobs = generated(JobMix::kTyped, {});
  double exact = 0;
  for (const GeneratedJob& job : jobs) {
    ASSERT_GE(job.requested_s, job.run_s);
    exact += job.requested_s == job.run_s ? 1 : 0;
  }
  EXPECT_NEAR(exact / 60'000, 0.01, 0.005);
}

TEST(ModalEstimates, AnApplicationMostlyAsksForTheSame) {
  std::map<std::int32_t, std::int32_t> last;
  double same = 0, count = 0;
  for (const GeneratedJob& job : generated(JobMix::kTyped, {})) {
    std::int32_t& before = last[job.executable];
    if (before != 0) {
      same += before == job.requested_s ? 1 : 0;
      ++count;
    }
    before = job.requested_s;
  }
  // A habit is left for one job at 8 % of jobs, and each such job differs from both its neighbours.
  EXPECT_GT(same / count, 0.8);
  EXPECT_LT(same / count, 0.95);
}

TEST(ModalEstimates, LongestAllowedCoversTheLongestRun) {
  const std::pair<std::int64_t, std::int64_t> cases[] = {
      {10, 3600}, {3600, 3600}, {3601, 7200}, {162754, 172800}, {2'592'000, 2'592'000}, {2'592'001, 31 * 86400}};
  for (const auto& [run, allowed] : cases) EXPECT_EQ(RequestModel({}, run, 1).longest_allowed_s(), allowed) << run;
}

TEST(FactorEstimates, AreUniformMultiplesRoundedUp) {
  double sum = 0, count = 0, least = 10, most = 0;
  for (const GeneratedJob& job : generated(JobMix::kBatch, {EstimateKind::kFactor, 1, 5})) {
    ASSERT_GE(job.requested_s, job.run_s);
    ASSERT_LE(job.requested_s, 5 * job.run_s);
    if (job.run_s < 1000) continue;  // there rounding to seconds no longer shows
    const double factor = static_cast<double>(job.requested_s) / job.run_s;
    sum += factor;
    ++count;
    least = std::min(least, factor);
    most = std::max(most, factor);
  }
  EXPECT_NEAR(sum / count, 3, 4 * (4 / std::sqrt(12)) / std::sqrt(count) + 0.001);
  EXPECT_LT(least, 1.01);
  EXPECT_GT(most, 4.99);
}

TEST(ExactEstimates, AreTheRuntime) {
  for (const GeneratedJob& job : generated(JobMix::kTyped, {EstimateKind::kExact})) {
    ASSERT_EQ(job.requested_s, job.run_s);
  }
}

TEST(Estimates, DoNotChangeTheJobs) {
  const std::vector<GeneratedJob> modal = generated(JobMix::kTyped, {});
  const std::vector<GeneratedJob> factor = generated(JobMix::kTyped, {EstimateKind::kFactor, 1, 5});
  ASSERT_EQ(modal.size(), factor.size());
  for (std::size_t index = 0; index < modal.size(); ++index) {
    GeneratedJob job = factor[index];
    job.requested_s = modal[index].requested_s;
    ASSERT_EQ(job, modal[index]);
  }
}

TEST(ReplaceRequests, ChangesOnlyTheRequestOfJobsThatRan) {
  std::vector<SwfRecord> records(3);
  records[0].run_s = 100;
  records[1].run_s = -1;
  records[1].requested_s = 77;
  records[2].run_s = 5000;
  records[2].user = 4;
  std::vector<SwfRecord> changed = records;
  replace_requests(changed, {EstimateKind::kFactor, 2, 2}, 1);
  EXPECT_EQ(changed[0].requested_s, 200);
  EXPECT_EQ(changed[1], records[1]);
  EXPECT_EQ(changed[2].requested_s, 10'000);
  changed[0].requested_s = changed[2].requested_s = -1;
  EXPECT_EQ(changed, records);
}

TEST(ReplaceRequests, GivesLublin256RequestsOfOneToFiveTimesTheRuntime) {
  const std::string path = std::string(WATTFILL_SHARED_DIR) + "/traces/lublin_256.swf";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  SwfReader reader(path);
  std::vector<SwfRecord> records;
  for (SwfRecord record; reader.next(record);) records.push_back(record);
  std::vector<SwfRecord> again = records;
  replace_requests(records, {EstimateKind::kFactor, 1, 5}, 7);
  replace_requests(again, {EstimateKind::kFactor, 1, 5}, 7);
  EXPECT_EQ(records, again);
  for (const SwfRecord& record : records) {
    ASSERT_GE(record.requested_s, record.run_s);
    ASSERT_LE(record.requested_s, 5 * record.run_s);
  }
}

}  // namespace
}  // namespace wattfill
