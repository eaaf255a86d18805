// The published schedules of KTH-SP2 and CTC-SP2 (Gaussier, Glesser, Reis, Trystram, SC'15), and figures measured with
// other programs.
#include <unordered_map>

#include "tests/trace-replay/reference/traces.hpp"

namespace wattfill::testing {
namespace {

// How many jobs start at another time than published.
std::int64_t differences(const Workload& workload, const ReplayResult& result, const std::string& path) {
  SwfReader reader(path);
  std::unordered_map<JobId, std::int64_t> published;
  for (SwfRecord r; reader.next(r);) published.emplace(r.job, r.submit_s + r.wait_s);
  EXPECT_EQ(published.size(), workload.jobs.size());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const auto found = published.find(workload.jobs[i].job.id);
    count += found == published.end() || found->second != seconds_since_epoch(result.outcomes[i].start);
  }
  return count;
}

struct Published {
  const char* schedule;
  const char* policy;
  const char* estimates;
  double slowdown;  // AVEbsld
};

class KthSchedules : public ::testing::TestWithParam<Published> {};

TEST_P(KthSchedules, EveryStartIsThePublishedOne) {
  const Published& p = GetParam();
  WATTFILL_NEEDS(path_of(kKth));
  WATTFILL_NEEDS(published_schedule(p.schedule));
  const Workload w = load(kKth);
  ASSERT_EQ(w.jobs.size(), 28481U);
  const PolicySpec policy = with_estimates(preset(p.policy), p.estimates, p.estimates);
  const Measured m = measured(w, kKth, policy, PassRule::kEachEvent);
  EXPECT_EQ(differences(w, m.result, published_schedule(p.schedule)), 0);
  EXPECT_NEAR(m.summary.all.mean_bounded_slowdown, p.slowdown, 0.005);
}

INSTANTIATE_TEST_SUITE_P(All, KthSchedules,
                         ::testing::Values(Published{"easy", "easy", "requested", 92.58},
                                           Published{"easy_clairvoyant", "easy", "clairvoyant", 71.72},
                                           Published{"easyplusplus_clairvoyant", "easy-sjbf", "clairvoyant", 49.85},
                                           Published{"easyplusplus_tsafrir", "easy++", "last-two", 63.50}),
                         [](const auto& parameter) { return std::string(parameter.param.schedule); });

TEST(Kth, OnePassPerInstantIsAnotherRule) {
  WATTFILL_NEEDS(path_of(kKth));
  WATTFILL_NEEDS(published_schedule("easy"));
  const Workload w = load(kKth);
  const Measured m = measured(w, kKth, preset("easy"), PassRule::kEachInstant);
  EXPECT_EQ(differences(w, m.result, published_schedule("easy")), 456);
}

struct Figure {
  Trace trace;
  const char* policy;
  const char* fit;
  const char* order;
  PassRule pass;
  std::int64_t jobs;
  double slowdown;        // AVEbsld, to two decimals
  double longest_wait_h;  // to whole hours; -1 where none is published
  double tolerance = 0.005;
};

void expect_figure(const Figure& f) {
  WATTFILL_NEEDS(path_of(f.trace));
  const Workload w = load(f.trace);
  EXPECT_EQ(static_cast<std::int64_t>(w.jobs.size()), f.jobs);
  const Summary s = measured(w, f.trace, with_estimates(preset(f.policy), f.fit, f.order), f.pass).summary;
  EXPECT_EQ(s.unfinished, 0);
  EXPECT_NEAR(s.all.mean_bounded_slowdown, f.slowdown, f.tolerance);
  if (f.longest_wait_h >= 0) {
    EXPECT_NEAR(static_cast<double>(s.all.max_wait_s) / 3600, f.longest_wait_h, 0.5);
  }
}

constexpr auto kEvent = PassRule::kEachEvent;
constexpr auto kInstant = PassRule::kEachInstant;
constexpr const char* kAsked = "requested";
constexpr const char* kTrue = "clairvoyant";

// SC'15, raw results.
TEST(Kth, EasySjbf) { expect_figure({kKth, "easy-sjbf", kAsked, kAsked, kEvent, 28481, 69.41, -1}); }
TEST(Ctc, Easy) { expect_figure({kCtc, "easy", kAsked, kAsked, kEvent, 77199, 49.57, -1}); }
TEST(Ctc, EasySjbf) { expect_figure({kCtc, "easy-sjbf", kAsked, kAsked, kEvent, 77199, 30.04, -1}); }
TEST(Ctc, EasyPlusPlus) { expect_figure({kCtc, "easy++", "last-two", "last-two", kEvent, 77199, 85.77, -1}); }
TEST(Ctc, ClairvoyantEasy) { expect_figure({kCtc, "easy", kTrue, kTrue, kEvent, 77199, 37.17, -1}); }
TEST(Ctc, ClairvoyantEasySjbf) { expect_figure({kCtc, "easy-sjbf", kTrue, kTrue, kEvent, 77199, 17.57, -1}); }
// Measured with a plain EASY of a hundred lines and one pass per instant.
TEST(Kth, EasyInPasses) { expect_figure({kKth, "easy", kAsked, kAsked, kInstant, 28481, 92.69, 73}); }
TEST(Kth, ClairvoyantEasySjbfInPasses) { expect_figure({kKth, "easy-sjbf", kTrue, kTrue, kInstant, 28481, 49.85, 76}); }
TEST(Ctc, EasyInPasses) {  // 48.837 here; the other program's 48.83 may have been cut off
  expect_figure({kCtc, "easy", kAsked, kAsked, kInstant, 77199, 48.83, 84, 0.0101});
}
TEST(Ctc, ClairvoyantEasySjbfInPasses) { expect_figure({kCtc, "easy-sjbf", kTrue, kTrue, kInstant, 77199, 17.57, 86}); }

// Queue and backfill in the order of the requests, promotion at 40 h, one pass per instant.
TEST(Kth, ShortestRequestFirstWithPromotion) {
  WATTFILL_NEEDS(path_of(kKth));
  PolicySpec policy = preset("sjf");
  policy.promotion_age = Seconds{40 * 3600};
  EXPECT_NEAR(measured(load(kKth), kKth, policy, kInstant).summary.all.mean_bounded_slowdown, 46.3, 0.05);
}

}  // namespace
}  // namespace wattfill::testing
