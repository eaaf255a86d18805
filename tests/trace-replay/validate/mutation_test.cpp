// The judge against schedules made by brute force: it accepts every right one and objects to every change.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>
#include <string>

#include "tests/trace-replay/validate/brute_force.hpp"
#include "tests/trace-replay/validate/judging.hpp"

namespace wattfill::judge {
namespace {

using Estimates = ValidationRequest::Estimates;
using Pass = ValidationRequest::Pass;
constexpr std::int64_t kMachine = 16;

struct Rule {
  const char* policy;
  Estimates estimates;
  Pass pass;

  ValidationRequest request() const {
    ValidationRequest result = request_for(kMachine, policy);
    result.estimates = result.order_estimates = estimates;
    result.pass = pass;
    result.exact = result.policy == "conservative";
    return result;
  }
};

class EveryRule : public testing::TestWithParam<Rule> {};

TEST_P(EveryRule, AcceptsWhatTheDefinitionGives) {
  const ValidationRequest request = GetParam().request();
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    const std::vector<TraceEntry> trace = random_trace(seed, 80, kMachine);
    const ValidationReport report = judged(request, trace, rows_of(trace, brute_force(trace, request).starts));
    ASSERT_TRUE(report.clean()) << "seed " << seed << "\n" << validation_text(report);
    EXPECT_EQ(report.judged, 80);
    EXPECT_GT(report.passes, 0);
  }
}

// Each rule admits one schedule only, so a schedule with one other start is wrong, whatever the other start is.
TEST_P(EveryRule, ObjectsToEveryMovedStart) {
  const ValidationRequest request = GetParam().request();
  boost::random::mt19937 generator(20250101);
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  for (std::uint32_t seed = 101; seed <= 110; ++seed) {
    const std::vector<TraceEntry> trace = random_trace(seed, 80, kMachine);
    const std::vector<std::int64_t> starts = brute_force(trace, request).starts;
    for (int mutation = 0; mutation < 20; ++mutation) {
      const auto job = static_cast<std::size_t>(draw(0, 79));
      std::vector<std::int64_t> moved = starts;
      // Half of the moves are small, half go anywhere.
      while (moved[job] == starts[job])
        moved[job] = draw(0, 1) == 0 ? starts[job] + draw(-3, 3) : draw(0, starts.back());
      const ValidationReport report = judged(request, trace, rows_of(trace, moved));
      EXPECT_FALSE(report.clean()) << "seed " << seed << ": job " << trace[job].id << " moved from " << starts[job]
                                   << " to " << moved[job] << "\n"
                                   << validation_text(report);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule,
                         testing::Values(Rule{"fcfs", Estimates::kRequested, Pass::kEachInstant},
                                         Rule{"fcfs", Estimates::kRequested, Pass::kEachEvent},
                                         Rule{"easy", Estimates::kRequested, Pass::kEachInstant},
                                         Rule{"easy", Estimates::kRequested, Pass::kEachEvent},
                                         Rule{"easy", Estimates::kClairvoyant, Pass::kEachInstant},
                                         Rule{"easy", Estimates::kClairvoyant, Pass::kEachEvent},
                                         Rule{"easy-sjbf", Estimates::kRequested, Pass::kEachInstant},
                                         Rule{"easy-sjbf", Estimates::kRequested, Pass::kEachEvent},
                                         Rule{"easy-sjbf", Estimates::kClairvoyant, Pass::kEachEvent},
                                         Rule{"conservative", Estimates::kRequested, Pass::kEachInstant},
                                         Rule{"conservative", Estimates::kRequested, Pass::kEachEvent},
                                         Rule{"conservative", Estimates::kClairvoyant, Pass::kEachInstant}),
                         [](const testing::TestParamInfo<Rule>& tested) {
                           std::string name = tested.param.policy;
                           std::erase(name, '-');
                           name += tested.param.estimates == Estimates::kRequested ? "Requested" : "Clairvoyant";
                           return name + (tested.param.pass == Pass::kEachInstant ? "EachInstant" : "EachEvent");
                         });

// The two pass rules, and the two estimates, are told apart: a schedule of one is not one of the other.
TEST(Rules, AreToldApart) {
  const Rule rules[] = {{"easy", Estimates::kRequested, Pass::kEachInstant},
                        {"easy", Estimates::kRequested, Pass::kEachEvent},
                        {"easy", Estimates::kClairvoyant, Pass::kEachInstant},
                        {"easy-sjbf", Estimates::kRequested, Pass::kEachInstant},
                        {"fcfs", Estimates::kRequested, Pass::kEachInstant},
                        {"conservative", Estimates::kRequested, Pass::kEachInstant}};
  const std::vector<TraceEntry> trace = random_trace(7, 300, kMachine);
  for (const Rule& maker : rules) {
    const std::vector<std::int64_t> starts = brute_force(trace, maker.request()).starts;
    for (const Rule& other : rules) {
      const bool same = brute_force(trace, other.request()).starts == starts;
      EXPECT_EQ(judged(other.request(), trace, rows_of(trace, starts)).clean(), same)
          << maker.policy << " judged as " << other.policy;
      EXPECT_EQ(same, &maker == &other) << "the workload tells too little: " << maker.policy << ", " << other.policy;
    }
  }
}

// Without `exact` only broken promises count: every start later than the reservation made at submission is found.
TEST(Conservative, EverySlippedReservationIsFound) {
  ValidationRequest request = request_for(kMachine, "conservative");
  boost::random::mt19937 generator(5);
  for (std::uint32_t seed = 201; seed <= 210; ++seed) {
    const std::vector<TraceEntry> trace = random_trace(seed, 80, kMachine);
    const BruteForceResult right = brute_force(trace, request);
    EXPECT_TRUE(judged(request, trace, rows_of(trace, right.starts)).clean()) << "seed " << seed;
    for (int mutation = 0; mutation < 20; ++mutation) {
      const auto job = boost::random::uniform_int_distribution<std::size_t>(0, 79)(generator);
      const auto late = boost::random::uniform_int_distribution<std::int64_t>(1, 50)(generator);
      std::vector<std::int64_t> moved = right.starts;
      moved[job] = right.promises[job] + late;
      const ValidationReport report = judged(request, trace, rows_of(trace, moved));
      EXPECT_GT(report.of(ValidationCheck::kReservationSlipped).violations, 0)
          << "seed " << seed << ": job " << trace[job].id << " at " << moved[job] << ", promised "
          << right.promises[job];
    }
  }
}

// Lowest free processors first; counts, second by second, who holds what.
class Grid {
 public:
  explicit Grid(std::int64_t seconds) : held_(static_cast<std::size_t>(seconds * kMachine), 0) {}

  std::vector<ProcessorRange> allocate(const TraceEntry& job, std::int64_t start) {
    std::vector<ProcessorRange> ranges;
    for (std::int64_t p = 0; p < kMachine && static_cast<std::int64_t>(ranges.size()) < job.processors; ++p) {
      bool free = true;
      for (std::int64_t t = start; t < start + job.runtime.count(); ++t) free = free && at(t, p) == 0;
      if (free) ranges.push_back({p, p});
    }
    hold(job, start, ranges);
    return ranges;
  }

  // False when a processor is held twice in some second.
  bool hold(const TraceEntry& job, std::int64_t start, const std::vector<ProcessorRange>& ranges) {
    bool alone = true;
    for (const ProcessorRange& range : ranges) {
      for (std::int64_t t = start; t < start + job.runtime.count(); ++t) alone = ++at(t, range.first) == 1 && alone;
    }
    return alone;
  }

 private:
  int& at(std::int64_t second, std::int64_t processor) {
    return held_.at(static_cast<std::size_t>(second * kMachine + processor));
  }
  std::vector<int> held_;
};

// With named processors: the judge finds a double use exactly where counting every second finds one.
TEST(Physics, AgreesWithCountingEverySecond) {
  ValidationRequest request = request_for(kMachine, "easy");
  boost::random::mt19937 generator(11);
  int feasible_moves = 0;
  int clashes = 0;
  for (std::uint32_t seed = 301; seed <= 304; ++seed) {
    const std::vector<TraceEntry> trace = random_trace(seed, 60, kMachine);
    const std::vector<std::int64_t> starts = brute_force(trace, request).starts;
    const std::int64_t seconds = *std::max_element(starts.begin(), starts.end()) + 400;
    std::vector<ScheduleRow> rows = rows_of(trace, starts);
    std::vector<std::size_t> by_start(trace.size());
    std::iota(by_start.begin(), by_start.end(), std::size_t{0});
    std::stable_sort(by_start.begin(), by_start.end(),
                     [&](std::size_t a, std::size_t b) { return starts[a] < starts[b]; });
    Grid grid(seconds);
    for (std::size_t job : by_start) rows[job].allocation = grid.allocate(trace[job], starts[job]);
    ASSERT_TRUE(judged(request, trace, rows).clean()) << "seed " << seed;

    request.policy.clear();
    for (int mutation = 0; mutation < 50; ++mutation) {
      const auto job = boost::random::uniform_int_distribution<std::size_t>(0, trace.size() - 1)(generator);
      const auto delay = boost::random::uniform_int_distribution<std::int64_t>(1, 150)(generator);
      std::vector<ScheduleRow> moved = rows;
      *moved[job].start += Seconds{delay};
      Grid counted(seconds);
      bool alone = true;
      for (std::size_t i = 0; i < trace.size(); ++i) {
        alone = counted.hold(trace[i], seconds_since_epoch(*moved[i].start), moved[i].allocation) && alone;
      }
      (alone ? feasible_moves : clashes) += 1;
      const ValidationReport report = judged(request, trace, moved);
      EXPECT_EQ(report.of(ValidationCheck::kAllocationOverlap).violations == 0, alone) << validation_text(report);
      EXPECT_EQ(report.clean(), alone) << validation_text(report);
    }
    request.policy = "easy";
  }
  EXPECT_GT(feasible_moves, 5);
  EXPECT_GT(clashes, 50);
}

}  // namespace
}  // namespace wattfill::judge
