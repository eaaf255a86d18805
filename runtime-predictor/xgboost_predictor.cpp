#include "runtime-predictor/xgboost_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr double kLargestError = 4;  // log2 units that one job may add to the drift

Prediction cold_start(const Job& job, const FeatureRow& row) {
  constexpr std::size_t kLastTwo = feature_index("last_two");
  static_assert(kLastTwo < kFeatureCount);
  const auto request = static_cast<double>(job.requested.count());
  if (std::isnan(row[kLastTwo])) return point_prediction(request, request);
  constexpr double kLn2 = 0.693147180559945309417;
  Prediction p = point_prediction(request * portable_exp(row[kLastTwo] * kLn2), request);
  p.upper = request;
  return p;
}

}  // namespace

XgboostPredictor::XgboostPredictor(const XgboostOptions& options)
    : options_(options), calibration_(options.coverage), window_(options.schedule, kFeatureCount) {}

XgboostPredictor::XgboostPredictor(const XgboostOptions& options, RuntimeModel model, double upper_shift)
    : XgboostPredictor(options) {
  model_ = std::move(model);
  calibration_ = QuantileCalibration(options.coverage, upper_shift);
}

Prediction XgboostPredictor::predict(const Job& job, SimTime now) {
  Pending& pending = pending_[job.id];
  pending = {features_.submitted(job, now), {}, model_.has_value()};
  return pending.prediction = prediction_for(job, pending.row);
}

std::optional<Prediction> XgboostPredictor::while_waiting(const Job& job, SimTime now) {
  const auto pending = pending_.find(job.id);
  if (pending == pending_.end()) return std::nullopt;
  const std::optional<FeatureRow> row = features_.while_waiting(job, now, pending->second.row);
  if (!row) return std::nullopt;
  return prediction_for(job, *row);
}

Prediction XgboostPredictor::prediction_for(const Job& job, const FeatureRow& row) const {
  if (!model_) return cold_start(job, row);
  return prediction_of(model_->outputs(row), job.requested, calibration_.shift());
}

// What is learned from a job is how it looked when it started: by then more of its kin have ended than at its
// submission, and it is then that a prediction decides.
void XgboostPredictor::started(const Job& job, SimTime now) {
  if (const auto pending = pending_.find(job.id); pending != pending_.end())
    if (const auto row = features_.while_waiting(job, now, pending->second.row)) pending->second.row = *row;
  features_.started(job, now);
}

void XgboostPredictor::cancelled(const Job& job, SimTime now) {
  features_.cancelled(job, now);
  pending_.erase(job.id);
}

void XgboostPredictor::ended(const Job& job, SimTime now, Seconds runtime) {
  features_.ended(job, now, runtime);
  const auto found = pending_.find(job.id);
  if (found == pending_.end()) return;
  judge(found->second, runtime);
  const bool due = window_.add(found->second.row, runtime_target(static_cast<double>(runtime.count()),
                                                                 static_cast<double>(job.requested.count())));
  pending_.erase(found);
  if (due) train();
}

// What the end of a job tells about the prediction that was made for it.
void XgboostPredictor::judge(const Pending& pending, Seconds runtime) {
  if (!pending.modelled) return;
  const auto r = static_cast<double>(std::max<std::int64_t>(1, runtime.count()));
  calibration_.add(r <= std::ceil(pending.prediction.upper));
  const double error = std::fabs(portable_log2(pending.prediction.median / r));
  if (drift_.add(std::min(error, kLargestError))) ++status_.drifts;
}

void XgboostPredictor::freeze() { window_.freeze(); }

void XgboostPredictor::train() {
  if (window_.targets().empty()) return;
  try {
    model_ = RuntimeModel::train(options_.training, window_.rows(), window_.targets());
    digest_.reset();
    ++status_.trainings;
  } catch (const BoosterError& error) {
    ++status_.failures;
    status_.last_failure = error.what();
  }
  window_.trained();
}

std::uint64_t XgboostPredictor::model_digest() {
  if (!model_) return 0;
  if (!digest_) digest_ = model_->digest();
  return *digest_;
}

}  // namespace wattfill
