#include "runtime-predictor/job_power.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backfill/model/portable_math.hpp"
#include "runtime-predictor/booster.hpp"
#include "runtime-predictor/runtime_loss.hpp"

namespace wattfill {
namespace {

constexpr double kLeastWatts = 1e-3;  // of a processor, for the logarithm
constexpr float kHuberWidth = 0.5F;   // log2 units: power varies more than runtimes do

enum class Kinship : std::int64_t { kAll, kUser, kProgram, kShape };

PowerKey key_of(Kinship kinship, const PowerJob& p) {
  const auto kind = static_cast<std::int64_t>(kinship);
  const Job& j = p.job;
  if (kinship == Kinship::kAll) return {kind};
  if (kinship == Kinship::kUser) return {kind, j.user};
  if (kinship == Kinship::kProgram) return {kind, j.user, j.executable, j.queue};
  return {kind, j.user, j.executable, j.queue, j.processors, p.nodes, p.accelerators};
}

double of_processor(double watts, const PowerJob& job) {
  return std::max(watts / static_cast<double>(job.job.processors), kLeastWatts);
}

double exp2_of(double x) {
  constexpr double kLn2 = 0.693147180559945309417;
  return portable_exp(std::clamp(x, -60.0, 60.0) * kLn2);
}

// A mean of what is known of a job's kin, or else of all jobs.
class KinMean final : public JobPowerPredictor {
 public:
  KinMean(std::string_view name, Kinship kinship, bool last_two)
      : name_(name), kinship_(kinship), last_two_(last_two) {}
  std::string_view name() const override { return name_; }

  std::optional<double> predict(const PowerJob& job, SimTime /*now*/) override {
    const auto processors = static_cast<double>(job.job.processors);
    const auto kin = histories_.find(key_of(kinship_, job));
    if (last_two_ && kin != histories_.end() && kin->second.count > 1)
      return (kin->second.last[0] + kin->second.last[1]) / 2 * processors;
    if (!last_two_ && kin != histories_.end()) return mean(kin->second) * processors;
    const auto all = histories_.find(key_of(Kinship::kAll, job));
    return all == histories_.end() ? std::nullopt : std::optional(mean(all->second) * processors);
  }
  void ended(const PowerJob& job, SimTime /*now*/, Seconds /*runtime*/, std::optional<double> watts) override {
    if (!watts) return;
    histories_[key_of(Kinship::kAll, job)].add(of_processor(*watts, job));
    if (kinship_ != Kinship::kAll) histories_[key_of(kinship_, job)].add(of_processor(*watts, job));
  }

 private:
  static double mean(const PowerHistory& history) { return history.sum_watts / static_cast<double>(history.count); }
  std::string_view name_;
  Kinship kinship_;
  bool last_two_;
  std::map<PowerKey, PowerHistory> histories_;
};

}  // namespace

void PowerHistory::add(double watts) {
  constexpr double kSlowest = 1.0 / 8;
  ++count;
  sum_watts += watts;
  last = {watts, last[0]};
  mean += std::max(1.0 / static_cast<double>(count), kSlowest) * (portable_log2(watts) - mean);
}

class XgboostJobPower::Loss final : public Booster::Loss {
 public:
  explicit Loss(const std::vector<Target>& targets) : targets_(targets) {}
  void derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const override {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const HuberDerivatives d = pseudo_huber(margins[i] - targets_[i].distance, kHuberWidth);
      gradient[i] = d.gradient;
      hessian[i] = d.hessian;
    }
  }

 private:
  const std::vector<Target>& targets_;
};

XgboostJobPower::XgboostJobPower(const PowerTrainingOptions& options)
    : options_(options), window_(options.schedule, kPowerColumns) {}
XgboostJobPower::~XgboostJobPower() = default;

XgboostJobPower::Pending XgboostJobPower::prepare(const PowerJob& job, SimTime now) {
  Pending pending;
  const FeatureRow common = features_.submitted(job.job, now);
  auto next = std::copy(common.begin(), common.end(), pending.row.begin());
  const auto put = [&next](bool known, double value) {
    *next++ = known ? static_cast<float>(value) : std::numeric_limits<float>::quiet_NaN();
  };
  const bool nodes = job.nodes > 0;
  put(nodes, job.nodes);
  put(nodes, static_cast<double>(job.job.processors) / job.nodes);
  put(nodes && job.accelerators >= 0, static_cast<double>(job.accelerators) / job.nodes);
  for (const Kinship kinship : {Kinship::kUser, Kinship::kProgram, Kinship::kShape}) {
    const auto kin = histories_.find(key_of(kinship, job));
    const bool known = kin != histories_.end();
    put(known, known ? portable_log2(kin->second.last[0]) : 0);
    put(known, known ? kin->second.mean : 0);
    if (known) pending.anchor = static_cast<float>(kin->second.mean);  // the closest kin come last
  }
  if (pending.anchor) return pending;
  const auto all = histories_.find(key_of(Kinship::kAll, job));
  if (all != histories_.end()) pending.anchor = static_cast<float>(all->second.mean);
  return pending;
}

std::optional<double> XgboostJobPower::predict(const PowerJob& job, SimTime now) {
  Pending& pending = pending_[job.job.id];
  pending = prepare(job, now);
  if (!pending.anchor) return std::nullopt;
  float distance = 0;
  if (forest_) forest_->predict(pending.row, {&distance, 1});
  return exp2_of(*pending.anchor + distance) * static_cast<double>(job.job.processors);
}

void XgboostJobPower::started(const PowerJob& job, SimTime now) { features_.started(job.job, now); }

void XgboostJobPower::ended(const PowerJob& job, SimTime now, Seconds runtime, std::optional<double> watts) {
  features_.ended(job.job, now, runtime);
  const auto pending = pending_.extract(job.job.id);
  if (!watts) return;
  const double one = of_processor(*watts, job);
  for (const Kinship kinship : {Kinship::kAll, Kinship::kUser, Kinship::kProgram, Kinship::kShape})
    histories_[key_of(kinship, job)].add(one);
  if (!pending || !pending.mapped().anchor) return;
  const Target target{static_cast<float>(portable_log2(one)) - *pending.mapped().anchor};
  if (window_.add(pending.mapped().row, target)) train();
}

void XgboostJobPower::train() {
  const Loss loss(window_.targets());
  try {
    forest_ =
        Booster::train(options_.booster, window_.rows(), window_.targets().size(), kPowerColumns, loss, options_.rounds)
            .flat();
  } catch (const BoosterError&) {  // the model before it stays
    ++failures_;
  }
  window_.trained();
}

std::vector<std::unique_ptr<JobPowerPredictor>> all_job_power_predictors() {
  std::vector<std::unique_ptr<JobPowerPredictor>> all;
  all.push_back(std::make_unique<KinMean>("mean", Kinship::kAll, false));
  all.push_back(std::make_unique<KinMean>("user-mean", Kinship::kUser, false));
  all.push_back(std::make_unique<KinMean>("last-two", Kinship::kUser, true));
  all.push_back(std::make_unique<KinMean>("program-mean", Kinship::kProgram, false));
  all.push_back(std::make_unique<XgboostJobPower>());
  return all;
}

}  // namespace wattfill
