// The forecast of demand: that it learns what there is to learn, and nothing of the future.
#include "backfill/power/demand_forecast.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr double kProbabilities[] = {0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99, 1};

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

struct Observation {
  std::int64_t unused;
  int outlook;
  std::int64_t at;
};

std::vector<Observation> random_observations(Random& random, std::int64_t nodes, int count) {
  std::vector<Observation> all;
  std::int64_t now = random.between(0, kDay);
  for (int i = 0; i < count; ++i) {
    now += random.chance(5) ? random.between(0, 2 * kDay) : random.between(0, 300);
    all.push_back({random.between(0, nodes), static_cast<int>(random.between(0, DemandForecast::kOutlooks - 1)), now});
  }
  return all;
}

std::vector<std::int64_t> answers(const DemandForecast& forecast) {
  std::vector<std::int64_t> all;
  for (const double probability : kProbabilities) all.push_back(forecast.likely(probability));
  return all;
}

TEST(OctaveAges, AreThoseOfTheDivision) {
  for (const std::int64_t window : {1, 2, 9, 31, 32, 33, 152, 212, 3600, 4500, 86'400, 1'000'003}) {
    const OctaveAges ages(Seconds{window});
    for (std::int64_t t = 0; t <= 300'000; t += t < 3'000 ? 1 : 7)
      ASSERT_EQ(ages.of(Seconds{t}), ages.by_division(Seconds{t})) << window << ", " << t;
    for (int age = 0; age + 1 < OctaveAges::kAges; ++age) {
      const Seconds end = ages.end(age);
      EXPECT_GT(ages.of(end), age) << window;
      EXPECT_LE(ages.of(end - Seconds{1}), age) << window;
      EXPECT_EQ(ages.of(end), ages.by_division(end)) << window;
    }
    EXPECT_EQ(ages.of(Seconds{std::int64_t{1} << 46}), OctaveAges::kAges - 1);
  }
}

TEST(DemandForecast, NeverLooksAhead) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const std::int64_t nodes = random.between(1, 60);
    std::vector<Observation> past = random_observations(random, nodes, 400);
    std::vector<Observation> other = past;
    for (std::size_t i = 200; i < other.size(); ++i) {
      other[i].unused = random.between(0, nodes);
      other[i].at += 7;
    }
    DemandForecast one(nodes, Seconds{150}), two(nodes, Seconds{150});
    for (std::size_t i = 0; i < 200; ++i) {
      one.observe(past[i].unused, past[i].outlook, at(past[i].at));
      two.observe(other[i].unused, other[i].outlook, at(other[i].at));
      ASSERT_EQ(answers(one), answers(two)) << "seed " << seed << ", " << i;
    }
    // What it answered before is what one that never saw the rest answers.
    DemandForecast later(nodes, Seconds{150});
    std::vector<std::vector<std::int64_t>> then;
    for (const Observation& o : past) {
      later.observe(o.unused, o.outlook, at(o.at));
      then.push_back(answers(later));
    }
    ASSERT_EQ(then[199], answers(one));
  }
}

