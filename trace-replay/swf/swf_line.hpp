// Scans one job line of the Standard Workload Format.
#pragma once

#include <string>

#include "trace-replay/swf/line_reader.hpp"
#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

// What scan_swf_line found wrong.
enum class SwfFault { kNone, kMissing, kSurplus, kNotANumber, kFraction, kOutOfRange };

struct SwfScan {
  SwfFault fault = SwfFault::kNone;
  int field = 0;                // the field at fault, from 1; 19 for kSurplus
  const char* token = nullptr;  // where that field begins
};

// Reads 18 numbers that blanks or tabs separate. Accepted beside plain integers: a zero fraction in an integer field
// ("12.0"), any decimal number in the fields 6, 7 and 10, and one '\r' at the line's end. -1 means missing in every
// field except the job number and the submit time, which every job has; other negative numbers are out of range.
// `record` is unspecified after a fault. Time: linear in the line's length.
SwfScan scan_swf_line(const Line& line, SwfRecord& record);

// "field N (name): what is wrong; what would be right".
std::string describe_fault(const Line& line, const SwfScan& scan);

}  // namespace wattfill
