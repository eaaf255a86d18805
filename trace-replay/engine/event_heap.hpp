// A min-heap of timed events: four children a vertex, 16 bytes an event.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

// Ordered by (time, sequence); the sequence is the caller's tie rule.
struct TimedEvent {
  SimTime at{};
  std::uint32_t sequence = 0;
  std::uint32_t job = 0;  // index into the workload
};

class EventHeap {
 public:
  bool empty() const { return events_.empty(); }
  const TimedEvent& top() const { return events_.front(); }
  SimTime next() const { return next_; }

  void push(const TimedEvent& event) {
    std::size_t i = events_.size();
    events_.push_back(event);
    while (i > 0) {
      const std::size_t parent = (i - 1) / kArity;
      if (!before(event, events_[parent])) break;
      events_[i] = events_[parent];
      i = parent;
    }
    events_[i] = event;
    next_ = events_.front().at;
  }

  TimedEvent pop() {
    const TimedEvent result = events_.front();
    const TimedEvent last = events_.back();
    events_.pop_back();
    const std::size_t n = events_.size();
    if (n == 0) {
      next_ = kNever;
      return result;
    }
    std::size_t i = 0;
    while (true) {
      const std::size_t first = i * kArity + 1;
      if (first >= n) break;
      std::size_t least = first;
      const auto consider = [&](std::size_t c) {
        if (before(events_[c], events_[least])) least = c;
      };
      if (first + kArity <= n)
        for (std::size_t c = first + 1; c < first + kArity; ++c) consider(c);
      else
        for (std::size_t c = first + 1; c < n; ++c) consider(c);
      if (!before(events_[least], last)) break;
      events_[i] = events_[least];
      i = least;
    }
    events_[i] = last;
    next_ = events_.front().at;
    return result;
  }

 private:
  static constexpr std::size_t kArity = 4;
  static bool before(const TimedEvent& a, const TimedEvent& b) {
    return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
  }
  std::vector<TimedEvent> events_;
  SimTime next_ = kNever;  // of the first of them; asked for several times at each instant
};

}  // namespace wattfill
