// A set of cores of one node, by their index in NodeInsides::cores.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace wattfill {

// Up to 128 cores without an allocation.
class CoreSet {
 public:
  CoreSet() = default;
  explicit CoreSet(std::int32_t cores)
      : more_(cores > kNear ? (static_cast<std::size_t>(cores - kNear) + 63) / 64 : 0) {}

  static CoreSet all(std::int32_t cores) {
    CoreSet set(cores);
    for (std::int32_t core = 0; core < cores; ++core) set.add(core);
    return set;
  }

  bool has(std::int32_t core) const { return (word(core) & bit(core)) != 0; }
  void add(std::int32_t core) { word(core) |= bit(core); }
  void remove(std::int32_t core) { word(core) &= ~bit(core); }

  // Both of one node.
  CoreSet& operator|=(const CoreSet& o) {
    return combine(o, [](std::uint64_t a, std::uint64_t b) { return a | b; });
  }
  CoreSet& operator&=(const CoreSet& o) {
    return combine(o, [](std::uint64_t a, std::uint64_t b) { return a & b; });
  }
  CoreSet& operator-=(const CoreSet& o) {
    return combine(o, [](std::uint64_t a, std::uint64_t b) { return a & ~b; });
  }

  // Whether they have a core in common; the sets may be of nodes of different size.
  bool meets(const CoreSet& o) const {
    std::uint64_t common = 0;
    for (std::size_t i = 0; i < near_.size(); ++i) common |= near_[i] & o.near_[i];
    for (std::size_t i = 0; i < std::min(more_.size(), o.more_.size()); ++i) common |= more_[i] & o.more_[i];
    return common != 0;
  }
  // Whether all cores of `o` are here; the same.
  bool includes(const CoreSet& o) const {
    std::uint64_t absent = 0;
    for (std::size_t i = 0; i < near_.size(); ++i) absent |= o.near_[i] & ~near_[i];
    for (std::size_t i = 0; i < o.more_.size(); ++i) absent |= o.more_[i] & ~(i < more_.size() ? more_[i] : 0);
    return absent == 0;
  }

  std::int32_t size() const {
    int n = 0;
    for (const std::uint64_t w : near_) n += std::popcount(w);
    for (const std::uint64_t w : more_) n += std::popcount(w);
    return n;
  }
  bool empty() const {
    std::uint64_t any = 0;
    for (const std::uint64_t w : near_) any |= w;
    for (const std::uint64_t w : more_) any |= w;
    return any == 0;
  }

  // 64 cores to a word, core 0 being the lowest bit of the first. A set may have more words than its node has cores.
  static constexpr std::size_t kWordCores = 64;
  std::size_t words() const { return near_.size() + more_.size(); }
  std::uint64_t word_at(std::size_t index) const {
    if (index < near_.size()) return near_[index];
    return index < words() ? more_[index - near_.size()] : 0;
  }
  // index < words()
  void set_word(std::size_t index, std::uint64_t cores) {
    (index < near_.size() ? near_[index] : more_[index - near_.size()]) = cores;
  }

  // Calls visit(core) from the lowest to the highest.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::int32_t first = 0;
    const auto visit_word = [&](std::uint64_t w) {
      for (; w != 0; w &= w - 1) visit(first + std::countr_zero(w));
      first += 64;
    };
    for (const std::uint64_t w : near_) visit_word(w);
    for (const std::uint64_t w : more_) visit_word(w);
  }

  // The same cores, of whatever node.
  bool operator==(const CoreSet& o) const { return includes(o) && o.includes(*this); }

 private:
  static constexpr std::int32_t kNear = 128;

  static std::uint64_t bit(std::int32_t core) { return std::uint64_t{1} << (static_cast<unsigned>(core) % 64); }
  const std::uint64_t& word(std::int32_t core) const {
    const std::size_t w = static_cast<std::size_t>(core) / 64;
    return w < near_.size() ? near_[w] : more_[w - near_.size()];
  }
  std::uint64_t& word(std::int32_t core) { return const_cast<std::uint64_t&>(std::as_const(*this).word(core)); }

  template <class Operation>
  CoreSet& combine(const CoreSet& o, Operation operation) {
    for (std::size_t i = 0; i < near_.size(); ++i) near_[i] = operation(near_[i], o.near_[i]);
    for (std::size_t i = 0; i < more_.size(); ++i) more_[i] = operation(more_[i], o.more_[i]);
    return *this;
  }

  std::array<std::uint64_t, kNear / 64> near_{};
  std::vector<std::uint64_t> more_;  // the words behind them
};

}  // namespace wattfill
