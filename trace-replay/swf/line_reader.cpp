#include "trace-replay/swf/line_reader.hpp"

namespace wattfill {

// The line does not end inside what the buffer holds.
bool LineReader::next_slowly(Line& line) {
  while (filled_ - position_ <= kLongestLine && refill()) {
    if (std::memchr(buffer_.data() + position_, '\n', filled_ - position_) != nullptr) return next(line);
  }
  if (position_ == filled_) return false;
  ++number_;
  char* const begin = buffer_.data() + position_;
  if (filled_ - position_ > kLongestLine) {
    constexpr std::size_t kKept = 100;
    overlong_start_.assign(begin, kKept).push_back('\n');
    skip_rest_of_line();
    line = {overlong_start_.data(), overlong_start_.data() + kKept, true};
    return true;
  }
  buffer_[filled_] = '\n';
  line = {begin, buffer_.data() + filled_, false};
  position_ = filled_;
  return true;
}

// Moves what is unread to the front and reads behind it; false at the end of the input.
bool LineReader::refill() {
  if (at_end_) return false;
  const std::size_t unread = filled_ - position_;
  std::memmove(buffer_.data(), buffer_.data() + position_, unread);
  bytes_before_ += static_cast<std::int64_t>(position_);
  position_ = 0;
  filled_ = unread;
  const std::size_t count = source_.read(buffer_.data() + filled_, kBufferSize - filled_);
  filled_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

void LineReader::skip_rest_of_line() {
  for (;;) {
    position_ = filled_;
    if (!refill()) return;
    const void* const found = std::memchr(buffer_.data(), '\n', filled_);
    if (found == nullptr) continue;
    position_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
    return;
  }
}

}  // namespace wattfill
