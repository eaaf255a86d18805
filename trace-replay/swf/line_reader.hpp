// Cuts an input into lines inside one buffer of fixed size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "trace-replay/swf/byte_source.hpp"

namespace wattfill {

// One line without its end of line; *end is always '\n', so that a scanner needs no bound.
// Valid until the next call of LineReader::next().
struct Line {
  const char* begin = nullptr;
  const char* end = nullptr;
  bool overlong = false;  // longer than LineReader::kLongestLine; begin..end is its start only
};

class LineReader {
 public:
  static constexpr std::size_t kLongestLine = 64 * 1024;

  explicit LineReader(const std::string& path) : source_(path), buffer_(kBufferSize + 1) {}
  LineReader(std::string name, std::string bytes)
      : source_(std::move(name), std::move(bytes)), buffer_(kBufferSize + 1) {}

  // The next line; false at the end. A last line without a line end counts. A line longer than kLongestLine is passed
  // over without being kept. Throws InputError as ByteSource does.
  bool next(Line& line) {
    char* const begin = buffer_.data() + position_;
    void* const found = std::memchr(begin, '\n', filled_ - position_);
    if (found == nullptr) return next_slowly(line);
    char* const end = static_cast<char*>(found);
    line = {begin, end, static_cast<std::size_t>(end - begin) > kLongestLine};
    position_ = static_cast<std::size_t>(end - buffer_.data()) + 1;
    ++number_;
    return true;
  }

  std::int64_t number() const { return number_; }  // of the last line, from 1
  std::int64_t bytes_read() const { return bytes_before_ + static_cast<std::int64_t>(position_); }
  const std::string& name() const { return source_.name(); }

 private:
  static constexpr std::size_t kBufferSize = 256 * 1024;  // stays in the second-level cache

  bool next_slowly(Line& line);
  bool refill();
  void skip_rest_of_line();

  ByteSource source_;
  std::vector<char> buffer_;    // one byte more than is filled, for the '\n' behind a last line that has none
  std::string overlong_start_;  // the first bytes of an overlong line, for a message
  std::size_t position_ = 0;
  std::size_t filled_ = 0;
  bool at_end_ = false;
  std::int64_t bytes_before_ = 0;  // bytes that have left the buffer
  std::int64_t number_ = 0;
};

}  // namespace wattfill
