// libFuzzer: whatever bytes the SWF reader is given, it gives jobs within the documented bounds or an InputError.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace {

using wattfill::InputError;
using wattfill::SwfReader;
using wattfill::SwfRecord;
using wattfill::SwfStrictness;

// Unlike assert() it stays in a release build.
void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<SwfRecord> records;
  std::string header;
  std::string error;

  bool operator==(const Outcome&) const = default;
};

void require_bounds(const SwfRecord& r) {
  constexpr std::int64_t kLargest = 1'000'000'000'000'000;
  constexpr std::int64_t kLargestSmall = 2'147'483'647;
  for (const std::int64_t v : {r.wait_s, r.run_s, r.requested_s, r.preceding_job, r.think_s}) {
    require(v >= -1 && v <= kLargest);
  }
  for (const std::int64_t v :
       {r.allocated_processors, r.requested_processors, r.user, r.group, r.executable, r.queue, r.partition}) {
    require(v >= -1 && v <= kLargestSmall);
  }
  for (const double v : {r.average_cpu_s, r.used_memory_kb, r.requested_memory_kb}) {
    require(v == -1 || (v >= 0 && v <= 1e15));
  }
  require(r.job >= 0 && r.job <= kLargest);
  require(r.submit_s >= 0 && r.submit_s <= kLargest);
  require(r.status >= -1 && r.status <= 5);
}

// Reads to the end, or to the error.
template <typename MakeReader>
Outcome read_all(MakeReader make_reader) {
  Outcome outcome;
  try {
    const auto reader = make_reader();
    std::ostringstream header;
    wattfill::write_swf_header(header, reader->header());
    outcome.header = header.str();
    for (SwfRecord record; reader->next(record);) {
      require_bounds(record);
      outcome.records.push_back(record);
    }
    require(!outcome.records.empty());
    require(reader->rejects().examples.size() <= 5);
    require(static_cast<std::int64_t>(reader->rejects().examples.size()) <= reader->rejects().count);
  } catch (const InputError& error) {
    outcome.error = error.what();
    require(!outcome.error.empty());
  }
  return outcome;
}

Outcome read_memory(const std::string& input, SwfStrictness strictness) {
  return read_all([&] { return std::make_unique<SwfReader>("input", input, strictness); });
}

// A file that lives in memory, so that open(), read() and the unpacking of a real file run as well.
void require_equal_from_file(const std::string& input, const Outcome& expected) {
  const int fd = ::memfd_create("input", MFD_CLOEXEC);
  if (fd < 0) return;
  if (::write(fd, input.data(), input.size()) == static_cast<ssize_t>(input.size())) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const Outcome outcome = read_all([&] { return std::make_unique<SwfReader>(path, SwfStrictness::kLenient); });
    require(outcome.records == expected.records && outcome.header == expected.header);
    require(outcome.error.empty() == expected.error.empty());
  }
  ::close(fd);
}

void require_round_trip(const Outcome& read) {
  std::string text = read.header;
  for (const SwfRecord& record : read.records) wattfill::append_swf_record(text, record);
  require(read_memory(text, SwfStrictness::kStrict) == read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const Outcome strict = read_memory(input, SwfStrictness::kStrict);
  const Outcome lenient = read_memory(input, SwfStrictness::kLenient);
  if (strict.error.empty()) {
    require(lenient == strict);
    require_round_trip(strict);
  } else {
    require(lenient.records.size() >= strict.records.size());
  }
  if (input.starts_with("\x1f\x8b")) require_equal_from_file(input, lenient);
  return 0;
}
