// A file that is whole or not there, plain or gzip-compressed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace wattfill {

// Text goes to an unnamed file in the folder of `path`, which takes the name when commit() is called and replaces what
// had it; a run that is interrupted or fails leaves nothing. (Where the file system cannot do that, to PATH.PID.tmp,
// removed by the destructor.) A path that ends in ".gz" is compressed. "-" is standard output, and a path that names a
// device or a pipe is written directly. All functions throw OutputError, with the path and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);  // without a buffer where it is not compressed, so best in large pieces
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Creates a directory and its parents where they are missing. Throws OutputError.
void make_directory(const std::string& path);

}  // namespace wattfill
