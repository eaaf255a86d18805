// The jobs that a scheduler holds, queued or running, in slots that are reused.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "backfill/model/job.hpp"
#include "backfill/model/power.hpp"
#include "backfill/model/scheduler.hpp"
#include "backfill/policy/order.hpp"

namespace wattfill {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = std::numeric_limits<Slot>::max();

enum class JobState : std::uint8_t {
  kFree,      // the slot holds no job
  kFresh,     // submitted, not looked at yet
  kQueued,    // in the queue's indexes
  kDeferred,  // refused at this instant
  kHeld,      // refused until modified
  kProposed,  // start proposed, processors taken, answer awaited
  kRunning,
};

// Which estimate tells whether a job fits into a hole.
enum class FillBy : std::uint8_t { kFit, kFill };

// A job's place in a CandidateIndex: its neighbours in the first-in-first-out list of its shape.
struct FifoLink {
  Slot previous = kNoSlot;
  Slot next = kNoSlot;
  std::uint32_t shape = 0;
};

// What comes first is needed by every event of a job, then what a waiting job needs, then what few need. Each part is a
// cache line.
struct alignas(64) JobEntry {
  Job job;

  Seconds fit{};    // estimate to fit and reserve
  Seconds order{};  // estimate to order
  SimTime start{};  // running: when it started
  SimTime estimated_end{};
  FifoLink link[2];  // by role: 0 queue order, 1 backfill order
  std::uint32_t generation = 0;
  JobState state = JobState::kFree;
  bool promoted = false;
  bool boots = false;  // running: holds its nodes, and some of them have to wake

  Seconds filling(FillBy by) const { return by == FillBy::kFit ? fit : fill; }

  Score score[2];          // by role
  Speed speed;             // running: of the slowest node
  Seconds initial_fit{};   // fit at submission
  Seconds fill{};          // estimate to fill holes, at most `fit`
  std::int32_t group = 0;  // of demand
  std::int32_t overruns = 0;
};
static_assert(sizeof(Job) == 64 && sizeof(JobEntry) == 3 * 64);

class JobTable {
 public:
  Slot add(const Job& job) {
    Slot slot;
    if (free_.empty()) {
      slot = static_cast<Slot>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    JobEntry& entry = entries_[slot];
    entry.job = job;
    entry.group = 0;
    entry.speed = {};
    entry.overruns = 0;
    entry.state = JobState::kFresh;
    entry.boots = entry.promoted = false;
    return slot;
  }

  void remove(Slot slot) {
    JobEntry& entry = entries_[slot];
    entry.state = JobState::kFree;
    ++entry.generation;
    free_.push_back(slot);
  }

  JobEntry& operator[](Slot slot) { return entries_[slot]; }
  const JobEntry& operator[](Slot slot) const { return entries_[slot]; }
  JobHandle handle(Slot slot) const { return {slot, entries_[slot].generation}; }

  // The slot behind a handle. Throws std::invalid_argument for an unknown or stale one.
  Slot slot(JobHandle handle) const {
    if (handle.slot >= entries_.size() || entries_[handle.slot].generation != handle.generation ||
        entries_[handle.slot].state == JobState::kFree) [[unlikely]]
      fail();
    return handle.slot;
  }

 private:
  [[noreturn, gnu::noinline]] static void fail() {
    throw std::invalid_argument("scheduler: unknown or stale job handle");
  }

  std::vector<JobEntry> entries_;
  std::vector<Slot> free_;
};

}  // namespace wattfill
