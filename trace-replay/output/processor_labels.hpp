// Names the processors of a schedule that was decided by counts: each job gets the lowest ones free at its start.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// A set of processors as disjoint intervals [first, last].
class ProcessorSet {
 public:
  struct Interval {
    std::int32_t first;
    std::int32_t last;
  };

  explicit ProcessorSet(std::int32_t processors) { free_.emplace(0, processors - 1); }

  // Takes the lowest `count` free processors. Precondition: there are so many.
  std::vector<Interval> take(std::int32_t count);
  void give_back(const std::vector<Interval>& intervals);

 private:
  std::map<std::int32_t, std::int32_t> free_;  // first -> last
};

// For each job the interval set as Batsim writes it ("0-3 7"), empty for a job that never ran.
std::vector<std::string> label_processors(const Workload& workload, const ReplayResult& result,
                                          std::int32_t processors);

}  // namespace wattfill
