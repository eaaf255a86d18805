// Messages on a stream of bytes: each behind its length as a varint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wattfill {

class FramingError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kLongestMessage = std::size_t{64} << 20;

inline void append_varint(std::uint64_t value, std::string& out) {
  constexpr std::uint64_t kMore = 0x80;
  for (; value >= kMore; value >>= 7) out.push_back(static_cast<char>((value & (kMore - 1)) | kMore));
  out.push_back(static_cast<char>(value));
}

// Takes bytes as they come and gives messages as they are whole.
class Deframer {
 public:
  void append(std::string_view bytes) {
    if (taken_ > 0) {
      buffer_.erase(0, taken_);
      taken_ = 0;
    }
    buffer_.append(bytes);
  }

  // None: more bytes are needed. The view holds until append(). Throws FramingError for a length that cannot be.
  std::optional<std::string_view> next() {
    const std::string_view rest = std::string_view(buffer_).substr(taken_);
    std::uint64_t size = 0;
    constexpr std::size_t kLongestLength = 5;  // bytes of a varint that may be the length of a message
    for (std::size_t i = 0;; ++i) {
      if (i == kLongestLength) throw FramingError("a message begins with no length");
      if (i == rest.size()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(rest[i]);
      size |= std::uint64_t{byte & 0x7FU} << (7 * i);
      if ((byte & 0x80U) != 0) continue;
      if (size > kLongestMessage) throw FramingError("a message is longer than 64 MiB");
      if (rest.size() - i - 1 < size) return std::nullopt;
      taken_ += i + 1 + size;
      return rest.substr(i + 1, size);
    }
  }
  std::size_t buffered() const { return buffer_.size() - taken_; }

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace wattfill
