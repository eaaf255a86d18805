// Claims of a comparison or a sweep: sentences, a chart of their intervals, a table.
#pragma once

#include "trace-replay/report/document.hpp"
#include "trace-replay/report/run_data.hpp"

namespace wattfill::report {

// `claims`: as in comparison.json and sweep.json; what a claim lacks is left out.
void add_claims(Section& section, const Json& claims);

}  // namespace wattfill::report
