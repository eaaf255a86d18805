// What prediction costs: CPU time of a job over a whole trace (features, prediction, retraining) and the distribution
// of single predictions, on one thread.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "runtime-predictor/predictors.hpp"
#include "trace-replay/predict/history.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace {

using namespace wattfill;

// Passes everything on and times each prediction.
class Timed final : public Predictor {
 public:
  explicit Timed(std::unique_ptr<Predictor> inner) : inner_(std::move(inner)) {}
  std::string_view name() const override { return inner_->name(); }
  Prediction predict(const Job& job, SimTime now) override {
    const auto begin = std::chrono::steady_clock::now();
    const Prediction prediction = inner_->predict(job, now);
    nanoseconds_.push_back((std::chrono::steady_clock::now() - begin).count());
    return prediction;
  }
  void started(const Job& job, SimTime now) override { inner_->started(job, now); }
  void ended(const Job& job, SimTime now, Seconds runtime) override { inner_->ended(job, now, runtime); }
  void cancelled(const Job& job, SimTime now) override { inner_->cancelled(job, now); }

  double percentile_us(double share) {
    const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(nanoseconds_.size() - 1));
    std::nth_element(nanoseconds_.begin(), nanoseconds_.begin() + k, nanoseconds_.end());
    return static_cast<double>(nanoseconds_[static_cast<std::size_t>(k)]) / 1e3;
  }

 private:
  std::unique_ptr<Predictor> inner_;
  std::vector<std::int64_t> nanoseconds_;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Arguments {
  std::string trace;
  std::int32_t processors = std::numeric_limits<std::int32_t>::max();
  std::vector<std::string> predictors = {"last-two", "user-mean", "similar-jobs", "sc15-linear", "xgboost"};
};

void measure(const Arguments& a) {
  RecipeOptions recipe;
  recipe.processors = a.processors;
  recipe.links = true;
  const Workload workload = load_workload(a.trace, recipe);
  fmt::print(
      "| trace | predictor | jobs | CPU µs a job | median µs | p99 µs | p99.9 µs |\n|---|---|---|---|---|---|---|\n");
  const std::string trace = std::filesystem::path(a.trace).filename().string();
  const std::vector<Predictor*> nobody;
  const double engine_begin = cpu_seconds();
  predict_history(workload, nobody);
  const double engine = cpu_seconds() - engine_begin;
  for (const std::string& name : a.predictors) {
    Timed timed(make_predictor(name));
    const std::vector<Predictor*> one = {&timed};
    const double begin = cpu_seconds();
    predict_history(workload, one);
    const double spent = std::max(0.0, cpu_seconds() - begin - engine);
    fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n", trace, name, workload.jobs.size(),
               spent * 1e6 / static_cast<double>(workload.jobs.size()), timed.percentile_us(0.5),
               timed.percentile_us(0.99), timed.percentile_us(0.999));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What runtime prediction costs on a trace as it was recorded.", "predictor_bench");
  Arguments arguments;
  app.add_option("trace", arguments.trace, "trace in SWF, plain or .gz")->required();
  app.add_option("--procs", arguments.processors, "leave out wider jobs")->check(CLI::Range(1, 2'147'483'647));
  app.add_option("--predictors", arguments.predictors, "separated by commas")->delimiter(',');
  app.footer("Example:\n  predictor_bench HPC2N-2002-2.2-cln.swf.gz --procs 240");
  return bench::run_program(app, argc, argv, [&] { measure(arguments); });
}
