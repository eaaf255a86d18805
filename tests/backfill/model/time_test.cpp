// Points in time and durations do not mix, and the correction of overrun estimates follows its table.
#include "backfill/model/time.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

#include "backfill/model/cluster.hpp"
#include "backfill/model/estimate_source.hpp"

namespace wattfill {
namespace {

template <class A, class B>
concept Adds = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Subtracts = requires(A a, B b) {
  a - b;
};
template <class A, class B>
concept Compares = requires(A a, B b) {
  a < b;
};

static_assert(Adds<SimTime, Seconds> && Adds<Seconds, SimTime> && Adds<Seconds, Seconds>);
static_assert(!Adds<SimTime, SimTime> && !Adds<SimTime, std::int64_t> && !Adds<Seconds, std::int64_t>);
static_assert(Subtracts<SimTime, Seconds> && Subtracts<SimTime, SimTime> && !Subtracts<Seconds, SimTime>);
static_assert(std::is_same_v<decltype(SimTime{} - SimTime{}), Seconds>);
static_assert(std::is_same_v<decltype(SimTime{} + Seconds{}), SimTime>);
static_assert(!Compares<SimTime, Seconds> && !Compares<Seconds, std::int64_t>);
static_assert(!std::is_convertible_v<std::int64_t, SimTime> && !std::is_convertible_v<std::int64_t, Seconds>);
static_assert(!std::is_convertible_v<Seconds, SimTime> && !std::is_convertible_v<SimTime, Seconds>);
// A fraction of a second is not silently cut off, and another clock's time is no host time.
static_assert(!std::is_convertible_v<std::chrono::milliseconds, Seconds>);
static_assert(!std::is_convertible_v<std::chrono::system_clock::time_point, SimTime>);

TEST(Time, NeverLiesBeyondEverySumWithADuration) {
  EXPECT_GT(kNever + kForever, kNever);
  EXPECT_LT(SimTime{} - kForever, SimTime{});
  EXPECT_GT(kNever + kForever + kForever, kNever);
}

// Tsafrir, Etsion, Feitelson 2007: 1, 5, 15, 30 min, then 1, 2, 5, 10, 20, 50, 100 h, on top of the initial estimate.
TEST(TsafrirCorrection, FollowsThePublishedTable) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const std::vector<Seconds> steps = {minutes{1}, minutes{5}, minutes{15}, minutes{30}, hours{1},  hours{2},
                                      hours{5},   hours{10},  hours{20},   hours{50},   hours{100}};
  const Seconds request = hours{200};
  for (std::size_t k = 0; k < steps.size(); ++k)
    EXPECT_EQ(tsafrir_correction(Seconds{17}, request, static_cast<int>(k) + 1), Seconds{17} + steps[k]);
  EXPECT_EQ(tsafrir_correction(Seconds{17}, request, static_cast<int>(steps.size()) + 1), request);
  EXPECT_EQ(tsafrir_correction(Seconds{17}, request, 1000), request);
}

TEST(TsafrirCorrection, GrowsWithEachOverrunAndStaysWithinTheRequest) {
  for (const std::int64_t request : {1, 59, 60, 3600, 86400, 1'000'000}) {
    for (const std::int64_t initial : {std::int64_t{1}, request / 2 + 1, request}) {
      Seconds before = tsafrir_correction(Seconds{initial}, Seconds{request}, 0);
      EXPECT_EQ(before, Seconds{initial});
      for (int k = 1; k < 15; ++k) {
        const Seconds now = tsafrir_correction(Seconds{initial}, Seconds{request}, k);
        EXPECT_TRUE(now > before || now == Seconds{request}) << request << " " << initial << " " << k;
        EXPECT_LE(now, Seconds{request});
        before = now;
      }
    }
  }
}

TEST(RequestedTime, IsTheRequestAndBoundsTheRuntime) {
  RequestedTime source;
  Job job;
  job.requested = Seconds{77};
  EXPECT_EQ(source.at_submit(job, SimTime{}), Seconds{77});
  EXPECT_TRUE(source.upper_bound());
  EXPECT_EQ(source.name(), "requested");
}

TEST(Cluster, CountsNodesAndProcessorsInSixtyFourBits) {
  Cluster cluster;
  cluster.node_types.resize(2);
  cluster.node_types[0].count = cluster.node_types[1].count = 2'000'000'000;
  cluster.node_types[0].processors = 2;
  EXPECT_EQ(cluster.nodes(), 4'000'000'000);
  EXPECT_EQ(cluster.processors(), 6'000'000'000);
}

}  // namespace
}  // namespace wattfill
