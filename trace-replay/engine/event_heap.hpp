// Timed events, the soonest first. Those that come soon stand sorted in a small array, which is what measures fastest
// for the few dozen jobs that run on most machines; the others wait in a min-heap with four children a vertex. 16 bytes
// an event.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
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
  bool empty() const { return soon_count_ == 0; }
  const TimedEvent& top() const { return soon_[soon_count_ - 1]; }
  SimTime next() const { return next_; }

  void push(const TimedEvent& event) {
    if (soon_count_ == kSoon) make_room();
    if (!later_.empty() && !before(event, later_.front())) {
      push_later(event);
      return;
    }
    std::size_t i = soon_count_++;
    for (; i > 0 && before(soon_[i - 1], event); --i) soon_[i] = soon_[i - 1];
    soon_[i] = event;
    next_ = top().at;
  }

  TimedEvent pop() {
    const TimedEvent result = top();
    --soon_count_;
    if (empty() && !later_.empty()) refill();
    next_ = empty() ? kNever : top().at;
    return result;
  }

 private:
  static constexpr std::size_t kSoon = 64;
  static constexpr std::size_t kArity = 4;
  static bool before(const TimedEvent& a, const TimedEvent& b) {
    return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
  }

  // The later half of a full array goes to the heap.
  [[gnu::noinline]] void make_room() {
    constexpr std::size_t kHalf = kSoon / 2;
    std::for_each(soon_.begin(), soon_.begin() + kHalf, [this](const TimedEvent& e) { push_later(e); });
    std::copy(soon_.begin() + kHalf, soon_.end(), soon_.begin());
    soon_count_ = kHalf;
  }

  [[gnu::noinline]] void refill() {
    soon_count_ = std::min(later_.size(), kSoon / 2);
    for (std::size_t i = soon_count_; i > 0; --i) soon_[i - 1] = pop_later();
  }

  [[gnu::noinline]] void push_later(const TimedEvent& event) {
    std::size_t i = later_.size();
    later_.push_back(event);
    while (i > 0) {
      const std::size_t parent = (i - 1) / kArity;
      if (!before(event, later_[parent])) break;
      later_[i] = later_[parent];
      i = parent;
    }
    later_[i] = event;
  }

  TimedEvent pop_later() {
    const TimedEvent result = later_.front();
    const TimedEvent last = later_.back();
    later_.pop_back();
    const std::size_t n = later_.size();
    if (n == 0) return result;
    std::size_t i = 0;
    while (true) {
      const std::size_t first = i * kArity + 1;
      if (first >= n) break;
      std::size_t least = first;
      for (std::size_t c = first + 1; c < std::min(first + kArity, n); ++c)
        if (before(later_[c], later_[least])) least = c;
      if (!before(later_[least], last)) break;
      later_[i] = later_[least];
      i = least;
    }
    later_[i] = last;
    return result;
  }

  std::array<TimedEvent, kSoon> soon_;  // the soonest last; none only where there are no later ones either
  std::size_t soon_count_ = 0;
  std::vector<TimedEvent> later_;  // none of them before one of the soon
  SimTime next_ = kNever;          // of the first of all; asked for several times at each instant
};

}  // namespace wattfill
