#include "backfill/topology/placement_balls.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "backfill/topology/network.hpp"

namespace wattfill {
namespace {

constexpr std::int32_t kCentres = 32;

}  // namespace

std::span<const std::int32_t> BallSearch::smallest(const Network& network, std::span<const std::int32_t> free,
                                                   std::int32_t needed) {
  const std::int64_t switches = network.switches();
  seen_.resize(static_cast<std::size_t>(switches));
  const std::int64_t centres = std::min<std::int64_t>(switches, kCentres);
  Ball best{std::numeric_limits<std::int32_t>::max(), 0, 0};
  for (std::int64_t i = 0; i < centres; ++i) {
    const auto ball = grow(network, free, needed, static_cast<std::int32_t>(i * switches / centres), best);
    if (!ball) continue;
    best = *ball;
    use(free);
  }
  return used_;
}

std::optional<BallSearch::Ball> BallSearch::grow(const Network& network, std::span<const std::int32_t> free,
                                                 std::int32_t needed, std::int32_t centre, const Ball& bound) {
  if (++searches_ == 0) {
    std::ranges::fill(seen_, 0U);
    searches_ = 1;
  }
  order_.assign(1, centre);
  seen_[static_cast<std::size_t>(centre)] = searches_;
  Ball ball{0, 0, 0};
  for (last_ring_ = 0; ball.radius <= bound.radius; ++ball.radius) {
    const std::span<const std::int32_t> ring = std::span(order_).subspan(last_ring_);
    const Ring found = count(ring, free);
    if (found.nodes >= needed) {
      ball.links += std::int64_t{ball.radius} * needed;
      ball.switches += cover(ring, free, found.largest, needed);
      return ball < bound ? std::optional(ball) : std::nullopt;
    }
    needed -= found.nodes;
    ball.links += std::int64_t{ball.radius} * found.nodes;
    ball.switches += found.switches;
    const std::size_t end = order_.size();
    for (; last_ring_ < end; ++last_ring_) append_unseen(network, order_[last_ring_]);
  }
  return std::nullopt;
}

void BallSearch::append_unseen(const Network& network, std::int32_t around) {
  const auto [begin, end] = boost::adjacent_vertices(static_cast<std::size_t>(around), network.graph());
  for (auto it = begin; it != end; ++it) {
    if (seen_[*it] == searches_) continue;
    seen_[*it] = searches_;
    order_.push_back(static_cast<std::int32_t>(*it));
  }
}

BallSearch::Ring BallSearch::count(std::span<const std::int32_t> ring, std::span<const std::int32_t> free) {
  Ring found{0, 0, 0};
  for (const std::int32_t s : ring) {
    const std::int32_t nodes = free_at(free, s);
    found.nodes += nodes;
    found.switches += nodes > 0 ? 1 : 0;
    found.largest = std::max(found.largest, nodes);
  }
  return found;
}

std::int32_t BallSearch::cover(std::span<const std::int32_t> ring, std::span<const std::int32_t> free,
                               std::int32_t largest, std::int32_t needed) {
  groups_.clear(largest);
  for (const std::int32_t s : ring)
    if (const std::int32_t nodes = free_at(free, s); nodes > 0) groups_.add(nodes);
  return groups_.cover(needed, largest);
}

void BallSearch::use(std::span<const std::int32_t> free) {
  used_.assign(free.size(), 0);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::int32_t nodes = free_at(free, order_[i]);
    if (nodes > 0) used_[static_cast<std::size_t>(order_[i])] = i < last_ring_ ? nodes : groups_.claim(nodes);
  }
}

}  // namespace wattfill
