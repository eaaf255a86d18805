// When the processors of running jobs are estimated to come free: an ordered list of (time, processors).
//
// Two levels: blocks of at most 128 times, each with its sum. A few hundred running jobs fit one or two blocks, which
// is the flat sorted array that measures fastest; a hundred thousand serial jobs still cost a block's work per
// operation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

class ReleaseProfile {
 public:
  ReleaseProfile();

  // O(block + number of blocks).
  void add(SimTime at, std::int32_t processors);
  // Takes back what add() gave. Precondition: it is there.
  void remove(SimTime at, std::int32_t processors);

  // Drops everything at or before `now` and returns how many processors that were.
  std::int64_t expire(SimTime now);

  // The first time, `soonest` or later, at which at least `needed` processors (> 0) will have been released, and how
  // many more than needed.
  struct Shadow {
    SimTime time = kNever;
    std::int64_t extra = 0;
  };
  Shadow earliest(std::int64_t needed, SimTime soonest = SimTime::min()) const;

  // How many processors will have been released at this time. O(block + number of blocks).
  std::int64_t released_by(SimTime at) const;

  bool empty() const { return blocks_.size() == 1 && blocks_.front()->count == 0; }
  SimTime front() const { return empty() ? kNever : blocks_.front()->releases[0].at; }

  // Calls visit(time, processors) in order of time.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& block : blocks_)
      for (const Release& r : block->all()) visit(r.at, r.processors);
  }

 private:
  static constexpr std::size_t kBlock = 128;
  static constexpr std::size_t kStride = 8;
  struct Release {
    SimTime at = kNever;
    std::int64_t processors = 0;
  };
  struct Block {
    std::size_t count = 0;
    std::int64_t sum = 0;
    std::array<Release, kBlock + kStride> releases;  // beyond `count` all are never
    std::span<const Release> all() const { return {releases.data(), count}; }
    SimTime last() const { return releases[count - 1].at; }
    // How many come before a time.
    std::size_t position(SimTime at) const;
    // Makes room at a place, and closes it again.
    void open(std::size_t i);
    void close(std::size_t from, std::size_t to);
  };

  // The block in which a time stands or belongs.
  std::size_t block_of(SimTime at) const;
  void split(std::size_t block);
  std::vector<std::unique_ptr<Block>> blocks_;  // never empty; no block but a sole one is empty
};

}  // namespace wattfill
