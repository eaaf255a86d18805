// Mean and spread of a sample, and the check that all of this floor begins with.
#pragma once

#include <cstddef>
#include <span>

namespace wattfill {

struct Moments {
  std::size_t count = 0;
  double mean = 0;       // 0 of no values
  double deviation = 0;  // of the sample (n - 1); 0 of fewer than two values
};

// In two passes, so that a large mean costs no digits. O(n).
Moments moments(std::span<const double> values);

// Throws std::invalid_argument, naming `what` and the place, where a value is infinite or not a number.
void require_finite(std::span<const double> values, const char* what);

}  // namespace wattfill
