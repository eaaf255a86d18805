// trace-replay generate: writes a synthetic trace, or an existing one with new requested times.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_writer.hpp"
#include "trace-replay/workload/lublin.hpp"

namespace wattfill::cli {
namespace {

constexpr const char* kFooter = R"(
The model is Lublin and Feitelson's (JPDC 63(11), 2003): interactive and batch jobs with daily cycles, fitted to the size
of the machine. Jobs belong to users who repeat their applications, and ask for round times that are at least the runtime.
Equal options give an equal file, byte for byte.

Examples:
  trace-replay generate --jobs 50000 --procs 512 --load 0.8 --seed 7 --output w.swf.gz
  trace-replay generate --jobs 10000000 --procs 100000 --load 0.9 --estimate-factor 1,5 --output big.swf
  trace-replay generate --requests-for lublin_256.swf --estimate-factor 1,5 --output lublin_256_requests.swf)";

struct GenerateArguments {
  LublinOptions options;
  std::string mix = "typed";
  bool untyped = false;
  bool exact_estimates = false;
  std::vector<double> estimate_factor;
  std::string requests_for;
  std::string output = "-";
  bool quiet = false;
};

// Collects lines and writes them in large pieces.
class TraceWriter {
 public:
  explicit TraceWriter(const std::string& path) : file_(path) {}

  void write(const SwfHeader& header) {
    std::ostringstream text;
    write_swf_header(text, header);
    buffer_ += text.str();
  }
  void write(const SwfRecord& record) {
    append_swf_record(buffer_, record);
    if (buffer_.size() >= kPieceBytes) flush();
  }
  void commit() {
    flush();
    file_.commit();
  }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }

  AtomicFile file_;
  std::string buffer_;
};

JobMix mix_of(const std::string& name) {
  if (name == "batch") return JobMix::kBatch;
  if (name == "interactive") return JobMix::kInteractive;
  return name == "untyped" ? JobMix::kUntyped : JobMix::kTyped;
}

void say(const GenerateArguments& arguments, const std::string& text) {
  if (!arguments.quiet) fmt::print(stderr, "{}\n", text);
}

std::string shown(const std::string& path) { return path == "-" ? "standard output" : path; }

void generate(const GenerateArguments& arguments) {
  const LublinOptions& options = arguments.options;
  TraceWriter writer(arguments.output);  // first, so that a path that cannot be written is known at once
  const std::vector<GeneratedJob> jobs = generate_lublin(options);
  writer.write(lublin_header(options, jobs));
  {
    Progress progress("writing", static_cast<std::int64_t>(jobs.size()), arguments.quiet);
    std::int64_t written = 0;
    for_each_record(jobs, [&](const SwfRecord& record) {
      writer.write(record);
      constexpr std::int64_t kTick = 1 << 14;
      if (++written % kTick == 0) progress.tick(written);
    });
  }
  writer.commit();
  say(arguments, fmt::format("{} jobs on {} processors over {:.1f} days, offered load {:.4f}, written to {}",
                             jobs.size(), options.processors, static_cast<double>(jobs.back().submit_s) / 86400,
                             offered_load(jobs, options.processors), shown(arguments.output)));
}

void add_requests(const GenerateArguments& arguments) {
  TraceWriter writer(arguments.output);
  SwfReader reader(arguments.requests_for);
  std::vector<SwfRecord> records;
  for (SwfRecord record; reader.next(record);) records.push_back(record);
  const EstimateOptions& estimates = arguments.options.estimates;
  replace_requests(records, estimates, arguments.options.seed);

  SwfHeader header = reader.header();
  const std::string name = std::filesystem::path(reader.name()).filename().string();
  header.raw.push_back(fmt::format("; Note: Requested times by: trace-replay generate --requests-for {} --seed {}{}",
                                   name, arguments.options.seed, command_line(estimates)));
  header.raw.push_back("; Note: Estimates: " + describe(estimates));
  writer.write(header);
  for (const SwfRecord& record : records) writer.write(record);
  writer.commit();
  say(arguments,
      fmt::format("{} jobs with new requested times written to {}", records.size(), shown(arguments.output)));
}

void run_generate(GenerateArguments& arguments) {
  EstimateOptions& estimates = arguments.options.estimates;
  if (arguments.exact_estimates) estimates.kind = EstimateKind::kExact;
  if (!arguments.estimate_factor.empty()) {
    estimates = {EstimateKind::kFactor, arguments.estimate_factor[0], arguments.estimate_factor[1]};
  }
  arguments.options.mix = arguments.untyped ? JobMix::kUntyped : mix_of(arguments.mix);
  if (arguments.requests_for.empty()) {
    generate(arguments);
  } else {
    add_requests(arguments);
  }
}

// The options that shape a new workload; with --requests-for they would have no meaning.
std::vector<CLI::Option*> add_model_options(CLI::App& command, GenerateArguments& arguments) {
  LublinOptions& options = arguments.options;
  CLI::Option* mix =
      command
          .add_option("--mix", arguments.mix, "typed (interactive and batch; default), batch, interactive or untyped")
          ->check(CLI::IsMember({"typed", "batch", "interactive", "untyped"}))
          ->option_text("KIND");
  return {command.add_option("--jobs", options.jobs, "number of jobs")->capture_default_str()->option_text("N [10000]"),
          command.add_option("--procs", options.processors, "processors of the machine")->option_text("P [128]"),
          command
              .add_option("--load", options.load,
                          "offered load to reach by scaling the gaps between arrivals; "
                          "without it, the model's own")
              ->option_text("X"),
          command.add_option("--start", options.start_unix, "Unix time of the trace's second 0")
              ->option_text("T [1704067200]"),
          command.add_option("--users", options.users, "number of users; without it, 1.25 times the root of the jobs")
              ->option_text("N"),
          mix,
          command.add_flag("--untyped", arguments.untyped, "the same as --mix untyped")->excludes(mix)};
}

}  // namespace

void add_generate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("generate", "write a synthetic trace (Lublin-Feitelson model)");
  const auto arguments = std::make_shared<GenerateArguments>();
  const std::vector<CLI::Option*> model_options = add_model_options(*command, *arguments);
  command->add_option("--seed", arguments->options.seed, "seed of all random numbers")
      ->check(CLI::NonNegativeNumber)  // CLI11 would take -1 for 2^64 - 1
      ->option_text("S [1]");
  CLI::Option* exact = command->add_flag("--exact-estimates", arguments->exact_estimates, "requested time = runtime");
  command
      ->add_option("--estimate-factor", arguments->estimate_factor,
                   "requested time = runtime x a uniform factor, rounded up; without it, users ask for round times")
      ->delimiter(',')
      ->expected(2)
      ->excludes(exact)
      ->option_text("LO,HI");
  CLI::Option* requests_for =
      command
          ->add_option("--requests-for", arguments->requests_for,
                       "read this trace and write it with new requested times instead of generating jobs")
          ->option_text("TRACE");
  for (CLI::Option* option : model_options) requests_for->excludes(option);
  command
      ->add_option("-o,--output", arguments->output,
                   "file to write, compressed if it ends in .gz; - is standard output")
      ->option_text("FILE [-]");
  command->add_flag("-q,--quiet", arguments->quiet, "no summary on standard error");
  command->footer(kFooter);
  command->callback([arguments] { run_generate(*arguments); });
}

}  // namespace wattfill::cli
