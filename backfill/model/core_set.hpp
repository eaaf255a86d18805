// A set of cores of one node, by their index in NodeInsides::cores.
#pragma once

#include <bit>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>

namespace wattfill {

class CoreSet {
 public:
  CoreSet() = default;
  explicit CoreSet(std::int32_t cores) : words_((static_cast<std::size_t>(cores) + 63) / 64) {}

  static CoreSet all(std::int32_t cores) {
    CoreSet set(cores);
    for (std::int32_t core = 0; core < cores; ++core) set.add(core);
    return set;
  }

  bool has(std::int32_t core) const { return (words_[word(core)] >> bit(core)) & 1; }
  void add(std::int32_t core) { words_[word(core)] |= std::uint64_t{1} << bit(core); }
  void remove(std::int32_t core) { words_[word(core)] &= ~(std::uint64_t{1} << bit(core)); }

  CoreSet& operator|=(const CoreSet& o) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= o.words_[i];
    return *this;
  }
  CoreSet& operator&=(const CoreSet& o) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= o.words_[i];
    return *this;
  }
  CoreSet& operator-=(const CoreSet& o) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~o.words_[i];
    return *this;
  }

  std::int32_t size() const {
    int n = 0;
    for (const std::uint64_t w : words_) n += std::popcount(w);
    return n;
  }
  bool empty() const { return size() == 0; }

  // Calls visit(core) from the lowest to the highest.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::uint64_t w = words_[i]; w != 0; w &= w - 1)
        visit(static_cast<std::int32_t>(i * 64) + std::countr_zero(w));
  }

  bool operator==(const CoreSet&) const = default;

 private:
  static std::size_t word(std::int32_t core) { return static_cast<std::size_t>(core) / 64; }
  static unsigned bit(std::int32_t core) { return static_cast<unsigned>(core) % 64; }

  boost::container::small_vector<std::uint64_t, 1> words_;  // 64 cores without an allocation
};

}  // namespace wattfill
