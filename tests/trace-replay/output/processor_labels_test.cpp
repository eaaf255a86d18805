// Which processors a job is said to have had.
#include "trace-replay/output/processor_labels.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <sstream>

#include "tests/trace-replay/engine/small_workload.hpp"

namespace wattfill::testing {
namespace {

// "0-3 7" -> 0 1 2 3 7, checking that the text is as Batsim writes it: ascending, with no two neighbours apart.
std::vector<std::int32_t> processors_of(const std::string& label) {
  std::vector<std::int32_t> all;
  std::istringstream parts(label);
  for (std::string part; parts >> part;) {
    const std::size_t dash = part.find('-');
    const std::int32_t first = std::stoi(part.substr(0, dash));
    const std::int32_t last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
    EXPECT_TRUE(dash == std::string::npos || first < last) << label;
    EXPECT_TRUE(all.empty() || first > all.back() + 1) << label;
    for (std::int32_t p = first; p <= last; ++p) all.push_back(p);
  }
  return all;
}

TEST(ProcessorSet, AgainstABitmap) {
  constexpr std::int32_t kProcessors = 200;
  boost::random::mt19937 generator(17);
  ProcessorSet set(kProcessors);
  std::vector<bool> free(kProcessors, true);
  std::vector<std::vector<ProcessorSet::Interval>> held;
  for (int step = 0; step < 20000; ++step) {
    const auto room = static_cast<std::int32_t>(std::count(free.begin(), free.end(), true));
    if (room > 0 && (held.empty() || generator() % 2 == 0)) {
      const auto count = static_cast<std::int32_t>(generator() % static_cast<std::uint32_t>(room)) + 1;
      held.push_back(set.take(count));
      // The lowest free ones of the bitmap, in ascending order.
      std::vector<std::int32_t> expected;
      for (std::int32_t p = 0; static_cast<std::int32_t>(expected.size()) < count; ++p)
        if (free[static_cast<std::size_t>(p)]) expected.push_back(p);
      std::vector<std::int32_t> taken;
      for (const auto& [first, last] : held.back()) {
        ASSERT_LE(first, last);
        ASSERT_TRUE(taken.empty() || taken.back() + 1 < first) << "neighbouring intervals are one";
        for (std::int32_t p = first; p <= last; ++p) taken.push_back(p);
      }
      ASSERT_EQ(taken, expected) << step;
      for (const std::int32_t p : taken) free[static_cast<std::size_t>(p)] = false;
    } else {
      const std::size_t which = generator() % held.size();
      set.give_back(held[which]);
      for (const auto& [first, last] : held[which])
        for (std::int32_t p = first; p <= last; ++p) free[static_cast<std::size_t>(p)] = true;
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }
}

TEST(Labels, AreTheLowestFreeProcessorsInOrderOfTheStarts) {
  const Workload w = workload_of({{0, 2, 10, 10}, {0, 3, 20, 20}, {10, 1, 5, 5}, {10, 4, 9, 9}, {99, 8, 1, 1}});
  EXPECT_EQ(label_processors(w, replayed(w, preset("easy"), 8), 8),
            (std::vector<std::string>{"0-1", "2-4", "0", "1 5-7", "0-7"}));
}

TEST(Labels, AreEmptyForJobsThatNeverRan) {
  Workload w = workload_of({{0, 2, 10, 10}, {0, 2, 10, 10}, {5, 1, 1, 1}});
  w.cancel_at = {kNever, at(5), kNever};
  EXPECT_EQ(label_processors(w, replayed(w, preset("fcfs"), 2), 2), (std::vector<std::string>{"0-1", "", "0"}));
}

TEST(Labels, AreDisjointAtAllTimesAndAsWideAsTheirJobs) {
  constexpr std::int32_t kProcessors = 96;
  const Workload w = generated_workload(busy_days(3000, kProcessors, 31, 1.1));
  for (const char* policy : {"easy", "greedy", "saf"}) {
    const ReplayResult result = replayed(w, preset(policy), kProcessors);
    const std::vector<std::string> labels = label_processors(w, result, kProcessors);
    // Per processor, who holds it when: intervals must not overlap.
    std::vector<std::vector<std::pair<SimTime, SimTime>>> use(kProcessors);
    for (std::size_t i = 0; i < w.jobs.size(); ++i) {
      const std::vector<std::int32_t> processors = processors_of(labels[i]);
      ASSERT_EQ(static_cast<std::int32_t>(processors.size()), w.jobs[i].job.processors);
      for (const std::int32_t p : processors) {
        ASSERT_LT(p, kProcessors);
        use[static_cast<std::size_t>(p)].emplace_back(result.outcomes[i].start, result.outcomes[i].end);
      }
    }
    for (auto& intervals : use) {
      std::sort(intervals.begin(), intervals.end());
      for (std::size_t k = 1; k < intervals.size(); ++k) ASSERT_LE(intervals[k - 1].second, intervals[k].first);
    }
  }
}

}  // namespace
}  // namespace wattfill::testing
