// What the jobs took that were most like this one.
#pragma once

#include "runtime-predictor/neighbours.hpp"
#include "runtime-predictor/predictor.hpp"

namespace wattfill {

// The median of the nearest neighbours' runtimes; the upper figure is the longest. Without an ended job, the request.
class SimilarJobs final : public Predictor {
 public:
  explicit SimilarJobs(std::size_t nearest = 5, std::size_t memory = 64) : neighbours_(nearest, memory) {}
  std::string_view name() const override { return "similar-jobs"; }
  Prediction predict(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;

 private:
  Neighbours neighbours_;
};

}  // namespace wattfill
