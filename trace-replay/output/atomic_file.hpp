// A file that is whole or not there: written under a temporary name beside its own, renamed when it is complete.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace wattfill {

// All members throw OutputError, naming the file and the system's reason. "-" is standard output, which is not renamed.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();  // without commit() the temporary file is removed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  std::string path_;
  std::string temporary_;
  std::FILE* file_ = nullptr;
};

// Creates a directory and its parents where they are missing. Throws OutputError.
void make_directory(const std::string& path);

}  // namespace wattfill
