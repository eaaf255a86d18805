// Small random workloads, estimates that a test dictates, and a host that drives a scheduler through them.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "backfill/model/estimate_source.hpp"
#include "backfill/model/job.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

inline SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

struct TestJob {
  Job job;
  Seconds runtime{};           // at most the request
  Seconds prediction{};        // may fall short of the runtime
  SimTime cancel_at = kNever;  // withdrawn if it still waits then
};

struct SmallWorkload {
  std::int32_t processors = 0;
  std::vector<TestJob> jobs;  // in order of submission
};

// Estimates by job id.
class Predictions final : public EstimateSource {
 public:
  explicit Predictions(const SmallWorkload& workload) {
    for (const TestJob& j : workload.jobs) table_[j.job.id] = j.prediction;
  }
  std::string_view name() const override { return "predictions"; }
  Seconds at_submit(const Job& job, SimTime) override { return table_.at(job.id); }
  // Another one at each time; some jobs keep the first.
  std::optional<Seconds> while_waiting(const Job& job, SimTime now) override {
    if (job.id % 5 == 0) return std::nullopt;
    return Seconds{1 + (job.id * 31 + seconds_since_epoch(now) * 17) % job.requested.count()};
  }
  // Small steps, so that small workloads overrun more than once.
  Seconds after_overrun(const Job& job, Seconds initial, int overruns) override {
    return std::min(job.requested, initial + Seconds{7 * overruns});
  }

 private:
  std::map<JobId, Seconds> table_;
};

// A machine of 5-40 processors under a load near one, some requests repeated and some unique, bursts of submissions at
// one instant, a third of the jobs running as long as they asked for.
inline SmallWorkload small_workload(Random& random, std::int64_t fewest, std::int64_t most) {
  SmallWorkload workload;
  workload.processors = random.between32(5, 40);
  const std::int64_t jobs = random.between(fewest, random.between(fewest, most));
  const std::int64_t longest = random.chance(50) ? 100 : 12;
  const std::vector<std::int64_t> usual = {longest / 10 + 1, longest / 3, longest / 2, longest};
  const bool modal = random.chance(60);
  const bool withdrawn = random.chance(30);
  const std::int64_t gap = std::max<std::int64_t>(1, longest * random.between(3, 45) / 100);
  SimTime submit = at(random.between(0, 1000));
  for (JobId id = 1; id <= jobs; ++id) {
    if (random.chance(60)) submit += Seconds{random.between(0, gap)};
    TestJob j;
    j.job.id = id;
    j.job.submit = submit;
    j.job.requested = Seconds{modal ? random.pick(usual) : random.between(1, longest)};
    const bool narrow = random.chance(70);
    j.job.processors = random.between32(1, narrow ? std::max(1, workload.processors / 3) : workload.processors);
    if (random.chance(30)) j.job.processors = 1 << random.between32(0, 2);
    j.job.user = random.between32(0, 4);
    j.job.priority = random.between(-3, 3);
    j.runtime = random.chance(33) ? j.job.requested : Seconds{random.between(1, j.job.requested.count())};
    j.prediction = Seconds{random.between(1, j.job.requested.count())};
    if (withdrawn && random.chance(25)) j.cancel_at = submit + Seconds{random.between(0, longest)};
    workload.jobs.push_back(j);
  }
  // The host need not tell of one instant's submissions in the order of their ids.
  for (std::size_t i = 1; i < workload.jobs.size(); ++i)
    if (workload.jobs[i].job.submit == workload.jobs[i - 1].job.submit && random.chance(20))
      std::swap(workload.jobs[i].job.id, workload.jobs[i - 1].job.id);
  return workload;
}

enum class Passes {
  kEachInstant,  // all events of an instant, terminations first, then one pass
  kEachEvent,    // a pass after each event, submissions before terminations (REFERENCE: the SC'15 simulator)
};

// Whether the host tells that a job has outlived its estimate.
enum class Overruns { kReported, kUnreported };

// What drive() needs of a scheduler; jobs are named by their index in the workload.
struct Decision {
  struct Start {
    std::size_t job;
    SimTime estimated_end;
  };
  std::vector<Start> starts;
  SimTime wakeup = kNever;
};

// Runs a workload to its end and returns when each job started; kNever for those that were withdrawn.
template <class System>
class Driver {
 public:
  Driver(const SmallWorkload& workload, System& system, Passes passes, Overruns overruns)
      : jobs_(workload.jobs), system_(system), passes_(passes), overruns_(overruns), starts_(jobs_.size(), kNever) {}

  std::vector<SimTime> run() {
    while (true) {
      SimTime now = wakeup_;
      if (next_ < jobs_.size()) now = std::min(now, jobs_[next_].job.submit);
      if (!cancels_.empty()) now = std::min(now, cancels_.begin()->first);
      for (const Running& r : running_) now = std::min({now, r.end, overrun_of(r)});
      if (now >= kNever) return starts_;
      for (Running& r : running_)
        if (overrun_of(r) == now) r.estimated_end = system_.overrun(r.job, now);
      if (passes_ == Passes::kEachInstant) {
        while (end_one(now)) {
        }
        while (cancel_one(now)) {
        }
        while (submit_one(now)) {
        }
        pass(now);
      } else {
        bool passed = false;
        while (submit_one(now) || end_one(now) || cancel_one(now)) {
          pass(now);
          passed = true;
        }
        if (!passed && wakeup_ == now) pass(now);
      }
    }
  }

 private:
  struct Running {
    std::size_t job;
    SimTime end;
    SimTime estimated_end;
  };

  bool submit_one(SimTime now) {
    if (next_ == jobs_.size() || jobs_[next_].job.submit != now) return false;
    if (jobs_[next_].cancel_at < kNever) cancels_.emplace(jobs_[next_].cancel_at, next_);
    system_.submit(next_++, now);
    return true;
  }

  // False when no waiting job is left that is withdrawn now.
  bool cancel_one(SimTime now) {
    while (!cancels_.empty() && cancels_.begin()->first <= now) {
      const std::size_t job = cancels_.begin()->second;
      cancels_.erase(cancels_.begin());
      if (starts_[job] != kNever) continue;
      system_.cancel(job, now);
      return true;
    }
    return false;
  }

  SimTime overrun_of(const Running& r) const {
    return overruns_ == Overruns::kReported && r.estimated_end < r.end ? r.estimated_end : kNever;
  }

  // Terminations of one instant come in the order of the starts, which is the order of running_.
  bool end_one(SimTime now) {
    const auto it = std::find_if(running_.begin(), running_.end(), [now](const Running& r) { return r.end == now; });
    if (it == running_.end()) return false;
    system_.end(it->job, now);
    running_.erase(it);
    return true;
  }

  void pass(SimTime now) {
    const Decision decision = system_.schedule(now);
    for (const Decision::Start& s : decision.starts) {
      starts_[s.job] = now;
      running_.push_back({s.job, now + jobs_[s.job].runtime, s.estimated_end});
    }
    wakeup_ = decision.wakeup;
  }

  const std::vector<TestJob>& jobs_;
  System& system_;
  Passes passes_;
  Overruns overruns_;
  std::vector<SimTime> starts_;
  std::vector<Running> running_;
  std::multimap<SimTime, std::size_t> cancels_;
  std::size_t next_ = 0;
  SimTime wakeup_ = kNever;
};

template <class System>
std::vector<SimTime> drive(const SmallWorkload& workload, System& system, Passes passes,
                           Overruns overruns = Overruns::kReported) {
  return Driver<System>(workload, system, passes, overruns).run();
}

}  // namespace wattfill::testing
