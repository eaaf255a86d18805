// What a runtime predictor is: told of every event, asked at submission and, where a policy wants it, while jobs wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backfill/model/job.hpp"

namespace wattfill {

// A job's runtime as it looks at its submission, in seconds. Each figure lies within [1, request] but `index`.
struct Prediction {
  double median = 0;    // as likely above as below
  double upper = 0;     // not exceeded with the coverage that the predictor states
  double expected = 0;  // E[r]
  // What Smith's rule asks for where the cost is the bounded slowdown: E[r] / E[10 s / max(10 s, r)]. Of two jobs that
  // take the same processors the one with the smaller index goes first (weighted shortest expected processing time).
  double index = 0;
};

// The prediction of one that knows a single number and no uncertainty; brought into [1, request].
inline Prediction point_prediction(double runtime, double request) {
  const double r = std::clamp(runtime, 1.0, std::max(1.0, request));
  return {r, r, r, r * std::max(10.0, r) / 10.0};
}

// Learns only from what it is told, in that order, and so never looks ahead. Deterministic. A job is known by its id
// from predict() until ended() or cancelled(); predict() again for a job that waits replaces what was known of it, and
// started() again means that it was requeued.
class Predictor {
 public:
  virtual ~Predictor() = default;

  virtual std::string_view name() const = 0;

  // Called when the job enters the queue.
  virtual Prediction predict(const Job& job, SimTime now) = 0;
  // Of a job that has waited since predict(), with what was learned in between; nullopt: as it was. Teaches nothing, so
  // that later predictions are the same whether it was called or not.
  virtual std::optional<Prediction> while_waiting(const Job& /*job*/, SimTime /*now*/) { return std::nullopt; }
  virtual void started(const Job& /*job*/, SimTime /*now*/) {}
  virtual void ended(const Job& /*job*/, SimTime /*now*/, Seconds /*runtime*/) {}
  virtual void cancelled(const Job& /*job*/, SimTime /*now*/) {}

  // Of the model that answers now; 0: there is none.
  virtual std::uint64_t model_digest() { return 0; }
};

}  // namespace wattfill
