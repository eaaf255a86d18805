// A set of nodes of one contiguous range, as a bitmap of two levels: a bit per node, and a bit per word of 64 nodes
// that is not empty, so that a search passes 4096 absent nodes at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backfill/model/allocation.hpp"

namespace wattfill {

class NodeSet {
 public:
  NodeSet() = default;
  // Can hold the nodes [begin, end); is empty.
  NodeSet(NodeIndex begin, NodeIndex end)
      : begin_(begin),
        end_(end),
        words_(words_for(end - begin)),
        filled_(words_for(static_cast<NodeIndex>(words_.size()))) {}

  NodeIndex begin() const { return begin_; }
  NodeIndex end() const { return end_; }
  std::int32_t size() const { return size_; }

  // Whether the node is of the range.
  bool covers(NodeIndex node) const { return node >= begin_ && node < end_; }
  bool has(NodeIndex node) const { return (words_[word(node)] & bit(node)) != 0; }
  // Precondition: it is not there.
  void add(NodeIndex node) {
    const std::size_t w = word(node);
    words_[w] |= bit(node);
    filled_[w / 64] |= std::uint64_t{1} << (w % 64);
    ++size_;
  }
  // Precondition: it is there.
  void remove(NodeIndex node) {
    const std::size_t w = word(node);
    words_[w] &= ~bit(node);
    if (words_[w] == 0) filled_[w / 64] &= ~(std::uint64_t{1} << (w % 64));
    --size_;
  }

  // The same for all nodes of a run, 64 at a time. Precondition: all are there, or none.
  void add(NodeRun run) {
    for_each_word(run, [this](std::size_t w, std::uint64_t bits) {
      words_[w] |= bits;
      filled_[w / 64] |= std::uint64_t{1} << (w % 64);
    });
    size_ += run.length;
  }
  void remove(NodeRun run) {
    for_each_word(run, [this](std::size_t w, std::uint64_t bits) {
      words_[w] &= ~bits;
      if (words_[w] == 0) filled_[w / 64] &= ~(std::uint64_t{1} << (w % 64));
    });
    size_ -= run.length;
  }
  // Moves those of the run that are there into another set of the same range. Returns how many there were.
  std::int32_t move(NodeRun run, NodeSet& to) {
    std::int32_t moved = 0;
    for_each_word(run, [&](std::size_t w, std::uint64_t bits) {
      bits &= words_[w];
      if (bits == 0) return;
      moved += std::popcount(bits);
      words_[w] &= ~bits;
      if (words_[w] == 0) filled_[w / 64] &= ~(std::uint64_t{1} << (w % 64));
      to.words_[w] |= bits;
      to.filled_[w / 64] |= std::uint64_t{1} << (w % 64);
    });
    size_ -= moved;
    to.size_ += moved;
    return moved;
  }
  // Whether all nodes of the run are there.
  bool has(NodeRun run) const {
    std::uint64_t absent = 0;
    for_each_word(run, [&](std::size_t w, std::uint64_t bits) { absent |= bits & ~words_[w]; });
    return absent == 0;
  }

  // Calls visit(node) in ascending order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for_each_filled([&](std::size_t w) {
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1)
        visit(begin_ + static_cast<NodeIndex>(w * 64) + std::countr_zero(bits));
      return true;
    });
  }

  // Calls visit(run) for each run of consecutive nodes of the set, as long as can be, in ascending order, until it
  // returns false.
  template <class Visit>
  void for_each_run(Visit&& visit) const {
    NodeRun run{begin_, 0};
    bool more = true;
    for_each_filled([&](std::size_t w) {
      std::uint64_t bits = words_[w];
      while (bits != 0 && more) {
        const int zeros = std::countr_zero(bits);
        const int ones = std::countr_one(bits >> zeros);
        const NodeIndex at = begin_ + static_cast<NodeIndex>(w * 64) + zeros;
        if (run.end() != at) {
          if (run.length > 0) more = visit(run);
          run = {at, 0};
        }
        run.length += ones;
        bits = zeros + ones == 64 ? 0 : bits & (~std::uint64_t{0} << (zeros + ones));
      }
      return more;
    });
    if (more && run.length > 0) visit(run);
  }

  // Appends the runs of the `count` lowest. Precondition: there are so many.
  void append_lowest(std::int32_t count, std::vector<NodeRun>& out) const {
    if (count == 0) return;
    for_each_run([&](NodeRun run) {
      run.length = std::min(run.length, count);
      out.push_back(run);
      count -= run.length;
      return count > 0;
    });
  }

 private:
  static std::size_t words_for(NodeIndex bits) { return (static_cast<std::size_t>(bits) + 63) / 64; }
  std::size_t word(NodeIndex node) const { return static_cast<std::size_t>(node - begin_) / 64; }
  std::uint64_t bit(NodeIndex node) const { return std::uint64_t{1} << (static_cast<std::size_t>(node - begin_) % 64); }

  // Calls visit(word) for each word that holds a node, until it returns false.
  template <class Visit>
  void for_each_filled(Visit&& visit) const {
    for (std::size_t i = 0; i < filled_.size(); ++i)
      for (std::uint64_t f = filled_[i]; f != 0; f &= f - 1)
        if (!visit(i * 64 + static_cast<std::size_t>(std::countr_zero(f)))) return;
  }

  // Calls visit(word, bits) for each word in which the run has nodes. Precondition: the run is within the range.
  template <class Visit>
  void for_each_word(NodeRun run, Visit&& visit) const {
    if (run.length == 0) return;
    const std::size_t last = word(run.end() - 1);
    for (std::size_t w = word(run.first); w <= last; ++w) {
      const auto start = begin_ + static_cast<NodeIndex>(w * 64);
      std::uint64_t bits = ~std::uint64_t{0};
      if (run.first > start) bits &= ~std::uint64_t{0} << static_cast<unsigned>(run.first - start);
      if (run.end() < start + 64) bits &= ~(~std::uint64_t{0} << static_cast<unsigned>(run.end() - start));
      visit(w, bits);
    }
  }

  NodeIndex begin_ = 0;
  NodeIndex end_ = 0;
  std::int32_t size_ = 0;
  std::vector<std::uint64_t> words_;   // bit i: node begin + i
  std::vector<std::uint64_t> filled_;  // bit w: words_[w] is not 0
};

}  // namespace wattfill
