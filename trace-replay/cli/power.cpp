// trace-replay calibrate-power and evaluate-power: what the joules of a sidecar teach.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "backfill/config/config.hpp"
#include "trace-replay/calibrate/power_calibration.hpp"
#include "trace-replay/cli/cluster_options.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/predict/power_evaluation.hpp"

namespace wattfill::cli {
namespace {

constexpr const char* kSidecar = "Sidecar that import sacct has written, plain or .gz; - for standard input";

struct CalibrateArguments {
  std::string sidecar;
  std::string cluster;
  std::string output = "-";
  CalibrationOptions options;
};

std::string commented(const std::string& text) {
  std::string comment = "# ";
  for (std::size_t i = 0; i < text.size(); ++i) {
    comment += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) comment += "# ";
  }
  return comment;
}

void calibrate(const CalibrateArguments& a) {
  const PowerCalibration calibration = calibrate_power(named_cluster(a.cluster), read_job_energy(a.sidecar), a.options);
  const std::string report = describe_calibration(calibration);
  AtomicFile file(a.output);
  file.write("# Calibrated by trace-replay calibrate-power.\n" + commented(report) + cluster_text(calibration.cluster));
  file.commit();
  fmt::print(stderr, "{}", report);
}

struct EvaluateArguments {
  std::string sidecar;
  double warm_up = 0.2;
  bool json = false;
};

}  // namespace

void add_calibrate_power_command(CLI::App& app) {
  auto* command = app.add_subcommand("calibrate-power", "The active power of a cluster's nodes, from measured jobs");
  const auto a = std::make_shared<CalibrateArguments>();
  command->add_option("sidecar", a->sidecar, kSidecar)->required();
  command->add_option("--cluster", a->cluster, "A bundled cluster, or a file, whose nodes the jobs ran on")->required();
  command->add_option("-o,--output", a->output, "Cluster file to write; - is standard output")->option_text("FILE [-]");
  command->add_option("--least-seconds", a->options.least_seconds, "Shorter jobs are passed over")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--least-jobs", a->options.least_jobs, "A node type with fewer keeps its power")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--unmeasured-watts", a->options.unmeasured_watts,
                   "Of a node, beside what the joules cover; needed where that is not the whole node (RAPL)")
      ->check(CLI::Range(0.0, 100'000.0));
  command->footer(
      "Taken are jobs with valid joules that had all cores of their nodes for themselves. A type's active power is "
      "the\n"
      "median of their nodes' mean powers; how many jobs, which were rejected why, and the uncertainty stand at the "
      "head\n"
      "of the file and on standard error. Idle and sleep power no job can tell: they stay.\n\n"
      "Examples:\n"
      "  trace-replay calibrate-power mine-energy.csv --cluster mine.textproto --output calibrated.textproto\n"
      "  trace-replay calibrate-power mine-energy.csv --cluster mine.textproto --unmeasured-watts 60");
  command->callback([a] { calibrate(*a); });
}

void add_evaluate_power_command(CLI::App& app) {
  auto* command = app.add_subcommand("evaluate-power", "Compare predictors of the power of jobs on recorded ones");
  const auto a = std::make_shared<EvaluateArguments>();
  command->add_option("sidecar", a->sidecar, kSidecar)->required();
  command->add_option("--warm-up", a->warm_up, "Share of the jobs, the first ones, that only teach")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  command->add_flag("--json", a->json, "Print one JSON object");
  command->footer(
      "Predicted at a job's submission: its mean power in watts, from jobs that were over by then. MAE: mean of |p - "
      "w|;\n"
      "MAPE: mean of |p - w| / w; accuracy: mean of min(p / w, w / p); energy: (predicted - used) / used over all "
      "jobs.\n\n"
      "Examples:\n"
      "  trace-replay evaluate-power mine-energy.csv\n"
      "  trace-replay import job-power eurora_jobs_power.csv.gz | trace-replay evaluate-power - --json");
  command->callback([a] {
    const PowerEvaluation evaluation = evaluate_power(a->sidecar, read_job_energy(a->sidecar), a->warm_up);
    fmt::print("{}", a->json ? power_evaluation_json(evaluation) : power_evaluation_text(evaluation));
  });
}

}  // namespace wattfill::cli
