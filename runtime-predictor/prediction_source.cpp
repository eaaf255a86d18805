#include "runtime-predictor/prediction_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

struct FigureInfo {
  PredictedFigure figure;
  std::string_view name;
};
constexpr std::array<FigureInfo, 4> kFigures = {{
    {PredictedFigure::kMedian, "median"},
    {PredictedFigure::kUpper, "upper"},
    {PredictedFigure::kExpected, "expected"},
    {PredictedFigure::kIndex, "index"},
}};

double figure_of(const Prediction& prediction, PredictedFigure figure) {
  switch (figure) {
    case PredictedFigure::kMedian:
      return prediction.median;
    case PredictedFigure::kUpper:
      return prediction.upper;
    case PredictedFigure::kExpected:
      return prediction.expected;
    case PredictedFigure::kIndex:
      return prediction.index;
  }
  return prediction.median;
}

// Two adjacent values differ by at most a sixteenth of an octave or a second: nobody can tell such predictions apart,
// and the scheduler keeps jobs by the values that occur.
double rounded_to_sixteenths(double value) {
  constexpr double kSteps = 16;
  const double exponent = std::floor(portable_log2(std::max(1.0, value)) * kSteps + 0.5) / kSteps;
  return portable_exp(exponent * 0.693147180559945309417);
}

}  // namespace

std::string_view name_of(PredictedFigure figure) { return kFigures[static_cast<std::size_t>(figure)].name; }

SharedPredictor::SharedPredictor(std::unique_ptr<Predictor> predictor) : predictor_(std::move(predictor)) {}

bool SharedPredictor::is_new(Event event, JobId job, SimTime now, const void* source) {
  const bool follows = last_.event == event && last_.job == job && last_.now == now && last_.source != source;
  if (follows) return false;
  last_ = {event, job, now, source};
  return true;
}

const Prediction& SharedPredictor::predict(const Job& job, SimTime now, const void* source) {
  if (is_new(Event::kSubmit, job.id, now, source)) prediction_ = predictor_->predict(job, now);
  return prediction_;
}

const std::optional<Prediction>& SharedPredictor::while_waiting(const Job& job, SimTime now, const void* source) {
  if (is_new(Event::kRenew, job.id, now, source)) renewed_ = predictor_->while_waiting(job, now);
  return renewed_;
}

void SharedPredictor::started(const Job& job, SimTime now, const void* source) {
  if (is_new(Event::kStart, job.id, now, source)) predictor_->started(job, now);
}

void SharedPredictor::ended(const Job& job, SimTime now, Seconds runtime, const void* source) {
  if (is_new(Event::kEnd, job.id, now, source)) predictor_->ended(job, now, runtime);
}

void SharedPredictor::cancelled(const Job& job, SimTime now, const void* source) {
  if (is_new(Event::kCancel, job.id, now, source)) predictor_->cancelled(job, now);
}

PredictionSource::PredictionSource(std::string name, std::shared_ptr<SharedPredictor> predictor, PredictedFigure figure)
    : name_(std::move(name)), predictor_(std::move(predictor)), figure_(figure) {}

Seconds PredictionSource::at_submit(const Job& job, SimTime now) {
  return estimate(predictor_->predict(job, now, this), job);
}

std::optional<Seconds> PredictionSource::while_waiting(const Job& job, SimTime now) {
  const std::optional<Prediction>& prediction = predictor_->while_waiting(job, now, this);
  if (!prediction) return std::nullopt;
  return estimate(*prediction, job);
}

Seconds PredictionSource::estimate(const Prediction& prediction, const Job& job) const {
  const double value = figure_of(prediction, figure_);
  if (figure_ == PredictedFigure::kIndex)
    return Seconds{std::max<std::int64_t>(1, std::llround(rounded_to_sixteenths(value * kIndexUnit)))};
  const double rounded = figure_ == PredictedFigure::kUpper ? std::ceil(value) : rounded_to_sixteenths(value);
  return std::clamp(Seconds{std::llround(rounded)}, Seconds{1}, job.requested);
}

void PredictionSource::started(const Job& job, SimTime now) { predictor_->started(job, now, this); }

void PredictionSource::ended(const Job& job, SimTime now, Seconds runtime) {
  predictor_->ended(job, now, runtime, this);
}

void PredictionSource::cancelled(const Job& job, SimTime now) { predictor_->cancelled(job, now, this); }

}  // namespace wattfill
