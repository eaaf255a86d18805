// trace-replay describe: what a trace holds.
#include "trace-replay/workload/describe.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill::cli {
namespace {

constexpr const char* kFooter = R"(
Load is the run time multiplied by the processors of the jobs submitted, over what the machine could do in that time.
With --json: times in seconds since the trace's epoch unless the key ends in _local; null where the trace does not tell;
histograms hold the jobs above `from` - 1 up to `to`.

Examples:
  trace-replay describe KTH-SP2-1996-2.swf.gz
  trace-replay describe CTC-SP2-1996-3.1-cln.swf.gz --procs 338 --json > ctc.json
  trace-replay generate --jobs 1000 --procs 64 --seed 1 | trace-replay describe -)";

struct DescribeArguments {
  std::string trace;
  DescribeOptions options;
  bool lenient = false;
  bool json = false;
};

void describe_trace(const DescribeArguments& arguments) {
  SwfReader reader(arguments.trace, arguments.lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict);
  const TraceDescription description = describe(reader, arguments.options);
  const std::string text = arguments.json ? describe_as_json(description) : describe_as_text(description);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw OutputError("standard output cannot be written; is the disk full?");
  }
}

}  // namespace

void add_describe_command(CLI::App& app) {
  const auto arguments = std::make_shared<DescribeArguments>();
  CLI::App* const command =
      app.add_subcommand("describe", "Show what a trace holds: jobs, users, load over time, sizes, runtimes, requests");
  command->add_option("TRACE", arguments->trace, "SWF file, plain or .gz; - for standard input")->required();
  command
      ->add_option("--procs", arguments->options.processors,
                   "Processors of the machine [the header's MaxProcs, or MaxNodes, or the widest job]")
      ->check(CLI::Range(1, 2'147'483'647));
  command->add_flag("--lenient", arguments->lenient, "Leave out bad lines, count them and show the first five");
  command->add_flag("--json", arguments->json, "Print one JSON object instead of text");
  command->footer(kFooter);
  command->callback([arguments] { describe_trace(*arguments); });
}

}  // namespace wattfill::cli
