#include "trace-replay/report/column_codec.hpp"

#include <zlib.h>

#include <stdexcept>

namespace wattfill::report {

void append_column(std::string& bytes, std::span<const std::int64_t> values) {
  std::int64_t before = 0;
  for (const std::int64_t value : values) {
    const std::int64_t difference = value - before;
    before = value;
    auto rest = (static_cast<std::uint64_t>(difference) << 1) ^ static_cast<std::uint64_t>(difference >> 63);
    for (; rest >= 0x80; rest >>= 7) bytes += static_cast<char>((rest & 0x7F) | 0x80);
    bytes += static_cast<char>(rest);
  }
}

std::vector<std::int64_t> read_column(std::string_view bytes, std::size_t& at, std::size_t count) {
  std::vector<std::int64_t> values;
  values.reserve(count);
  std::uint64_t sum = 0;
  while (values.size() < count) {
    std::uint64_t coded = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at >= bytes.size() || shift > 56) throw std::invalid_argument("a column of integers ends in the middle");
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      coded |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    sum += (coded >> 1) ^ (~(coded & 1) + 1);
    values.push_back(static_cast<std::int64_t>(sum));
  }
  return values;
}

std::string deflated(std::string_view bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), 6) != Z_OK)
    throw std::runtime_error("zlib cannot compress");
  out.resize(size);
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0U;
    };
    const std::uint32_t three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t k = 0; k < 4; ++k) out += k <= bytes.size() - i ? kDigits[three >> (18 - 6 * k) & 0x3F] : '=';
  }
  return out;
}

}  // namespace wattfill::report
