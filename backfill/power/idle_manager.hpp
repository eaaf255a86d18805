// How many of the unused nodes of one type sleep: counts and times, no names of nodes.
//
// Unused nodes that are awake form a stack: the one that came free last is used first, so that gaps are long and on few
// nodes. That is optimal for a finished schedule, since the cost of a gap is concave in its length; and as energy
// depends on counts alone, it holds whichever of the nodes a placement really takes.
#pragma once

#include <cstdint>
#include <deque>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/power/demand_forecast.hpp"
#include "backfill/power/power_spec.hpp"

namespace wattfill {

class IdleManager {
 public:
  // Nodes of the type that no job holds.
  struct Unused {
    std::int64_t awake = 0;
    std::int64_t waking = 0;
    std::span<const std::int64_t> asleep;  // or falling asleep, by sleep state
    // Beside them, those that a power cap keeps out of work for now: no job has asked for them.
    std::int64_t out_of_work = 0;
    // Of those that sleep, in this state or a deeper one.
    std::int64_t asleep_from(std::size_t state) const {
      return std::accumulate(asleep.begin() + static_cast<std::ptrdiff_t>(state), asleep.end(), std::int64_t{0});
    }
    std::int64_t all() const { return awake + waking + asleep_from(0); }
  };
  // What the scheduler knows of the job that waits at the head of the queue.
  struct Reservation {
    std::int64_t nodes = 0;  // that it needs of those that are unused now
    SimTime at = kNever;     // when it is expected to start; kNever: nobody waits
    bool operator==(const Reservation&) const = default;
  };
  struct Wish {
    enum class Kind : std::uint8_t { kNothing, kWake, kSleep, kDeepen };
    Kind kind = Kind::kNothing;
    std::int64_t nodes = 0;
    std::int32_t state = 0;  // kWake: from this or a deeper one; else into this, kDeepen from a lighter one
  };

  // Both must outlive the object.
  IdleManager(const NodeType& type, const PowerSpec& spec);

  // Awake nodes that came free, or woke up and are unused, and those that were taken for a job.
  void freed(std::int64_t nodes, SimTime now);
  void taken(std::int64_t nodes) { pop(nodes, true); }
  // So many of the wished for fall asleep.
  void slept(std::int64_t nodes) { pop(nodes, false); }

  // One thing at a time: to be asked again at once where all that was wished for has been done.
  Wish decide(const Unused& unused, const Reservation& reservation, SimTime now);
  // When to be asked again though nothing happens.
  SimTime next_decision() const { return next_; }

 private:
  struct Idle {
    SimTime since;
    std::int64_t nodes;
  };
  struct State {
    Seconds break_even;
    Seconds competitive;  // to idle before falling asleep
    Seconds wake_time;
    std::optional<DemandForecast> forecast;  // of demand within the break-even time
    std::optional<DemandForecast> soon;      // of demand before a node could wake
  };

  void pop(std::int64_t nodes, bool last);
  int outlook(const Reservation& reservation, SimTime now) const;
  void observe(const Unused& unused, const Reservation& reservation, SimTime now);
  std::int64_t to_keep(const State& state, const Reservation& reservation, SimTime now, std::int64_t enough) const;
  std::int64_t to_wake(const State& state, const Reservation& reservation, SimTime now, std::int64_t from) const;
  void look_ahead(const Unused& unused, const Reservation& reservation, SimTime now);
  Wish choose(const Unused& unused, const Reservation& reservation, SimTime now);
  Seconds patience(const State& state) const;
  std::int64_t may_sleep(const State& state, const Unused& unused, const Reservation& reservation, SimTime now);

  const PowerSpec* spec_;
  std::vector<State> states_;           // that pay at some time, from light to deep; by index of the sleep state
  Seconds wake_time_{};                 // the longest of all states
  std::optional<DemandForecast> soon_;  // of demand before a node could wake
  std::deque<Idle> idle_;               // the oldest first
  SimTime next_ = kNever;

  struct Observed {
    std::int64_t all = -1;
    int outlook = 0;
    SimTime at{};
    bool operator==(const Observed&) const = default;
  };
  Observed observed_;
  // What was known at the last decision that found nothing to do.
  struct Known {
    std::int64_t awake = -1;
    std::int64_t waking = -1;
    std::int64_t all = -1;
    Reservation reservation;
    bool operator==(const Known&) const = default;
  };
  Known settled_;
};

}  // namespace wattfill
