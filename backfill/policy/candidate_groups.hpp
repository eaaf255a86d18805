// A candidate index for each group of demand: a hole means something else to each group.
#pragma once

#include <vector>

#include "backfill/policy/candidate_index.hpp"

namespace wattfill {

class CandidateGroups {
 public:
  CandidateGroups(JobTable& jobs, Order order, int role, CandidateIndex::Asked asked)
      : jobs_(jobs), order_(order), role_(role), asked_(asked) {
    groups_.emplace_back(jobs, order, role, asked);
  }

  void insert(Slot slot, SimTime now) {
    const auto group = static_cast<std::size_t>(jobs_[slot].group);
    while (group >= groups_.size()) groups_.emplace_back(jobs_, order_, role_, asked_);
    groups_[group].insert(slot, now);
    ++size_;
  }
  void erase(Slot slot, SimTime now) {
    groups_[static_cast<std::size_t>(jobs_[slot].group)].erase(slot, now);
    --size_;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // The first job of all, or of those that the hole of their group can take; kNoSlot if there is none. hole_of(group)
  // is asked once for each group that has jobs.
  Slot first(SimTime now) {
    if (groups_.size() == 1) return groups_.front().first(now);
    return best(now, [now](CandidateIndex& group, std::size_t) { return group.first(now); });
  }
  template <class HoleOf>
  Slot first_in(HoleOf&& hole_of, FillBy estimate, SimTime now) {
    if (groups_.size() == 1)
      return groups_.front().empty() ? kNoSlot : groups_.front().first_in(hole_of(0), estimate, now);
    return best(now, [&](CandidateIndex& group, std::size_t g) { return group.first_in(hole_of(g), estimate, now); });
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const CandidateIndex& group : groups_) group.for_each(visit);
  }

 private:
  template <class Ask>
  Slot best(SimTime now, Ask&& ask) {
    Slot best = kNoSlot;
    Rank best_rank;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const Slot slot = groups_[g].empty() ? kNoSlot : ask(groups_[g], g);
      if (slot == kNoSlot) continue;
      const Rank rank = groups_[g].rank_of(slot);
      if (best != kNoSlot && !precedes(rank, best_rank, now)) continue;
      best = slot;
      best_rank = rank;
    }
    return best;
  }

  JobTable& jobs_;
  Order order_;
  int role_;
  CandidateIndex::Asked asked_;
  std::vector<CandidateIndex> groups_;  // at least one
  std::size_t size_ = 0;
};

}  // namespace wattfill
