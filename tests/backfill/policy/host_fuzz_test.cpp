// A host that does everything that it may, at random: whatever happens, the scheduler's counts are right, it proposes
// only what fits beside all that runs and all that is set aside, and in the end every job has run.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/backfill/policy/desk.hpp"
#include "tests/backfill/policy/printing.hpp"

namespace wattfill::testing {
namespace {

enum class Where { kWaiting, kHeld, kDeferred, kRunning };

struct Known {
  Job job;
  JobHandle handle;
  Where where = Where::kWaiting;
  SimTime deferred_at{};
  SimTime start{};
  SimTime end{};
  SimTime estimated_end{};
};

class FuzzedHost {
 public:
  // `punctual`: passes at the wake-ups that were asked for and after every termination; else at any time.
  FuzzedHost(const PolicySpec& spec, FreeRule rule, bool predicts, bool punctual, std::uint64_t seed)
      : random_(seed),
        capacity_(random_.between32(5, 30)),
        size_(capacity_),
        predicts_(predicts),
        punctual_(punctual),
        core_([&] {
          SchedulerOptions options;
          options.policy = spec;
          options.processors = capacity_;
          options.free_rule = rule;
          if (predicts) options.order_estimates = options.fit_estimates = std::make_shared<Short>();
          if (predicts && seed % 2) options.fit_estimates = std::make_shared<RequestedTime>();
          if (predicts && seed % 4) options.fill_estimates = options.order_estimates;
          return options;
        }()) {}

  void run(int events) {
    for (int i = 0; i < events && !::testing::Test::HasFatalFailure(); ++i) {
      advance(now_ + Seconds{random_.chance(50) ? 0 : random_.between(1, 6)});
      event();
      check_counts();
      if (random_.chance(70)) pass();
    }
    finish();
    EXPECT_GT(starts_, events / 10);
  }

 private:
  // Half of the request, corrected step by step.
  class Short final : public EstimateSource {
   public:
    std::string_view name() const override { return "short"; }
    Seconds at_submit(const Job& job, SimTime) override { return (job.requested + Seconds{1}) / 2; }
    std::optional<Seconds> while_waiting(const Job& job, SimTime now) override {
      return Seconds{1 + seconds_since_epoch(now) % job.requested.count()};
    }
    Seconds after_overrun(const Job& job, Seconds initial, int overruns) override {
      return std::min(job.requested, initial + Seconds{3 * overruns});
    }
  };

  template <class Match>
  Known* any(Match&& match) {
    std::vector<Known*> some;
    for (Known& k : jobs_)
      if (match(k)) some.push_back(&k);
    return some.empty() ? nullptr : random_.pick(some);
  }
  Known* waiting() {
    return any([](const Known& k) { return k.where != Where::kRunning; });
  }
  Known* running() {
    return any([](const Known& k) { return k.where == Where::kRunning; });
  }

  // Time goes on; terminations, overruns and wake-ups are met at their second, with a pass after each.
  void advance(SimTime until) {
    while (true) {
      SimTime next = punctual_ ? wakeup_ : kNever;
      for (const Known& k : jobs_)
        if (k.where == Where::kRunning)
          next = std::min({next, k.end, k.estimated_end < k.end ? k.estimated_end : k.end});
      if (next > until) break;
      now_ = std::max(now_, next);
      for (Known& k : jobs_)
        if (k.where == Where::kRunning && k.estimated_end == now_ && k.end > now_) {
          k.estimated_end = core_.overrun(k.handle, now_);
          ASSERT_GT(k.estimated_end, now_);
        }
      std::erase_if(jobs_, [&](const Known& k) {
        if (k.where != Where::kRunning || k.end > now_) return false;
        core_.end(k.handle, now_);
        return true;
      });
      if (punctual_ || random_.chance(30)) pass();
    }
    now_ = until;
  }

