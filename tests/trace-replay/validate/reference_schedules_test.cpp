// The published schedules of KTH-SP2 (Gaussier et al., SC'15) before the judge.
#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <filesystem>

#include "tests/trace-replay/validate/judging.hpp"
#include "trace-replay/validate/schedule_file.hpp"
#include "trace-replay/validate/trace_recipe.hpp"

namespace wattfill::judge {
namespace {

const std::string kShared = WATTFILL_SHARED_DIR;
const std::string kKth = kShared + "/traces/KTH-SP2-1996-2.swf.gz";

std::string published(const std::string& name) {
  return kShared + "/reference_schedules/KTH-SP2.predictsim." + name + ".swf.gz";
}

ValidationRequest kth(const std::string& policy, const std::string& schedule, ValidationRequest::Estimates estimates) {
  ValidationRequest request = request_for(100, policy);
  request.trace = kKth;
  request.schedule = published(schedule);
  request.pass = ValidationRequest::Pass::kEachEvent;
  request.estimates = request.order_estimates = estimates;
  return request;
}

class ReferenceSchedules : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kKth) || !std::filesystem::exists(published("easy"))) {
      GTEST_SKIP() << "needs KTH-SP2 and its published schedules in " << kShared;
    }
  }
};

constexpr auto kRequested = ValidationRequest::Estimates::kRequested;
constexpr auto kClairvoyant = ValidationRequest::Estimates::kClairvoyant;

TEST_F(ReferenceSchedules, EasyIsClean) {
  const ValidationReport report = validate(kth("easy", "easy", kRequested));
  expect_only(report, {});
  EXPECT_EQ(report.judged, 28481);
  EXPECT_EQ(report.trace.clipped, 475);
  EXPECT_EQ(report.passes, 2 * 28481);
}

TEST_F(ReferenceSchedules, ClairvoyantEasyIsClean) {
  expect_only(validate(kth("easy", "easy_clairvoyant", kClairvoyant)), {});
}

TEST_F(ReferenceSchedules, ClairvoyantEasySjbfIsClean) {
  expect_only(validate(kth("easy-sjbf", "easyplusplus_clairvoyant", kClairvoyant)), {});
}

TEST_F(ReferenceSchedules, EasyPlusPlusObeysPhysics) {
  const ValidationReport report = validate(kth("easy++", "easyplusplus_tsafrir", kRequested));
  expect_only(report, {});
  EXPECT_EQ(report.passes, 0);
}

TEST_F(ReferenceSchedules, OneRuleIsNotTheOther) {
  EXPECT_FALSE(validate(kth("easy-sjbf", "easy_clairvoyant", kClairvoyant)).clean());
  EXPECT_FALSE(validate(kth("easy", "easy", kClairvoyant)).clean());
  EXPECT_FALSE(validate(kth("fcfs", "easy", kRequested)).clean());
  ValidationRequest each_instant = kth("easy", "easy", kRequested);
  each_instant.pass = ValidationRequest::Pass::kEachInstant;
  EXPECT_FALSE(validate(each_instant).clean());
}

TEST_F(ReferenceSchedules, MatchByOrderFindsTheSameJobs) {
  ValidationRequest request = kth("easy", "easy", kRequested);
  request.match = ValidationRequest::Match::kOrder;
  expect_only(validate(request), {});
}

TEST_F(ReferenceSchedules, EveryMovedStartIsFound) {
  const ValidationRequest request = kth("easy", "easy", kRequested);
  ValidationReport::Trace summary;
  const std::vector<TraceEntry> trace = read_trace(request.trace, request.processors, false, summary);
  const ScheduleFile schedule = read_schedule(request.schedule, false);
  boost::random::mt19937 generator(1996);
  for (int mutation = 0; mutation < 40; ++mutation) {
    std::vector<ScheduleRow> rows = schedule.rows;
    const auto row = boost::random::uniform_int_distribution<std::size_t>(0, rows.size() - 1)(generator);
    const auto by = boost::random::uniform_int_distribution<std::int64_t>(1, 20000)(generator);
    *rows[row].start += Seconds{mutation % 2 == 0 ? by : -by};
    const ValidationReport report = judged(request, trace, rows);
    EXPECT_FALSE(report.clean()) << "job " << rows[row].id << " moved by " << by << " s";
  }
}

// The judge's own recipe against the counts that the index of the traces states.
TEST(Recipe, GivesThePublishedCounts) {
  const struct {
    const char* file;
    std::int64_t processors;
    std::int64_t kept;
  } traces[] = {{"CTC-SP2-1996-3.1-cln.swf.gz", 338, 77199}, {"SDSC-BLUE-2000-4.2-cln.swf.gz", 1152, 232536}};
  for (const auto& known : traces) {
    const std::string path = kShared + "/traces/" + known.file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs " << path;
    ValidationReport::Trace summary;
    EXPECT_EQ(static_cast<std::int64_t>(read_trace(path, known.processors, false, summary).size()), known.kept);
    EXPECT_EQ(summary.read,
              summary.kept + summary.no_runtime + summary.no_request + summary.no_processors + summary.too_wide);
  }
}

}  // namespace
}  // namespace wattfill::judge
