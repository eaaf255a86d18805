#include "trace-replay/workload/resample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "trace-replay/errors.hpp"
#include "trace-replay/workload/arrival_order.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill {
namespace {

constexpr Seconds kWeek{std::int64_t{7} * 24 * 3600};

// Purposes of random numbers.
constexpr std::uint64_t kWeeks = 0x3EE45;
constexpr std::uint64_t kUsers = 0x05E45;

void refuse_links(const Workload& workload, const char* what) {
  if (!workload.links.empty())
    throw UsageError(fmt::format(
        "{}: {} not with jobs that wait for others; leave out --closed-loop and --dependencies", workload.name, what));
}

Workload without_jobs(const Workload& workload) {
  Workload empty;
  empty.name = workload.name;
  empty.header = workload.header;
  empty.report = workload.report;
  empty.reject_examples = workload.reject_examples;
  return empty;
}

// A copy of a job that is submitted so much later.
TraceJob& append(Workload& to, const Workload& from, std::size_t job, Seconds later) {
  TraceJob& copy = to.jobs.emplace_back(from.jobs[job]);
  copy.job.submit += later;
  if (!from.cancel_at.empty()) {
    const SimTime cancelled = from.cancel_at[job];
    to.cancel_at.push_back(cancelled == kNever ? kNever : cancelled + later);
  }
  return copy;
}

void sort_and_number(Workload& workload) {
  sort_by_arrival(workload);
  JobId next = 1;
  for (TraceJob& job : workload.jobs) job.job.id = next++;
}

// The jobs of each user, in order of arrival; by number, so that draws do not depend on a hash.
std::map<std::int32_t, std::vector<std::size_t>> jobs_by_user(const Workload& workload) {
  std::map<std::int32_t, std::vector<std::size_t>> users;
  for (std::size_t i = 0; i < workload.jobs.size(); ++i)
    if (workload.jobs[i].job.user != kUnknown) users[workload.jobs[i].job.user].push_back(i);
  return users;
}

// One of 1 to weeks - 1 that is left; when none is, all are again.
std::int64_t take_shift(std::vector<std::int64_t>& left, std::int64_t weeks, RandomEngine& engine) {
  if (left.empty())
    for (std::int64_t shift = 1; shift < weeks; ++shift) left.push_back(shift);
  std::swap(left[uniform_index(engine, left.size())], left.back());
  const std::int64_t shift = left.back();
  left.pop_back();
  return shift;
}

}  // namespace

Workload shaken(Workload result, Seconds shake, std::uint64_t seed) {
  RandomEngine generator(seed);
  boost::random::uniform_int_distribution<std::int64_t> shift(-shake.count(), shake.count());
  for (std::size_t i = 0; i < result.jobs.size(); ++i) {
    const Seconds by{shift(generator)};
    result.jobs[i].job.submit += by;
    // What is told relative to the submission moves with it.
    if (!result.links.empty()) result.links[i].recorded_start += by;
    if (!result.cancel_at.empty() && result.cancel_at[i] != kNever) result.cancel_at[i] += by;
  }
  sort_by_arrival(result);
  return result;
}

Seconds load_scaled(Seconds since_first, double factor) {
  // One division, rounded alike on every host; distances are far below 2^53 seconds.
  return Seconds{std::llround(static_cast<double>(since_first.count()) / factor)};
}

Workload load_scaled(const Workload& workload, double factor) {
  if (!(std::isfinite(factor) && factor > 0))
    throw UsageError(fmt::format("load {}: a factor above zero would be right, as 1.1 for a tenth more", factor));
  refuse_links(workload, "the load can be scaled,");
  constexpr double kLongest = 1e15;  // seconds: what a double and the replay's arithmetic hold with ease
  if (!workload.jobs.empty() &&
      static_cast<double>((workload.jobs.back().job.submit - workload.jobs.front().job.submit).count()) / factor >
          kLongest)
    throw UsageError(
        fmt::format("load {}: so low that the trace would last longer than {:g} seconds", factor, kLongest));
  Workload result = without_jobs(workload);
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const Seconds since = workload.jobs[i].job.submit - workload.jobs.front().job.submit;
    append(result, workload, i, load_scaled(since, factor) - since);
  }
  sort_by_arrival(result);  // distances that became equal
  return result;
}

