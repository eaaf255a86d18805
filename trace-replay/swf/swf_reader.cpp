#include "trace-replay/swf/swf_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "trace-replay/errors.hpp"
#include "trace-replay/swf/line_reader.hpp"
#include "trace-replay/swf/swf_line.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kLargestHeader = 16 * 1024 * 1024;
constexpr std::size_t kExamples = 5;

// The first character that is no blank; '\n' for a blank line.
char first_character(const Line& line) {
  const char* at = line.begin;
  while (*at == ' ' || *at == '\t') ++at;
  return *at == '\r' && at + 1 == line.end ? '\n' : *at;
}

}  // namespace

struct SwfReader::Impl {
  Impl(const std::string& path, SwfStrictness how) : lines(path), strictness(how) { read_header(); }
  Impl(const std::string& name, std::string text, SwfStrictness how) : lines(name, std::move(text)), strictness(how) {
    read_header();
  }

  void read_header();
  bool next(SwfRecord& record);
  bool take(SwfRecord& record);
  void reject(const std::string& what);
  [[noreturn]] void fail_without_job() const;

  LineReader lines;
  SwfStrictness strictness;
  SwfHeader header;
  SwfRejects rejects;
  Line line;
  bool line_waits = false;  // read_header() read the first line behind the header
  bool any_job = false;
};

void SwfReader::Impl::read_header() {
  std::vector<std::string> raw;
  std::size_t size = 0;
  while (lines.next(line)) {
    const char first = first_character(line);
    if (line.overlong || (first != ';' && first != '\n')) {
      line_waits = true;
      break;
    }
    if (first == '\n') continue;
    if (std::find(line.begin, line.end, '\0') != line.end) {
      reject("the comment holds binary data, this is no SWF; a header line is text");
      continue;
    }
    const char* end = line.end;
    while (end[-1] == '\r') --end;  // all of them, so that what is written reads back equal; ';' ends the walk
    raw.emplace_back(std::find(line.begin, line.end, ';'), end);
    size += raw.back().size();
    if (size > kLargestHeader) {
      throw InputError(
          fmt::format("{}:{}: the header is longer than {} bytes, this is no SWF; job lines must follow it",
                      lines.name(), lines.number(), kLargestHeader));
    }
  }
  header = parse_swf_header(std::move(raw));
  if (!line_waits) fail_without_job();
}

bool SwfReader::Impl::next(SwfRecord& record) {
  for (;;) {
    if (!line_waits && !lines.next(line)) {
      if (!any_job) fail_without_job();
      return false;
    }
    line_waits = false;
    if (take(record)) {
      any_job = true;
      return true;
    }
  }
}

// False for a line that is no job line; throws or counts where it should be one.
bool SwfReader::Impl::take(SwfRecord& record) {
  if (line.overlong) {
    reject(fmt::format("the line is longer than {} bytes; a job line holds 18 numbers", LineReader::kLongestLine));
    return false;
  }
  const SwfScan scan = scan_swf_line(line, record);
  if (scan.fault == SwfFault::kNone) return true;
  // Comments and blank lines behind the first job are rare, so they are looked for only in what is no job.
  const char first = first_character(line);
  if (first != ';' && first != '\n') reject(describe_fault(line, scan));
  return false;
}

void SwfReader::Impl::reject(const std::string& what) {
  std::string message = fmt::format("{}:{}: {}", lines.name(), lines.number(), what);
  if (strictness == SwfStrictness::kStrict) throw InputError(message);
  ++rejects.count;
  if (rejects.examples.size() < kExamples) rejects.examples.push_back(std::move(message));
}

void SwfReader::Impl::fail_without_job() const {
  const std::string& name = lines.name();
  if (rejects.count > 0) {
    throw InputError(fmt::format("{}: holds no valid job line; the first of {} bad lines: {}", name, rejects.count,
                                 rejects.examples.front()));
  }
  if (lines.bytes_read() == 0) throw InputError(fmt::format("{}: is empty; an SWF trace is expected", name));
  throw InputError(fmt::format("{}: holds no job line; an SWF trace has one for each job, below its header", name));
}

SwfReader::SwfReader(const std::string& path, SwfStrictness strictness)
    : impl_(std::make_unique<Impl>(path, strictness)) {}
SwfReader::SwfReader(const std::string& name, std::string text, SwfStrictness strictness)
    : impl_(std::make_unique<Impl>(name, std::move(text), strictness)) {}
SwfReader::~SwfReader() = default;

bool SwfReader::next(SwfRecord& record) { return impl_->next(record); }
void SwfReader::reject(const std::string& what) { impl_->reject(what); }
const SwfHeader& SwfReader::header() const { return impl_->header; }
const SwfRejects& SwfReader::rejects() const { return impl_->rejects; }
std::int64_t SwfReader::line() const { return impl_->lines.number(); }
std::int64_t SwfReader::bytes_read() const { return impl_->lines.bytes_read(); }
const std::string& SwfReader::name() const { return impl_->lines.name(); }

}  // namespace wattfill
