// A file that exists as long as the test needs it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace wattfill::testing {

class TemporaryFile {
 public:
  TemporaryFile(const std::string& suffix, const std::string& content) {
    static int counter = 0;
    path_ = ::testing::TempDir() + "wattfill-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + suffix;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace wattfill::testing
