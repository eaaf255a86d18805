// Where the bytes of an input come from: a file, standard input or memory, unpacked on the way when they are gzip.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <vector>

namespace wattfill {

// Reads once, from front to end. Input that begins with gzip's magic bytes is unpacked, whatever its name; members that
// stand one after another and zero padding behind the last are read as gzip does, anything else behind it is an error.
// It calls inflate() itself because zlib's gzFile passes over such a tail in silence, and cannot read from memory.
// Memory: 64 KiB and zlib's window for gzip, nothing for plain input.
class ByteSource {
 public:
  // `path` "-" is standard input. Throws InputError where it is no file that can be read.
  explicit ByteSource(const std::string& path);
  // Reads `bytes`; `name` stands in messages.
  ByteSource(std::string name, std::string bytes);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Puts at least one and at most `capacity` (> 0) bytes to `to`; returns how many, 0 only at the end.
  // Throws InputError when reading fails or when the gzip data are truncated or corrupt.
  std::size_t read(char* to, std::size_t capacity);

  // The path, or "<stdin>".
  const std::string& name() const { return name_; }

 private:
  std::size_t read_raw(char* to, std::size_t capacity);
  std::size_t unpack(char* to, std::size_t capacity);
  bool refill_packed();
  bool begin_member();
  void sniff();
  [[noreturn]] void fail(const std::string& what) const;

  std::string name_;
  int fd_ = -1;  // -1: memory_ is read
  bool owns_fd_ = false;
  std::string memory_;
  std::size_t memory_read_ = 0;

  char first_[2] = {};  // the bytes that sniff() read, still to be delivered when the input is plain
  std::size_t first_size_ = 0;
  std::size_t first_read_ = 0;

  bool gzip_ = false;
  bool in_member_ = false;
  z_stream stream_{};
  std::vector<char> packed_;
};

}  // namespace wattfill
