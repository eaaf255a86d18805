// Ages in octaves of a window of time: age 0 up to a 32nd of it, then one age for each doubling.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "backfill/model/time.hpp"

namespace wattfill {

class OctaveAges {
 public:
  static constexpr int kAges = 14;  // the last one has no end

  // Precondition: window > 0.
  explicit OctaveAges(Seconds window) : window_(window) {
    for (std::size_t age = 0; age < ends_.size(); ++age)
      ends_[age] =
          age + 1 == ends_.size() ? kForever : (window * (std::int64_t{1} << age) + Seconds{kParts - 1}) / kParts;
    for (std::size_t bits = 0; bits < octaves_.size(); ++bits) {
      Octave& octave = octaves_[bits];
      octave.age = by_division(Seconds{bits == 0 ? 0 : std::int64_t{1} << (bits - 1)});
      octave.older_from = end(octave.age);
    }
  }

  // Of a time >= 0, below 2^47 s. Without a division: ages and powers of two both double, so that between two of these
  // an age ends at most once.
  int of(Seconds time) const {
    // The bit width of the time, without asking whether it is 0.
    const auto bits = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(time.count()) << 1 | 1) - 1);
    const Octave& octave = octaves_[bits];
    return octave.age + (time >= octave.older_from ? 1 : 0);
  }
  // From then on it is another one; kForever for the last.
  Seconds end(int age) const { return ends_[static_cast<std::size_t>(age)]; }

  // What of() is, slowly.
  int by_division(Seconds time) const {
    const std::int64_t parts = kParts * time.count() / window_.count();
    return std::min(static_cast<int>(std::bit_width(static_cast<std::uint64_t>(parts))), kAges - 1);
  }

 private:
  static constexpr std::int64_t kParts = 32;
  struct Octave {
    Seconds older_from{};
    int age = 0;
  };
  Seconds window_;
  std::array<Seconds, kAges> ends_{};
  std::array<Octave, 48> octaves_{};  // by bit width
};

}  // namespace wattfill
