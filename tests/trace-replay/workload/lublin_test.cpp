// Whole generated workloads: load, daily cycle, reproducibility, and the sample that the authors published.
#include "trace-replay/workload/lublin.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/trace-replay/workload/statistics.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_writer.hpp"
#include "trace-replay/workload/lublin_model.hpp"

namespace wattfill {
namespace {

using testing::kolmogorov_distance;
using testing::kolmogorov_threshold;

LublinOptions with(std::int64_t jobs, std::int32_t processors, JobMix mix, std::uint64_t seed = 1) {
  LublinOptions options;
  options.jobs = jobs;
  options.processors = processors;
  options.mix = mix;
  options.seed = seed;
  return options;
}

std::string text_of(const LublinOptions& options) {
  const std::vector<GeneratedJob> jobs = generate_lublin(options);
  std::ostringstream header;
  write_swf_header(header, lublin_header(options, jobs));
  std::string text = header.str();
  for_each_record(jobs, [&](const SwfRecord& record) { append_swf_record(text, record); });
  return text;
}

// FNV-1a, 64 bits.
std::uint64_t digest(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

// Shares of the half hours of the day among the jobs of one queue.
std::array<double, kDayBuckets> daily_shares(const std::vector<GeneratedJob>& jobs, std::int32_t queue) {
  std::array<double, kDayBuckets> shares{};
  double count = 0;
  for (const GeneratedJob& job : jobs) {
    if (job.queue != queue) continue;
    ++shares[static_cast<std::size_t>(job.submit_s / 1800 % kDayBuckets)];
    ++count;
  }
  for (double& share : shares) share /= count;
  return shares;
}

// Variance over squared mean of the gaps in points: what makes counts of arrivals vary more than Poisson's.
double gap_dispersion(const ArrivalParameters& parameters) {
  InterarrivalSampler sampler(parameters);
  RandomEngine engine = seeded_engine(99, 1);
  double sum = 0, squares = 0;
  constexpr int kDraws = 200'000;
  for (int draw = 0; draw < kDraws; ++draw) {
    const double gap = sampler.draw(engine);
    sum += gap;
    squares += gap * gap;
  }
  return squares * kDraws / (sum * sum) - 1;
}

TEST(GenerateLublin, IsSortedAndWithinBounds) {
  const std::vector<GeneratedJob> jobs = generate_lublin(with(30'000, 100, JobMix::kTyped));
  ASSERT_EQ(jobs.size(), 30'000U);
  std::int64_t before = 0;
  int interactive = 0;
  for (const GeneratedJob& job : jobs) {
    ASSERT_GE(job.submit_s, before);
    before = job.submit_s;
    ASSERT_GE(job.processors, 1);
    ASSERT_LE(job.processors, 100);
    ASSERT_GE(job.run_s, 1);
    ASSERT_GE(job.requested_s, job.run_s);
    ASSERT_GE(job.user, 1);
    ASSERT_GE(job.group, 1);
    ASSERT_GE(job.executable, 1);
    interactive += job.queue == 0 ? 1 : 0;
  }
  EXPECT_GT(interactive, 0);
  EXPECT_LT(interactive, 30'000);
}

TEST(GenerateLublin, ArrivalsFollowTheDailyCycle) {
  const std::pair<JobMix, LublinColumn> cases[] = {{JobMix::kUntyped, LublinColumn::kUntyped},
                                                   {JobMix::kInteractive, LublinColumn::kInteractive},
                                                   {JobMix::kBatch, LublinColumn::kBatch}};
  constexpr int kJobs = 400'000;
  for (const auto& [mix, column] : cases) {
    const ArrivalParameters parameters = lublin_parameters(column, 128).arrival;
    const DailyCycle cycle(parameters);
    const std::vector<GeneratedJob> jobs = generate_lublin(with(kJobs, 128, mix));
    const auto shares = daily_shares(jobs, jobs.front().queue);
    // Arrivals are a renewal process in points, so a bucket's count has about its expectation times the gaps'
    // dispersion as variance. 4.5 standard deviations, for 48 buckets.
    const double dispersion = gap_dispersion(parameters);
    for (int bucket = 0; bucket < kDayBuckets; ++bucket) {
      const double expected = cycle.weight(bucket) / kDayBuckets;
      EXPECT_NEAR(shares[static_cast<std::size_t>(bucket)], expected, 4.5 * std::sqrt(dispersion * expected / kJobs))
          << "mix " << static_cast<int>(mix) << ", bucket " << bucket;
    }
  }
}

TEST(GenerateLublin, GapsInPointsAreLogGamma) {
  const LublinOptions options = with(100'000, 128, JobMix::kUntyped, 3);
  const ArrivalParameters p = lublin_parameters(LublinColumn::kUntyped, 128).arrival;
  const DailyCycle cycle(p);
  const std::vector<GeneratedJob> jobs = generate_lublin(options);
  std::vector<double> gaps, fresh;
  InterarrivalSampler sampler(p);
  RandomEngine engine = seeded_engine(4, 4);
  for (std::size_t index = 1; index < jobs.size(); ++index) {
    const double before = cycle.points_at(static_cast<double>(jobs[index - 1].submit_s));
    gaps.push_back(cycle.points_at(static_cast<double>(jobs[index].submit_s)) - before);
    fresh.push_back(sampler.draw(engine));
  }
  // Submissions are rounded to seconds; gaps of a few seconds are the only ones that this moves visibly (0.01).
  EXPECT_LT(kolmogorov_distance(gaps, fresh), kolmogorov_threshold(gaps.size(), fresh.size()) + 0.01);
}

TEST(GenerateLublin, ReachesTheLoadAskedFor) {
  for (const JobMix mix : {JobMix::kTyped, JobMix::kBatch, JobMix::kInteractive, JobMix::kUntyped}) {
    for (const double load : {0.1, 0.7, 1.2}) {
      for (const std::int32_t processors : {16, 256, 100'000}) {
        LublinOptions options = with(5000, processors, mix);
        options.load = load;
        EXPECT_NEAR(offered_load(generate_lublin(options), processors) / load, 1, 0.001);
      }
    }
  }
}

TEST(GenerateLublin, ScalingTheLoadKeepsTheJobsAndTheDay) {
  LublinOptions options = with(100'000, 128, JobMix::kBatch);
  const std::vector<GeneratedJob> natural = generate_lublin(options);
  options.load = 2 * offered_load(natural, 128);
  const std::vector<GeneratedJob> busier = generate_lublin(options);
  for (std::size_t index = 0; index < natural.size(); ++index) {
    GeneratedJob moved = busier[index];
    moved.submit_s = natural[index].submit_s;
    ASSERT_EQ(moved, natural[index]);
  }
  EXPECT_NEAR(static_cast<double>(busier.back().submit_s) / static_cast<double>(natural.back().submit_s), 0.5, 0.01);
  // Half as many days, so the shares vary a little more; a cycle squeezed with the gaps would be flat (1 / 48 = 0.021).
  const auto before = daily_shares(natural, 1), after = daily_shares(busier, 1);
  for (std::size_t bucket = 0; bucket < before.size(); ++bucket) EXPECT_NEAR(after[bucket], before[bucket], 0.006);
  EXPECT_GT(after[26], 3 * after[10]);
}

TEST(GenerateLublin, DailyCycleBeginsAtTheStartsTimeOfDay) {
  LublinOptions options = with(50'000, 128, JobMix::kUntyped);
  options.start_unix += 12 * 3600 + 900;
  const auto shares = daily_shares(generate_lublin(options), 0);
  // The emptiest half hours, around 05:00, now lie some 17 hours after the start.
  const auto emptiest = std::min_element(shares.begin(), shares.end()) - shares.begin();
  EXPECT_NEAR(static_cast<double>(emptiest), 2 * 16.75, 3);
}

TEST(GenerateLublin, SameSeedSameBytesOtherSeedOtherBytes) {
  const LublinOptions options = with(2000, 64, JobMix::kTyped, 11);
  EXPECT_EQ(text_of(options), text_of(options));
  LublinOptions other = options;
  other.seed = 12;
  EXPECT_NE(generate_lublin(options), generate_lublin(other));
}

TEST(GenerateLublin, GivesTheSameBytesOnEveryHost) {
  LublinOptions options = with(500, 128, JobMix::kTyped, 42);
  options.load = 0.8;
  EXPECT_EQ(digest(text_of(options)), 0x6a12b1aab413e507U) << std::hex << digest(text_of(options));
}

TEST(GenerateLublin, HeaderStatesLoadSeedAndCommand) {
  LublinOptions options = with(1000, 128, JobMix::kUntyped, 5);
  options.load = 0.75;
  options.estimates = {EstimateKind::kFactor, 1, 2.5};
  const std::string text = text_of(options);
  const std::string command =
      "trace-replay generate --jobs 1000 --procs 128 --seed 5 --mix untyped --start 1704067200 --load 0.75 "
      "--estimate-factor 1,2.5\n";
  for (const std::string& part : {std::string("; Version: 2.2\n"), std::string("; MaxJobs: 1000\n"),
                                  std::string("; MaxProcs: 128\n"), std::string("; UnixStartTime: 1704067200\n"),
                                  command, std::string("Offered load: 0.75"), std::string("UMed 4.5 UHi 7")}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  SwfReader reader("generated", text, SwfStrictness::kStrict);
  std::int64_t records = 0;
  for (SwfRecord record; reader.next(record);) ++records;
  EXPECT_EQ(records, 1000);
  EXPECT_EQ(reader.header().integer("MaxProcs"), 128);
}

TEST(GenerateLublin, OneJobWillDo) {
  const std::vector<GeneratedJob> jobs = generate_lublin(with(1, 1, JobMix::kTyped));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].processors, 1);
  EXPECT_EQ(offered_load(jobs, 1), 0);
}

TEST(GenerateLublin, RefusesWhatCannotBe) {
  const LublinOptions good = with(100, 128, JobMix::kTyped);
  const auto refuses = [&](auto change) {
    LublinOptions options = good;
    change(options);
    EXPECT_THROW(generate_lublin(options), UsageError);
  };
  refuses([](LublinOptions& o) { o.jobs = 0; });
  refuses([](LublinOptions& o) { o.processors = 0; });
  refuses([](LublinOptions& o) { o.load = 0; });
  refuses([](LublinOptions& o) { o.load = -1; });
  refuses([](LublinOptions& o) { o.load = std::nan(""); });
  refuses([](LublinOptions& o) { o.load = 0.5, o.jobs = 1; });
  refuses([](LublinOptions& o) { o.load = 1000, o.jobs = 2, o.processors = 1'000'000; });
  refuses([](LublinOptions& o) { o.users = 0; });
  refuses([](LublinOptions& o) { o.estimates = {EstimateKind::kFactor, 0.5, 2}; });
  refuses([](LublinOptions& o) { o.estimates = {EstimateKind::kFactor, 3, 2}; });
}

// lublin_256.swf is output of the authors' own program: untyped, 256 processors, 10,000 jobs.
TEST(GenerateLublin, ResemblesTheAuthorsSample) {
  const std::string path = std::string(WATTFILL_SHARED_DIR) + "/traces/lublin_256.swf";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  std::vector<double> sizes, runtimes, gaps;
  SwfReader reader(path);
  std::int64_t before = 0;
  for (SwfRecord record; reader.next(record);) {
    sizes.push_back(static_cast<double>(record.allocated_processors));
    runtimes.push_back(static_cast<double>(record.run_s));
    gaps.push_back(static_cast<double>(record.submit_s - before));
    before = record.submit_s;
  }
  ASSERT_EQ(sizes.size(), 10'000U);
  std::vector<double> our_sizes, our_runtimes, our_gaps;
  before = 0;
  for (const GeneratedJob& job : generate_lublin(with(100'000, 256, JobMix::kUntyped, 256))) {
    our_sizes.push_back(job.processors);
    our_runtimes.push_back(job.run_s);
    our_gaps.push_back(static_cast<double>(job.submit_s - before));
    before = job.submit_s;
  }
  const double threshold = kolmogorov_threshold(sizes.size(), our_sizes.size());
  EXPECT_LT(kolmogorov_distance(sizes, our_sizes), threshold);
  EXPECT_LT(kolmogorov_distance(runtimes, our_runtimes), threshold);
  EXPECT_LT(kolmogorov_distance(gaps, our_gaps), threshold);
}

}  // namespace
}  // namespace wattfill
