// Conservative backfilling on several classes of nodes against a host that knows nothing but seconds: usage is an array
// by second, every place is tried, and every waiting job is tried again after every event.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

SimTime at(std::int64_t seconds) { return SimTime{} + Seconds{seconds}; }

struct Kind {
  std::int64_t processors;
  Speed speed;
};

struct TestJob {
  JobId id = 0;
  std::int64_t submit = 0;
  std::int32_t processors = 1;
  Seconds requested{1};
  Seconds runtime{1};
};

struct Place {
  std::size_t kind = 0;
  std::int64_t start = -1;
  std::int64_t finish = -1;  // as estimated
  auto operator<=>(const Place&) const = default;
};

class BySecond {
 public:
  explicit BySecond(std::vector<Kind> kinds) : kinds_(std::move(kinds)), usage_(kinds_.size()) {}

  void submit(const TestJob& job) { fresh_.push_back({job, {}}); }
  void end(const TestJob& job, std::int64_t now) {
    const Place& place = running_.at(job.id);
    change(place.kind, now, place.finish, -job.processors);
    running_.erase(job.id);
  }
  // Sweeps, places and starts.
  std::map<JobId, Place> pass(std::int64_t now) {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [job, held] : waiting_) {
        if (held.start <= now) continue;
        change(held.kind, held.start, held.finish, -job.processors);
        const Place found = best(job, now);
        const bool better = std::pair(found.finish, found.start) < std::pair(held.finish, held.start);
        if (better) held = found;
        moved |= better;
        change(held.kind, held.start, held.finish, job.processors);
      }
    }
    for (auto& [job, held] : fresh_) {
      held = best(job, now);
      change(held.kind, held.start, held.finish, job.processors);
      waiting_.emplace_back(job, held);
    }
    fresh_.clear();
    std::map<JobId, Place> starts;
    for (const auto& [job, held] : waiting_)
      if (held.start <= now) running_[job.id] = starts[job.id] = held;
    std::erase_if(waiting_, [now](const auto& w) { return w.second.start <= now; });
    return starts;
  }

 private:
  void change(std::size_t kind, std::int64_t from, std::int64_t to, std::int64_t processors) {
    auto& of_kind = usage_[kind];
    if (of_kind.size() < static_cast<std::size_t>(to)) of_kind.resize(static_cast<std::size_t>(to));
    for (std::int64_t t = from; t < to; ++t) of_kind[static_cast<std::size_t>(t)] += processors;
  }
  std::int64_t used(std::size_t kind, std::int64_t t) const {
    const auto& of_kind = usage_[kind];
    return static_cast<std::size_t>(t) < of_kind.size() ? of_kind[static_cast<std::size_t>(t)] : 0;
  }
  Place best(const TestJob& job, std::int64_t now) const {
    Place best;
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
      if (job.processors > kinds_[k].processors) continue;
      const std::int64_t length = kinds_[k].speed.duration(job.requested).count();
      std::int64_t run = 0;
      std::int64_t t = now;
      for (; run < length; ++t) run = used(k, t) + job.processors <= kinds_[k].processors ? run + 1 : 0;
      const Place place{k, t - length, t};
      if (best.start < 0 || std::pair(place.finish, place.start) < std::pair(best.finish, best.start)) best = place;
    }
    return best;
  }

  std::vector<Kind> kinds_;
  std::vector<std::vector<std::int64_t>> usage_;
  std::vector<std::pair<TestJob, Place>> fresh_, waiting_;  // by (submit, id)
  std::map<JobId, Place> running_;
};

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : random_(seed) {
    auto cluster = std::make_shared<Cluster>();
    for (std::int64_t k = random_.between(2, 4); k > 0; --k) {
      kinds_.push_back({random_.between(2, 12), Speed{random_.between(1, 8) * 250'000}});
      NodeType type;
      type.name = "t" + std::to_string(k);
      type.count = static_cast<std::int32_t>(kinds_.back().processors);
      type.speed = kinds_.back().speed;
      cluster->node_types.push_back(type);
      widest_ = std::max(widest_, type.count);
    }
    options_.cluster = cluster;
    options_.policy.backfill_order = Order::kFcfs;
    options_.policy.reservation_depth = kReserveAll;
  }

  void run() {
    BackfillScheduler core(options_);
    BySecond naive(kinds_);
    std::map<std::uint32_t, TestJob> by_slot;
    std::map<JobId, JobHandle> handles;
    std::multimap<std::int64_t, TestJob> ends;
    std::int64_t now = 0;
    for (JobId id = 0; id < 80 || !ends.empty();) {
      now = id < 80 && (ends.empty() || random_.chance(50)) ? now + random_.between(0, 6) : now;
      if (!ends.empty() && (id >= 80 || ends.begin()->first <= now)) now = ends.begin()->first;
      for (; !ends.empty() && ends.begin()->first == now; ends.erase(ends.begin())) {
        const TestJob& job = ends.begin()->second;
        core.end(handles[job.id], at(now));
        naive.end(job, now);
      }
      for (std::int64_t n = id < 80 ? random_.between(0, 3) : 0; n > 0; --n) {
        const TestJob job = random_job(++id, now);
        naive.submit(job);
        handles[id] = submit(core, job);
        by_slot[handles[id].slot] = job;
      }
      std::map<JobId, Place> starts;
      const Pass pass = core.schedule(at(now), {});
      for (const Proposal& p : pass.proposals) {
        const TestJob job = by_slot.at(p.job.slot);
        starts[job.id] = {static_cast<std::size_t>(p.node_type), now, seconds_since_epoch(p.estimated_end)};
        ends.emplace(now + p.speed.duration(job.runtime).count(), job);
        core.started(p.job, at(now));
      }
      ASSERT_EQ(starts, naive.pass(now)) << "at " << now;
    }
    EXPECT_EQ(core.queued(), 0U);
  }

 private:
  TestJob random_job(JobId id, std::int64_t now) {
    TestJob job;
    job.id = id;
    job.submit = now;
    job.processors = random_.between32(1, random_.chance(30) ? widest_ : std::min(3, widest_));
    job.requested = Seconds{random_.between(1, 40)};
    job.runtime = random_.chance(40) ? job.requested : Seconds{random_.between(1, job.requested.count())};
    return job;
  }
  static JobHandle submit(BackfillScheduler& core, const TestJob& of) {
    Job job;
    job.id = of.id;
    job.submit = at(of.submit);
    job.processors = of.processors;
    job.requested = of.requested;
    return core.submit(job, at(of.submit));
  }

  Random random_;
  std::vector<Kind> kinds_;
  std::int32_t widest_ = 0;
  SchedulerOptions options_;
};

void PrintTo(const Place& place, std::ostream* out) { *out << place.kind << "@" << place.start << "-" << place.finish; }

TEST(ConservativeOnClasses, EveryStartIsThatOfTheRuleTriedSecondBySecond) {
  for (std::uint64_t seed = 1; seed <= 300 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Trial(seed).run();
  }
}

}  // namespace
}  // namespace wattfill::testing
