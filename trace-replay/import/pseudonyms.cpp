#include "trace-replay/import/pseudonyms.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <set>
#include <stdexcept>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

// A file descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string random_key() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw OutputError("no random numbers for a key; name a file with one by --key-file");
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string make_key(const std::string& path) {
  const auto fail = [&path](int error) {
    throw OutputError(fmt::format("{}: no key can be made here: {}", path, std::strerror(error)));
  };
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) fail(error.value());
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) fail(errno);
  std::string key = random_key();
  const std::string text = key + "\n";
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(file.get()) != 0) {
    const int reason = errno;
    ::unlink(path.c_str());  // a key that is not whole would be taken for one
    fail(reason);
  }
  return key;
}

}  // namespace

Pseudonyms::Pseudonyms(std::string key) : key_(std::move(key)) {
  if (key_.size() < kLeastKey) throw std::invalid_argument(fmt::format("a key has at least {} bytes", kLeastKey));
}

std::int32_t Pseudonyms::number(const std::string& text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length) == nullptr)
    throw std::runtime_error("HMAC-SHA256 is not available in this OpenSSL");
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | digest[i];
  return std::max(static_cast<std::int32_t>(bits >> 1), 1);
}

std::vector<std::int32_t> Pseudonyms::numbers(std::string_view kind, std::span<const std::string> names) const {
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  std::vector<std::int32_t> result(names.size());
  std::set<std::int32_t> taken;
  for (const std::size_t i : order) {
    std::string text(kind);
    text += '\0';
    text += names[i];
    result[i] = number(text);
    text += '\0';
    for (int again = 1; !taken.insert(result[i]).second; ++again) result[i] = number(text + std::to_string(again));
  }
  return result;
}

KeyFile read_or_make_key(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return {make_key(path), true};
    throw InputError(fmt::format("{}: the key cannot be read: {}", path, std::strerror(errno)));
  }
  struct stat about {};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    throw InputError(fmt::format("{}: is no file; a file with a key is expected", path));
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw InputError(fmt::format("{}: others may read or write this key; chmod 600 it, or make a new one", path));
  std::string key(4096, '\0');
  const ssize_t size = ::read(file.get(), key.data(), key.size());
  if (size < 0) throw InputError(fmt::format("{}: the key cannot be read: {}", path, std::strerror(errno)));
  key.resize(static_cast<std::size_t>(size));
  while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
  if (key.size() < Pseudonyms::kLeastKey)
    throw InputError(
        fmt::format("{}: a key of {} bytes is too short; at least {} are needed, and a file that is not "
                    "there is made with one",
                    path, key.size(), Pseudonyms::kLeastKey));
  return {std::move(key), false};
}

std::string default_key_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  std::string folder = variable("XDG_CONFIG_HOME");
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.config";
  return folder.empty() ? "" : folder + "/wattfill/pseudonyms.key";
}

}  // namespace wattfill
