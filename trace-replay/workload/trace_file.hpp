// Writes a trace whole or not at all, plain or gzip-compressed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace wattfill {

// Text goes to an unnamed file in the folder of `path`, which takes the name when commit() is called and replaces what
// had it; a run that is interrupted or fails leaves nothing. (Where the file system cannot do that, to
// PATH.PID.partial, removed by the destructor.) A path that ends in ".gz" is compressed. "-" is standard output, and a
// path that names a device or a pipe is written directly. All functions throw OutputError, with the path and the
// system's reason.
class TraceFile {
 public:
  explicit TraceFile(const std::string& path);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wattfill
