// Power or energy by what it is spent on, and 64-bit sums that notice an overflow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "backfill/model/power.hpp"

namespace wattfill {

enum class Component : std::uint8_t {
  kJobs,        // all that a node draws while a job is on it
  kIdle,        // awake and unused
  kSleep,       // asleep
  kTransition,  // falling asleep or waking up
};
inline constexpr std::array<Component, 4> kComponents = {Component::kJobs, Component::kIdle, Component::kSleep,
                                                         Component::kTransition};

// `Unit` is Milliwatts or Millijoules.
template <class Unit>
struct Parts {
  std::array<Unit, kComponents.size()> values{};

  Unit& operator[](Component c) { return values[static_cast<std::size_t>(c)]; }
  Unit operator[](Component c) const { return values[static_cast<std::size_t>(c)]; }
  Unit total() const { return values[0] + values[1] + values[2] + values[3]; }

  Parts& operator+=(const Parts& o) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += o.values[i];
    return *this;
  }
  bool operator==(const Parts&) const = default;
};

// Integer is std::int64_t or Int128. Throws std::overflow_error.
template <class Integer>
Integer checked_add(Integer a, Integer b) {
  Integer sum;
  if (__builtin_add_overflow(a, b, &sum)) throw std::overflow_error("metering: a sum of powers or energies overflows");
  return sum;
}
template <class Integer>
Integer checked_multiply(Integer a, Integer b) {
  Integer product;
  if (__builtin_mul_overflow(a, b, &product))
    throw std::overflow_error("metering: a product of powers or energies overflows");
  return product;
}

}  // namespace wattfill
