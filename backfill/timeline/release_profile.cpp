#include "backfill/timeline/release_profile.hpp"

#include <algorithm>
#include <cassert>

namespace wattfill {

ReleaseProfile::ReleaseProfile() { blocks_.push_back(std::make_unique<Block>()); }

std::size_t ReleaseProfile::block_of(SimTime at) const {
  if (blocks_.size() == 1) return 0;
  const auto it = std::partition_point(blocks_.begin(), blocks_.end() - 1,
                                       [at](const auto& b) { return b->times[b->count - 1] < at; });
  return static_cast<std::size_t>(it - blocks_.begin());
}

std::size_t ReleaseProfile::position_in(const Block& block, SimTime at) {
  const auto begin = block.times.begin();
  return static_cast<std::size_t>(std::lower_bound(begin, begin + block.count, at) - begin);
}

void ReleaseProfile::split(std::size_t index) {
  auto upper = std::make_unique<Block>();
  Block& lower = *blocks_[index];
  const std::size_t half = lower.count / 2;
  upper->count = lower.count - half;
  std::copy(lower.times.begin() + half, lower.times.begin() + lower.count, upper->times.begin());
  std::copy(lower.processors.begin() + half, lower.processors.begin() + lower.count, upper->processors.begin());
  for (std::size_t i = 0; i < upper->count; ++i) upper->sum += upper->processors[i];
  lower.count = half;
  lower.sum -= upper->sum;
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(upper));
}

void ReleaseProfile::add(SimTime at, std::int32_t processors) {
  std::size_t index = block_of(at);
  if (blocks_[index]->count == kBlock) {
    split(index);
    index = block_of(at);
  }
  Block& block = *blocks_[index];
  const std::size_t i = position_in(block, at);
  block.sum += processors;
  if (i < block.count && block.times[i] == at) {
    block.processors[i] += processors;
    return;
  }
  std::copy_backward(block.times.begin() + i, block.times.begin() + block.count, block.times.begin() + block.count + 1);
  std::copy_backward(block.processors.begin() + i, block.processors.begin() + block.count,
                     block.processors.begin() + block.count + 1);
  block.times[i] = at;
  block.processors[i] = processors;
  ++block.count;
}

void ReleaseProfile::remove(SimTime at, std::int32_t processors) {
  const std::size_t index = block_of(at);
  Block& block = *blocks_[index];
  const std::size_t i = position_in(block, at);
  assert(i < block.count && block.times[i] == at && block.processors[i] >= processors);
  block.sum -= processors;
  block.processors[i] -= processors;
  if (block.processors[i] > 0) return;
  std::copy(block.times.begin() + i + 1, block.times.begin() + block.count, block.times.begin() + i);
  std::copy(block.processors.begin() + i + 1, block.processors.begin() + block.count, block.processors.begin() + i);
  if (--block.count == 0 && blocks_.size() > 1) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
}

std::int64_t ReleaseProfile::expire(SimTime now) {
  std::int64_t released = 0;
  while (!empty() && front() <= now) {
    Block& block = *blocks_.front();
    const std::size_t past = static_cast<std::size_t>(
        std::upper_bound(block.times.begin(), block.times.begin() + block.count, now) - block.times.begin());
    std::int64_t here = 0;
    for (std::size_t i = 0; i < past; ++i) here += block.processors[i];
    released += here;
    if (past == block.count && blocks_.size() > 1) {
      blocks_.erase(blocks_.begin());
      continue;
    }
    std::copy(block.times.begin() + past, block.times.begin() + block.count, block.times.begin());
    std::copy(block.processors.begin() + past, block.processors.begin() + block.count, block.processors.begin());
    block.count -= past;
    block.sum -= here;
  }
  return released;
}

ReleaseProfile::Shadow ReleaseProfile::earliest(std::int64_t needed, SimTime soonest) const {
  for (const auto& block : blocks_) {
    if (block->sum < needed) {
      needed -= block->sum;
      continue;
    }
    for (std::size_t i = 0; i < block->count; ++i) {
      needed -= block->processors[i];
      if (needed > 0) continue;
      if (block->times[i] >= soonest) return {block->times[i], -needed};
      return {soonest, released_by(soonest) - (released_by(block->times[i]) + needed)};
    }
  }
  return {};
}

// Only overdue jobs need it.
std::int64_t ReleaseProfile::released_by(SimTime at) const {
  std::int64_t sum = 0;
  for_each([&](SimTime time, std::int32_t processors) {
    if (time <= at) sum += processors;
  });
  return sum;
}

}  // namespace wattfill
