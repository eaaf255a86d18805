// Covering a need with as few groups as possible: nodes of free cores, runs or switches of free nodes.
//
// The largest groups are used wholly, as long as one does not suffice for what is left; the last is the smallest that
// does. No choice of groups is fewer, since the m largest hold the most that m groups can; and the last leaves the
// larger ones for others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wattfill {

class FewestGroups {
 public:
  // Forgets all groups; none to come is larger than `largest`.
  void clear(std::int32_t largest) { count_.assign(static_cast<std::size_t>(largest) + 1, 0); }
  void add(std::int32_t size, std::int32_t groups = 1) { count_[static_cast<std::size_t>(size)] += groups; }

  // Covers `needed` (> 0) with no more than `most` of any group; of groups that are worth the same the smallest come
  // first. O(largest). Returns the number of groups. Precondition: all groups together suffice.
  std::int32_t cover(std::int64_t needed, std::int32_t most);

  // The answer: how many groups of a size are used wholly (or as far as `most` goes), and the last one's size and use.
  std::int32_t whole(std::int32_t size) const { return whole_[static_cast<std::size_t>(size)]; }
  std::int32_t last() const { return last_; }
  std::int32_t rest() const { return rest_; }

  // For those who go through the groups in their order of preference: how much of this one is used.
  std::int32_t claim(std::int32_t size) {
    std::int32_t& whole = whole_[static_cast<std::size_t>(size)];
    if (whole > 0) {
      --whole;
      return size < most_ ? size : most_;
    }
    if (size != last_) return 0;
    last_ = 0;
    return rest_;
  }

 private:
  std::int32_t unused(std::int32_t size) const {
    return count_[static_cast<std::size_t>(size)] - whole_[static_cast<std::size_t>(size)];
  }
  // Uses as many groups of the size as still leave a need; true if the next of them would cover the rest.
  bool use(std::int32_t size);

  std::vector<std::int32_t> count_;  // by size
  std::vector<std::int32_t> whole_;
  std::int64_t needed_ = 0;
  std::int32_t most_ = 0;
  std::int32_t groups_ = 0;
  std::int32_t last_ = 0;
  std::int32_t rest_ = 0;
};

}  // namespace wattfill