// Calls visit(random, nodes, forecast, observation) after each of many observations of random forecasts.
template <class Visit>
void on_random_forecasts(Visit&& visit) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const std::int64_t nodes = random.between(1, 60);
    DemandForecast forecast(nodes, Seconds{random.between(1, 1000)});
    for (const Observation& o : random_observations(random, nodes, 500)) {
      forecast.observe(o.unused, o.outlook, at(o.at));
      visit(random, nodes, forecast, o);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(DemandForecast, FewerNodesAreNeededMoreCertainly) {
  std::int64_t between = 0;
  on_random_forecasts([&](Random&, std::int64_t, const DemandForecast& forecast, const Observation& o) {
    std::int64_t before = o.unused;
    for (const double probability : kProbabilities) {
      const std::int64_t likely = forecast.likely(probability);
      ASSERT_GE(likely, 0);
      ASSERT_LE(likely, before) << "probability " << probability;
      between += likely > 0 && likely < o.unused;
      before = likely;
    }
  });
  EXPECT_GT(between, 5000);
}

TEST(DemandForecast, BetweenBoundsItSaysTheSame) {
  std::int64_t between = 0;
  on_random_forecasts([&](Random& random, std::int64_t nodes, const DemandForecast& forecast, const Observation&) {
    for (const double probability : kProbabilities) {
      const std::int64_t from = random.between(0, nodes), to = random.between(from, nodes + 1);
      const std::int64_t likely = forecast.likely(probability);
      ASSERT_EQ(std::clamp(forecast.likely(probability, from, to), from, to), std::clamp(likely, from, to));
      between += likely > from && likely < to;
    }
  });
  EXPECT_GT(between, 1000);
}

TEST(DemandForecast, BelievesThatAllIsNeededBeforeItHasSeenAnything) {
  DemandForecast forecast(100, Seconds{200});
  forecast.observe(77, 0, at(5));
  EXPECT_EQ(forecast.likely(0.99), 77);
}

// The probability at which it says that the first node is needed, and no longer at more.
double chance_of_first(const DemandForecast& forecast) {
  double low = 0, high = 1;
  for (int i = 0; i < 20; ++i) {
    const double middle = (low + high) / 2;
    (forecast.likely(middle) > 0 ? low : high) = middle;
  }
  return low;
}

// Someone takes a node for a second in one second of 200, whatever the time: within a window of 100 s with a
// probability of 1 - 0.995^100 = 0.394. Its mean answer comes to within 0.01, single ones, after some twenty samples of
// just their situation, to 0.15.
TEST(DemandForecast, LearnsTheTrueProbability) {
  Random random(1);
  DemandForecast forecast(4, Seconds{100});
  double sum = 0;
  std::int64_t asked = 0;
  forecast.observe(4, 0, at(0));
  for (std::int64_t now = 1; now < 200 * kDay;) {
    now += 1 + static_cast<std::int64_t>(std::log(static_cast<double>(random.between(1, 1'000'000)) / 1e6) /
                                         std::log(0.995));
    const std::int64_t before = now - 1;
    forecast.observe(4, 0, at(before));
    if (before > 100 * kDay && random.chance(10)) {
      const double chance = chance_of_first(forecast);
      EXPECT_NEAR(chance, 0.394, 0.15);
      sum += chance;
      ++asked;
    }
    forecast.observe(3, 0, at(now));
    forecast.observe(4, 0, at(now + 1));
    ++now;
  }
  EXPECT_GT(asked, 1000);
  EXPECT_NEAR(sum / static_cast<double>(asked), 0.394, 0.01);
}

// Every ten minutes of the working day three of eight nodes are taken for a minute.
void live_through_days(DemandForecast& forecast, std::int64_t first_day, std::int64_t days) {
  for (std::int64_t day = first_day; day < first_day + days; ++day)
    for (std::int64_t second = 9 * kHour; second < 17 * kHour; second += 600) {
      forecast.observe(8, 0, at(day * kDay + second));
      forecast.observe(5, 0, at(day * kDay + second + 300));
      forecast.observe(8, 0, at(day * kDay + second + 360));
    }
}

TEST(DemandForecast, LearnsADailyPattern) {
  DemandForecast forecast(8, Seconds{1200});
  live_through_days(forecast, 0, 28);
  const auto likely_at = [&](std::int64_t day, std::int64_t hour) {
    DemandForecast then = forecast;
    for (std::int64_t second = 9 * kHour; second + 600 <= hour * kHour; second += 600) {
      then.observe(8, 0, at(day * kDay + second));
      then.observe(5, 0, at(day * kDay + second + 300));
      then.observe(8, 0, at(day * kDay + second + 360));
    }
    then.observe(8, 0, at(day * kDay + hour * kHour + 30));
    return then.likely(0.5);
  };
  EXPECT_EQ(likely_at(28, 3), 0);
  EXPECT_EQ(likely_at(28, 12), 3);
  EXPECT_EQ(likely_at(28, 15), 3);
  DemandForecast evening = forecast;
  evening.observe(8, 0, at(27 * kDay + 22 * kHour));
  EXPECT_EQ(evening.likely(0.5), 0);
  evening.observe(8, 0, at(28 * kDay + 9 * kHour + 1));  // before anybody has come
  EXPECT_EQ(evening.likely(0.3), 3);
}

TEST(DemandForecast, ANightsIdlenessIsLearnedWithoutObservations) {
  DemandForecast forecast(8, Seconds{200});
  forecast.observe(8, 0, at(0));
  forecast.observe(8, 0, at(3 * 365 * kDay));
  EXPECT_EQ(forecast.likely(0.001), 0);
}

// A situation that was seen once, when all still counted as needed, and again after two months without demand.
TEST(DemandForecast, ASeldomSituationIsJudgedByWhatIsKnownNow) {
  DemandForecast forecast(4, Seconds{100});
  const auto once = [&forecast](std::int64_t day) {
    const std::int64_t noon = day * kDay + 12 * kHour;
    forecast.observe(4, 0, at(noon - kHour));
    forecast.observe(0, 0, at(noon - 1));
    forecast.observe(4, 3, at(noon));
    forecast.observe(4, 3, at(noon + 70));
    const std::int64_t likely = forecast.likely(0.2);
    forecast.observe(4, 3, at(noon + 600));
    forecast.observe(4, 0, at(noon + 700));
    return likely;
  };
  EXPECT_EQ(once(0), 4);
  EXPECT_EQ(once(60), 0);
}

// Observed in one step or in many, a stretch in which nothing happens teaches the same.
TEST(DemandForecast, LongStretchesMayBeObservedInParts) {
  DemandForecast whole(8, Seconds{200}), parts(8, Seconds{200});
  for (DemandForecast* forecast : {&whole, &parts}) live_through_days(*forecast, 0, 30);
  for (std::int64_t now = 31 * kDay; now < 300 * kDay; now += 5000) parts.observe(8, 0, at(now));
  const std::int64_t end = 300 * kDay + 12 * kHour;
  for (DemandForecast* forecast : {&whole, &parts}) forecast->observe(8, 0, at(end));
  EXPECT_NEAR(chance_of_first(whole), chance_of_first(parts), 1e-4);
}

// Ages go by octaves of the window, 10 s and on, but not more often than each quarter of a step; hours by the clock.
TEST(DemandForecast, NextChangeIsWhenANodeGrowsOlderOrTheHourIsOver) {
  DemandForecast forecast(4, Seconds{320});  // steps of 160 s
  forecast.observe(4, 0, at(1000));
  EXPECT_EQ(forecast.next_change(4, at(1000)), at(1040));
  EXPECT_EQ(forecast.next_change(4, at(1040)), at(1000 + 80));
  EXPECT_EQ(forecast.next_change(4, at(1080)), at(1000 + 160));
  EXPECT_EQ(forecast.next_change(4, at(2700)), at(1000 + 2560));
  EXPECT_EQ(forecast.next_change(4, at(3555)), at(3595));
  EXPECT_EQ(forecast.next_change(4, at(3560)), at(3600));
  EXPECT_EQ(forecast.next_change(4, at(3600)), at(1000 + 5120));
  EXPECT_EQ(forecast.next_change(0, at(1000)), at(3600));
  DemandForecast odd(4, Seconds{212});  // steps of 106 s; ages end after 26.5, 53, 106 s
  odd.observe(4, 0, at(0));
  EXPECT_EQ(odd.next_change(4, at(0)), at(26));
  EXPECT_EQ(odd.next_change(4, at(27)), at(53));
  EXPECT_EQ(odd.next_change(4, at(53)), at(106));
}

// Of the nodes from the top.
TEST(DemandForecast, NextChangeIsOfTheNodesAskedFor) {
  DemandForecast forecast(8, Seconds{320});
  forecast.observe(4, 0, at(0));
  forecast.observe(6, 0, at(300));
  EXPECT_EQ(forecast.next_change(2, at(630)), at(300 + 640));
  EXPECT_EQ(forecast.next_change(3, at(630)), at(670));  // 640, were it not for the quarter of a step
}

TEST(DemandForecast, AnswersStandUntilTheNextChange) {
  DemandForecast forecast(8, Seconds{1200});
  live_through_days(forecast, 0, 28);
  std::int64_t now = 27 * kDay + 20 * kHour;
  std::int64_t changes = 0;
  const auto answer_at = [&forecast](std::int64_t when) {
    DemandForecast then = forecast;
    then.observe(8, 0, at(when));
    return then.likely(0.3);
  };
  while (now < 28 * kDay + 17 * kHour) {
    const std::int64_t answer = answer_at(now);
    DemandForecast then = forecast;
    then.observe(8, 0, at(now));
    const std::int64_t next = seconds_since_epoch(then.next_change(8, at(now)));
    ASSERT_GT(next, now);
    ASSERT_LE(next, now + kHour);
    EXPECT_EQ(answer_at((now + next) / 2), answer) << "after " << now;
    EXPECT_EQ(answer_at(next - 1), answer) << "before " << next;
    changes += answer_at(next) != answer;
    now = next;
  }
  EXPECT_GT(changes, 0);
}

}  // namespace
}  // namespace wattfill::testing
