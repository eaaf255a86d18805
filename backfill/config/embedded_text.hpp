// The policies and clusters that come with the program, as the files that they are.
#pragma once

#include <span>
#include <string_view>

namespace wattfill {

struct EmbeddedText {
  std::string_view file;
  std::string_view text;
};

std::span<const EmbeddedText> embedded_policies();
std::span<const EmbeddedText> embedded_clusters();

}  // namespace wattfill
