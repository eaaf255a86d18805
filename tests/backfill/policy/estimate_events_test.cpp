// What estimate sources are told, and what becomes of their corrections.
#include <gtest/gtest.h>

#include <memory>

#include "tests/backfill/policy/desk.hpp"

namespace wattfill::testing {
namespace {

// Tells how often it was told of each event.
class Counting final : public EstimateSource {
 public:
  std::string_view name() const override { return "counting"; }
  Seconds at_submit(const Job& job, SimTime) override {
    ++submitted;
    return job.requested * 3;  // out of bounds: the core clamps it to the request
  }
  void started(const Job&, SimTime) override { ++starts; }
  void ended(const Job&, SimTime, Seconds runtime) override { ran += runtime; }
  void cancelled(const Job&, SimTime) override { ++cancels; }

  int submitted = 0, starts = 0, cancels = 0;
  Seconds ran{};
};

TEST(EstimateSources, AreToldOfEachEventOnce) {
  for (const bool shared : {true, false}) {
    const auto fit = std::make_shared<Counting>();
    const auto order = shared ? fit : std::make_shared<Counting>();
    SchedulerOptions options;
    options.policy = easy();
    options.processors = 4;
    options.fit_estimates = fit;
    options.order_estimates = order;
    BackfillScheduler core(options);
    Job job;
    job.processors = 4;
    job.requested = Seconds{10};
    const JobHandle first = core.submit(job, at(0));
    const JobHandle second = core.submit(job, at(0));
    const Pass pass = core.schedule(at(0), {});
    ASSERT_EQ(pass.proposals.size(), 1U);
    EXPECT_EQ(pass.proposals[0].estimated_end, at(10));
    core.started(first, at(0));
    core.end(first, at(7));
    core.cancel(second, at(7));
    for (const auto& source : {fit, order}) {
      EXPECT_EQ(source->submitted, 2);
      EXPECT_EQ(source->starts, 1);
      EXPECT_EQ(source->cancels, 1);
      EXPECT_EQ(source->ran, Seconds{7});
    }
  }
}

// Two seconds, and as many more as it has been asked.
class TooShort final : public EstimateSource {
 public:
  std::string_view name() const override { return "too short"; }
  Seconds at_submit(const Job&, SimTime) override { return Seconds{2}; }
  Seconds after_overrun(const Job&, Seconds initial, int overruns) override { return initial + Seconds{3 * overruns}; }
};

TEST(Overrun, CorrectsFromTheInitialEstimateAndAnewAfterARequeue) {
  for (const std::int32_t depth : {1, 2, kReserveAll}) {
    SchedulerOptions options;
    options.policy = policy(Order::kFcfs, Order::kFcfs, depth);
    options.processors = 4;
    options.fit_estimates = options.order_estimates = std::make_shared<TooShort>();
    BackfillScheduler core(options);
    Job job;
    job.processors = 4;
    job.requested = Seconds{100};
    const JobHandle handle = core.submit(job, at(0));
    for (const std::int64_t start : {10, 50}) {
      const Pass pass = core.schedule(at(start), {});
      ASSERT_EQ(pass.proposals.size(), 1U);
      EXPECT_EQ(pass.proposals[0].estimated_end, at(start + 2));
      core.started(handle, at(start));
      EXPECT_EQ(core.overrun(handle, at(start + 2)), at(start + 5));
      EXPECT_EQ(core.overrun(handle, at(start + 5)), at(start + 8));
      // An estimate that has passed already says no more than that the job still runs.
      EXPECT_EQ(core.overrun(handle, at(start + 30)), at(start + 31));
      core.requeue(handle, at(start + 31));
    }
    EXPECT_EQ(core.queued(), 1U);
  }
}

}  // namespace
}  // namespace wattfill::testing
