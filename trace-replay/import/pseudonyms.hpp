// Numbers in place of names, by a keyed hash: whoever has the key can tell which number is whose, nobody else can.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wattfill {

// HMAC-SHA256 (RFC 2104, by OpenSSL) of the kind, a zero byte and the name; its first 31 bits are the number, at
// least 1. The same key gives a name the same number in every file. Should two names of one list fall on one number
// (with 1,000 names once in 4,000 lists), the one that sorts later is hashed with a counter behind it.
class Pseudonyms {
 public:
  static constexpr std::size_t kLeastKey = 16;  // bytes

  explicit Pseudonyms(std::string key);  // at least kLeastKey bytes, else std::invalid_argument
  std::vector<std::int32_t> numbers(std::string_view kind, std::span<const std::string> names) const;

 private:
  std::int32_t number(const std::string& text) const;
  std::string key_;
};

// Reads a key, without the line end behind it; where there is no such file one is made, with its folder, of 32 random
// bytes in hexadecimal, readable by the owner alone (mode 0600). Throws InputError for a key that is too short or that
// others may read, OutputError where none can be made.
struct KeyFile {
  std::string key;
  bool made = false;
};
KeyFile read_or_make_key(const std::string& path);

// $XDG_CONFIG_HOME/wattfill/pseudonyms.key, else in $HOME/.config; empty without both.
std::string default_key_path();

}  // namespace wattfill
