#include "backfill/timeline/timeline.hpp"

#include <algorithm>
#include <cassert>

namespace wattfill {

Timeline::Timeline(std::int64_t processors, SimTime begin) { reset(processors, begin); }

void Timeline::reset(std::int64_t processors, SimTime begin) {
  first_ = 0;
  times_.assign(1, begin);
  free_.assign(1, processors);
}

void Timeline::append_releases(SimTime soon_at, std::int64_t soon,
                               const std::vector<std::pair<SimTime, std::int64_t>>& later) {
  const auto append = [this](SimTime at, std::int64_t processors) {
    if (processors == 0) return;
    if (times_.back() == at) {
      free_.back() += processors;
      return;
    }
    times_.push_back(at);
    free_.push_back(free_.back() + processors);
  };
  append(soon_at, soon);
  for (const auto& [at, processors] : later) append(at, processors);
}

std::size_t Timeline::segment(SimTime at) const {
  const auto it = std::upper_bound(times_.begin() + static_cast<std::ptrdiff_t>(first_), times_.end(), at);
  return static_cast<std::size_t>(it - times_.begin()) - 1;
}

void Timeline::advance(SimTime now) {
  if (now <= begin()) return;
  while (first_ + 1 < times_.size() && times_[first_ + 1] <= now) ++first_;
  times_[first_] = now;
  constexpr std::size_t kPastKept = 256;
  if (first_ < kPastKept || first_ < breakpoints()) return;
  times_.erase(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(first_));
  free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

SimTime Timeline::earliest_fit(std::int64_t processors, Seconds duration, SimTime from) const {
  const std::size_t n = times_.size();
  std::size_t i = from <= begin() ? first_ : segment(from);
  while (true) {
    while (i < n && free_[i] < processors) ++i;
    if (i == n) return kNever;
    const SimTime start = std::max(times_[i], from);
    const SimTime end = start + duration;
    std::size_t j = i + 1;
    while (j < n && times_[j] < end && free_[j] >= processors) ++j;
    if (j == n || times_[j] >= end) return start;
    i = j + 1;
  }
}

SimTime Timeline::earlier_fit(std::int64_t processors, Seconds duration, SimTime from, SimTime latest,
                              SimTime own) const {
  const std::size_t n = times_.size();
  std::size_t i = from <= begin() ? first_ : segment(from);
  latest = std::min(latest, own);
  while (true) {
    while (i < n && free_[i] < processors) ++i;
    if (i == n) return own;
    const SimTime start = std::max(times_[i], from);
    if (start >= latest) return own;
    // From its own start on, what the job holds is free for it.
    const SimTime end = std::min(start + duration, own);
    std::size_t j = i + 1;
    while (j < n && times_[j] < end && free_[j] >= processors) ++j;
    if (j == n || times_[j] >= end) return start;
    i = j + 1;
  }
}

std::size_t Timeline::cut(SimTime at) {
  const std::size_t i = segment(at);
  if (times_[i] == at) return i;
  times_.insert(times_.begin() + static_cast<std::ptrdiff_t>(i) + 1, at);
  free_.insert(free_.begin() + static_cast<std::ptrdiff_t>(i) + 1, free_[i]);
  return i + 1;
}

void Timeline::merge(std::size_t i) {
  if (i <= first_ || i >= times_.size() || free_[i] != free_[i - 1]) return;
  times_.erase(times_.begin() + static_cast<std::ptrdiff_t>(i));
  free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
}

void Timeline::change(SimTime from, SimTime to, std::int64_t delta) {
  from = std::max(from, begin());
  if (from >= to || delta == 0) return;
  const std::size_t low = cut(from);
  const std::size_t high = cut(to);
  for (std::size_t i = low; i < high; ++i) free_[i] += delta;
  merge(high);
  merge(low);
}

void Timeline::hole(Hole& out) const {
  out.clear();
  // Walk forward; each new minimum of the free count ends the window of all wider jobs. Collected from wide to narrow.
  struct Limit {
    std::int64_t processors;
    Seconds window;
  };
  std::vector<Limit> limits;
  std::int64_t lowest = free_[first_];
  for (std::size_t i = first_ + 1; i < times_.size() && lowest > 0; ++i) {
    if (free_[i] >= lowest) continue;
    limits.push_back({lowest, times_[i] - begin()});
    lowest = free_[i];
  }
  if (lowest > 0) limits.push_back({lowest, kForever});
  for (auto it = limits.rbegin(); it != limits.rend(); ++it) out.add(it->processors, it->window);
}

std::int64_t Timeline::free_at(SimTime at) const { return free_[segment(std::max(at, begin()))]; }

std::int64_t Timeline::most_free(SimTime from, SimTime to) const {
  std::size_t i = segment(std::max(from, begin()));
  std::int64_t most = free_[i];
  for (++i; i < times_.size() && times_[i] < to; ++i) most = std::max(most, free_[i]);
  return most;
}

}  // namespace wattfill
