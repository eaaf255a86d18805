#include "trace-replay/report/buckets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wattfill::report {

Spans::Spans(std::int64_t begin, std::int64_t end, std::size_t most) : begin_s(begin) {
  const std::int64_t length = std::max<std::int64_t>(1, end - begin);
  const auto wanted = static_cast<std::int64_t>(std::max<std::size_t>(1, most));
  width_s = (length + wanted - 1) / wanted;
  count = static_cast<std::size_t>((length + width_s - 1) / width_s);
}

Buckets::Buckets(const Spans& spans)
    : spans_(spans),
      sum_(spans.count),
      seconds_(spans.count),
      least_(spans.count, std::numeric_limits<double>::quiet_NaN()),
      greatest_(spans.count, std::numeric_limits<double>::quiet_NaN()) {}

void Buckets::add(std::int64_t from_s, std::int64_t to_s, double value) {
  from_s = std::max(from_s, spans_.begin_s);
  to_s = std::min(to_s, spans_.start_of(spans_.count));
  while (from_s < to_s) {
    const auto span = static_cast<std::size_t>((from_s - spans_.begin_s) / spans_.width_s);
    const std::int64_t until = std::min(to_s, spans_.start_of(span + 1));
    sum_[span] += value * static_cast<double>(until - from_s);
    seconds_[span] += until - from_s;
    least_[span] = std::fmin(least_[span], value);
    greatest_[span] = std::fmax(greatest_[span], value);
    from_s = until;
  }
}

double Buckets::mean(std::size_t span) const {
  if (seconds_[span] == 0) return std::numeric_limits<double>::quiet_NaN();
  return sum_[span] / static_cast<double>(seconds_[span]);
}

}  // namespace wattfill::report
