// Lists of node names as Slurm writes them: "n[001-003,010],gpu[1-2]x,login".
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wattfill {

// A wrong list; the text says what is wrong and what would be right.
class HostlistError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kMostHosts = 1'000'000;

// The names in order. Ranges keep the leading zeros of their first number; of several brackets in a name the last one
// counts fastest. Throws HostlistError for an empty name, a wrong range, or more than kMostHosts names.
std::vector<std::string> expand_hostlist(std::string_view list);

// A list with ranges over the last number of each name; it expands to these names in this order.
std::string compress_hostlist(std::span<const std::string> names);

}  // namespace wattfill
