// The blocked profile of releases against a plain std::map.
#include "backfill/timeline/release_profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

struct Model {
  std::map<SimTime, std::int32_t> at;

  std::int64_t expire(SimTime now) {
    std::int64_t sum = 0;
    while (!at.empty() && at.begin()->first <= now) {
      sum += at.begin()->second;
      at.erase(at.begin());
    }
    return sum;
  }
  ReleaseProfile::Shadow earliest(std::int64_t needed, SimTime soonest) const {
    std::int64_t released = 0;
    for (auto it = at.begin(); it != at.end(); ++it) {
      released += it->second;
      const bool more_by_soonest = std::next(it) != at.end() && std::next(it)->first <= soonest;
      if (released >= needed && !more_by_soonest) return {std::max(it->first, soonest), released - needed};
    }
    return {};
  }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto& [time, processors] : at) sum += processors;
    return sum;
  }
};

void expect_equal(const ReleaseProfile& profile, const Model& model, Random& random) {
  std::vector<std::pair<SimTime, std::int64_t>> found;
  profile.for_each([&](SimTime at, std::int64_t processors) { found.emplace_back(at, processors); });
  const std::vector<std::pair<SimTime, std::int64_t>> expected(model.at.begin(), model.at.end());
  ASSERT_EQ(found, expected);
  EXPECT_EQ(profile.empty(), model.at.empty());
  EXPECT_EQ(profile.front(), model.at.empty() ? kNever : model.at.begin()->first);
  const std::int64_t total = model.total();
  for (const std::int64_t needed : {std::int64_t{1}, total, total + 1, random.between(1, total + 1)}) {
    if (needed < 1) continue;
    const SimTime soon = profile.front() + Seconds{random.between(-2, random.chance(50) ? 5 : 400)};
    for (const SimTime soonest : {SimTime::min(), soon}) {
      const auto a = soonest == soon ? profile.earliest(needed, soonest) : profile.earliest(needed);
      const auto b = model.earliest(needed, soonest);
      ASSERT_EQ(a.time, b.time);
      ASSERT_EQ(a.extra, b.extra);
    }
  }
}

// `span`: times are drawn from so many seconds; `grow`: chance in percent that an operation adds.
void fuzz(std::uint64_t seed, std::int64_t span, int grow, int operations, int check_each) {
  Random random(seed);
  ReleaseProfile profile;
  Model model;
  std::vector<std::pair<SimTime, std::int32_t>> running;
  SimTime now{};
  std::size_t most = 0;
  for (int step = 0; step < operations; ++step) {
    if (running.empty() || random.chance(grow)) {
      const SimTime at = now + Seconds{random.between(1, span)};
      const std::int32_t processors = random.between32(1, 50);
      profile.add(at, processors);
      model.at[at] += processors;
      running.emplace_back(at, processors);
    } else if (random.chance(97)) {
      const std::size_t i = random.index(running.size());
      const auto [at, processors] = running[i];
      profile.remove(at, processors);
      if ((model.at[at] -= processors) == 0) model.at.erase(at);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      now += Seconds{random.between(0, span / 50 + 1)};
      ASSERT_EQ(profile.expire(now), model.expire(now));
      std::erase_if(running, [now](const auto& r) { return r.first <= now; });
    }
    most = std::max(most, model.at.size());
    if (step % check_each == 0) expect_equal(profile, model, random);
    if (::testing::Test::HasFatalFailure()) return;
  }
  while (!running.empty()) {
    profile.remove(running.back().first, running.back().second);
    running.pop_back();
  }
  EXPECT_TRUE(profile.empty());
  // Several blocks have been at work.
  EXPECT_TRUE(span <= 10'000 || most > 3 * 128U) << most;
}

TEST(ReleaseProfile, EqualsAMapWhileItIsSmall) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) fuzz(seed, 60, 52, 1000, 1);
}

TEST(ReleaseProfile, EqualsAMapOverManyBlocks) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) fuzz(seed, 1'000'000, 70, 6000, 40);
}

TEST(ReleaseProfile, EqualsAMapWhileBlocksComeAndGo) {
  for (std::uint64_t seed = 11; seed <= 14; ++seed) {
    fuzz(seed, 700, 58, 5000, 20);
    fuzz(seed, 20'000, 62, 8000, 60);
  }
}

// Ascending and descending insertion split blocks at their ends.
TEST(ReleaseProfile, TakesSortedInput) {
  for (const bool ascending : {true, false}) {
    Random random(5);
    ReleaseProfile profile;
    Model model;
    for (std::int64_t i = 0; i < 1000; ++i) {
      const SimTime at{Seconds{ascending ? i : 1000 - i}};
      profile.add(at, 2);
      model.at[at] += 2;
    }
    expect_equal(profile, model, random);
    for (const std::int64_t needed : {1, 2, 3, 1999, 2000}) {
      EXPECT_EQ(profile.earliest(needed).extra, needed % 2);
    }
    EXPECT_EQ(profile.expire(kNever), 2000);
    EXPECT_TRUE(profile.empty());
  }
}

}  // namespace
}  // namespace wattfill
