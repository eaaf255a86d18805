// Jobs that hold licences beside processors: compared with a planner that looks at every moment of every resource.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/backfill/node_types.hpp"
#include "tests/backfill/policy/small_workload.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

using Amounts = std::vector<std::int64_t>;  // processors of each node type, then each licence

struct Use {
  SimTime from;
  SimTime to;
  Amounts amounts;
};

struct Waiting {
  JobId id = 0;
  Seconds requested{};
  Amounts amounts;
  JobHandle handle;
};

// A machine of counted processors, or of whole nodes or cores; jobs of queue q run on the node type, and hold the
// licences, that the q-th rule says.
class Site {
 public:
  Site(Random& random, AllocationMode mode) : cluster_(std::make_shared<Cluster>()) {
    cluster_->name = "test";
    cluster_->allocation = mode;
    const std::int32_t types = random.between32(1, 2);
    for (std::int32_t t = 0; t < types; ++t)
      cluster_->node_types.push_back(node_type("t" + std::to_string(t), random.between32(2, 9), 1, 1'000'000));
    const std::int32_t licences = random.between32(1, 3);
    for (std::int32_t l = 0; l < licences; ++l)
      cluster_->licences.push_back({"l" + std::to_string(l), random.between32(1, 4)});
    for (std::int32_t queue = 1; queue <= 4; ++queue) {
      AccessRule rule{AccessRule::Field::kQueue, queue, {random.between32(0, types - 1)}};
      for (std::int32_t l = 0; l < licences; ++l)
        if (random.chance(50))
          rule.holds.push_back({l, random.between32(1, cluster_->licences[static_cast<std::size_t>(l)].count)});
      cluster_->access.push_back(rule);
    }
  }
  Amounts capacity() const {
    Amounts all;
    for (const NodeType& type : cluster_->node_types) all.push_back(type.count);
    for (const Licence& licence : cluster_->licences) all.push_back(licence.count);
    return all;
  }
  Amounts amounts(const Job& job) const {
    Amounts out(capacity().size());
    out[type_of(job.queue)] = job.processors;
    for (const AccessRule::Hold& hold : rule_of(job.queue).holds)
      out[cluster_->node_types.size() + static_cast<std::size_t>(hold.licence)] += hold.count;
    return out;
  }
  std::size_t type_of(std::int32_t queue) const { return static_cast<std::size_t>(rule_of(queue).node_types.front()); }
  std::shared_ptr<const Cluster> cluster() const { return cluster_; }

 private:
  const AccessRule& rule_of(std::int32_t queue) const { return cluster_->access[static_cast<std::size_t>(queue - 1)]; }
  std::shared_ptr<Cluster> cluster_;
};

bool fits(const Amounts& capacity, const std::vector<Use>& uses, const Waiting& job, SimTime start) {
  std::vector<SimTime> moments{start};
  for (const Use& use : uses)
    if (use.from > start && use.from < start + job.requested) moments.push_back(use.from);
  return std::ranges::all_of(moments, [&](SimTime at) {
    Amounts taken = job.amounts;
    for (const Use& use : uses)
      for (std::size_t r = 0; r < taken.size(); ++r)
        if (use.from <= at && at < use.to) taken[r] += use.amounts[r];
    return std::ranges::equal(taken, capacity, std::less_equal<>());
  });
}

SimTime earliest(const Amounts& capacity, const std::vector<Use>& uses, const Waiting& job, SimTime now) {
  std::vector<SimTime> moments{now};
  for (const Use& use : uses)
    if (use.to > now) moments.push_back(use.to);
  std::ranges::sort(moments);
  const auto found = std::ranges::find_if(moments, [&](SimTime at) { return fits(capacity, uses, job, at); });
  return found == moments.end() ? kNever : *found;
}

// First come, first served, with so many reservations.
std::vector<JobId> naive_pass(const Amounts& capacity, std::vector<Use> uses, const std::vector<Waiting>& queue,
                              std::int32_t depth, SimTime now) {
  std::vector<JobId> starts;
  std::int32_t reserved = 0;
  for (const Waiting& job : queue) {
    const SimTime start = earliest(capacity, uses, job, now);
    if (start == now) {
      starts.push_back(job.id);
    } else if (reserved++ >= depth) {
      continue;
    }
    if (start != kNever) uses.push_back({start, start + job.requested, job.amounts});
  }
  return starts;
}

class Life {
 public:
  Life(std::uint64_t seed, AllocationMode mode, std::int32_t depth)
      : random_(seed), site_(random_, mode), depth_(depth) {
    options_.cluster = site_.cluster();
    options_.policy.backfill_order = Order::kFcfs;
    options_.policy.reservation_depth = depth;
  }

