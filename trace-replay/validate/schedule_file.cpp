#include "trace-replay/validate/schedule_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill::judge {
namespace {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzHandle = std::unique_ptr<gzFile_s, GzClose>;

// At most `limit` bytes of the file, uncompressed. Throws InputError where it cannot be read or breaks off.
std::string read_text(const std::string& path, std::size_t limit) {
  const GzHandle file(gzopen(path.c_str(), "rb"));
  if (!file) throw InputError(fmt::format("{}: the schedule cannot be opened; give a readable file", path));
  std::string text;
  char buffer[1 << 16];
  while (text.size() < limit) {
    const int got = gzread(file.get(), buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    int status = Z_OK;
    const char* message = gzerror(file.get(), &status);
    if (got < 0 || (status != Z_OK && status != Z_STREAM_END)) {
      throw InputError(fmt::format("{}: the schedule cannot be read to its end ({})", path, message));
    }
    if (got == 0) break;
  }
  if (text.size() > limit) text.resize(limit);
  return text;
}

// A jobs.csv begins with a line of column names; an SWF file with comments or numbers.
bool looks_like_csv(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  return first.find("job_id") != std::string_view::npos && first.find(',') != std::string_view::npos;
}

ScheduleRow row_of(const SwfRecord& record) {
  ScheduleRow row;
  row.id = record.job;
  row.submit = SimTime{Seconds{record.submit_s}};
  // Field 5 is what the schedule gave; a file without it means that the job got what it asked for.
  row.processors = record.allocated_processors > 0 ? record.allocated_processors : record.requested_processors;
  if (record.requested_s > 0) row.requested = Seconds{record.requested_s};
  row.executed = Seconds{record.run_s};
  if (record.wait_s != -1 && record.run_s >= 0) row.start = row.submit + Seconds{record.wait_s};
  return row;
}

}  // namespace

ScheduleFile read_schedule(const std::string& path, bool lenient) {
  constexpr std::size_t kHead = 4096;
  ScheduleFile file;
  if (looks_like_csv(read_text(path, kHead))) {
    file.format = "jobs.csv";
    file.rows = parse_jobs_csv(path, read_text(path, static_cast<std::size_t>(-1) / 2));
    return file;
  }
  file.format = "SWF";
  SwfReader reader(path, lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict);
  for (SwfRecord record; reader.next(record);) file.rows.push_back(row_of(record));
  file.rejected_rows = reader.rejects().count;
  return file;
}

}  // namespace wattfill::judge
