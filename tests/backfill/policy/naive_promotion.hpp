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
    w.work = job.processors * job.requested.count();
    // What leaves at this instant has not left yet.
    std::int64_t ahead = -w.work;
    for (const auto& [id, other] : waiting_) ahead += other.work;
    for (const Departure& d : departures_) (d.at == now ? ahead : w.turn) += d.work;
    w.turn += ahead * policy_.promotion_backlog_percent / 100;
    w.departed_before = departures_.size();
  }

  bool knows(JobId id) const { return waiting_.contains(id); }

  void depart(JobId id, SimTime now) {
    departures_.push_back({now, waiting_.at(id).work});
    waiting_.erase(id);
  }

  // kNever where that depends on what else leaves the queue.
  SimTime due(JobId id) const {
    if (!policy_.promotion_age) return kNever;
    const Waiting& w = waiting_.at(id);
    if (policy_.promotion_backlog_percent == 0) return w.submit + *policy_.promotion_age;
    std::int64_t departed = 0;
    for (std::size_t i = 0; i < w.departed_before; ++i) departed += departures_[i].work;
    if (departed >= w.turn) return w.submit + *policy_.promotion_age;
    for (std::size_t i = w.departed_before; i < departures_.size(); ++i) {
      departed += departures_[i].work;
      if (departed >= w.turn) return departures_[i].at + std::max(Seconds{1}, *policy_.promotion_age);
    }
    return kNever;
  }

  bool promoted(JobId id, SimTime now) const { return knows(id) && due(id) <= now; }

 private:
  struct Waiting {
    SimTime submit{};
    std::int64_t work = 0;
    std::int64_t turn = 0;
    std::size_t departed_before = 0;
  };
  struct Departure {
    SimTime at;
    std::int64_t work;
  };
  PolicySpec policy_;
  std::map<JobId, Waiting> waiting_;
  std::vector<Departure> departures_;
};

}  // namespace wattfill::testing
