// Lines of a text file that is in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wattfill::judge {

// The line that `text` begins with, without its end (LF or CR LF), cut off from it.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace wattfill::judge
