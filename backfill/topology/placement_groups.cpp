#include "backfill/topology/placement_groups.hpp"

#include <algorithm>
#include <cassert>

namespace wattfill {

bool FewestGroups::use(std::int32_t size) {
  const std::int32_t count = count_[static_cast<std::size_t>(size)];
  if (count == 0) return false;
  const std::int32_t worth = std::min(size, most_);
  const auto whole = static_cast<std::int32_t>(std::min<std::int64_t>(count, (needed_ - 1) / worth));
  whole_[static_cast<std::size_t>(size)] = whole;
  needed_ -= static_cast<std::int64_t>(whole) * worth;
  groups_ += whole;
  return whole < count;
}

std::int32_t FewestGroups::cover(std::int64_t needed, std::int32_t most) {
  const auto largest = static_cast<std::int32_t>(count_.size()) - 1;
  whole_.assign(count_.size(), 0);
  needed_ = needed;
  most_ = std::min(most, largest);
  groups_ = 1;  // the last
  bool covered = false;
  for (std::int32_t size = most_; size <= largest && !covered; ++size) covered = use(size);
  for (std::int32_t size = most_ - 1; size > 0 && !covered; --size) covered = use(size);
  assert(covered);
  rest_ = static_cast<std::int32_t>(needed_);
  last_ = rest_;
  while (unused(last_) == 0) ++last_;
  return groups_;
}

}  // namespace wattfill
