#include "trace-replay/output/prediction_log.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>
#include <utility>

namespace wattfill {
namespace {

constexpr std::size_t kFlushAt = 1U << 16;

}  // namespace

class PredictionLog::Watched final : public Predictor {
 public:
  Watched(PredictionLog& log, std::int32_t number, std::unique_ptr<Predictor> predictor)
      : log_(log), number_(number), predictor_(std::move(predictor)) {}

  std::string_view name() const override { return predictor_->name(); }
  Prediction predict(const Job& job, SimTime now) override {
    const Prediction prediction = predictor_->predict(job, now);
    log_.rows_.push_back({job.id, number_, std::llround(prediction.median), std::llround(prediction.upper)});
    return prediction;
  }
  std::optional<Prediction> while_waiting(const Job& job, SimTime now) override {
    return predictor_->while_waiting(job, now);
  }
  void started(const Job& job, SimTime now) override { predictor_->started(job, now); }
  void ended(const Job& job, SimTime now, Seconds runtime) override { predictor_->ended(job, now, runtime); }
  void cancelled(const Job& job, SimTime now) override { predictor_->cancelled(job, now); }
  std::uint64_t model_digest() override { return predictor_->model_digest(); }

 private:
  PredictionLog& log_;
  std::int32_t number_;
  std::unique_ptr<Predictor> predictor_;
};

std::unique_ptr<Predictor> PredictionLog::watch(std::unique_ptr<Predictor> predictor) {
  names_.emplace_back(predictor->name());
  return std::make_unique<Watched>(*this, static_cast<std::int32_t>(names_.size()) - 1, std::move(predictor));
}

void PredictionLog::write_csv(const std::function<void(std::string_view)>& sink) const {
  std::string text = "job_id,predictor,median_s,upper_s\n";
  for (const Row& row : rows_) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", row.job, names_[static_cast<std::size_t>(row.predictor)],
                   row.median_s, row.upper_s);
    if (text.size() < kFlushAt) continue;
    sink(text);
    text.clear();
  }
  sink(text);
}

}  // namespace wattfill