  void event() {
    switch (random_.between(0, 13)) {
      case 0:
        if (Known* k = waiting()) withdraw(*k);
        break;
      case 1:
        if (Known* k = waiting()) modify(*k);
        break;
      case 2:
        if (Known* k = running()) requeue(*k);
        break;
      case 3:
        if (Known* k = waiting(); k != nullptr && !predicts_ && random_.chance(40)) {
          core_.started(k->handle, now_);
          run_job(*k, now_ + k->job.requested);
        }
        break;
      case 4:
        if (random_.chance(40)) {
          capacity_ = random_.chance(50) ? size_ : random_.between32(0, size_ + 3);
          core_.capacity_changed(capacity_, now_);
        }
        break;
      case 5:
        reserve();
        break;
      case 6:
        if (Known* k = running()) k->end = std::max(now_, std::min(k->end, now_ + Seconds{random_.between(0, 3)}));
        break;
      case 7:
        if (Known* k = waiting()) core_.expected_start(k->handle, now_);
        break;
      default:
        submit();
    }
  }

  void submit() {
    Known k;
    k.job.id = ++last_id_;
    k.job.submit = now_;
    k.job.processors = random_.between32(1, random_.chance(80) ? std::max(1, size_ / 3) : size_);
    k.job.requested = Seconds{random_.between(1, 40)};
    k.job.priority = random_.between(-2, 2);
    k.handle = core_.submit(k.job, now_);
    jobs_.push_back(k);
  }

  void withdraw(Known& known) {
    core_.cancel(known.handle, now_);
    std::erase_if(jobs_, [&](const Known& k) { return k.handle == known.handle; });
  }

  void modify(Known& k) {
    if (random_.chance(70)) k.job.requested = Seconds{random_.between(1, 40)};
    if (random_.chance(50)) k.job.processors = random_.between32(1, size_);
    k.job.priority = random_.between(-2, 2);
    core_.modify(k.handle, k.job, now_);
    k.where = Where::kWaiting;
  }

  void requeue(Known& k) {
    core_.requeue(k.handle, now_);
    k.where = Where::kWaiting;
  }

  void reserve() {
    AdvanceReservation r;
    r.id = random_.between(1, 3);
    r.start = now_ + Seconds{random_.between(-5, 30)};
    r.end = r.start + Seconds{random_.between(0, 30)};
    r.processors = random_.chance(40) ? 0 : random_.between32(1, size_);
    core_.reservation_changed(r, now_);
    std::erase_if(reservations_, [&](const AdvanceReservation& other) { return other.id == r.id; });
    if (r.processors > 0) reservations_.push_back(r);
  }

  void run_job(Known& k, SimTime estimated_end) {
    k.where = Where::kRunning;
    k.start = now_;
    k.end = random_.chance(30) ? now_ + k.job.requested : now_ + Seconds{random_.between(1, k.job.requested.count())};
    k.estimated_end = estimated_end;
    ++starts_;
  }

  std::int64_t taken(SimTime t) const {
    std::int64_t sum = 0;
    for (const Known& k : jobs_)
      if (k.where == Where::kRunning && k.estimated_end > t) sum += k.job.processors;
    for (const AdvanceReservation& r : reservations_)
      if (r.start <= t && t < r.end) sum += r.processors;
    return sum;
  }

  // Nothing that a proposal overlaps is short of processors. It is enough to look where something begins.
  void check_fits(const Known& k, SimTime estimated_end) {
    ASSERT_LE(taken(now_) + k.job.processors, capacity_) << "job " << k.job.id << " at " << seconds_since_epoch(now_);
    for (const AdvanceReservation& r : reservations_) {
      if (r.start <= now_ || r.start >= estimated_end) continue;
      ASSERT_LE(taken(r.start) + k.job.processors, capacity_)
          << "job " << k.job.id << " at " << seconds_since_epoch(now_) << " meets reservation " << r.id;
    }
  }

