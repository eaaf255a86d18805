// What must hold of workloads made from a recorded one, whatever was drawn.
#include "trace-replay/workload/resample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill::testing {
namespace {

constexpr Seconds kWeek{std::int64_t{7} * 86400};

// Some twelve weeks of seven users; every fifth job is cancelled at some time after its submission.
Workload recorded() {
  RandomEngine engine(4);
  std::vector<SmallJob> jobs;
  for (std::int64_t t = 1000; t < 12 * kWeek.count(); t += 1 + static_cast<std::int64_t>(uniform_index(engine, 9000)))
    jobs.push_back({t, 1 + static_cast<std::int32_t>(uniform_index(engine, 8)), 5000,
                    1 + static_cast<std::int64_t>(uniform_index(engine, 5000)),
                    static_cast<std::int32_t>(std::sqrt(uniform(engine, 0, 49)))});
  Workload w = workload_of(jobs);
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    w.jobs[i].job.id += 100;
    w.cancel_at.push_back(i % 5 == 0 ? w.jobs[i].job.submit + Seconds{static_cast<std::int64_t>(i)} : kNever);
  }
  return w;
}

std::int64_t work(const Workload& w) {
  std::int64_t sum = 0;
  for (const TraceJob& job : w.jobs) sum += job.runtime.count() * job.job.processors;
  return sum;
}

using Line = std::tuple<SimTime, JobId, std::int32_t, Seconds, std::int32_t, SimTime>;

std::vector<Line> lines(const Workload& w) {
  std::vector<Line> all;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    const TraceJob& job = w.jobs[i];
    all.emplace_back(job.job.submit, job.job.id, job.job.processors, job.runtime, job.job.user, w.cancel_at[i]);
  }
  return all;
}

// Runtimes are what a job can be recognised by, whoever submits it at whatever time; and how long it has patience.
std::multiset<std::pair<Seconds, Seconds>> kinds(const Workload& w) {
  std::multiset<std::pair<Seconds, Seconds>> all;
  for (std::size_t i = 0; i < w.jobs.size(); ++i)
    all.emplace(w.jobs[i].runtime, w.cancel_at[i] == kNever ? Seconds{-1} : w.cancel_at[i] - w.jobs[i].job.submit);
  return all;
}

void expect_a_workload(const Workload& w) {
  ASSERT_EQ(w.cancel_at.size(), w.jobs.size());
  std::set<JobId> ids;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    EXPECT_TRUE(ids.insert(w.jobs[i].job.id).second);
    if (i == 0) continue;
    EXPECT_LT(std::pair(w.jobs[i - 1].job.submit, w.jobs[i - 1].job.id),
              std::pair(w.jobs[i].job.submit, w.jobs[i].job.id));
  }
}

using Drawn = std::function<Workload(const Workload&, std::uint64_t)>;

// Over many seeds the mean number of copies of each job is one: as many jobs are expected as there are.
void expect_each_job_once_on_average(const Workload& from, const Drawn& drawn, double expected_jobs) {
  constexpr int kSeeds = 400;
  double jobs = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) jobs += static_cast<double>(drawn(from, seed).jobs.size());
  EXPECT_NEAR(jobs / kSeeds, expected_jobs, 0.03 * expected_jobs);
}

TEST(LoadScaled, KeepsTheWorkAndDividesTheTimes) {
  const Workload before = recorded();
  for (const double factor : {0.5, 0.9, 1.0, 1.1, 3.0, 1000.0}) {
    const Workload after = load_scaled(before, factor);
    expect_a_workload(after);
    EXPECT_EQ(work(after), work(before));
    EXPECT_EQ(kinds(after), kinds(before));
    std::map<JobId, SimTime> submitted;
    for (const TraceJob& job : after.jobs) submitted[job.job.id] = job.job.submit;
    const SimTime first = before.jobs.front().job.submit;
    for (const TraceJob& job : before.jobs) {
      const double exact = static_cast<double>((job.job.submit - first).count()) / factor;
      // Half a second at most, for the first job and for the last.
      EXPECT_LE(std::abs(static_cast<double>((submitted[job.job.id] - first).count()) - exact), 0.5);
    }
  }
  EXPECT_EQ(lines(load_scaled(before, 1)), lines(before));
}

