// A predictor as an estimate source of the core: one figure of its predictions, as an integer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backfill/model/estimate_source.hpp"
#include "runtime-predictor/predictor.hpp"

namespace wattfill {

enum class PredictedFigure { kMedian, kUpper, kExpected, kIndex };
std::string_view name_of(PredictedFigure figure);  // "median", "upper", "expected", "index"

// An index is quantised to 1 / kIndexUnit and may exceed the request: it serves to order and nothing else.
inline constexpr double kIndexUnit = 16.0;

// One predictor behind several sources. The core tells each of its sources of one event before the next event; the
// predictor hears of it once, and all sources read the same prediction.
class SharedPredictor {
 public:
  explicit SharedPredictor(std::unique_ptr<Predictor> predictor);

  // `source` tells the callers apart.
  const Prediction& predict(const Job& job, SimTime now, const void* source);
  const std::optional<Prediction>& while_waiting(const Job& job, SimTime now, const void* source);
  void started(const Job& job, SimTime now, const void* source);
  void ended(const Job& job, SimTime now, Seconds runtime, const void* source);
  void cancelled(const Job& job, SimTime now, const void* source);
  std::uint64_t model_digest() { return predictor_->model_digest(); }

 private:
  enum class Event : std::uint8_t { kNone, kSubmit, kRenew, kStart, kEnd, kCancel };
  struct Told {
    Event event = Event::kNone;
    JobId job = 0;
    SimTime now{};
    const void* source = nullptr;
  };
  bool is_new(Event event, JobId job, SimTime now, const void* source);

  std::unique_ptr<Predictor> predictor_;
  Prediction prediction_;
  std::optional<Prediction> renewed_;
  Told last_;
};

class PredictionSource final : public EstimateSource {
 public:
  PredictionSource(std::string name, std::shared_ptr<SharedPredictor> predictor, PredictedFigure figure);

  std::string_view name() const override { return name_; }
  Seconds at_submit(const Job& job, SimTime now) override;
  std::optional<Seconds> while_waiting(const Job& job, SimTime now) override;
  void started(const Job& job, SimTime now) override;
  void ended(const Job& job, SimTime now, Seconds runtime) override;
  void cancelled(const Job& job, SimTime now) override;
  std::uint64_t model_digest() override { return predictor_->model_digest(); }

 private:
  Seconds estimate(const Prediction& prediction, const Job& job) const;

  std::string name_;
  std::shared_ptr<SharedPredictor> predictor_;
  PredictedFigure figure_;
};

}  // namespace wattfill
