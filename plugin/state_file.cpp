#include "plugin/state_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "runtime-predictor/sha256.hpp"

namespace wattfill {
namespace {

constexpr std::string_view kMagic = "wattfill state\n";  // then the digest of what follows it, then the message
constexpr mode_t kMode = 0640;

std::string digest_of(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  const auto bytes = digest.bytes();
  return {bytes.begin(), bytes.end()};
}

// A file under a name of its own until it is whole.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), temporary_(fmt::format("{}.{}.tmp", path, getpid())) {
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (descriptor_ < 0) fail();
  }
  ~NewFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void commit() {
    if (::fsync(descriptor_) != 0) fail();
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
    temporary_.clear();
    // The name too has to reach the disk; where a folder cannot be opened for that, it will in time.
    const auto folder = std::filesystem::absolute(path_).parent_path();
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    ::fsync(directory);
    ::close(directory);
  }

 private:
  [[noreturn]] void fail() const {
    throw StateFileError(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
  }

  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

}  // namespace

StateVersionError::StateVersionError(const std::string& path, int version)
    : StateFileError(fmt::format("{}: is of version {}; this program understands {} to {}", path, version,
                                 static_cast<int>(protocol::FIRST), static_cast<int>(protocol::CURRENT))),
      version_(version) {}

bool is_understood(const plugin::State& state) {
  return state.version() >= protocol::FIRST && state.version() <= protocol::CURRENT;
}

void write_state(const plugin::State& state, const std::string& path) {
  const std::string text = state.SerializeAsString();
  NewFile file(path);
  file.write(kMagic);
  file.write(digest_of(text));
  file.write(text);
  file.commit();
}

plugin::State read_state(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream contents;
  if (!in || !(contents << in.rdbuf())) throw StateFileError(fmt::format("{}: cannot be read", path));
  const std::string all = contents.str();
  const std::string_view view = all;
  if (!view.starts_with(kMagic) || view.size() < kMagic.size() + Sha256::kBytes)
    throw StateFileError(fmt::format("{}: is no state of a planner", path));
  const std::string_view digest = view.substr(kMagic.size(), Sha256::kBytes);
  const std::string_view text = view.substr(kMagic.size() + Sha256::kBytes);
  plugin::State state;
  if (digest != digest_of(text) || !state.ParseFromArray(text.data(), static_cast<int>(text.size())))
    throw StateFileError(fmt::format("{}: is damaged: its digest is not that of its contents", path));
  if (!is_understood(state)) throw StateVersionError(path, state.version());
  return state;
}

}  // namespace wattfill
