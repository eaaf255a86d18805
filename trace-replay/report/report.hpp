// The report of a directory: a page, a Markdown text and the charts' data.
#pragma once

#include <functional>
#include <string>

namespace wattfill {

struct ReportRequest {
  std::string directory;  // of a run, a comparison (comparison.json) or a sweep (sweep.json)
  std::string baseline;   // of another run, to compare a run with; empty: none
  std::string output;     // the page, X.html; X.md and the folder X with the charts' CSV files lie beside it
};

// Reads nothing but files, so that the same files give the same bytes. Each file is written whole or not at all. Throws
// UsageError where the directory is none of the three or a baseline is not of the same jobs, InputError for a wrong
// file, OutputError. `progress` is told per cent now and then, and may throw to stop.
void write_report(const ReportRequest& request, const std::function<void(int percent)>& progress = {});

}  // namespace wattfill