Workload weeks_resampled(const Workload& workload, std::uint64_t seed) {
  refuse_links(workload, "weeks can be drawn,");
  const std::vector<TraceJob>& jobs = workload.jobs;
  const auto whole = jobs.empty() ? 0 : (jobs.back().job.submit - jobs.front().job.submit + Seconds{1}) / kWeek;
  if (whole < 1) throw UsageError(workload.name + ": weeks cannot be drawn from a trace shorter than a week");
  const auto weeks = static_cast<std::size_t>(whole);
  std::vector<std::size_t> first(weeks + 1);  // job of each week
  for (std::size_t w = 0; w <= weeks; ++w) {
    const SimTime begin = jobs.front().job.submit + kWeek * static_cast<std::int64_t>(w);
    first[w] = static_cast<std::size_t>(
        std::lower_bound(jobs.begin(), jobs.end(), begin,
                         [](const TraceJob& job, SimTime time) { return job.job.submit < time; }) -
        jobs.begin());
  }
  RandomEngine engine = seeded_engine(seed, kWeeks);
  Workload result = without_jobs(workload);
  for (std::size_t place = 0; place < weeks; ++place) {
    const std::size_t drawn = uniform_index(engine, weeks);
    const Seconds later = kWeek * (static_cast<std::int64_t>(place) - static_cast<std::int64_t>(drawn));
    for (std::size_t i = first[drawn]; i < first[drawn + 1]; ++i) append(result, workload, i, later);
  }
  sort_and_number(result);
  return result;
}

Workload users_resampled(const Workload& workload, std::uint64_t seed) {
  refuse_links(workload, "users can be drawn,");
  const auto by_user = jobs_by_user(workload);
  if (by_user.empty())
    throw UsageError(workload.name + ": users cannot be drawn: no job says who submitted it (field 12)");
  if (by_user.rbegin()->first > std::numeric_limits<std::int32_t>::max() - static_cast<std::int32_t>(by_user.size()))
    throw UsageError(fmt::format("{}: users cannot be drawn: user {} leaves no numbers for second identities",
                                 workload.name, by_user.rbegin()->first));
  const std::vector<std::pair<std::int32_t, std::vector<std::size_t>>> users(by_user.begin(), by_user.end());
  const SimTime begin = workload.jobs.front().job.submit;
  const std::int64_t weeks = (workload.jobs.back().job.submit - begin) / kWeek + 1;
  if (weeks < 2)
    throw UsageError(workload.name + ": users cannot be drawn: a second identity needs another week to submit in");

  RandomEngine engine = seeded_engine(seed, kUsers);
  Workload result = without_jobs(workload);
  for (std::size_t i = 0; i < workload.jobs.size(); ++i)
    if (workload.jobs[i].job.user == kUnknown) append(result, workload, i, Seconds{0});
  std::vector<bool> taken(users.size());
  std::vector<std::vector<std::int64_t>> shifts(users.size());  // in weeks, that no identity of the user has yet
  std::int32_t next_identity = users.back().first + 1;
  for (std::size_t draw = 0; draw < users.size(); ++draw) {
    const std::size_t drawn = uniform_index(engine, users.size());
    const auto& [user, jobs] = users[drawn];
    const bool again = taken[drawn];
    taken[drawn] = true;
    const std::int32_t identity = again ? next_identity++ : user;
    const Seconds later = again ? kWeek * take_shift(shifts[drawn], weeks, engine) : Seconds{0};
    for (const std::size_t i : jobs) {
      const bool beyond = workload.jobs[i].job.submit + later - begin >= kWeek * weeks;
      append(result, workload, i, beyond ? later - kWeek * weeks : later).job.user = identity;
    }
  }
  sort_and_number(result);
  return result;
}

}  // namespace wattfill
