#include "trace-replay/engine/estimate_sources.hpp"

#include <stdexcept>
#include <unordered_map>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

// Knows the future: the runtime of each job of the trace. Only a replay can offer it, as a bound for what prediction
// can do.
class Clairvoyant final : public EstimateSource {
 public:
  explicit Clairvoyant(const Workload& workload) {
    runtimes_.reserve(workload.jobs.size());
    for (const TraceJob& job : workload.jobs) runtimes_.emplace(job.job.id, job.runtime);
  }
  std::string_view name() const override { return "clairvoyant"; }
  Seconds at_submit(const Job& job, SimTime) override { return runtimes_.at(job.id); }
  bool upper_bound() const override { return true; }

 private:
  std::unordered_map<JobId, Seconds> runtimes_;
};

// The true runtime as a prediction without uncertainty.
class Oracle final : public Predictor {
 public:
  explicit Oracle(const Workload& workload) : truth_(workload) {}
  std::string_view name() const override { return "clairvoyant"; }
  Prediction predict(const Job& job, SimTime now) override {
    return point_prediction(static_cast<double>(truth_.at_submit(job, now).count()),
                            static_cast<double>(job.requested.count()));
  }

 private:
  Clairvoyant truth_;
};

ExtraEstimates the_future(const Workload& workload) {
  return {{"clairvoyant", "the true runtime, known to a replay only"},
          [&workload] { return std::make_shared<Clairvoyant>(workload); },
          [&workload] { return std::make_unique<Oracle>(workload); }};
}

}  // namespace

std::vector<EstimateSourceInfo> replay_estimate_sources() {
  const Workload nothing;
  const auto learned = learned_estimate_sources();
  std::vector<EstimateSourceInfo> all(learned.begin(), learned.end());
  all.insert(all.begin() + 1, the_future(nothing).info);
  return all;
}

bool is_replay_estimate_source(std::string_view name) {
  const Workload nothing;
  const ExtraEstimates future = the_future(nothing);
  return is_estimate_source(name, &future);
}

std::string replay_estimate_source_names() {
  const Workload nothing;
  const ExtraEstimates future = the_future(nothing);
  return estimate_source_names(&future);
}

EstimateSources make_estimate_sources(const EstimateNames& names, const Workload& workload,
                                      const MakePredictor& make_predictor) {
  const ExtraEstimates future = the_future(workload);
  try {
    return make_estimate_sources(names, make_predictor, &future);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

std::shared_ptr<EstimateSource> make_estimate_source(const std::string& name, const Workload& workload) {
  return make_estimate_sources({name, name, {}}, workload).fit;
}

}  // namespace wattfill
