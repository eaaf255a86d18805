// A step function over a long time, told in few rows: the least, the greatest and the mean value of equal spans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wattfill::report {

// Equal spans of whole seconds that cover [begin, end].
struct Spans {
  std::int64_t begin_s = 0;
  std::int64_t width_s = 1;
  std::size_t count = 1;

  // At most `most` of them, each a second at least.
  Spans(std::int64_t begin, std::int64_t end, std::size_t most);

  std::int64_t start_of(std::size_t span) const { return begin_s + static_cast<std::int64_t>(span) * width_s; }
};

class Buckets {
 public:
  explicit Buckets(const Spans& spans);

  // The value in [from, to), cut to the spans. O(spans touched).
  void add(std::int64_t from_s, std::int64_t to_s, double value);

  const Spans& spans() const { return spans_; }
  // Over the time for which a value was given. NaN where there was none.
  double mean(std::size_t span) const;
  double least(std::size_t span) const { return least_[span]; }
  double greatest(std::size_t span) const { return greatest_[span]; }

 private:
  Spans spans_;
  std::vector<double> sum_;
  std::vector<std::int64_t> seconds_;
  std::vector<double> least_;
  std::vector<double> greatest_;
};

}  // namespace wattfill::report
