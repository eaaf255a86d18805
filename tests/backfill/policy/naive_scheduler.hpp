// An independent scheduler to compare with: it sorts the whole queue in each pass and scans it. It shares with the core
// nothing but the policy's description and the scores of jobs (order_test checks these against their formulas).
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/backfill/policy/naive_promotion.hpp"
#include "tests/backfill/policy/small_workload.hpp"

namespace wattfill::testing {

// Free processors over time as a map of changes.
class NaiveProfile {
 public:
  NaiveProfile(SimTime now, std::int64_t free) : now_(now), free_(free) {}
  void take(SimTime from, SimTime to, std::int64_t processors);
  void give(SimTime from, SimTime to, std::int64_t processors) { take(from, to, -processors); }
  SimTime earliest_fit(std::int64_t processors, Seconds duration) const;

 private:
  SimTime now_;
  std::int64_t free_;
  std::map<SimTime, std::int64_t> changes_;
};

class NaiveScheduler {
 public:
  NaiveScheduler(const SmallWorkload& workload, SchedulerOptions options);

  void submit(std::size_t job, SimTime now);
  void end(std::size_t job, SimTime now);
  void cancel(std::size_t job, SimTime now);
  SimTime overrun(std::size_t job, SimTime now);
  Decision schedule(SimTime now);

 private:
  struct State {
    Seconds fit{};
    Seconds initial_fit{};
    Seconds order{};
    Seconds fill{};
    SimTime start{};
    SimTime estimated_end{};
    SimTime reserved = kNever;  // conservative
    bool placed = false;        // conservative
    int overruns = 0;
  };

  void renew(std::size_t job, SimTime now);
  void admit(SimTime now);
  std::vector<std::size_t> sorted(Order order, SimTime now) const;
  bool counts(std::size_t job, SimTime now) const;
  SimTime release_of(std::size_t job, SimTime now) const;
  std::int64_t free(SimTime now) const;
  void start(std::size_t job, SimTime now, Decision& decision);
  std::size_t start_heads(SimTime now, Decision& decision);
  void fill_easy(SimTime now, Decision& decision);
  bool fill_beside(std::size_t head, bool late, bool slips, SimTime now, Decision& decision);
  void plan(SimTime now, Decision& decision);
  void conservative(SimTime now, Decision& decision);
  void compress(SimTime now, NaiveProfile& profile);
  NaiveProfile profile_of_running(SimTime now) const;

  const std::vector<TestJob>& jobs_;
  SchedulerOptions options_;
  NaivePromotion promotion_;
  std::vector<State> states_;
  std::vector<std::size_t> waiting_;
  std::vector<std::size_t> running_;
  SimTime began_ = kNever;
  bool rebuild_ = true;
};

}  // namespace wattfill::testing