  void run() {
    BackfillScheduler core(options_);
    SimTime now{};
    for (int submitted = 0; submitted < 60 || !running_.empty();) {
      const bool wait_for_end = !running_.empty() && (submitted >= 60 || random_.chance(40));
      now = wait_for_end ? std::max(now, running_.begin()->first) : now + Seconds{random_.between(0, 4)};
      while (!running_.empty() && running_.begin()->first <= now) {
        core.end(running_.begin()->second.handle, now);
        std::erase_if(uses_, [&](const auto& use) { return use.first == running_.begin()->second.id; });
        running_.erase(running_.begin());
      }
      for (std::int64_t n = submitted < 60 ? random_.between(0, 2) : 0; n > 0; --n) submit(core, ++submitted, now);
      if (!waiting_.empty() && random_.chance(5)) cancel(core, now);
      pass(core, now);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_TRUE(waiting_.empty()) << waiting_.size() << " jobs never ran";
  }

 private:
  void submit(BackfillScheduler& core, JobId id, SimTime now) {
    Job job;
    job.id = id;
    job.submit = now;
    job.requested = Seconds{random_.between(1, 40)};
    job.queue = random_.between32(1, 4);
    const std::int64_t most = site_.capacity()[site_.type_of(job.queue)];
    job.processors = random_.between32(1, random_.chance(70) ? 2 : static_cast<std::int32_t>(most));
    waiting_.push_back({id, job.requested, site_.amounts(job), core.submit(job, now)});
  }
  void cancel(BackfillScheduler& core, SimTime now) {
    const std::size_t victim = random_.index(waiting_.size());
    core.cancel(waiting_[victim].handle, now);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(victim));
  }
  std::vector<Use> uses(SimTime now) const {
    std::vector<Use> all;
    for (const auto& [id, use] : uses_) all.push_back({use.from, std::max(use.to, now + Seconds{1}), use.amounts});
    return all;
  }

  void pass(BackfillScheduler& core, SimTime now) {
    const std::vector<JobId> expected = naive_pass(site_.capacity(), uses(now), waiting_, depth_, now);
    std::vector<JobId> starts;
    for (const Proposal& proposal : core.schedule(now, {}).proposals) {
      const auto job = std::ranges::find(waiting_, proposal.job, &Waiting::handle);
      ASSERT_NE(job, waiting_.end());
      ASSERT_TRUE(fits(site_.capacity(), uses(now), *job, now)) << "job " << job->id << " gets what is not free";
      starts.push_back(job->id);
      core.started(proposal.job, now);
      uses_.emplace(job->id, Use{now, now + job->requested, job->amounts});
      running_.emplace(
          now + Seconds{random_.chance(30) ? job->requested.count() : random_.between(1, job->requested.count())},
          *job);
      waiting_.erase(job);
    }
    if (depth_ != kReserveAll) {
      std::ranges::sort(starts);
      ASSERT_EQ(starts, expected) << "at " << seconds_since_epoch(now);
    } else {
      check_reservations(core, now);
    }
  }

  // Conservative: the reservations fit together, and none could be better with the others left alone.
  void check_reservations(BackfillScheduler& core, SimTime now) {
    std::vector<SimTime> starts;
    for (const Waiting& job : waiting_) starts.push_back(core.expected_start(job.handle, now));
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      std::vector<Use> others = uses(now);
      for (std::size_t j = 0; j < waiting_.size(); ++j)
        if (j != i) others.push_back({starts[j], starts[j] + waiting_[j].requested, waiting_[j].amounts});
      ASSERT_TRUE(fits(site_.capacity(), others, waiting_[i], starts[i])) << "job " << waiting_[i].id;
      ASSERT_EQ(earliest(site_.capacity(), others, waiting_[i], now), starts[i]) << "job " << waiting_[i].id;
    }
  }

  Random random_;
  Site site_;
  std::int32_t depth_;
  SchedulerOptions options_;
  std::vector<Waiting> waiting_;
  std::map<JobId, Use> uses_;
  std::multimap<SimTime, Waiting> running_;  // by the time when they will have ended
};

TEST(Licences, DecisionsAreThoseOfAPlannerThatLooksAtEveryMoment) {
  for (const std::int32_t depth : {0, 1, 2, 5, kReserveAll})
    for (const AllocationMode mode : {AllocationMode::kCounts, AllocationMode::kWholeNodes, AllocationMode::kCores})
      for (std::uint64_t seed = 1; seed <= 60 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("depth " + std::to_string(depth) + ", seed " + std::to_string(seed));
        Life(seed, mode, depth).run();
      }
}

TEST(Licences, AJobThatAsksForMoreThanThereAreNeverRunsAndHoldsUpNobody) {
  auto cluster = std::make_shared<Cluster>();
  cluster->name = "test";
  cluster->node_types = {node_type("node", 4, 1, 1'000'000)};
  cluster->licences = {{"matlab", 2}};
  cluster->access = {{AccessRule::Field::kQueue, 1, {0}, {{0, 3}}}};
  SchedulerOptions options;
  options.cluster = cluster;
  BackfillScheduler core(options);
  Job job;
  job.processors = 1;
  job.requested = Seconds{10};
  job.queue = 1;
  core.submit(job, SimTime{});
  job.id = 1;
  job.queue = 0;
  core.submit(job, SimTime{});
  EXPECT_EQ(core.schedule(SimTime{}, {}).proposals.size(), 1U);
  EXPECT_EQ(core.queued(), 1U);
}

}  // namespace
}  // namespace wattfill::testing
