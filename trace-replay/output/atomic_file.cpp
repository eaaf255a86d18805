#include "trace-replay/output/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

constexpr mode_t kNewFileMode = 0666;     // less the umask
constexpr const char* kGzipMode = "wb3";  // a sixth larger than level 6, three times as fast

bool is_device_or_pipe(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

// A symbolic link stays; the file that it names is replaced.
std::string resolved(const std::string& path) {
  std::error_code error;
  const auto target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

}  // namespace

struct AtomicFile::Impl {
  std::string path;       // as given, for messages
  std::string target;     // what is replaced; empty where the output is written directly
  std::string temporary;  // name of the file until it is whole; empty while it has none
  int descriptor = -1;
  gzFile compressed = nullptr;

  [[noreturn]] void fail(int error) const {
    throw OutputError(fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
  }

  ~Impl() {
    if (compressed) gzclose(compressed);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }

  std::string temporary_name() const { return fmt::format("{}.{}.tmp", target, ::getpid()); }

  void open_replacement() {
    if (std::filesystem::is_directory(target)) fail(EISDIR);
    const std::filesystem::path parent = std::filesystem::path(target).parent_path();
    const std::filesystem::path folder = parent.empty() ? std::filesystem::path(".") : parent;
    // The unnamed file gets its name by way of /proc.
    if (::access("/proc/self/fd", X_OK) == 0) {
      descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kNewFileMode);
      if (descriptor >= 0) return;
    }
    const std::string name = temporary_name();
    descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kNewFileMode);
    if (descriptor < 0) fail(errno);
    temporary = name;
  }

  void write_plain(const char* data, std::size_t size) const {
    while (size > 0) {
      const ssize_t written = ::write(descriptor, data, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(errno);
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  void write_compressed(const char* data, std::size_t size) const {
    constexpr std::size_t kChunk = std::size_t{1} << 30;  // gzwrite counts in unsigned
    while (size > 0) {
      const auto part = static_cast<unsigned>(std::min(size, kChunk));
      errno = 0;  // zlib's own errors leave it alone
      if (gzwrite(compressed, data, part) != static_cast<int>(part)) fail(errno != 0 ? errno : EIO);
      data += part;
      size -= part;
    }
  }
};

AtomicFile::AtomicFile(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  if (path == "-") {
    impl_->path = "<stdout>";
    impl_->descriptor = STDOUT_FILENO;
    if (std::fflush(stdout) != 0) impl_->fail(errno);  // what was printed before comes before
    return;
  }
  if (is_device_or_pipe(path)) {
    impl_->descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (impl_->descriptor < 0) impl_->fail(errno);
  } else {
    impl_->target = resolved(path);
    impl_->open_replacement();
  }
  if (path.ends_with(".gz")) {
    const int copy = ::dup(impl_->descriptor);  // gzclose closes its own
    if (copy < 0) impl_->fail(errno);
    impl_->compressed = gzdopen(copy, kGzipMode);
    if (!impl_->compressed) {
      ::close(copy);
      impl_->fail(ENOMEM);
    }
  }
}

AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::string_view text) {
  if (impl_->compressed) {
    impl_->write_compressed(text.data(), text.size());
  } else {
    impl_->write_plain(text.data(), text.size());
  }
}

void AtomicFile::commit() {
  if (impl_->compressed) {
    errno = 0;
    const int status = gzclose(impl_->compressed);
    impl_->compressed = nullptr;
    if (status != Z_OK) impl_->fail(errno != 0 ? errno : EIO);
  }
  if (impl_->target.empty()) return;
  if (impl_->temporary.empty()) {
    const std::string name = impl_->temporary_name();
    const std::string unnamed = fmt::format("/proc/self/fd/{}", impl_->descriptor);
    ::unlink(name.c_str());  // left by a killed process that had our number
    if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) impl_->fail(errno);
    impl_->temporary = name;
  }
  const int descriptor = std::exchange(impl_->descriptor, -1);
  if (::close(descriptor) != 0) impl_->fail(errno);  // some file systems report a full disk only here
  if (::rename(impl_->temporary.c_str(), impl_->target.c_str()) != 0) impl_->fail(errno);
  impl_->temporary.clear();
}

void make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw OutputError(fmt::format("{}: cannot be made: {}", path, error.message()));
}

}  // namespace wattfill
