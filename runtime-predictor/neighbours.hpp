// Which of a user's recent jobs were most like a new one: k nearest neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
  struct Sibling {
    double runtime = 0;  // in seconds, at least 1
    Seconds gap{};       // between the two submissions
  };
  // Of the remembered jobs of the same user, processors and request the one that was submitted last before this one,
  // and the one that was submitted first after it: jobs that were submitted together often fail together.
  struct Siblings {
    std::optional<Sibling> before, after;
  };
  Siblings siblings(const Job& job) const;
  void ended(const Job& job, Seconds runtime);

 private:
  struct Past {
    double log_processors;
    double log_request;
    std::int32_t executable;
    double runtime;
    SimTime submit;
    JobId id;
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