  void pass() {
    const Budget budget{random_.chance(50) ? std::numeric_limits<std::int64_t>::max() : random_.between(1, 4)};
    for (int calls = 0;; ++calls) {
      ASSERT_LT(calls, 10'000);
      const Pass pass = core_.schedule(now_, budget);
      const std::vector<Proposal> proposals(pass.proposals.begin(), pass.proposals.end());
      wakeup_ = pass.next_wakeup;
      for (const Proposal& p : proposals) carry_out(p);
      if (::testing::Test::HasFatalFailure()) return;
      if (refused_ || !pass.complete) {
        refused_ = false;
        continue;
      }
      ASSERT_GT(pass.next_wakeup, now_);
      return;
    }
  }

  void carry_out(const Proposal& p) {
    const auto k = std::find_if(jobs_.begin(), jobs_.end(), [&](const Known& job) { return job.handle == p.job; });
    ASSERT_NE(k, jobs_.end());
    ASSERT_TRUE(k->where == Where::kWaiting || (k->where == Where::kDeferred && k->deferred_at < now_));
    ASSERT_GT(p.estimated_end, now_);
    check_fits(*k, p.estimated_end);
    if (random_.chance(8)) {
      const bool hold = random_.chance(30);
      core_.refused(k->handle, hold ? Refusal::kHeld : Refusal::kNotNow, now_);
      k->where = hold ? Where::kHeld : Where::kDeferred;
      k->deferred_at = now_;
      refused_ = true;
      return;
    }
    core_.started(k->handle, now_);
    run_job(*k, p.estimated_end);
  }

  void check_counts() {
    const auto runs =
        std::count_if(jobs_.begin(), jobs_.end(), [](const Known& k) { return k.where == Where::kRunning; });
    ASSERT_EQ(core_.running(), static_cast<std::size_t>(runs));
    ASSERT_EQ(core_.queued(), jobs_.size() - static_cast<std::size_t>(runs));
    ASSERT_EQ(core_.statistics().started, starts_);
  }

  // All obstacles go away: then every job gets its turn.
  void finish() {
    punctual_ = true;
    core_.capacity_changed(capacity_ = size_, now_);
    for (const AdvanceReservation& r : reservations_) core_.reservation_changed({r.id, r.start, r.end, 0}, now_);
    reservations_.clear();
    for (int round = 0; round < 3000 && !jobs_.empty() && !::testing::Test::HasFatalFailure(); ++round) {
      for (Known& k : jobs_)
        if (k.where == Where::kHeld) {
          core_.modify(k.handle, k.job, now_);
          k.where = Where::kWaiting;
        }
      pass();
      advance(now_ + Seconds{1});
      check_counts();
    }
    EXPECT_TRUE(jobs_.empty()) << jobs_.size() << " jobs never started";
  }

  Random random_;
  std::int32_t capacity_;
  std::int32_t size_;  // capacity when nothing is down
  bool predicts_;
  bool punctual_;
  BackfillScheduler core_;
  std::vector<Known> jobs_;
  std::vector<AdvanceReservation> reservations_;
  SimTime now_ = at(100);
  SimTime wakeup_ = kNever;
  JobId last_id_ = 0;
  std::int64_t starts_ = 0;
  bool refused_ = false;
};

PolicySpec random_policy(Random& random) {
  PolicySpec spec;
  spec.queue_order = static_cast<Order>(random.between(0, 9));
  if (random.chance(85)) spec.backfill_order = static_cast<Order>(random.between(0, 9));
  spec.reservation_depth = random.pick(std::vector<std::int32_t>{0, 1, 1, 2, 3, kReserveAll, kReserveAll});
  if (random.chance(40)) spec.promotion_age = Seconds{random.between(0, 60)};
  if (spec.promotion_age && random.chance(50)) spec.promotion_backlog_percent = random.between32(1, 200);
  if (spec.promotion_backlog_percent > 0 && random.chance(50)) spec.promotion_age_percent = random.between32(1, 100);
  if (random.chance(40)) spec.renewals = random.between32(1, 4);
  return spec;
}

template <class Fits>
void fuzz(bool punctual, std::uint64_t first, std::uint64_t last, Fits&& fits) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Random random(seed);
    const PolicySpec spec = random_policy(random);
    if (!fits(spec)) continue;
    const FreeRule rule = random.chance(70) ? FreeRule::kEnded : FreeRule::kEstimated;
    FuzzedHost(spec, rule, random.chance(30), punctual, seed).run(250);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << ", " << label(spec);
  }
}

TEST(HostFuzz, PunctualHost) {
  fuzz(true, 1, 400, [](const PolicySpec&) { return true; });
}

// A real controller calls when it can, not when it is asked to.
TEST(HostFuzz, LateHost) {
  fuzz(false, 1001, 1400, [](const PolicySpec&) { return true; });
}

}  // namespace
}  // namespace wattfill::testing
