// Reads the plain CSV files of a run directory: a fixed first line, whole numbers and words, no quotation marks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/report/frame.hpp"

namespace wattfill::report {

// The columns of `text`, named by its first line, which must be `header`. Columns that `words` names are texts, all
// others whole numbers up to 2^50 either way, an empty cell kMissing. Throws InputError "NAME:LINE: column C: ...".
Frame parse_csv_table(const std::string& name, std::string_view text, std::string_view header,
                      const std::vector<std::string_view>& words = {});

}  // namespace wattfill::report
