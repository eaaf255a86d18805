#include "trace-replay/report/report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/report/baseline.hpp"
#include "trace-replay/report/page_files.hpp"
#include "trace-replay/report/reports.hpp"
#include "trace-replay/report/run_data.hpp"
#include "trace-replay/report/text.hpp"
#include "trace-replay/report/writers.hpp"

namespace wattfill {
namespace {

bool holds(const std::string& directory, const char* file) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::path(directory) / file, ignored);
}

std::string command_of(const ReportRequest& request) {
  std::string text = "trace-replay report " + report::shell_quoted(request.directory);
  if (!request.baseline.empty()) text += " --baseline " + report::shell_quoted(request.baseline);
  if (request.output != request.directory + "/report.html") text += " --output " + report::shell_quoted(request.output);
  return text;
}

report::Document document_of(const ReportRequest& request, const std::function<void(int)>& progress) {
  const std::string& directory = request.directory;
  const std::string command = command_of(request);
  const bool sweep = holds(directory, "sweep.json");
  const bool comparison = holds(directory, "comparison.json");
  if ((sweep || comparison) && !request.baseline.empty())
    throw UsageError(fmt::format("--baseline: only for the report of one run; {} holds several", directory));
  // Told from within the directory: a sweep's bytes do not depend on where it lies.
  if (sweep) return report::sweep_report(directory, "trace-replay report .");
  if (comparison) return report::comparison_report(directory, command);
  for (const std::string& run : {directory, request.baseline})
    if (!run.empty() && !report::is_run_directory(run))
      throw UsageError(
          fmt::format("{}: is no directory of a run (jobs.csv, summary.json), a comparison (comparison.json) or a "
                      "sweep (sweep.json)",
                      run));
  const report::RunData run = report::read_run(directory);
  progress(40);
  std::optional<report::RunData> baseline;
  if (!request.baseline.empty()) {
    baseline = report::read_run(request.baseline);
    report::check_baseline(run, *baseline);
  }
  progress(60);
  return report::run_report(run, baseline ? &*baseline : nullptr, command);
}

}  // namespace

void write_report(const ReportRequest& request, const std::function<void(int percent)>& progress) {
  const auto tell = [&progress](int percent) {
    if (progress) progress(percent);
  };
  if (!request.output.ends_with(".html"))
    throw UsageError(fmt::format("--output {}: the report is a page, FILE.html", request.output));
  const report::Document document = document_of(request, tell);
  tell(75);
  const std::string stem = request.output.substr(0, request.output.size() - 5);
  const std::string folder = std::filesystem::path(stem).filename().string();
  const auto echarts = embedded_echarts();
  make_directory(stem);
  std::vector<std::unique_ptr<AtomicFile>> files;
  const auto write = [&files](const std::string& path, const std::string& text) {
    files.push_back(std::make_unique<AtomicFile>(path));
    files.back()->write(text);
  };
  write(stem + ".md", report::markdown(document, folder));
  for (const report::Section& section : document.sections)
    for (const report::Block& block : section.blocks)
      if (const auto* chart = std::get_if<report::Chart>(&block); chart != nullptr && chart->has_csv)
        write(fmt::format("{}/{}.csv", stem, chart->id), report::csv(chart->frame));
  write(request.output, report::html(document, {folder, echarts.empty() ? std::string_view() : echarts.front().text}));
  for (const auto& file : files) file->commit();
  tell(100);
}

}  // namespace wattfill
