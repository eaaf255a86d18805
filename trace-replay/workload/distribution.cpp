#include "trace-replay/workload/distribution.hpp"

#include <algorithm>
#include <cmath>

namespace wattfill {

Distribution::Distribution(const ValueCounts& counts) {
  values_.reserve(counts.size());
  for (const auto& [value, count] : counts) values_.push_back({value, count});
  std::sort(values_.begin(), values_.end(), [](const ValueCount& a, const ValueCount& b) { return a.value < b.value; });
  up_to_.reserve(values_.size());
  // Summed in ascending order, so that the mean has the same bits everywhere.
  double sum = 0;
  for (const ValueCount& entry : values_) {
    count_ += entry.count;
    up_to_.push_back(count_);
    sum += static_cast<double>(entry.value) * static_cast<double>(entry.count);
  }
  if (count_ > 0) mean_ = sum / static_cast<double>(count_);
}

std::int64_t Distribution::quantile(double q) const {
  if (empty()) return 0;
  const auto rank = static_cast<std::int64_t>(std::ceil(q * static_cast<double>(count_)));
  const auto found = std::lower_bound(up_to_.begin(), up_to_.end(), std::clamp<std::int64_t>(rank, 1, count_));
  return values_[static_cast<std::size_t>(found - up_to_.begin())].value;
}

std::int64_t Distribution::count_between(std::int64_t from, std::int64_t to) const {
  const auto first = std::lower_bound(values_.begin(), values_.end(), from,
                                      [](const ValueCount& entry, std::int64_t value) { return entry.value < value; });
  std::int64_t sum = 0;
  for (auto at = first; at != values_.end() && at->value <= to; ++at) sum += at->count;
  return sum;
}

std::vector<ValueCount> Distribution::most_frequent(std::size_t limit) const {
  std::vector<ValueCount> top(std::min(limit, values_.size()));
  std::partial_sort_copy(values_.begin(), values_.end(), top.begin(), top.end(),
                         [](const ValueCount& a, const ValueCount& b) {
                           return a.count != b.count ? a.count > b.count : a.value < b.value;
                         });
  return top;
}

}  // namespace wattfill
