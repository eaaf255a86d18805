// trace-replay report: what a directory holds, as a page, as Markdown and as CSV.
#include "trace-replay/report/report.hpp"

#include <fmt/format.h>

#include <memory>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/progress.hpp"

namespace wattfill::cli {
namespace {

void report(ReportRequest request) {
  while (request.directory.size() > 1 && request.directory.ends_with('/')) request.directory.pop_back();
  if (request.output.empty()) request.output = request.directory + "/report.html";
  Progress progress("report", 100, false);
  write_report(request, [&progress](int percent) { progress.tick(percent); });
  fmt::print("{}\n", request.output);
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto* command = app.add_subcommand("report", "Write the report of a run, a comparison or a sweep");
  auto request = std::make_shared<ReportRequest>();
  command->add_option("directory", request->directory, "What run, compare or sweep wrote with --output")->required();
  command->add_option("--baseline", request->baseline,
                      "Directory of another run of the same jobs, to compare a run with");
  command->add_option("--output", request->output,
                      "The page, FILE.html; FILE.md and the charts' data, FILE/*.csv, lie beside it. Default: "
                      "DIRECTORY/report.html");
  command->footer(
      "The page holds everything that it shows and asks for nothing: it can be mailed, and opened without a network.\n"
      "Examples:\n"
      "  trace-replay report run/\n"
      "  trace-replay report wattfill/ --baseline easy/ --output wattfill-against-easy.html");
  command->callback([request] { report(*request); });
}

}  // namespace wattfill::cli
