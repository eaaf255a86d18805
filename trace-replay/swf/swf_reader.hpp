// Reads the Standard Workload Format, plain or gzip-compressed, from a file or from standard input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trace-replay/swf/swf_record.hpp"

namespace wattfill {

// One "; Label: value" line of the header. A continuation (a comment line whose text begins with a tab or several
// blanks and holds no label) is joined to the label before it with a newline. `raw` keeps the lines exactly, for round
// trips. A label is a letter, more letters, digits or '_', and a colon that does not begin "://". It may stand several
// times.
struct SwfLabel {
  std::string name;
  std::string value;
};

struct SwfHeader {
  std::vector<SwfLabel> labels;
  std::vector<std::string> raw;  // comment lines before the first job, with the leading ';', without line ends

  // The value of the first label of that name, compared without case; nullptr where it is absent.
  const std::string* find(const std::string& name) const;
  // The first integer in a label's value (CTC's "338 (batch partition; 512 total)" gives 338); -1 where there is none.
  std::int64_t integer(const std::string& name) const;
};

// The header whose lines are `raw`, each beginning with ';'.
SwfHeader parse_swf_header(std::vector<std::string> raw);

enum class SwfStrictness { kStrict, kLenient };

// What a lenient reader left out.
struct SwfRejects {
  std::int64_t count = 0;
  std::vector<std::string> examples;  // the messages of the first five
};

// Usage: for (SwfRecord r; reader.next(r);) ...
// A job line holds 18 numbers separated by blanks or tabs; '\n' or "\r\n" ends it; blank lines and, behind the first
// job, comment lines are skipped. Every archive trace at hand is read strictly under these bounds: -1 is "missing" in
// all fields but the job number and the submit time, which must be >= 0; no other negative number; times, memory and
// job numbers up to 10^15; processors and identities up to 2^31 - 1; status up to 5; fractions in fields 6, 7 and 10
// only. A line is at most 64 KiB long and the header at most 16 MiB. Throws InputError: in strict mode on the first bad
// line, in either mode on a file that cannot be read, is empty, holds no job, is no SWF at all, or is a truncated or
// corrupt .gz. Memory: one buffer, whatever the file's length. Time: linear in the file's bytes.
class SwfReader {
 public:
  // `path` "-" reads standard input.
  explicit SwfReader(const std::string& path, SwfStrictness strictness = SwfStrictness::kStrict);
  // Reads from memory, plain or gzip; `name` stands in messages. For tests and fuzzing.
  SwfReader(const std::string& name, std::string text, SwfStrictness strictness);
  ~SwfReader();
  SwfReader(const SwfReader&) = delete;
  SwfReader& operator=(const SwfReader&) = delete;

  // Reads the next job line. False at the end of the file.
  bool next(SwfRecord& record);

  // Refuses the line that next() read last, for what a line alone does not tell, as a bad line is refused: throws
  // InputError with the place and this text, or counts it.
  void reject(const std::string& what);

  // The header, complete from construction on.
  const SwfHeader& header() const;
  const SwfRejects& rejects() const;
  std::int64_t line() const;        // number of the line that next() read last, from 1
  std::int64_t bytes_read() const;  // of the uncompressed text
  const std::string& name() const;  // the path, or "<stdin>"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wattfill
