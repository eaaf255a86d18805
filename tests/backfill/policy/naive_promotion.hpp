// When a job is promoted, from the definition: sums over everything that ever left the queue.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "backfill/policy/policy_spec.hpp"

namespace wattfill::testing {

class NaivePromotion {
 public:
  explicit NaivePromotion(const PolicySpec& policy) : policy_(policy) {}

  void arrive(const Job& job, SimTime now) {
    Waiting& w = waiting_[job.id];
    w.submit = job.submit;
    w.arrived = now;
    w.work = job.processors * job.requested.count();
    // What leaves at this instant has not left yet.
    std::int64_t ahead = -w.work;
    for (const auto& [id, other] : waiting_) ahead += other.work;
    for (const Departure& d : departures_) (d.at == now ? ahead : w.turn) += d.work;
    w.turn += ahead * policy_.promotion_backlog_percent / 100;
    if (policy_.promotion_age && departed() >= w.turn) w.due = w.submit + age(now);
  }

  bool knows(JobId id) const { return waiting_.contains(id); }

  void depart(JobId id, SimTime now) {
    departures_.push_back({now, waiting_.at(id).work});
    waiting_.erase(id);
    if (!policy_.promotion_age) return;
    for (auto& [other, w] : waiting_) {
      if (w.due != kNever || departed() < w.turn) continue;
      w.due = now + std::max(Seconds{1}, age(now));
      turns_.push_back({now, now - w.arrived});
    }
  }

  // kNever where that depends on what else leaves the queue.
  SimTime due(JobId id) const { return waiting_.at(id).due; }
  bool promoted(JobId id, SimTime now) const { return knows(id) && due(id) <= now; }

 private:
  struct Waiting {
    SimTime submit{};
    SimTime arrived{};
    std::int64_t work = 0;
    std::int64_t turn = 0;
    SimTime due = kNever;
  };
  struct Departure {
    SimTime at;
    std::int64_t work;
  };
  struct Turn {
    SimTime at;
    Seconds took;
  };

  std::int64_t departed() const {
    std::int64_t sum = 0;
    for (const Departure& d : departures_) sum += d.work;
    return sum;
  }
  // Of a job whose turn comes now. Workloads here are far shorter than what is remembered.
  Seconds age(SimTime now) const {
    Seconds longest{0};
    for (const Turn& t : turns_)
      if (t.at < now) longest = std::max(longest, t.took);
    return std::max(*policy_.promotion_age, longest * policy_.promotion_age_percent / 100);
  }

  PolicySpec policy_;
  std::map<JobId, Waiting> waiting_;
  std::vector<Departure> departures_;
  std::vector<Turn> turns_;
};

}  // namespace wattfill::testing
