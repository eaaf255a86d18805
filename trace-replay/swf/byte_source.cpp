#include "trace-replay/swf/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kPackedSize = 64 * 1024;
constexpr unsigned char kMagic[2] = {0x1f, 0x8b};
// zlib's code for "expect gzip's header and check its trailer", added to the largest window.
constexpr int kGzipWindow = 15 + 16;

}  // namespace

ByteSource::ByteSource(const std::string& path) : name_(path == "-" ? "<stdin>" : path) {
  if (path == "-") {
    fd_ = STDIN_FILENO;
  } else {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) fail(fmt::format("cannot be opened: {}; name a file that can be read", std::strerror(errno)));
    owns_fd_ = true;
  }
  try {
    struct stat about {};
    if (::fstat(fd_, &about) == 0 && S_ISDIR(about.st_mode)) fail("is a directory; name a file");
    sniff();
  } catch (...) {
    // The destructor does not run for an object that was never complete.
    if (owns_fd_) ::close(fd_);
    throw;
  }
}

ByteSource::ByteSource(std::string name, std::string bytes) : name_(std::move(name)), memory_(std::move(bytes)) {
  sniff();
}

ByteSource::~ByteSource() {
  if (gzip_) inflateEnd(&stream_);
  if (owns_fd_) ::close(fd_);
}

std::size_t ByteSource::read(char* to, std::size_t capacity) {
  if (gzip_) return unpack(to, capacity);
  if (first_read_ < first_size_) {
    const std::size_t count = std::min(capacity, first_size_ - first_read_);
    std::copy_n(first_ + first_read_, count, to);
    first_read_ += count;
    return count;
  }
  return read_raw(to, capacity);
}

std::size_t ByteSource::read_raw(char* to, std::size_t capacity) {
  if (fd_ < 0) {
    const std::size_t count = std::min(capacity, memory_.size() - memory_read_);
    std::copy_n(memory_.data() + memory_read_, count, to);
    memory_read_ += count;
    return count;
  }
  for (;;) {
    const ssize_t count = ::read(fd_, to, capacity);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail(fmt::format("cannot be read: {}; name a file that can be read", std::strerror(errno)));
  }
}

void ByteSource::sniff() {
  // A pipe may hand over the two bytes one at a time.
  while (first_size_ < sizeof first_) {
    const std::size_t count = read_raw(first_ + first_size_, sizeof first_ - first_size_);
    if (count == 0) break;
    first_size_ += count;
  }
  if (first_size_ < sizeof first_ || std::memcmp(first_, kMagic, sizeof kMagic) != 0) return;
  packed_.resize(kPackedSize);
  std::copy_n(first_, first_size_, packed_.data());
  stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_.avail_in = static_cast<uInt>(first_size_);
  if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  gzip_ = true;
  in_member_ = true;
}

std::size_t ByteSource::unpack(char* to, std::size_t capacity) {
  stream_.next_out = reinterpret_cast<Bytef*>(to);
  stream_.avail_out = static_cast<uInt>(capacity);
  while (stream_.avail_out == capacity) {
    if (stream_.avail_in == 0 && !refill_packed()) {
      if (in_member_) fail("the gzip data end too early: the file is truncated; fetch it again");
      return 0;
    }
    if (!in_member_ && !begin_member()) continue;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail(fmt::format("the gzip data are corrupt ({}); fetch the file again",
                       stream_.msg != nullptr ? stream_.msg : "no valid stream"));
    }
  }
  return capacity - stream_.avail_out;
}

bool ByteSource::refill_packed() {
  const std::size_t count = read_raw(packed_.data(), packed_.size());
  stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_.avail_in = static_cast<uInt>(count);
  return count > 0;
}

// Between two members: true when one begins, false when padding used up the bytes at hand.
bool ByteSource::begin_member() {
  while (stream_.avail_in > 0 && *stream_.next_in == 0) {
    ++stream_.next_in;
    --stream_.avail_in;
  }
  if (stream_.avail_in == 0) return false;
  if (*stream_.next_in != kMagic[0]) {
    fail("other data follow the end of the gzip data: the file is corrupt; fetch it again");
  }
  inflateReset(&stream_);
  in_member_ = true;
  return true;
}

void ByteSource::fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", name_, what)); }

}  // namespace wattfill
