// The decision log: what a planner was told, and what it answered. See state.proto for the records.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/config.pb.h"
#include "plugin/state.pb.h"

namespace wattfill {

// The text names the file, what is wrong and, within a file, the record.
class LogError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Files DIRECTORY/decisions-000001.wflog and so on; the oldest are removed beyond the configured number. After each
// flush() everything before is readable, whatever becomes of the process. All functions throw LogError; after an error
// the log is closed until the next begin().
class DecisionLog {
 public:
  explicit DecisionLog(const plugin::Log& config);
  ~DecisionLog() { close(); }
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // A new file, with this first record.
  void begin(const plugin::Record& opened);
  bool open() const { return file_ != nullptr; }
  void append(const plugin::Record& record);
  void flush();
  bool full() const { return bytes() >= most_bytes_; }          // a new file should be begun
  bool overfull() const { return bytes() >= 2 * most_bytes_; }  // and will not be put off any longer
  // Also by the destructor. A file with nothing but its first record is removed.
  void close();

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  [[noreturn]] void fail(const std::string& what);
  std::int64_t bytes() const { return file_ ? gzoffset(file_.get()) - begin_bytes_ : 0; }
  void remove_oldest() const;

  std::string directory_;
  std::int64_t most_bytes_;       // beyond the first record
  std::int64_t begin_bytes_ = 0;  // of the first record
  std::size_t most_files_;
  std::string path_;          // of the open file
  std::int64_t records_ = 0;  // in it
  std::unique_ptr<gzFile_s, Close> file_;
  std::string scratch_;
};

// The files of a log's directory in order, or the one file that is named. Throws LogError where there is none.
std::vector<std::string> log_files(const std::string& file_or_directory);

// Reads one file, record by record.
class LogReader {
 public:
  explicit LogReader(const std::string& path);
  // False at the end. Where the writer was killed, or still writes, the file ends early, and truncated() is true.
  bool next(plugin::Record& record);
  bool truncated() const { return truncated_; }
  std::int64_t records() const { return records_; }  // read so far
  const std::string& path() const { return path_; }

 private:
  bool read(char* to, std::size_t size);

  std::string path_;
  std::unique_ptr<gzFile_s, void (*)(gzFile)> file_;
  std::int64_t records_ = 0;
  bool truncated_ = false;
  bool unended_ = false;  // the compressed data end early
  std::string scratch_;
};

}  // namespace wattfill
