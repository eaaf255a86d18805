// What is read back from files, and what is made of it: spans, shares, tables; wrong files are told by line and column.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "trace-replay/errors.hpp"
#include "trace-replay/report/buckets.hpp"
#include "trace-replay/report/csv_table.hpp"
#include "trace-replay/report/distribution.hpp"
#include "trace-replay/report/measures.hpp"

namespace wattfill::report {
namespace {

// Each second counted by itself.
TEST(Buckets, AgreeWithEverySecondByItself) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    const auto begin = static_cast<std::int64_t>(random() % 50) - 20;
    const auto end = begin + 1 + static_cast<std::int64_t>(random() % 90);
    const Spans spans(begin, end, 1 + random() % 12);
    ASSERT_GE(spans.start_of(spans.count), end);
    ASSERT_LT(spans.start_of(spans.count - 1), end);
    Buckets buckets(spans);
    std::vector<std::vector<double>> seconds(spans.count);
    std::int64_t from = begin - 5;
    while (from < end + 5) {
      const auto to = from + 1 + static_cast<std::int64_t>(random() % 9);
      const auto value = static_cast<double>(random() % 100);
      buckets.add(from, to, value);
      for (std::int64_t s = std::max(from, begin); s < std::min(to, spans.start_of(spans.count)); ++s)
        seconds[static_cast<std::size_t>((s - begin) / spans.width_s)].push_back(value);
      from = to;
    }
    for (std::size_t i = 0; i < spans.count; ++i) {
      double sum = 0;
      for (const double v : seconds[i]) sum += v;
      EXPECT_DOUBLE_EQ(buckets.mean(i), sum / static_cast<double>(seconds[i].size()));
      EXPECT_EQ(buckets.least(i), *std::min_element(seconds[i].begin(), seconds[i].end()));
      EXPECT_EQ(buckets.greatest(i), *std::max_element(seconds[i].begin(), seconds[i].end()));
    }
  }
}

TEST(Buckets, KnowNothingWhereNothingWasGiven) {
  Buckets buckets(Spans(0, 10, 2));
  buckets.add(0, 5, 3);
  EXPECT_EQ(buckets.mean(0), 3);
  EXPECT_TRUE(std::isnan(buckets.mean(1)));
}

TEST(Distribution, CountsShares) {
  EXPECT_EQ(cumulative_shares({4, 1, 2, 2}, {0.5, 1, 2, 3, 4}), (std::vector<double>{0, 0.25, 0.75, 0.75, 1}));
  const std::vector<double> points = logarithmic_points(1, 1000);
  EXPECT_EQ(points.front(), 1);
  EXPECT_GE(points.back(), 1000);
  EXPECT_LT(points.size(), 80U);
}

TEST(Distribution, TakesTheNearestRank) {
  EXPECT_EQ(quantile({5, 1, 3, 2, 4}, 0.5), 3);
  EXPECT_EQ(quantile({5, 1, 3, 2, 4}, 0.95), 5);
  EXPECT_EQ(quantile({5, 1, 3, 2, 4}, 0.01), 1);
  EXPECT_EQ(quantile({}, 0.5), 0);
}

TEST(CsvTable, ReadsNumbersAndWords) {
  const Frame frame = parse_csv_table("x.csv", "time_s,what,n\r\n-5,asleep,\n\n7,awake,3", "time_s,what,n", {"what"});
  EXPECT_EQ(frame.columns[0].numbers, (std::vector<std::int64_t>{-5, 7}));
  EXPECT_EQ(frame.columns[1].texts, (std::vector<std::string>{"asleep", "awake"}));
  EXPECT_EQ(frame.columns[2].numbers, (std::vector<std::int64_t>{kMissing, 3}));
}

TEST(CsvTable, TellsLineAndColumn) {
  const struct {
    const char* text;
    const char* message;
  } kWrong[] = {
      {"", "x.csv:1: the first line must be a,b"},
      {"b,a\n", "x.csv:1: the first line must be a,b"},
      {"a,b\n1,2\n3\n", "x.csv:3: 1 cells where the first line names 2 columns"},
      {"a,b\n1,2,3\n", "x.csv:2: 3 cells where the first line names 2 columns"},
      {"a,b\n1,x\n", "x.csv:2: column b: \"x\" is no whole number between -2^50 and 2^50"},
      {"a,b\n1.5,2\n", "x.csv:2: column a: \"1.5\" is no whole number between -2^50 and 2^50"},
      {"a,b\n1,1125899906842624\n",
       "x.csv:2: column b: \"1125899906842624\" is no whole number between -2^50 and 2^50"},
      {"a,b\n99999999999999999999,1\n",
       "x.csv:2: column a: \"99999999999999999999\" is no whole number between -2^50 and 2^50"},
  };
  for (const auto& wrong : kWrong) {
    try {
      parse_csv_table("x.csv", wrong.text, "a,b");
      ADD_FAILURE() << wrong.text;
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(), wrong.message);
    }
  }
}

TEST(Changes, ReadAsASentence) {
  EXPECT_EQ(in_words({{"waiting", 61, 100}, {"energy", 97, 100}}),
            "saved 39.0 % of the waiting and 3.0 % of the energy");
  EXPECT_EQ(in_words({{"waiting", 61, 100}, {"energy", 103, 100}}),
            "saved 39.0 % of the waiting but took 3.0 % more energy");
  EXPECT_EQ(in_words({{"waiting", 161, 100}, {"energy", 100, 100}}),
            "took 61.0 % more waiting and left the energy as it was");
  EXPECT_EQ(in_words({{"waiting", 61, 0}, {"energy", std::nullopt, 100}}), "");
}

}  // namespace
}  // namespace wattfill::report
