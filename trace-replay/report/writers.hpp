// A report as a page and as Markdown.
#pragma once

#include <string>
#include <string_view>

#include "trace-replay/report/document.hpp"

namespace wattfill::report {

struct PageOptions {
  std::string data_folder;   // where the charts' CSV files lie, as the page links to it
  std::string_view echarts;  // the library's script; empty: tables in place of charts, and why
};

// One self-contained page: it asks for nothing, and everything that comes from files is escaped.
std::string html(const Document& document, const PageOptions& options);

// The same sections as text and tables; charts as their summaries, with the names of their CSV files.
std::string markdown(const Document& document, const std::string& data_folder);

}  // namespace wattfill::report
