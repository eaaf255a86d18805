// A folder for one test, removed with everything in it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace wattfill::testing {

class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "wattfill-test-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
    path_ = path;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name = "") const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    if (!file) throw std::runtime_error(path(name) + " cannot be read");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Of everything in it, at any depth, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
      all.push_back(std::filesystem::relative(entry.path(), path_).string());
    std::sort(all.begin(), all.end());
    // What lies inside a subfolder that holds anything stands for the subfolder, too.
    std::erase_if(all, [&all](const std::string& name) {
      return std::any_of(all.begin(), all.end(),
                         [&](const std::string& other) { return other.starts_with(name + "/"); });
    });
    return all;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace wattfill::testing
