#include "trace-replay/energy/work_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace wattfill {
namespace {

constexpr std::int64_t kExact = std::int64_t{1} << 53;  // doubles hold every whole number below
constexpr double kNowhere = std::numeric_limits<double>::infinity();

// The largest of them.
std::int64_t checked_largest(std::span<const std::int64_t> node_seconds) {
  for (const std::int64_t u : node_seconds)
    if (u != kForbidden && (u < 0 || u >= kExact))
      throw std::invalid_argument(fmt::format("least energy: a job of {} node-seconds", u));
  const auto largest = std::max_element(node_seconds.begin(), node_seconds.end());
  if (largest == node_seconds.end() || *largest == kForbidden)
    throw std::invalid_argument("least energy: a job that may run on no node type");
  return *largest;
}

std::uint64_t hash(std::span<const double> ratio) {
  std::uint64_t h = 0;
  for (const double r : ratio) h = (std::rotl(h, 29) ^ std::bit_cast<std::uint64_t>(r)) * 0x9E3779B97F4A7C15ULL;
  return h ^ (h >> 32);
}

}  // namespace

void WorkGroups::add(std::span<const std::int64_t> node_seconds) {
  if (node_seconds.size() != types_)
    throw std::invalid_argument(
        fmt::format("least energy: a job's {} node types instead of {}", node_seconds.size(), types_));
  total_ += checked_largest(node_seconds);
  if (total_ >= std::int64_t{1} << 62) throw std::overflow_error("least energy: too many node-seconds");
  if (std::find(node_seconds.begin(), node_seconds.end(), 0) != node_seconds.end()) return;  // there it costs nothing
  std::int64_t divisor = 0;
  for (const std::int64_t u : node_seconds)
    if (u != kForbidden) divisor = std::gcd(divisor, u);
  if (slots_.size() < 2 * (size() + 1)) grow();
  // At the end of the ratios it is the next group's, if it is a new one.
  const std::size_t end = ratios_.size();
  for (const std::int64_t u : node_seconds) {
    const std::int64_t multiple = u / divisor;  // it is one
    ratios_.push_back(u == kForbidden ? kNowhere : static_cast<double>(multiple));
  }
  std::uint32_t& slot = slots_[find(std::span(ratios_).subspan(end))];
  if (slot == 0) {
    weights_.push_back(divisor);
    slot = static_cast<std::uint32_t>(size());
  } else {
    weights_[slot - 1] += divisor;
    ratios_.resize(end);
  }
}

std::size_t WorkGroups::find(std::span<const double> wanted) const {
  std::size_t at = hash(wanted) & (slots_.size() - 1);
  while (slots_[at] != 0 && !std::equal(wanted.begin(), wanted.end(), ratio(slots_[at] - 1)))
    at = (at + 1) & (slots_.size() - 1);
  return at;
}

void WorkGroups::grow() {
  if (size() >= std::numeric_limits<std::uint32_t>::max() / 4)
    throw std::overflow_error("least energy: too many different jobs");
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), 0);
  for (std::size_t group = 0; group < size(); ++group)
    slots_[find({ratio(group), types_})] = static_cast<std::uint32_t>(group + 1);
}

WorkGroups::Placed WorkGroups::place(std::span<const double> prices) const {
  Placed placed;
  placed.loads.assign(types_, 0);
  for (std::size_t group = 0; group < size(); ++group) {
    const double* of = ratio(group);
    double least = kNowhere;
    std::size_t where = 0;
    for (std::size_t t = 0; t < types_; ++t) {
      const double cost = of[t] * prices[t];  // not a number where a forbidden type has no price: not less either
      if (cost < least) {
        least = cost;
        where = t;
      }
    }
    const auto weight = static_cast<double>(weights_[group]);
    placed.cost += least * weight;
    placed.loads[where] += of[where] * weight;
  }
  return placed;
}

Int128 WorkGroups::least_cost(std::span<const std::int64_t> prices) const {
  Int128 sum = 0;
  for (std::size_t group = 0; group < size(); ++group) {
    const double* of = ratio(group);
    Int128 least = -1;
    for (std::size_t t = 0; t < types_; ++t) {
      if (of[t] == kNowhere) continue;
      const Int128 cost = Int128{static_cast<std::int64_t>(of[t])} * prices[t];
      if (least < 0 || cost < least) least = cost;
    }
    sum += least * weights_[group];
  }
  return sum;
}

}  // namespace wattfill
