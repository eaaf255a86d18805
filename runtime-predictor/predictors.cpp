#include "runtime-predictor/predictors.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "runtime-predictor/last_two.hpp"
#include "runtime-predictor/linear_model.hpp"
#include "runtime-predictor/similar_jobs.hpp"
#include "runtime-predictor/user_mean.hpp"
#include "runtime-predictor/xgboost_predictor.hpp"

namespace wattfill {
namespace {

// An estimate source that can be asked alone, as a predictor.
template <class Source>
class OfSource final : public Predictor {
 public:
  std::string_view name() const override { return source_.name(); }
  Prediction predict(const Job& job, SimTime now) override {
    return point_prediction(static_cast<double>(source_.at_submit(job, now).count()),
                            static_cast<double>(job.requested.count()));
  }
  void started(const Job& job, SimTime now) override { source_.started(job, now); }
  void ended(const Job& job, SimTime now, Seconds runtime) override { source_.ended(job, now, runtime); }
  void cancelled(const Job& job, SimTime now) override { source_.cancelled(job, now); }

 private:
  Source source_;
};

constexpr std::array<std::string_view, 6> kNames = {"requested",    "last-two",    "user-mean",
                                                    "similar-jobs", "sc15-linear", "xgboost"};

}  // namespace

std::span<const std::string_view> all_predictors() { return kNames; }

bool is_predictor(std::string_view name) { return std::find(kNames.begin(), kNames.end(), name) != kNames.end(); }

std::unique_ptr<Predictor> make_predictor(std::string_view name) {
  if (name == "requested") return std::make_unique<OfSource<RequestedTime>>();
  if (name == "last-two") return std::make_unique<OfSource<LastTwo>>();
  if (name == "user-mean") return std::make_unique<UserMean>();
  if (name == "similar-jobs") return std::make_unique<SimilarJobs>();
  if (name == "sc15-linear") return std::make_unique<LinearModel>();
  if (name == "xgboost") return std::make_unique<XgboostPredictor>();
  throw std::invalid_argument("there is no predictor \"" + std::string(name) + "\"");
}

}  // namespace wattfill
