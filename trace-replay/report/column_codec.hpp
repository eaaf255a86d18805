// Columns of integers, small enough for a page: differences, seven bits a byte, deflated, in base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wattfill::report {

// Appends the values: each one's difference to the one before (the first's to 0), its sign in the lowest bit, seven
// bits a byte, the lowest first, the eighth bit set where more follow. Precondition: |value| <= 2^50, so that a reader
// that has doubles only loses nothing.
void append_column(std::string& bytes, std::span<const std::int64_t> values);

// The inverse, of `count` values from `at` on, which moves behind them. Throws std::invalid_argument on bytes that are
// no such column.
std::vector<std::int64_t> read_column(std::string_view bytes, std::size_t& at, std::size_t count);

// In zlib's format (RFC 1950), which a browser's DecompressionStream("deflate") reads. The same input gives the same
// bytes with the same zlib.
std::string deflated(std::string_view bytes);

std::string base64(std::string_view bytes);

}  // namespace wattfill::report
