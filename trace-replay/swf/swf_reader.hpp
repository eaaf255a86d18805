// Reads the Standard Workload Format, plain or gzip-compressed, from a file or from standard input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

// One "; Label: value" line of the header. A continuation (a comment line whose text begins with a tab or several blanks
// and holds no label) is joined to the label before it with a newline. `raw` keeps the lines exactly, for round trips.
struct SwfLabel {
  std::string name;
  std::string value;
};

struct SwfHeader {
  std::vector<SwfLabel> labels;
  std::vector<std::string> raw;  // comment lines before the first job, with the leading ';', without line ends

  // The value of a label, compared without case; nullptr where it is absent.
  const std::string* find(const std::string& name) const;
  // The first integer in a label's value (CTC's "338 (batch partition; 512 total)" gives 338); -1 where there is none.
  std::int64_t integer(const std::string& name) const;
};

enum class SwfStrictness { kStrict, kLenient };

// What a lenient reader left out.
struct SwfRejects {
  std::int64_t count = 0;
  std::vector<std::string> examples;  // the messages of the first five
};

// Usage: for (SwfRecord r; reader.next(r);) ...
// Throws InputError: in strict mode on the first bad line, in either mode on a file that cannot be read, is empty, holds
// no job, is no SWF at all, or is a truncated or corrupt .gz.
// Memory: one buffer, whatever the file's length. Time: linear in the file's bytes.
class SwfReader {
 public:
  // `path` "-" reads standard input.
  explicit SwfReader(const std::string& path, SwfStrictness strictness = SwfStrictness::kStrict);
  // Reads from memory; `name` stands in messages. For tests and fuzzing.
  SwfReader(const std::string& name, std::string text, SwfStrictness strictness);
  ~SwfReader();
  SwfReader(const SwfReader&) = delete;
  SwfReader& operator=(const SwfReader&) = delete;

  // Reads the next job line. False at the end of the file.
  bool next(SwfRecord& record);

  // The header, complete from construction on.
  const SwfHeader& header() const;
  const SwfRejects& rejects() const;
  std::int64_t line() const;          // number of the line that next() read last, from 1
  std::int64_t bytes_read() const;    // of the uncompressed text
  const std::string& name() const;    // the path, or "<stdin>"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wattfill
