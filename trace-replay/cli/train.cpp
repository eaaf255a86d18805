// trace-replay train and evaluate: runtime models as files, and how good predictions are.
#include <fmt/format.h>

#include <limits>
#include <memory>
#include <string>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/predict/evaluation.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::cli {
namespace {

struct TraceOptions {
  std::string trace;
  std::int32_t processors = std::numeric_limits<std::int32_t>::max();
  bool lenient = false;
  bool quiet = false;
};

void add_trace_options(CLI::App& command, TraceOptions& o) {
  command.add_option("trace", o.trace, "Trace in SWF, plain or .gz; - for standard input")->required();
  command.add_option("--procs", o.processors, "Leave out jobs wider than that")->check(CLI::Range(1, 2'147'483'647));
  command.add_flag("--lenient", o.lenient, "Count bad lines and go on, instead of stopping at the first");
  command.add_flag("--quiet", o.quiet, "Show no progress");
}

Workload recorded_workload(const TraceOptions& o) {
  RecipeOptions recipe;
  recipe.processors = o.processors;
  recipe.strictness = o.lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict;
  recipe.links = true;
  return load_workload(o.trace, recipe);
}

// Calls `work` with a function that shows progress and notices Ctrl-C.
template <class Work>
auto with_progress(const char* label, const Workload& workload, bool quiet, Work&& work) {
  Progress progress(label, static_cast<std::int64_t>(workload.jobs.size()), quiet);
  return work([&progress](std::size_t job) {
    constexpr std::size_t kEvery = 1024;
    if (job % kEvery == 0) progress.tick(static_cast<std::int64_t>(job));
  });
}

struct TrainOptions {
  TraceOptions trace;
  std::string output;
  XgboostOptions learner;
};

void train(const TrainOptions& o) {
  const Workload workload = recorded_workload(o.trace);
  const ModelFiles files = with_progress("train", workload, o.trace.quiet,
                                         [&](const auto& progress) { return train_on(workload, o.learner, progress); });
  make_directory(o.output);
  for (const auto& [name, text] : model_files_text(files)) {
    AtomicFile file(o.output + "/" + name);
    file.write(text);
    file.commit();
  }
  if (o.trace.quiet) return;
  fmt::print("{}: trained on the last {} of {} jobs\n", o.output, files.model.rows, files.jobs);
  for (const auto& [name, value] : files.metrics) fmt::print("  {:28} {:.6g}\n", name, value);
}

struct EvaluateOptions {
  TraceOptions trace;
  std::string model;
  double warm_up = 0.2;
  bool json = false;
};

void evaluate_trace(const EvaluateOptions& o) {
  EvaluationOptions options;
  options.warm_up = o.warm_up;
  try {
    if (!o.model.empty()) options.model = read_model_files(o.model);
  } catch (const ModelFileError& error) {
    throw InputError(error.what());
  }
  const Workload workload = recorded_workload(o.trace);
  const Evaluation evaluation = with_progress("evaluate", workload, o.trace.quiet, [&](const auto& progress) {
    options.progress = progress;
    return evaluate(workload, std::move(options));
  });
  fmt::print("{}", o.json ? evaluation_json(evaluation) : evaluation_text(evaluation));
}

}  // namespace

void add_train_command(CLI::App& app) {
  auto* command = app.add_subcommand("train", "Train a runtime model on a trace and write it as files");
  auto options = std::make_shared<TrainOptions>();
  add_trace_options(*command, options->trace);
  command->add_option("--output", options->output, "Directory for model.json and about.json")->required();
  command->add_option("--window", options->learner.schedule.window, "Train on so many of the last ended jobs")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command->add_option("--coverage", options->learner.coverage, "That the upper figure shall have")
      ->check(CLI::Range(0.5, 0.999))
      ->capture_default_str();
  command->footer(
      "The trace's own starts and ends are what the model learns from. The metrics are those of a model trained on "
      "the\n"
      "first four fifths, on the rest.\n\n"
      "Example:\n"
      "  trace-replay train KTH-SP2-1996-2.swf.gz --output model/");
  command->callback([options] { train(*options); });
}

void add_evaluate_command(CLI::App& app) {
  auto* command = app.add_subcommand("evaluate", "Compare all runtime predictors on a trace as it was recorded");
  auto options = std::make_shared<EvaluateOptions>();
  add_trace_options(*command, options->trace);
  command->add_option("--model", options->model, "A model that train has written, compared as it is");
  command->add_option("--warm-up", options->warm_up, "Share of the jobs, the first ones, that only teach")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON object, with every user and the learning curves");
  command->footer(
      "accuracy: mean of min(p / r, r / p); under: share with p < r; coverage: share with r at most the upper "
      "figure.\n\n"
      "Examples:\n"
      "  trace-replay evaluate KTH-SP2-1996-2.swf.gz\n"
      "  trace-replay evaluate CTC-SP2-1996-3.1-cln.swf.gz --model model/ --json");
  command->callback([options] { evaluate_trace(*options); });
}

}  // namespace wattfill::cli
