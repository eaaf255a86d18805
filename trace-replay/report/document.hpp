// A report before it is a page, a Markdown text or files: sections of figures, text, tables and charts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "trace-replay/report/frame.hpp"

namespace wattfill::report {

struct Paragraph {
  std::string text;
};

// A sentence that says what was found; it stands out.
struct Finding {
  std::string text;
};

// A command to be typed again.
struct CommandLine {
  std::string text;
};

enum class Tone { kNeutral, kBetter, kWorse };

struct KeyFigure {
  std::string label;
  std::string value;  // with its unit
  std::string note;   // such as the difference to the baseline
  Tone tone = Tone::kNeutral;
};
struct KeyFigures {
  std::vector<KeyFigure> figures;
};

// Cells as they are shown. The first column names the row; the others are numbers where `numeric`.
struct Table {
  std::string caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  bool numeric = true;
  int marked_row = -1;  // stands out; -1: none
};

// A chart: what it shows, in words too, and its data. `kind` names the script of the page that draws it, `options` are
// that script's (page/charts).
struct Chart {
  std::string id;  // names its CSV file: letters, digits and '-'
  std::string kind;
  std::string title;
  std::string summary;
  Frame frame;
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  bool has_csv = true;  // false where a file of the run directory holds the same
};

using Block = std::variant<Paragraph, Finding, CommandLine, KeyFigures, Table, Chart>;

struct Section {
  std::string id;
  std::string title;
  std::vector<Block> blocks;
};

struct Document {
  std::string title;
  std::string subtitle;
  std::vector<Section> sections;
  // For time axes: Unix time of the trace's second 0 in local time, or kMissing.
  std::int64_t clock_start_s = kMissing;
};

}  // namespace wattfill::report
