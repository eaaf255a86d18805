// Writes the Standard Workload Format; what SwfReader reads back is equal, field by field.
#pragma once

#include <ostream>
#include <string>

#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

// Writes the raw lines of the header where it has any, else its labels in order; a newline in a value becomes a
// continuation line (which reads back as such unless its text looks like a label). Throws OutputError when the stream
// fails.
void write_swf_header(std::ostream& out, const SwfHeader& header);

// Writes one line with 18 fields, separated by blanks. Fractional fields, which must be finite, use the shortest text
// that reads back equal. Throws OutputError when the stream fails.
void write_swf_record(std::ostream& out, const SwfRecord& record);

// The same, appended to a buffer (the fast path).
void append_swf_record(std::string& out, const SwfRecord& record);

}  // namespace wattfill
