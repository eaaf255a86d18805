// The page's own files and Apache ECharts, as they were when the program was built.
#pragma once

#include <span>

#include "backfill/config/embedded_text.hpp"

namespace wattfill {

std::span<const EmbeddedText> embedded_page();     // page/: report.html, report.css and the scripts, in their order
std::span<const EmbeddedText> embedded_echarts();  // echarts.min.js; empty where it could not be had

}  // namespace wattfill
