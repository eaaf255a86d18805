// The distribution of a quantity that takes whole values, kept exactly.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace wattfill {

// How often each value was seen.
using ValueCounts = std::unordered_map<std::int64_t, std::int64_t>;

struct ValueCount {
  std::int64_t value = 0;
  std::int64_t count = 0;

  bool operator==(const ValueCount&) const = default;
};

// Memory: one entry for each distinct value.
class Distribution {
 public:
  Distribution() = default;
  explicit Distribution(const ValueCounts& counts);  // O(n log n) in the distinct values

  std::int64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::int64_t distinct() const { return static_cast<std::int64_t>(values_.size()); }
  double mean() const { return mean_; }  // 0 where empty
  // The smallest value that at least the share q (0..1) of all values do not exceed (nearest rank); 0 where empty.
  std::int64_t quantile(double q) const;
  std::int64_t smallest() const { return quantile(0); }
  std::int64_t largest() const { return quantile(1); }
  // How many values lie in [from, to].
  std::int64_t count_between(std::int64_t from, std::int64_t to) const;
  // The `limit` most frequent values, the smaller one first among equals.
  std::vector<ValueCount> most_frequent(std::size_t limit) const;
  // Ascending by value.
  const std::vector<ValueCount>& values() const { return values_; }

 private:
  std::vector<ValueCount> values_;
  std::vector<std::int64_t> up_to_;  // up_to_[i]: how many values are values_[i].value or less
  std::int64_t count_ = 0;
  double mean_ = 0;
};

}  // namespace wattfill
