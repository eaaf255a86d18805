// A set of nodes of one contiguous range, as a bitmap of two levels: a bit per node, and a bit per word of 64 nodes
// that is not empty, so that a search passes 4096 absent nodes at a time.
#pragma once

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

  // Appends the `count` lowest. Precondition: there are so many.
  void append_lowest(std::int32_t count, std::vector<NodeIndex>& out) const {
    for (std::size_t i = 0; count > 0; ++i) {
      for (std::uint64_t f = filled_[i]; f != 0 && count > 0; f &= f - 1) {
        const std::size_t w = i * 64 + static_cast<std::size_t>(std::countr_zero(f));
        for (std::uint64_t bits = words_[w]; bits != 0 && count > 0; bits &= bits - 1, --count)
          out.push_back(node(w, bits));
      }
    }
  }

  // Calls visit(node) in ascending order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for_each_word([&](std::size_t w) {
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) visit(node(w, bits));
    });
  }

  // Calls visit(first, length) for each run of consecutive nodes of the set, as long as can be, in ascending order.
  template <class Visit>
  void for_each_run(Visit&& visit) const {
    NodeIndex first = begin_;
    std::int32_t length = 0;
    for_each_word([&](std::size_t w) {
      std::uint64_t bits = words_[w];
      while (bits != 0) {
        const int zeros = std::countr_zero(bits);
        const int ones = std::countr_one(bits >> zeros);
        const NodeIndex at = begin_ + static_cast<NodeIndex>(w * 64) + zeros;
        if (length > 0 && first + length == at) {
          length += ones;
        } else {
          if (length > 0) visit(first, length);
          first = at;
          length = ones;
        }
        bits = zeros + ones == 64 ? 0 : bits & (~std::uint64_t{0} << (zeros + ones));
      }
    });
    if (length > 0) visit(first, length);
  }

 private:
  static std::size_t words_for(NodeIndex bits) { return (static_cast<std::size_t>(bits) + 63) / 64; }
  std::size_t word(NodeIndex node) const { return static_cast<std::size_t>(node - begin_) / 64; }
  std::uint64_t bit(NodeIndex node) const { return std::uint64_t{1} << (static_cast<std::size_t>(node - begin_) % 64); }
  NodeIndex node(std::size_t w, std::uint64_t bits) const {
    return begin_ + static_cast<NodeIndex>(w * 64) + std::countr_zero(bits);
  }

  template <class Visit>
  void for_each_word(Visit&& visit) const {
    for (std::size_t i = 0; i < filled_.size(); ++i)
      for (std::uint64_t f = filled_[i]; f != 0; f &= f - 1)
        visit(i * 64 + static_cast<std::size_t>(std::countr_zero(f)));
  }

  NodeIndex begin_ = 0;
  NodeIndex end_ = 0;
  std::int32_t size_ = 0;
  std::vector<std::uint64_t> words_;   // bit i: node begin + i
  std::vector<std::uint64_t> filled_;  // bit w: words_[w] is not 0
};

}  // namespace wattfill
