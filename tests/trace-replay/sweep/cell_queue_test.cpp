// The order in which ranks get their cells.
#include "trace-replay/sweep/cell_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>
#include <queue>
#include <set>

namespace wattfill::testing {
namespace {

TEST(CellQueue, GivesEveryCellOnceTheLongestFirst) {
  CellQueue queue;
  queue.add(10, 0, 1);
  queue.add(11, 1, 5);
  queue.add(12, 0, 1);
  queue.add(13, 1, 5);
  EXPECT_EQ(queue.cells(), 4U);
  EXPECT_EQ(queue.take(), 11U);
  EXPECT_EQ(queue.take(), 13U);
  EXPECT_EQ(queue.take(), 10U);
  EXPECT_EQ(queue.take(), 12U);
  EXPECT_EQ(queue.take(), std::nullopt);
}

TEST(CellQueue, WhatWasMeasuredBeatsTheGuess) {
  CellQueue queue;
  for (std::size_t cell = 0; cell < 4; ++cell) queue.add(cell, cell % 2, cell % 2 == 0 ? 10 : 1);
  EXPECT_EQ(queue.take(), 0U);
  EXPECT_EQ(queue.expected_left(), 0);
  queue.finished(0, 2);
  // Kind 1 is guessed to take a tenth as long as kind 0: 0.2 s each.
  EXPECT_DOUBLE_EQ(queue.expected_left(), 2 + 0.2 + 0.2);
  EXPECT_EQ(queue.take(), 2U);
  EXPECT_EQ(queue.take(), 1U);
  queue.finished(1, 9);
  EXPECT_DOUBLE_EQ(queue.expected_left(), 2 + 9);
  EXPECT_EQ(queue.ended(), 2U);
}

// With the longest first on any number of ranks the last ends at most 4/3 - 1/(3 m) of the best time after the
// beginning (Graham 1969), which is at least the longest cell and the mean over the ranks.
TEST(CellQueue, RanksEndTogether) {
  boost::random::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    const int ranks = boost::random::uniform_int_distribution<int>(1, 8)(random);
    const std::size_t kinds = boost::random::uniform_int_distribution<std::size_t>(1, 6)(random);
    std::vector<double> seconds(kinds);
    for (double& s : seconds) s = boost::random::uniform_int_distribution<int>(1, 100)(random);
    CellQueue queue;
    double all = 0;
    constexpr std::size_t kCells = 60;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      queue.add(cell, cell % kinds, seconds[cell % kinds]);
      all += seconds[cell % kinds];
    }
    using Free = std::pair<double, int>;
    std::priority_queue<Free, std::vector<Free>, std::greater<>> free;
    for (int rank = 0; rank < ranks; ++rank) free.emplace(0, rank);
    double end = 0;
    std::set<std::size_t> seen;
    while (const auto cell = queue.take()) {
      const auto [now, rank] = free.top();
      free.pop();
      free.emplace(now + seconds[*cell % kinds], rank);
      end = std::max(end, now + seconds[*cell % kinds]);
      queue.finished(*cell, seconds[*cell % kinds]);
      EXPECT_TRUE(seen.insert(*cell).second);
    }
    EXPECT_EQ(seen.size(), kCells);
    const double longest = *std::max_element(
        seconds.begin(), seconds.begin() + std::min<std::ptrdiff_t>(kCells, static_cast<std::ptrdiff_t>(kinds)));
    const double best = std::max(longest, all / ranks);
    EXPECT_LE(end, best * (4.0 / 3 - 1.0 / (3 * ranks)) + longest / 3 + 1e-9);
  }
}

}  // namespace
}  // namespace wattfill::testing
