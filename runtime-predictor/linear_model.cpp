#include "runtime-predictor/linear_model.hpp"

#include <algorithm>
#include <cmath>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr double kHour = 3600;
constexpr double kStep = 0.3;  // hours that the first steps may move a prediction

double power_of_two(double x) { return portable_exp(std::clamp(x, -60.0, 60.0) * 0.693147180559945309417); }

// A missing feature counts as 0, as in the original.
double known(float x) { return std::isnan(x) ? 0.0 : x; }

}  // namespace

LinearModel::Inputs LinearModel::inputs(const Job& job, const FeatureRow& row) {
  const auto request = static_cast<double>(job.requested.count());
  const auto raw = [&row](std::string_view name) { return row[feature_index(name)]; };
  const auto seconds = [&](std::string_view name) {  // from the logarithm
    return std::isnan(raw(name)) ? 0.0 : power_of_two(raw(name));
  };
  const auto of_request = [&](std::string_view name) { return request * seconds(name); };
  const double cores = job.processors;
  return {of_request("user_last"),
          of_request("user_second"),
          of_request("user_third"),
          request,
          of_request("last_two"),
          of_request("user_mean"),
          of_request("shape_mean"),
          seconds("user_think"),
          cores,
          power_of_two(known(raw("user_cores_ratio"))),
          known(raw("user_running")),
          known(raw("user_running_cores")),
          seconds("user_elapsed_sum"),
          of_request("user_elapsed"),
          known(raw("day_sin")),
          known(raw("day_cos")),
          known(raw("week_sin")),
          known(raw("week_cos")),
          known(raw("user_queued"))};
}

LinearModel::Terms LinearModel::expanded(const Inputs& x) {
  Terms terms{};
  std::size_t k = 0;
  terms[k++] = 1;
  for (std::size_t i = 0; i < kInputs; ++i) terms[k++] = x[i];
  for (std::size_t i = 0; i < kInputs; ++i)
    for (std::size_t j = i; j < kInputs; ++j) terms[k++] = x[i] * x[j];
  return terms;
}

double LinearModel::value(const Terms& terms) const {
  double sum = 0;
  for (std::size_t i = 0; i < kTerms; ++i) sum += weights_[i] * terms[i];
  return sum;
}

Prediction LinearModel::predict(const Job& job, SimTime now) {
  const Inputs x = inputs(job, features_.submitted(job, now));
  pending_[job.id] = x;
  const auto request = static_cast<double>(job.requested.count());
  return point_prediction(learned_ == 0 ? request : kHour * value(expanded(x)), request);
}

void LinearModel::ended(const Job& job, SimTime now, Seconds runtime) {
  features_.ended(job, now, runtime);
  const auto found = pending_.find(job.id);
  if (found == pending_.end()) return;
  const auto r = static_cast<double>(std::max<std::int64_t>(1, runtime.count()));
  learn(expanded(found->second), r, 1 + portable_log(r * job.processors));
  pending_.erase(found);
}

void LinearModel::cancelled(const Job& job, SimTime now) {
  features_.cancelled(job, now);
  pending_.erase(job.id);
}

void LinearModel::learn(const Terms& terms, double runtime, double importance) {
  for (std::size_t i = 0; i < kTerms; ++i) {
    const double size = std::fabs(terms[i]);
    if (size <= scales_[i]) continue;
    if (scales_[i] > 0) weights_[i] *= scales_[i] / size;
    scales_[i] = size;
  }
  const double error = value(terms) - runtime / kHour;
  const double slope = importance * (error > 0 ? 2 * error : -1);
  ++learned_;
  for (std::size_t i = 0; i < kTerms; ++i)
    if (scales_[i] > 0) norm_ += (terms[i] / scales_[i]) * (terms[i] / scales_[i]);
  const double rate = kStep * std::sqrt(static_cast<double>(learned_) / norm_);
  for (std::size_t i = 0; i < kTerms; ++i) {
    const double gradient = slope * terms[i];
    if (gradient == 0) continue;
    gradients_[i] += gradient * gradient;
    weights_[i] -= rate * gradient / (scales_[i] * std::sqrt(gradients_[i]));
  }
}

}  // namespace wattfill
