// The queue under two orders and promotion by age, against a sorted list.
#include "backfill/policy/job_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "backfill/model/int128.hpp"
#include "tests/backfill/policy/naive_promotion.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::NaivePromotion;
using testing::Random;

class SortedList {
 public:
  SortedList(const PolicySpec& policy, std::uint64_t seed)
      : random_(seed), policy_(policy), queue_(jobs_, policy), promotion_(policy) {}

  void run(int operations) {
    for (int step = 0; step < operations; ++step) {
      if (waiting_.empty() || random_.chance(30)) {
        insert();
      } else if (random_.chance(30)) {
        erase(random_.index(waiting_.size()));
      } else if (random_.chance(40)) {
        now_ += Seconds{random_.between(0, 30)};
        promote();
      }
      check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    EXPECT_EQ(promotions_ > 3, policy_.promotion_age.has_value());
  }

 private:
  void insert() {
    const Slot slot = jobs_.add(random_job());
    queue_.arrive(slot, now_);
    promotion_.arrive(jobs_[slot].job, now_);
    jobs_[slot].fit = Seconds{random_.between(1, 40)};
    jobs_[slot].order = Seconds{random_.between(1, 40)};
    if (!waiting_.empty()) {
      const bool leads = queue_.leads(slot, now_, SimTime{});
      queue_.insert(slot, now_, SimTime{});
      waiting_.push_back(slot);
      // It may say "perhaps" of a job that is promoted at once; it never denies.
      const bool first = sorted(policy_.queue_order).front() == slot;
      EXPECT_TRUE(leads == first || (leads && jobs_[slot].promoted));
    } else {
      queue_.insert(slot, now_, SimTime{});
      waiting_.push_back(slot);
    }
  }

  Job random_job() {
    Job job;
    job.id = next_id_++;
    job.submit = random_.chance(80) ? now_ : now_ - Seconds{random_.between(0, 150)};
    job.processors = random_.between32(1, 12);
    job.priority = random_.between(-2, 2);
    job.requested = Seconds{random_.between(1, 40)};
    return job;
  }

  void erase(std::size_t i) {
    queue_.erase(waiting_[i], now_);
    queue_.depart(waiting_[i], now_);
    promotion_.depart(jobs_[waiting_[i]].job.id, now_);
    jobs_.remove(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void promote() {
    bool due = false;
    for (const Slot s : waiting_) due = due || (old(s) && !jobs_[s].promoted);
    EXPECT_EQ(queue_.promote(now_), due);
    promotions_ += due;
  }

  bool old(Slot s) const { return promotion_.promoted(jobs_[s].job.id, now_); }

  std::vector<Slot> sorted(Order order) const {
    const auto key = [&](Slot s) {
      const JobEntry& e = jobs_[s];
      const Score of = score(order, e.job, e.order, SimTime{});
      const Int128 value = of.base - static_cast<Int128>(of.rate) * (now_ - e.job.submit).count();
      return std::make_tuple(!old(s), old(s) ? Int128{0} : value, e.job.submit, e.job.id);
    };
    std::vector<Slot> all = waiting_;
    std::sort(all.begin(), all.end(), [&](Slot a, Slot b) { return key(a) < key(b); });
    return all;
  }

  void check() {
    ASSERT_EQ(queue_.size(), waiting_.size());
    ASSERT_EQ(queue_.empty(), waiting_.empty());
    const std::vector<Slot> order = sorted(policy_.queue_order);
    ASSERT_EQ(queue_.head(now_), order.empty() ? kNoSlot : order.front());
    ASSERT_EQ(queue_.in_order(now_), order);
    SimTime next = kNever;
    for (const Slot s : waiting_)
      if (!old(s)) next = std::min(next, promotion_.due(jobs_[s].job.id));
    ASSERT_EQ(queue_.next_promotion(), next);

    Hole hole;
    hole.add(random_.between(1, 5), Seconds{random_.between(10, 50)});
    hole.add(random_.between(3, 14), Seconds{random_.between(1, 10)});
    Slot expected = kNoSlot;
    for (const Slot s : sorted(policy_.backfill_order.value_or(policy_.queue_order)))
      if (expected == kNoSlot && jobs_[s].fit <= hole.window(jobs_[s].job.processors)) expected = s;
    ASSERT_EQ(queue_.candidate([&](std::size_t) -> const Hole& { return hole; }, FillBy::kFit, now_), expected);
  }

  Random random_;
  PolicySpec policy_;
  JobTable jobs_;
  JobQueue queue_;
  NaivePromotion promotion_;
  std::vector<Slot> waiting_;
  SimTime now_{Seconds{500}};
  JobId next_id_ = 1;
  int promotions_ = 0;
};

TEST(JobQueue, EqualsASortedListUnderEveryPairOfOrders) {
  std::uint64_t seed = 0;
  for (const OrderInfo& queue : all_orders())
    for (const OrderInfo& backfill : all_orders())
      for (const std::int32_t backlog_percent : {-1, 0, 100}) {  // -1: no promotion
        PolicySpec policy;
        policy.queue_order = queue.order;
        policy.backfill_order = backfill.order;
        if (backlog_percent >= 0) policy.promotion_age = Seconds{backlog_percent == 0 ? 60 : 30};
        policy.promotion_backlog_percent = std::max(0, backlog_percent);
        policy.promotion_age_percent = seed % 2 == 0 || backlog_percent <= 0 ? 0 : 60;
        SortedList(policy, ++seed).run(250);
        ASSERT_FALSE(::testing::Test::HasFailure()) << queue.name << " " << backfill.name << " seed " << seed;
      }
}

TEST(JobQueue, PromotesAtTheAgeAndNotBefore) {
  PolicySpec policy;
  policy.queue_order = Order::kSjf;
  policy.backfill_order = Order::kSjf;
  policy.promotion_age = Seconds{100};
  JobTable jobs;
  JobQueue queue(jobs, policy);
  const auto add = [&](JobId id, std::int64_t submit, std::int64_t estimate) {
    Job job;
    job.id = id;
    job.submit = SimTime{Seconds{submit}};
    job.processors = 1;
    const Slot slot = jobs.add(job);
    jobs[slot].fit = jobs[slot].order = Seconds{estimate};
    queue.insert(slot, job.submit, SimTime{});
    return slot;
  };
  const Slot long_job = add(1, 0, 1000);
  const Slot short_job = add(2, 1, 5);
  EXPECT_EQ(queue.next_promotion(), SimTime{Seconds{100}});
  EXPECT_FALSE(queue.promote(SimTime{Seconds{99}}));
  EXPECT_EQ(queue.head(SimTime{Seconds{99}}), short_job);
  EXPECT_TRUE(queue.promote(SimTime{Seconds{100}}));
  EXPECT_EQ(queue.head(SimTime{Seconds{100}}), long_job);
  EXPECT_TRUE(queue.before(long_job, short_job, SimTime{Seconds{100}}));
  EXPECT_EQ(queue.next_promotion(), SimTime{Seconds{101}});
}

}  // namespace
}  // namespace wattfill
