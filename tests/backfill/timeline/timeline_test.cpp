// The timeline against an array that holds the free count of every second.
#include "backfill/timeline/timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

// The count of the last second holds for ever.
class EverySecond {
 public:
  EverySecond(std::int64_t processors, std::int64_t horizon)
      : free_(static_cast<std::size_t>(horizon) + 1, processors) {}

  std::int64_t horizon() const { return static_cast<std::int64_t>(free_.size()) - 1; }
  std::int64_t free(std::int64_t t) const { return free_[static_cast<std::size_t>(std::min(t, horizon()))]; }
  void change(std::int64_t from, std::int64_t to, std::int64_t delta) {
    for (std::int64_t t = std::max(from, begin); t < std::min(to, horizon() + 1); ++t)
      free_[static_cast<std::size_t>(t)] += delta;
  }

  // The first start in [from, before) whose every second, up to the job's own reservation, has room.
  SimTime fit(std::int64_t processors, std::int64_t duration, std::int64_t from, std::int64_t before,
              std::int64_t own) const {
    for (std::int64_t s = std::max(from, begin); s < before; ++s) {
      bool room = true;
      for (std::int64_t t = s; room && t < std::min({s + duration, own, horizon() + s + 1}); ++t)
        room = free(t) >= processors;
      if (room) return at(s);
      if (s > horizon()) break;
    }
    return kNever;
  }

  std::int64_t window(std::int64_t processors) const {
    for (std::int64_t t = begin; t <= horizon(); ++t)
      if (free(t) < processors) return t - begin;
    return kForever.count();
  }

  std::int64_t begin = 0;

 private:
  std::vector<std::int64_t> free_;
};

constexpr std::int64_t kHorizon = 120;

void expect_equal(const Timeline& timeline, const EverySecond& model) {
  ASSERT_EQ(timeline.begin(), at(model.begin));
  std::size_t breakpoints = 1;
  for (std::int64_t t = model.begin; t <= kHorizon + 3; ++t) {
    ASSERT_EQ(timeline.free_at(at(t)), model.free(t)) << "at " << t;
    if (t > model.begin && model.free(t) != model.free(t - 1)) ++breakpoints;
  }
  EXPECT_EQ(timeline.free_at(at(0)), model.free(model.begin));  // the past is not kept
  // Neighbouring counts differ: no more breakpoints than changes.
  ASSERT_EQ(timeline.breakpoints(), breakpoints);
}

void expect_equal_answers(const Timeline& timeline, const EverySecond& model, std::int64_t widest, Random& random) {
  const std::int64_t processors = random.between(1, widest + 2);
  const std::int64_t duration = random.between(1, random.chance(70) ? 20 : kHorizon);
  const std::int64_t from = random.between(std::max<std::int64_t>(0, model.begin - 3), kHorizon);
  ASSERT_EQ(timeline.earliest_fit(processors, Seconds{duration}, at(from)),
            model.fit(processors, duration, from, kNever.time_since_epoch().count(), kNever.time_since_epoch().count()))
      << processors << " for " << duration << " from " << from;

  const std::int64_t to = random.between(std::max(from, model.begin) + 1, kHorizon + 5);
  std::int64_t most = model.free(std::max(from, model.begin));
  for (std::int64_t t = std::max(from, model.begin); t < to; ++t) most = std::max(most, model.free(t));
  ASSERT_EQ(timeline.most_free(at(from), at(to)), most);

  Hole hole;
  timeline.hole(hole);
  for (std::int64_t width = 1; width <= widest + 2; ++width)
    ASSERT_EQ(hole.window(width).count(), model.window(width)) << "width " << width;
}

// A job that holds a reservation looks for an earlier place.
void expect_equal_moves(Timeline& timeline, EverySecond& model, std::int64_t widest, Random& random) {
  const std::int64_t processors = random.between(1, widest);
  const std::int64_t duration = random.between(1, 30);
  const SimTime own = timeline.earliest_fit(processors, Seconds{duration}, at(random.between(model.begin, kHorizon)));
  if (own == kNever || own + Seconds{duration} > at(kHorizon)) return;
  const std::int64_t own_s = seconds_since_epoch(own);
  timeline.reserve(own, own + Seconds{duration}, processors);
  model.change(own_s, own_s + duration, -processors);
  const std::int64_t from = random.between(model.begin, own_s);
  const std::int64_t latest = random.between(from, kHorizon + 10);
  const SimTime expected = model.fit(processors, duration, from, std::min(latest, own_s), own_s);
  ASSERT_EQ(timeline.earlier_fit(processors, Seconds{duration}, at(from), at(latest), own),
            expected == kNever ? own : expected)
      << processors << " for " << duration << " from " << from << " latest " << latest << " own " << own_s;
  timeline.release(own, own + Seconds{duration}, processors);
  model.change(own_s, own_s + duration, processors);
}

