// In place of ECharts where it could not be had: pages show tables instead of charts.
#include "trace-replay/report/page_files.hpp"

namespace wattfill {

std::span<const EmbeddedText> embedded_echarts() { return {}; }

}  // namespace wattfill