TEST(LoadScaled, RefusesFactorsThatAreNone) {
  const Workload w = recorded();
  for (const double factor :
       {0.0, -1.0, 1e-12, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(load_scaled(w, factor), UsageError) << factor;
}

TEST(WeeksResampled, KeepsWholeWeeksAndTheirPhase) {
  const Workload before = recorded();
  const SimTime first = before.jobs.front().job.submit;
  const auto week = [&](SimTime time) { return (time - first) / kWeek; };
  // For each week of the trace its jobs as (second of the week, runtime, user).
  using Content = std::vector<std::tuple<Seconds, Seconds, std::int32_t>>;
  const auto contents = [&](const Workload& w) {
    std::map<std::int64_t, Content> all;
    for (const TraceJob& job : w.jobs)
      all[week(job.job.submit)].emplace_back((job.job.submit - first) % kWeek, job.runtime, job.job.user);
    return all;
  };
  const auto recorded_weeks = contents(before);
  std::set<Content> known;
  for (const auto& [number, content] : recorded_weeks) known.insert(content);
  std::set<Content> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Workload after = weeks_resampled(before, seed);
    expect_a_workload(after);
    const auto weeks = contents(after);
    EXPECT_EQ(weeks.size(), 11);  // the twelfth is not whole
    EXPECT_EQ(weeks.rbegin()->first, 10);
    for (const auto& [number, content] : weeks) {
      EXPECT_TRUE(known.contains(content));
      seen.insert(content);
    }
  }
  EXPECT_EQ(seen.size(), 11);
}

TEST(WeeksResampled, ExpectedJobs) {
  const Workload w = recorded();
  double whole = 0;
  for (const TraceJob& job : w.jobs) whole += job.job.submit - w.jobs.front().job.submit < 11 * kWeek;
  expect_each_job_once_on_average(w, weeks_resampled, whole);
}

TEST(WeeksResampled, NeedsAWeek) {
  EXPECT_THROW(weeks_resampled(Workload{}, 1), UsageError);
  EXPECT_THROW(weeks_resampled(workload_of({{0, 1, 9, 9}, {kWeek.count() - 2, 1, 9, 9}}), 1), UsageError);
  EXPECT_EQ(weeks_resampled(workload_of({{0, 1, 9, 9}, {kWeek.count() - 1, 1, 9, 9}}), 1).jobs.size(), 2);
}

TEST(UsersResampled, EachIdentityHasAllJobsOfOneUserInTheirPhaseOfTheWeek) {
  const Workload before = recorded();
  const SimTime first = before.jobs.front().job.submit;
  using Content = std::multiset<std::pair<Seconds, Seconds>>;
  const auto contents = [&](const Workload& w) {
    std::map<std::int32_t, Content> all;
    for (const TraceJob& job : w.jobs) all[job.job.user].emplace((job.job.submit - first) % kWeek, job.runtime);
    return all;
  };
  const auto users = contents(before);
  std::set<Content> known;
  for (const auto& [user, content] : users) known.insert(content);
  std::size_t second_identities = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Workload after = users_resampled(before, seed);
    expect_a_workload(after);
    EXPECT_LT(after.jobs.back().job.submit - first, 12 * kWeek);
    const auto drawn = contents(after);
    EXPECT_EQ(drawn.size(), users.size());
    for (const auto& [identity, content] : drawn) {
      EXPECT_TRUE(known.contains(content));
      if (users.contains(identity)) {
        EXPECT_EQ(content, users.at(identity));
        continue;
      }
      ++second_identities;
      EXPECT_GT(identity, users.rbegin()->first);
      for (const TraceJob& job : after.jobs) {
        if (job.job.user != identity) continue;
        const auto same = std::find_if(before.jobs.begin(), before.jobs.end(),
                                       [&](const TraceJob& b) { return b.runtime == job.runtime; });
        EXPECT_NE(same->job.submit, job.job.submit);  // in lockstep with the first identity
        break;
      }
    }
  }
  EXPECT_GT(second_identities, 20);  // 37 % of the users are not drawn, on average
}

TEST(UsersResampled, ExpectedJobs) {
  const Workload w = recorded();
  expect_each_job_once_on_average(w, users_resampled, static_cast<double>(w.jobs.size()));
}

// Three users in eight weeks: two identities of one that is drawn thrice do not submit together either.
TEST(UsersResampled, IdentitiesOfOneUserSubmitInWeeksOfTheirOwn) {
  const std::int64_t last = 7 * kWeek.count();
  const Workload w = workload_of({{0, 1, 9, 9, 1}, {0, 1, 8, 8, 2}, {0, 1, 7, 7, 3}, {last, 1, 5, 5, kUnknown}});
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::set<std::pair<Seconds, SimTime>> seen;  // the runtime tells the user
    for (const TraceJob& job : users_resampled(w, seed).jobs)
      EXPECT_TRUE(seen.emplace(job.runtime, job.job.submit).second) << seed;
  }
}

TEST(UsersResampled, NeedsTwoWeeks) {
  EXPECT_THROW(users_resampled(workload_of({{0, 1, 9, 9, 1}, {kWeek.count() - 1, 1, 9, 9, 1}}), 1), UsageError);
  EXPECT_EQ(users_resampled(workload_of({{0, 1, 9, 9, 1}, {kWeek.count(), 1, 9, 9, 1}}), 1).jobs.size(), 2);
}

TEST(UsersResampled, JobsWithoutUserStayAndSomeUserIsNeeded) {
  const std::int64_t later = kWeek.count();
  Workload w = workload_of({{0, 1, 9, 9, kUnknown}, {5, 1, 8, 8, 3}, {later, 1, 7, 7, kUnknown}});
  EXPECT_EQ(users_resampled(w, 1).jobs.size(), 3);
  w.jobs[1].job.user = std::numeric_limits<std::int32_t>::max();
  EXPECT_THROW(users_resampled(w, 1), UsageError);
  w.jobs[1].job.user = kUnknown;
  EXPECT_THROW(users_resampled(w, 1), UsageError);
  EXPECT_THROW(users_resampled(Workload{}, 1), UsageError);
}

TEST(Resampled, DependsOnTheSeedAndOnNothingElse) {
  const Workload w = recorded();
  for (const Drawn& drawn : {Drawn(weeks_resampled), Drawn(users_resampled)}) {
    EXPECT_EQ(lines(drawn(w, 5)), lines(drawn(w, 5)));
    EXPECT_NE(lines(drawn(w, 5)), lines(drawn(w, 6)));
  }
}

TEST(Resampled, RefusesLinkedJobs) {
  Workload w = recorded();
  w.links.resize(w.jobs.size());
  EXPECT_THROW(load_scaled(w, 1.1), UsageError);
  EXPECT_THROW(weeks_resampled(w, 1), UsageError);
  EXPECT_THROW(users_resampled(w, 1), UsageError);
}

}  // namespace
}  // namespace wattfill::testing