TEST(Timeline, EqualsAnArrayOfSeconds) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Random random(seed);
    const std::int64_t processors = random.between(1, 12);
    Timeline timeline(processors, at(0));
    EverySecond model(processors, kHorizon);
    for (int step = 0; step < 60; ++step) {
      const std::int64_t from = random.between(0, kHorizon - 1);
      const std::int64_t to = random.between(0, kHorizon);
      const std::int64_t taken = random.between(1, random.chance(80) ? processors : processors * 2);
      if (random.chance(60)) {
        timeline.reserve(at(from), at(to), taken);
        model.change(from, to, -taken);
      } else {
        timeline.release(at(from), at(to), taken);
        model.change(from, to, taken);
      }
      if (random.chance(10)) {
        model.begin = std::max(model.begin, std::min(kHorizon - 1, model.begin + random.between(-2, 6)));
        timeline.advance(at(model.begin));
      }
      expect_equal(timeline, model);
      expect_equal_answers(timeline, model, processors, random);
      expect_equal_moves(timeline, model, processors, random);
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

// Reservations only where they fit, as schedulers use it: counts stay between none and all.
TEST(Timeline, EqualsAnArrayOfSecondsWhereJobsAreFitted) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const std::int64_t processors = random.between(2, 12);
    Timeline timeline(processors, at(0));
    EverySecond model(processors, kHorizon);
    for (int step = 0; step < 40; ++step) {
      const std::int64_t width = random.between(1, processors);
      const std::int64_t duration = random.between(1, 25);
      const SimTime start = timeline.earliest_fit(width, Seconds{duration}, at(model.begin));
      ASSERT_NE(start, kNever);
      if (start + Seconds{duration} > at(kHorizon)) break;
      timeline.reserve(start, start + Seconds{duration}, width);
      model.change(seconds_since_epoch(start), seconds_since_epoch(start) + duration, -width);
      if (random.chance(20)) timeline.advance(at(++model.begin));
      expect_equal(timeline, model);
      expect_equal_answers(timeline, model, processors, random);
      expect_equal_moves(timeline, model, processors, random);
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

TEST(Timeline, BuildsFromReleasesAsByRelease) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::int64_t free = random.between(-2, 6);
    const std::int64_t begin = random.between(0, 20);
    const std::int64_t soon = random.chance(50) ? 0 : random.between(1, 5);
    std::map<SimTime, std::int64_t> by_time;
    for (std::int64_t i = random.between(0, 10); i > 0; --i)
      by_time[at(begin + random.between(1, 8))] += random.between(1, 4);
    EverySecond model(free, kHorizon);
    model.begin = begin;
    model.change(begin + 1, kHorizon + 1, soon);
    for (const auto& [time, processors] : by_time) model.change(seconds_since_epoch(time), kHorizon + 1, processors);
    Timeline timeline(99, at(1));
    timeline.reserve(at(3), at(7), 5);
    timeline.reset(free, at(begin));
    timeline.append_releases(at(begin + 1), soon, {by_time.begin(), by_time.end()});
    expect_equal(timeline, model);
    expect_equal_answers(timeline, model, 12, random);
  }
}

// The past is dropped in bulk; what is left must not change by it.
TEST(Timeline, ForgetsALongPast) {
  Timeline timeline(10, at(0));
  for (std::int64_t i = 0; i < 3000; ++i) timeline.reserve(at(2 * i + 1), at(2 * i + 2), 1 + i % 7);
  for (std::int64_t now = 0; now < 6100; now += 13) {
    timeline.advance(at(now));
    for (std::int64_t t = now; t < now + 40; ++t) {
      const bool taken = t % 2 == 1 && t / 2 < 3000;
      ASSERT_EQ(timeline.free_at(at(t)), taken ? 10 - (1 + t / 2 % 7) : 10) << now << " " << t;
    }
  }
  EXPECT_EQ(timeline.breakpoints(), 1U);
}

TEST(Hole, TakesTheWiderStepOnlyWithAShorterWindow) {
  Hole hole;
  EXPECT_TRUE(hole.empty());
  EXPECT_EQ(hole.window(1), Seconds{0});
  hole.add(3, Seconds{100});
  hole.add(3, Seconds{50});  // no wider: adds nothing
  hole.add(5, Seconds{0});   // no window: adds nothing
  hole.add(8, Seconds{10});
  EXPECT_EQ(hole.widest(), 8);
  EXPECT_EQ(hole.window(1), Seconds{100});
  EXPECT_EQ(hole.window(3), Seconds{100});
  EXPECT_EQ(hole.window(4), Seconds{10});
  EXPECT_EQ(hole.window(8), Seconds{10});
  EXPECT_EQ(hole.window(9), Seconds{0});
  hole.clear();
  EXPECT_TRUE(hole.empty());
}

}  // namespace
}  // namespace wattfill
