#include "trace-replay/statistics/moments.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace wattfill {

Moments moments(std::span<const double> values) {
  Moments m{values.size(), 0, 0};
  if (values.empty()) return m;
  const auto n = static_cast<double>(values.size());
  for (const double v : values) m.mean += v;
  m.mean /= n;
  if (values.size() < 2) return m;
  double squares = 0;
  for (const double v : values) squares += (v - m.mean) * (v - m.mean);
  m.deviation = std::sqrt(squares / (n - 1));
  return m;
}

void require_finite(std::span<const double> values, const char* what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw std::invalid_argument(fmt::format("{}: value {} of {} is {}; only finite numbers are samples", what, i + 1,
                                              values.size(), values[i]));
}

}  // namespace wattfill
