// Power and energy: exact 64-bit integers with the unit in the type.
//
// Milliwatts times whole seconds are millijoules, so no product is ever rounded. 64 bits hold what a 5 MW machine uses
// in 58 years.
#pragma once

#include <compare>
#include <cstdint>

#include "backfill/model/int128.hpp"
#include "backfill/model/time.hpp"

namespace wattfill {

struct Milliwatts {
  std::int64_t count = 0;
  auto operator<=>(const Milliwatts&) const = default;
  constexpr Milliwatts& operator+=(Milliwatts o) { return count += o.count, *this; }
  constexpr Milliwatts& operator-=(Milliwatts o) { return count -= o.count, *this; }
  friend constexpr Milliwatts operator+(Milliwatts a, Milliwatts b) { return {a.count + b.count}; }
  friend constexpr Milliwatts operator-(Milliwatts a, Milliwatts b) { return {a.count - b.count}; }
  friend constexpr Milliwatts operator*(Milliwatts a, std::int64_t n) { return {a.count * n}; }
};

struct Millijoules {
  std::int64_t count = 0;
  auto operator<=>(const Millijoules&) const = default;
  constexpr Millijoules& operator+=(Millijoules o) { return count += o.count, *this; }
  constexpr Millijoules& operator-=(Millijoules o) { return count -= o.count, *this; }
  friend constexpr Millijoules operator+(Millijoules a, Millijoules b) { return {a.count + b.count}; }
  friend constexpr Millijoules operator-(Millijoules a, Millijoules b) { return {a.count - b.count}; }
  friend constexpr Millijoules operator*(Millijoules a, std::int64_t n) { return {a.count * n}; }
};

constexpr Millijoules operator*(Milliwatts power, Seconds duration) { return {power.count * duration.count()}; }

// How fast a node works, in millionths of the reference speed, for which a trace's runtimes and requests hold.
struct Speed {
  std::int64_t millionths = 1'000'000;
  auto operator<=>(const Speed&) const = default;

  // What takes `reference` at the reference speed takes so long here, rounded up to a second.
  constexpr Seconds duration(Seconds reference) const {
    if (millionths == 1'000'000) return reference;
    return Seconds{static_cast<std::int64_t>((Int128{reference.count()} * 1'000'000 + millionths - 1) / millionths)};
  }
  // The longest reference duration that takes no more than `window` here: duration(d) <= window exactly if
  // d <= reference(window).
  constexpr Seconds reference(Seconds window) const {
    if (millionths == 1'000'000 || window >= kForever) return window;
    return Seconds{static_cast<std::int64_t>(Int128{window.count()} * millionths / 1'000'000)};
  }
};

// A way for an idle node to save power. A transition lasts a whole number of seconds (its duration rounded up) and
// costs its stated energy exactly, whatever the rounding.
struct Transition {
  Seconds duration{};
  Millijoules energy{};
  Milliwatts power{};  // during the transition's whole seconds; what is left of the energy falls into the last one
  bool operator==(const Transition&) const = default;
};

}  // namespace wattfill
