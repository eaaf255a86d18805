// The index of candidates against a scan of all jobs.
#include "backfill/policy/candidate_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/backfill/policy/printing.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

struct Shapes {
  std::int32_t widest;
  std::int64_t longest;
};

class Scan {
 public:
  Scan(Order order, std::uint64_t seed, Shapes shapes)
      : random_(seed),
        order_(order),
        shapes_(shapes),
        role_(static_cast<int>(seed % 2)),
        holes_(jobs_, order, role_, CandidateIndex::Asked::kFirstInHole),
        firsts_(jobs_, order, 1 - role_, CandidateIndex::Asked::kFirstOnly) {}

  void run(int operations, int inserts) {
    for (int step = 0; step < operations; ++step) {
      if (queue_.empty() || random_.chance(inserts))
        insert();
      else if (random_.chance(35))
        erase(random_.index(queue_.size()));
      else if (random_.chance(25))
        now_ += Seconds{random_.between(0, 40)};
      else
        query();
      if (::testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(answered_, operations / 50);  // holes neither take everything nor nothing
    EXPECT_GT(unanswered_, 0);
    while (!queue_.empty()) {
      query();
      erase(queue_.size() - 1);
    }
    EXPECT_TRUE(holes_.empty());
    EXPECT_EQ(holes_.first(now_), kNoSlot);
  }

 private:
  void insert() {
    Job job;
    job.id = next_id_++;
    // Now and then one comes back that was submitted earlier, or two come in the wrong order.
    job.submit = random_.chance(85) ? now_ : now_ - Seconds{random_.between(0, 300)};
    job.processors = random_.between32(1, shapes_.widest);
    job.priority = random_.between(-2, 2);
    const Slot slot = jobs_.add(job);
    JobEntry& e = jobs_[slot];
    e.fit = Seconds{random_.between(1, shapes_.longest)};
    e.fill = random_.chance(50) ? e.fit : Seconds{random_.between(1, e.fit.count())};
    e.order = random_.chance(50) ? e.fit : Seconds{random_.between(1, shapes_.longest)};
    e.score[0] = e.score[1] = score(order_, job, e.order, SimTime{});
    holes_.insert(slot, now_);
    firsts_.insert(slot, now_);
    queue_.push_back(slot);
  }

  void erase(std::size_t i) {
    holes_.erase(queue_[i], now_);
    firsts_.erase(queue_[i], now_);
    jobs_.remove(queue_[i]);
    queue_[i] = queue_.back();
    queue_.pop_back();
  }

  Hole random_hole() {
    Hole hole;
    std::int64_t width = 0;
    std::int64_t window = random_.chance(20) ? kForever.count() : random_.between(1, shapes_.longest + 2);
    for (std::int64_t steps = random_.between(1, 5); steps > 0 && window > 0; --steps) {
      width += random_.between(1, std::max(1, shapes_.widest / 4));
      hole.add(width, Seconds{window});
      window = window == kForever.count() ? random_.between(1, shapes_.longest) : window - random_.between(1, window);
    }
    return hole;
  }

  Slot scan(const Hole* hole, FillBy by = FillBy::kFit) const {
    const auto rank = [this](Slot s) { return Rank{jobs_[s].score[0], jobs_[s].job.submit, jobs_[s].job.id}; };
    Slot best = kNoSlot;
    for (const Slot s : queue_) {
      if (hole != nullptr && jobs_[s].filling(by) > hole->window(jobs_[s].job.processors)) continue;
      if (best == kNoSlot || precedes(rank(s), rank(best), now_)) best = s;
    }
    return best;
  }

  void query() {
    ASSERT_EQ(holes_.size(), queue_.size());
    ASSERT_EQ(holes_.first(now_), scan(nullptr));
    ASSERT_EQ(firsts_.first(now_), scan(nullptr));
    const Hole hole = random_hole();
    const Slot expected = scan(&hole);
    ASSERT_EQ(holes_.first_in(hole, FillBy::kFit, now_), expected);
    ASSERT_EQ(holes_.first_in(hole, FillBy::kFill, now_), scan(&hole, FillBy::kFill));
    ASSERT_EQ(holes_.first_in(Hole{}, FillBy::kFit, now_), kNoSlot);
    ++(expected == kNoSlot ? unanswered_ : answered_);
    std::vector<Slot> visited;
    holes_.for_each([&](Slot s) { visited.push_back(s); });
    std::sort(visited.begin(), visited.end());
    std::vector<Slot> all = queue_;
    std::sort(all.begin(), all.end());
    ASSERT_EQ(visited, all);
  }

  Random random_;
  Order order_;
  Shapes shapes_;
  int role_;
  JobTable jobs_;
  CandidateIndex holes_;
  CandidateIndex firsts_;
  std::vector<Slot> queue_;
  SimTime now_{Seconds{1000}};
  JobId next_id_ = 1;
  int answered_ = 0;
  int unanswered_ = 0;
};

class EachIndex : public ::testing::TestWithParam<Order> {};

TEST_P(EachIndex, EqualsAScanWhereShapesRepeat) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) Scan(GetParam(), seed, {4, 6}).run(2000, 40);
}

TEST_P(EachIndex, EqualsAScanWhereShapesAreUnique) {
  for (std::uint64_t seed = 11; seed <= 16; ++seed) Scan(GetParam(), seed, {200, 100'000}).run(2000, 42);
}

TEST_P(EachIndex, EqualsAScanOfAShortQueue) {
  for (std::uint64_t seed = 21; seed <= 24; ++seed) Scan(GetParam(), seed, {6, 30}).run(3000, 15);
}

INSTANTIATE_TEST_SUITE_P(Orders, EachIndex,
                         ::testing::Values(Order::kFcfs, Order::kSjf, Order::kSaf, Order::kWfp3, Order::kUnicep,
                                           Order::kF1, Order::kF2, Order::kF3, Order::kF4, Order::kHost, Order::kSmith),
                         [](const auto& order) { return std::string(wattfill::info(order.param).name); });

}  // namespace
}  // namespace wattfill
