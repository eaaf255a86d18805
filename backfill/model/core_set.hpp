// A set of cores of one node, by their index in NodeInsides::cores.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wattfill {

// Up to 64 cores without an allocation.
class CoreSet {
 public:
  CoreSet() = default;
  explicit CoreSet(std::int32_t cores) : more_(cores > 64 ? (static_cast<std::size_t>(cores) - 1) / 64 : 0) {}

  static CoreSet all(std::int32_t cores) {
    CoreSet set(cores);
    for (std::int32_t core = 0; core < cores; ++core) set.add(core);
    return set;
  }

  bool has(std::int32_t core) const { return ((core < 64 ? first_ : more_[beyond(core)]) & bit(core)) != 0; }
  void add(std::int32_t core) { word(core) |= bit(core); }
  void remove(std::int32_t core) { word(core) &= ~bit(core); }

  // Both of one node.
  CoreSet& operator|=(const CoreSet& o) {
    first_ |= o.first_;
    for (std::size_t i = 0; i < more_.size(); ++i) more_[i] |= o.more_[i];
    return *this;
  }
  CoreSet& operator&=(const CoreSet& o) {
    first_ &= o.first_;
    for (std::size_t i = 0; i < more_.size(); ++i) more_[i] &= o.more_[i];
    return *this;
  }
  CoreSet& operator-=(const CoreSet& o) {
    first_ &= ~o.first_;
    for (std::size_t i = 0; i < more_.size(); ++i) more_[i] &= ~o.more_[i];
    return *this;
  }

  std::int32_t size() const {
    int n = std::popcount(first_);
    for (const std::uint64_t w : more_) n += std::popcount(w);
    return n;
  }
  bool empty() const { return size() == 0; }

  // Calls visit(core) from the lowest to the highest.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::uint64_t w = first_; w != 0; w &= w - 1) visit(std::int32_t{std::countr_zero(w)});
    for (std::size_t i = 0; i < more_.size(); ++i)
      for (std::uint64_t w = more_[i]; w != 0; w &= w - 1)
        visit(static_cast<std::int32_t>(i * 64) + 64 + std::countr_zero(w));
  }

  bool operator==(const CoreSet&) const = default;

 private:
  static std::size_t beyond(std::int32_t core) { return static_cast<std::size_t>(core) / 64 - 1; }
  static std::uint64_t bit(std::int32_t core) { return std::uint64_t{1} << (static_cast<unsigned>(core) % 64); }
  std::uint64_t& word(std::int32_t core) { return core < 64 ? first_ : more_[beyond(core)]; }

  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> more_;  // the words behind it
};

}  // namespace wattfill
