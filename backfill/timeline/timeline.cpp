#include "backfill/timeline/timeline.hpp"

#include <algorithm>

namespace wattfill {

Timeline::Timeline(std::int64_t processors, SimTime begin) { reset(processors, begin); }

void Timeline::reset(std::int64_t processors, SimTime begin) {
  first_ = 0;
  segments_.assign(1, {begin, processors});
}

void Timeline::append_releases(SimTime soon_at, std::int64_t soon,
                               const std::vector<std::pair<SimTime, std::int64_t>>& later) {
  const auto append = [this](SimTime at, std::int64_t processors) {
    if (processors == 0) return;
    if (segments_.back().time == at)
      segments_.back().free += processors;
    else
      segments_.push_back({at, segments_.back().free + processors});
  };
  append(soon_at, soon);
  for (const auto& [at, processors] : later) append(at, processors);
}

std::size_t Timeline::segment(SimTime at) const {
  // Calls come in groups about one place: where the last one ended is tried first, and the place after it.
  const std::size_t n = segments_.size();
  for (std::size_t i = std::max(hint_, first_); i < std::min(n, hint_ + 2); ++i)
    if (segments_[i].time <= at && (i + 1 == n || at < segments_[i + 1].time)) return i;
  // Then by halves, without a branch that nobody can foresee.
  std::size_t low = first_;
  for (std::size_t left = n - first_; left > 1;) {
    const std::size_t half = left / 2;
    low += segments_[low + half].time <= at ? half : 0;
    left -= half;
  }
  hint_ = low;
  return hint_;
}

void Timeline::advance(SimTime now) {
  if (now <= begin()) return;
  while (first_ + 1 < segments_.size() && segments_[first_ + 1].time <= now) ++first_;
  segments_[first_].time = now;
  constexpr std::size_t kPastKept = 256;
  if (first_ < kPastKept || first_ < breakpoints()) return;
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

SimTime Timeline::earliest_fit(std::int64_t processors, Seconds duration, SimTime from) const {
  return earlier_fit(processors, duration, from, kNever, kNever);
}

SimTime Timeline::earlier_fit(std::int64_t processors, Seconds duration, SimTime from, SimTime latest,
                              SimTime own) const {
  const Segment* const end = segments_.data() + segments_.size();
  const Segment* s = segments_.data() + (from <= begin() ? first_ : segment(from));
  latest = std::min(latest, own);
  while (true) {
    while (s != end && s->free < processors) ++s;
    if (s == end) return own;
    const Segment* const first = s;
    const SimTime start = std::max(s->time, from);
    if (start >= latest) return own;
    // From its own start on, what the job holds is free for it.
    const SimTime until = std::min(start + duration, own);
    for (++s; s != end && s->time < until && s->free >= processors;) ++s;
    if (s == end || s->time >= until) {
      hint_ = static_cast<std::size_t>(first - segments_.data());
      return start;
    }
  }
}

void Timeline::change(SimTime from, SimTime to, std::int64_t delta) {
  from = std::max(from, begin());
  if (from >= to || delta == 0) return;
  const std::size_t low = segment(from);
  std::size_t high = low;  // what lies between has to be walked anyway
  while (high + 1 < segments_.size() && segments_[high + 1].time <= to) ++high;
  const auto at = [this](std::size_t i) { return segments_.begin() + static_cast<std::ptrdiff_t>(i); };
  // The later end first, so that the earlier one's index stands. At `to` the count goes back to what it was.
  const bool cut_high = segments_[high].time != to;
  if (cut_high) {
    ++high;
    segments_.insert(at(high), {to, segments_[high - 1].free});
  }
  const bool cut_low = segments_[low].time != from;
  for (std::size_t i = low + cut_low; i < high; ++i) segments_[i].free += delta;
  const std::int64_t before_high = segments_[high - 1].free + (cut_low && high == low + 1 ? delta : 0);
  if (!cut_high && segments_[high].free == before_high) {
    if (cut_low && high == low + 1) {  // a breakpoint moves to an earlier time, as when a job's start does
      segments_[high].time = from;
      return;
    }
    segments_.erase(at(high));
  }
  if (cut_low)
    segments_.insert(at(low + 1), {from, segments_[low].free + delta});
  else if (low > first_ && segments_[low].free == segments_[low - 1].free)
    segments_.erase(at(low));
}

void Timeline::hole(Hole& out) const {
  out.clear();
  // Walk forward; each new minimum of the free count ends the window of all wider jobs. Collected from wide to narrow.
  struct Limit {
    std::int64_t processors;
    Seconds window;
  };
  std::vector<Limit> limits;
  std::int64_t lowest = segments_[first_].free;
  for (std::size_t i = first_ + 1; i < segments_.size() && lowest > 0; ++i) {
    if (segments_[i].free >= lowest) continue;
    limits.push_back({lowest, segments_[i].time - begin()});
    lowest = segments_[i].free;
  }
  if (lowest > 0) limits.push_back({lowest, kForever});
  for (auto it = limits.rbegin(); it != limits.rend(); ++it) out.add(it->processors, it->window);
}

std::int64_t Timeline::free_at(SimTime at) const { return segments_[segment(std::max(at, begin()))].free; }

std::int64_t Timeline::most_free(SimTime from, SimTime to) const {
  std::size_t i = segment(std::max(from, begin()));
  std::int64_t most = segments_[i].free;
  for (++i; i < segments_.size() && segments_[i].time < to; ++i) most = std::max(most, segments_[i].free);
  return most;
}

std::int64_t Timeline::least_free(SimTime from, SimTime to) const {
  std::size_t i = segment(std::max(from, begin()));
  std::int64_t least = segments_[i].free;
  for (++i; i < segments_.size() && segments_[i].time < to; ++i) least = std::min(least, segments_[i].free);
  return least;
}

SimTime Timeline::next_breakpoint(SimTime at) const {
  const std::size_t i = segment(std::max(at, begin())) + 1;
  return i < segments_.size() ? segments_[i].time : kNever;
}

void Timeline::Reach::include(const Reach& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
  const auto both = static_cast<std::size_t>(std::min(classes, other.classes));
  const auto all = static_cast<std::size_t>(other.classes);
  for (std::size_t c = 0; c < both; ++c) {
    left[c] = std::min(left[c], other.left[c]);
    right[c] = std::max(right[c], other.right[c]);
    longest[c] = std::max(longest[c], other.longest[c]);
  }
  for (std::size_t c = both; c < all; ++c) {
    left[c] = other.left[c];
    right[c] = other.right[c];
    longest[c] = other.longest[c];
  }
  classes = std::max(classes, other.classes);
}

Timeline::Reach Timeline::reach(SimTime from, SimTime to) const {
  Reach out;
  out.low = from = std::max(from, begin());
  out.high = to;
  const std::size_t low = segment(from);
  std::size_t high = low;  // the last segment that meets [from, to)
  std::int64_t most = segments_[low].free;
  for (; high + 1 < segments_.size() && segments_[high + 1].time < to; ++high)
    most = std::max(most, segments_[high + 1].free);
  out.classes = classes_within(most);

  // Outwards on either side, until no width passes any more. A width that does not pass at the edge may still pass
  // within.
  std::size_t i = low;
  SimTime boundary = from;
  for (int open = out.classes; open > 0;) {
    const int pass = std::min(open, classes_within(segments_[i].free));
    while (open > pass) out.left[static_cast<std::size_t>(--open)] = boundary;
    boundary = segments_[i].time;
    if (i-- > first_) continue;
    while (open > 0) out.left[static_cast<std::size_t>(--open)] = boundary;
  }
  const auto close = [&out](int c, SimTime right) {
    const auto k = static_cast<std::size_t>(c);
    out.right[k] = right;
    out.longest[k] = right - out.left[k];
  };
  i = high;
  boundary = to;
  for (int open = out.classes; open > 0;) {
    const int pass = std::min(open, classes_within(segments_[i].free));
    while (open > pass) close(--open, boundary);
    if (++i < segments_.size()) {
      boundary = segments_[i].time;
      continue;
    }
    while (open > 0) close(--open, kNever);
  }
  return out;
}

}  // namespace wattfill
