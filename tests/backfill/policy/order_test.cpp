// Orders against their published formulas in long double, and the overtaking times of time-varying ones.
#include "backfill/policy/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "tests/backfill/policy/printing.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

struct Waiting {
  Job job;
  Seconds estimate{};
};

// The formulas of REFERENCE (Tang et al. 2009; Carastan-Santos and de Camargo, SC'17), lower first.
long double formula(Order order, const Waiting& waiting, SimTime began, SimTime now) {
  const long double r = waiting.estimate.count();
  const long double n = waiting.job.processors;
  const long double w = (now - waiting.job.submit).count();
  const long double s = std::max<std::int64_t>(1, (waiting.job.submit - began).count());
  switch (order) {
    case Order::kFcfs:
      return 0;
    case Order::kSjf:
      return r;
    case Order::kSaf:
      return r * n;
    case Order::kWfp3:
      return -std::pow(w / r, 3.0L) * n;
    case Order::kUnicep:
      return -w / (std::log2(std::max(2.0L, n)) * r);
    case Order::kF1:
      return std::log10(r) * n + 870 * std::log10(s);
    case Order::kF2:
      return std::sqrt(r) * n + 25600 * std::log10(s);
    case Order::kF3:
      return r * n + 6.86e6L * std::log10(s);
    case Order::kF4:
      return r * std::sqrt(n) + 5.3e5L * std::log10(s);
    case Order::kHost:
      return -static_cast<long double>(waiting.job.priority);
    case Order::kSmith:
      return r * std::pow(n, 0.25L);
  }
  return 0;
}

