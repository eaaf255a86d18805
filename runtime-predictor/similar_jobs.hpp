// What the jobs took that were most like this one: k nearest neighbours among the user's recent jobs.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "runtime-predictor/predictor.hpp"

namespace wattfill {

// The median of the runtimes of the k nearest of the user's last `memory` ended jobs. Distance: |log2 of the ratio of
// the processors| + |log2 of the ratio of the requests|, + 1 where the executables differ; among equals the later
// ended one is nearer. The upper figure is the longest of the k. Without an ended job, the request. O(memory).
class SimilarJobs final : public Predictor {
 public:
  explicit SimilarJobs(std::size_t nearest = 5, std::size_t memory = 64) : nearest_(nearest), memory_(memory) {}
  std::string_view name() const override { return "similar-jobs"; }
  Prediction predict(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;

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
  std::size_t nearest_;
  std::size_t memory_;
  std::unordered_map<std::int32_t, User> users_;
};

}  // namespace wattfill
