// Sorted array and four-way heap together against the standard library's heap.
#include "trace-replay/engine/event_heap.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <queue>
#include <tuple>

namespace wattfill {
namespace {

using Key = std::tuple<SimTime, std::uint32_t, std::uint32_t>;

Key key(const TimedEvent& e) { return {e.at, e.sequence, e.job}; }

TEST(EventHeap, EmptyHeapsNextEventIsNever) {
  EventHeap heap;
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.next(), kNever);
  heap.push({SimTime{Seconds{-5}}, 0, 0});
  EXPECT_EQ(heap.next(), SimTime{Seconds{-5}});
  heap.pop();
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.next(), kNever);
}

class AgainstPriorityQueue : public testing::TestWithParam<std::int64_t> {};

TEST_P(AgainstPriorityQueue, GivesTheSameOrder) {
  boost::random::mt19937 generator(static_cast<std::uint32_t>(GetParam()));
  boost::random::uniform_int_distribution<std::int64_t> time(0, GetParam());
  EventHeap heap;
  std::priority_queue<Key, std::vector<Key>, std::greater<>> model;
  // Phases in which the heap mostly grows and mostly shrinks.
  for (std::uint32_t step = 0; step < 20000; ++step) {
    const bool grows = step / 2000 % 2 == 0;
    if (model.empty() || (generator() % 10 < 3) != grows) {
      const TimedEvent event{SimTime{Seconds{time(generator)}}, step, static_cast<std::uint32_t>(generator())};
      heap.push(event);
      model.push(key(event));
    } else {
      ASSERT_EQ(heap.next(), std::get<0>(model.top()));
      ASSERT_EQ(key(heap.top()), model.top());
      ASSERT_EQ(key(heap.pop()), model.top());
      model.pop();
    }
    ASSERT_EQ(heap.empty(), model.empty());
  }
  for (; !model.empty(); model.pop()) ASSERT_EQ(key(heap.pop()), model.top());
  EXPECT_TRUE(heap.empty());
}

// From all events at one instant, where only the sequence decides, to hardly any two at one.
INSTANTIATE_TEST_SUITE_P(Spans, AgainstPriorityQueue, testing::Values(0, 1, 7, 1000, 1'000'000'000));

}  // namespace
}  // namespace wattfill