Waiting random_job(Random& random, JobId id, SimTime began) {
  Waiting w;
  w.job.id = id;
  const bool large = random.chance(50);
  w.job.submit = began + Seconds{random.between(0, large ? 50'000'000 : 500)};
  w.job.processors = random.between32(1, large ? 80'640 : 16);
  w.job.priority = random.between(-1000, 1000);
  w.estimate = Seconds{random.between(1, large ? 500'000 : 50)};
  return w;
}

Rank rank(Order order, const Waiting& w, SimTime began) {
  return {score(order, w.job, w.estimate, began), w.job.submit, w.job.id};
}

class EachOrder : public ::testing::TestWithParam<Order> {};

TEST_P(EachOrder, RanksAsItsFormulaWhereScoresAreClearlyApart) {
  Random random(17);
  const SimTime began = at(1'000'000);
  int apart = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Waiting a = random_job(random, 1, began);
    const Waiting b = random_job(random, 2, began);
    const SimTime now = std::max(a.job.submit, b.job.submit) + Seconds{random.between(0, 1'000'000)};
    const long double fa = formula(GetParam(), a, began, now);
    const long double fb = formula(GetParam(), b, began, now);
    // The coarsest quantum is 2^-20 in F1-F4 and 2^-50 of a rate; UNICEP's and WFP3's rates are above 1e-7.
    if (std::fabs(fa - fb) <= 1e-5L + 1e-6L * std::max(std::fabs(fa), std::fabs(fb))) continue;
    ++apart;
    ASSERT_EQ(precedes(rank(GetParam(), a, began), rank(GetParam(), b, began), now), fa < fb)
        << "r " << a.estimate.count() << " " << b.estimate.count() << ", n " << a.job.processors << " "
        << b.job.processors << ", scores " << fa << " " << fb;
  }
  EXPECT_EQ(apart > 5'000, GetParam() != Order::kFcfs);
}

TEST_P(EachOrder, BreaksTiesBySubmitTimeThenId) {
  Random random(18);
  for (int i = 0; i < 2'000; ++i) {
    const SimTime began = at(0);
    Waiting a = random_job(random, random.between(1, 5), began);
    Waiting b = a;
    b.job.id = a.job.id + random.between(1, 5);
    const SimTime now = a.job.submit + Seconds{random.between(0, 1000)};
    EXPECT_TRUE(precedes(rank(GetParam(), a, began), rank(GetParam(), b, began), now));
    EXPECT_FALSE(precedes(rank(GetParam(), b, began), rank(GetParam(), a, began), now));
    EXPECT_FALSE(precedes(rank(GetParam(), a, began), rank(GetParam(), a, began), now));
    // Alike but for the submit time: the earlier one comes first whatever the ids, in every order.
    b.job.submit += Seconds{1};
    std::swap(a.job.id, b.job.id);
    EXPECT_TRUE(precedes(rank(GetParam(), a, began), rank(GetParam(), b, began), now + Seconds{1}));
  }
}

// Jobs of one width and one class never overtake each other: that is what first in, first out within a shape rests on.
TEST_P(EachOrder, IsFirstInFirstOutWithinAShape) {
  Random random(19);
  const SimTime began = at(100);
  for (int i = 0; i < 5'000; ++i) {
    Waiting a = random_job(random, 1, began);
    Waiting b = random_job(random, 2, began);
    b.job.processors = a.job.processors;
    b.estimate = a.estimate;
    b.job.priority = a.job.priority;
    ASSERT_EQ(order_class(GetParam(), a.job, a.estimate), order_class(GetParam(), b.job, b.estimate));
    if (b.job.submit < a.job.submit) std::swap(a, b);
    const Rank ra = rank(GetParam(), a, began);
    const Rank rb = rank(GetParam(), b, began);
    if (a.job.submit == b.job.submit) continue;
    for (const std::int64_t later : {0, 1, 1'000, 100'000'000})
      ASSERT_TRUE(precedes(ra, rb, b.job.submit + Seconds{later}));
  }
}

TEST_P(EachOrder, KnowsWhetherItVariesWithTime) {
  Random random(20);
  bool varies = false;
  bool needs_estimate = false;
  for (int i = 0; i < 200; ++i) {
    Waiting a = random_job(random, 1, at(0));
    varies = varies || score(GetParam(), a.job, a.estimate, at(0)).rate != 0;
    const Score before = score(GetParam(), a.job, a.estimate, at(0));
    const Score after = score(GetParam(), a.job, a.estimate * 2, at(0));
    needs_estimate = needs_estimate || before.base != after.base || before.rate != after.rate;
  }
  EXPECT_EQ(varies, info(GetParam()).time_varying);
  EXPECT_EQ(needs_estimate, info(GetParam()).uses_estimate);
  EXPECT_EQ(GetParam() == Order::kFcfs, info(GetParam()).arrival_ordered);
}

INSTANTIATE_TEST_SUITE_P(Orders, EachOrder,
                         ::testing::Values(Order::kFcfs, Order::kSjf, Order::kSaf, Order::kWfp3, Order::kUnicep,
                                           Order::kF1, Order::kF2, Order::kF3, Order::kF4, Order::kHost, Order::kSmith),
                         [](const auto& order) { return std::string(wattfill::info(order.param).name); });

TEST(Orders, AreListedOnceEachUnderTheirNames) {
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const OrderInfo& o : all_orders()) {
    EXPECT_EQ(static_cast<std::size_t>(o.order), index++);
    EXPECT_EQ(&info(o.order), &o);
    EXPECT_EQ(order_from_name(o.name), o.order);
    EXPECT_TRUE(names.insert(o.name).second);
    EXPECT_FALSE(o.formula.empty());
  }
  EXPECT_EQ(order_from_name("FCFS"), std::nullopt);
  EXPECT_EQ(order_from_name(""), std::nullopt);
}

Rank random_line(Random& random, JobId id, std::int64_t steepest) {
  return {{random.between(-30, 30), random.between(0, steepest)}, at(random.between(0, 40)), id};
}

TEST(Overtakes, EqualsASearchThroughTime) {
  Random random(21);
  int found = 0;
  for (int i = 0; i < 60'000; ++i) {
    Rank a = random_line(random, random.between(1, 3), 8);
    Rank b = random_line(random, random.between(4, 6), 8);
    if (random.chance(50)) std::swap(a.id, b.id);
    const SimTime now = at(random.between(0, 60));
    if (!precedes(a, b, now)) std::swap(a, b);
    SimTime expected = kNever;
    // Lines of whole numbers that far apart cross within a few hundred seconds or not at all.
    for (SimTime t = now + Seconds{1}; t < now + Seconds{700}; t += Seconds{1})
      if (precedes(b, a, t)) {
        expected = t;
        break;
      }
    ASSERT_EQ(overtakes(a, b, now), expected)
        << a.score.base << " " << a.score.rate << " " << seconds_since_epoch(a.submit) << " / " << b.score.base << " "
        << b.score.rate << " " << seconds_since_epoch(b.submit) << " at " << seconds_since_epoch(now);
    found += expected != kNever;
  }
  EXPECT_GT(found, 10'000);
}

// The scores that jobs really have: exact at the second of the crossing.
TEST(Overtakes, IsExactForRealScores) {
  Random random(22);
  for (const Order order : {Order::kWfp3, Order::kUnicep}) {
    int found = 0;
    for (int i = 0; i < 20'000; ++i) {
      Rank a = rank(order, random_job(random, 1, at(0)), at(0));
      Rank b = rank(order, random_job(random, 2, at(0)), at(0));
      const SimTime now = std::max(a.submit, b.submit) + Seconds{random.between(0, 100'000)};
      if (!precedes(a, b, now)) std::swap(a, b);
      const SimTime crossing = overtakes(a, b, now);
      ASSERT_GT(crossing, now);
      if (crossing == kNever) {
        for (const std::int64_t later : {1LL, 1'000'000LL, 1'000'000'000'000LL})
          ASSERT_TRUE(precedes(a, b, now + Seconds{later}));
        continue;
      }
      ++found;
      ASSERT_TRUE(precedes(b, a, crossing));
      ASSERT_TRUE(precedes(a, b, crossing - Seconds{1}));
    }
    EXPECT_GT(found, 1'000);
  }
}

TEST(Overtakes, NeverHappensBetweenStaticScores) {
  EXPECT_EQ(overtakes({{1, 0}, at(0), 1}, {{2, 0}, at(0), 2}, at(10)), kNever);
  EXPECT_EQ(overtakes({{1, 5}, at(0), 1}, {{2, 5}, at(0), 2}, at(10)), kNever);
}

// A larger area never comes first, however large.
TEST(Saf, IsMonotone) {
  Job narrow;
  Job wide;
  narrow.processors = 3;
  wide.processors = 5;
  const Seconds r = kForever;
  EXPECT_LT(score(Order::kSaf, narrow, r, SimTime{}).base, score(Order::kSaf, wide, r, SimTime{}).base);
}

}  // namespace
}  // namespace wattfill
