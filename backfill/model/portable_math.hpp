// Logarithm, exponential and cube root from IEEE basic operations only, so that scores are the same on every host and
// library. Compiled without contraction into fused multiply-adds. Relative error below 1e-15.
#pragma once

namespace wattfill {

// Natural logarithm of a positive, finite, normal x.
double portable_log(double x);
double portable_log2(double x);
double portable_log10(double x);

// Exponential function, for results that are normal numbers.
double portable_exp(double x);

// Cube root of x >= 0.
double portable_cbrt(double x);

}  // namespace wattfill
