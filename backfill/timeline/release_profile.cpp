#include "backfill/timeline/release_profile.hpp"

#include <algorithm>
#include <cassert>

namespace wattfill {

ReleaseProfile::ReleaseProfile() { blocks_.push_back(std::make_unique<Block>()); }

// Counts instead of halving, and so without a branch that cannot be foreseen: the whole strides that come before, then
// the next stride one by one.
std::size_t ReleaseProfile::Block::position(SimTime at) const {
  std::size_t strides = 0;
  for (std::size_t last = kStride - 1; last < count; last += kStride) strides += releases[last].at < at ? 1 : 0;
  const Release* stride = releases.data() + strides * kStride;
  std::size_t before = strides * kStride;
  for (std::size_t i = 0; i < kStride; ++i) before += stride[i].at < at ? 1 : 0;
  return before;
}

void ReleaseProfile::Block::open(std::size_t i) {
  std::copy_backward(releases.begin() + i, releases.begin() + count, releases.begin() + count + 1);
  ++count;
}

void ReleaseProfile::Block::close(std::size_t from, std::size_t to) {
  const auto end = std::copy(releases.begin() + to, releases.begin() + count, releases.begin() + from);
  std::fill(end, releases.begin() + count, Release{});
  count -= to - from;
}

std::size_t ReleaseProfile::block_of(SimTime at) const {
  if (blocks_.size() == 1) return 0;
  const auto it =
      std::partition_point(blocks_.begin(), blocks_.end() - 1, [at](const auto& b) { return b->last() < at; });
  return static_cast<std::size_t>(it - blocks_.begin());
}

void ReleaseProfile::split(std::size_t index) {
  auto upper = std::make_unique<Block>();
  Block& lower = *blocks_[index];
  const std::size_t half = lower.count / 2;
  upper->count = lower.count - half;
  std::copy(lower.releases.begin() + half, lower.releases.begin() + lower.count, upper->releases.begin());
  for (const Release& r : upper->all()) upper->sum += r.processors;
  lower.sum -= upper->sum;
  lower.close(half, lower.count);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(upper));
}

void ReleaseProfile::add(SimTime at, std::int32_t processors) {
  std::size_t index = block_of(at);
  if (blocks_[index]->count == kBlock) {
    split(index);
    index = block_of(at);
  }
  Block& block = *blocks_[index];
  const std::size_t i = block.position(at);
  block.sum += processors;
  if (i < block.count && block.releases[i].at == at) {
    block.releases[i].processors += processors;
    return;
  }
  block.open(i);
  block.releases[i] = {at, processors};
}

void ReleaseProfile::remove(SimTime at, std::int32_t processors) {
  const std::size_t index = block_of(at);
  Block& block = *blocks_[index];
  const std::size_t i = block.position(at);
  assert(i < block.count && block.releases[i].at == at && block.releases[i].processors >= processors);
  block.sum -= processors;
  block.releases[i].processors -= processors;
  if (block.releases[i].processors > 0) return;
  block.close(i, i + 1);
  if (block.count == 0 && blocks_.size() > 1) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
}

std::int64_t ReleaseProfile::expire(SimTime now) {
  std::int64_t released = 0;
  while (!empty() && front() <= now) {
    Block& block = *blocks_.front();
    std::size_t past = 0;
    std::int64_t here = 0;
    for (; past < block.count && block.releases[past].at <= now; ++past) here += block.releases[past].processors;
    released += here;
    if (past == block.count && blocks_.size() > 1) {
      blocks_.erase(blocks_.begin());
      continue;
    }
    block.close(0, past);
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
    for (const Release& r : block->all()) {
      needed -= r.processors;
      if (needed > 0) continue;
      if (r.at >= soonest) return {r.at, -needed};
      return {soonest, released_by(soonest) - (released_by(r.at) + needed)};
    }
  }
  return {};
}

std::int64_t ReleaseProfile::released_by(SimTime at) const {
  std::int64_t sum = 0;
  for (const auto& block : blocks_) {
    if (block->count > 0 && block->last() <= at) {
      sum += block->sum;
      continue;
    }
    for (const Release& r : block->all()) {
      if (r.at > at) return sum;
      sum += r.processors;
    }
  }
  return sum;
}

}  // namespace wattfill
