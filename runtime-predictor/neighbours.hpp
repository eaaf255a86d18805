// Which of a user's recent jobs were most like a new one: k nearest neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "backfill/model/job.hpp"

namespace wattfill {

// Remembers each user's last `memory` ended jobs. Distance: |log2 of the ratio of the processors| + |log2 of the ratio
// of the requests|, + 1 where the executables differ; among equals the later ended one is nearer. O(memory) a job.
class Neighbours {
 public:
  explicit Neighbours(std::size_t nearest = 5, std::size_t memory = 64) : nearest_(nearest), memory_(memory) {}

  // The runtimes in seconds, at least 1, of the nearest jobs, shortest first; empty for a user without an ended job.
  // Valid until the next call.
  std::span<const double> runtimes(const Job& job);
  void ended(const Job& job, Seconds runtime);

 private:
  struct Past {
    double log_processors;
    double log_request;
    std::int32_t executable;
    double runtime;
  };
  struct User {
    std::vector<Past> jobs;  // a ring
    std::size_t next = 0;
  };
  struct Near {
    double distance;
    double runtime;
  };
  std::size_t nearest_;
  std::size_t memory_;
  std::unordered_map<std::int32_t, User> users_;
  std::vector<Near> near_;        // scratch
  std::vector<double> runtimes_;  // scratch
};

}  // namespace wattfill
