// What a caller must keep to.
#pragma once

#include <stdexcept>

namespace wattfill {

// Throws std::invalid_argument.
[[gnu::always_inline]] inline void require(bool condition, const char* message) {
  if (!condition) [[unlikely]]
    throw std::invalid_argument(message);
}

}  // namespace wattfill
