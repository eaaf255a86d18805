#include "backfill/config/hostlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace wattfill {
namespace {

constexpr std::size_t kMostDigits = 18;  // a number of so many fits into 64 bits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.size() > kMostDigits || error != std::errc() || end != digits.data() + digits.size() ||
      !is_digit(digits.front()))
    throw HostlistError(fmt::format("\"{}\" is no number of at most {} digits", digits, kMostDigits));
  return value;
}

std::string padded(std::int64_t value, std::size_t width) { return fmt::format("{:0{}}", value, width); }

void check_size(std::size_t size) {
  if (size > kMostHosts) throw HostlistError(fmt::format("more than {} names", kMostHosts));
}

// What stands between brackets: "001-003,010".
std::vector<std::string> expand_ranges(std::string_view ranges) {
  std::vector<std::string> all;
  while (true) {
    const std::string_view range = ranges.substr(0, ranges.find(','));
    const std::string_view low = range.substr(0, range.find('-'));
    const std::int64_t first = number(low);
    const std::int64_t last = low.size() == range.size() ? first : number(range.substr(low.size() + 1));
    if (last < first) throw HostlistError(fmt::format("the range \"{}\" runs downwards", range));
    check_size(all.size() + static_cast<std::size_t>(std::min<std::int64_t>(last - first, kMostHosts)) + 1);
    for (std::int64_t i = first; i <= last; ++i) all.push_back(padded(i, low.size()));
    if (range.size() == ranges.size()) return all;
    ranges.remove_prefix(range.size() + 1);
  }
}

// One name with any number of brackets: "rack[0-63]_blade[0-41]".
std::vector<std::string> expand_name(std::string_view name) {
  std::vector<std::string> all = {""};
  const auto append = [&all](const std::vector<std::string>& ends) {
    check_size(all.size() * ends.size());
    std::vector<std::string> longer;
    longer.reserve(all.size() * ends.size());
    for (const std::string& begin : all)
      for (const std::string& end : ends) longer.push_back(begin + end);
    all = std::move(longer);
  };
  while (!name.empty()) {
    const std::size_t open = std::min(name.find('['), name.size());
    append({std::string(name.substr(0, open))});
    name.remove_prefix(open);
    if (name.empty()) break;
    const std::size_t close = name.find(']');
    append(expand_ranges(name.substr(1, close - 1)));
    name.remove_prefix(close + 1);
  }
  return all;
}

// Fails unless brackets are closed and not nested, and every character can stand in a name.
void check_characters(std::string_view list) {
  bool inside = false;
  for (const char c : list) {
    if (c == (inside ? '[' : ']')) throw HostlistError(inside ? "\"[\" within brackets" : R"("]" without "[")");
    if (c == '[' || c == ']') inside = !inside;
    const bool in_names = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
    if (!in_names && c != '-' && c != ',' && c != '[' && c != ']')
      throw HostlistError(fmt::format(R"({} in a name; use letters, digits, "-", "_" and ".")",
                                      c == ' ' ? "a blank" : fmt::format("character {}", static_cast<int>(c))));
  }
  if (inside) throw HostlistError(R"("[" without "]")");
}

// The end of the first name: a comma outside brackets, or the end of the list.
std::size_t name_end(std::string_view list) {
  bool inside = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '[' || list[i] == ']') inside = list[i] == '[';
    if (list[i] == ',' && !inside) return i;
  }
  return list.size();
}

// A name around its last number.
struct Parts {
  std::string_view begin, digits, end;
};

Parts split(std::string_view name) {
  std::size_t last = name.size();
  while (last > 0 && !is_digit(name[last - 1])) --last;
  std::size_t first = last;
  while (first > 0 && is_digit(name[first - 1]) && last - first < kMostDigits) --first;
  return {name.substr(0, first), name.substr(first, last - first), name.substr(last)};
}

}  // namespace

std::vector<std::string> expand_hostlist(std::string_view list) {
  check_characters(list);
  std::vector<std::string> all;
  while (true) {
    const std::string_view name = list.substr(0, name_end(list));
    if (name.empty()) throw HostlistError("an empty name");
    std::vector<std::string> names = expand_name(name);
    check_size(all.size() + names.size());
    all.insert(all.end(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    if (name.size() == list.size()) return all;
    list.remove_prefix(name.size() + 1);
  }
}

std::string compress_hostlist(std::span<const std::string> names) {
  std::string list;
  for (std::size_t i = 0; i < names.size();) {
    const Parts first = split(names[i]);
    if (!list.empty()) list += ',';
    if (first.digits.empty()) {
      list += names[i++];
      continue;
    }
    // All ranges of names that differ in their last number only.
    std::string ranges;
    const std::size_t group = i;
    while (i < names.size()) {
      const Parts low = split(names[i]);
      if (low.digits.empty() || low.begin != first.begin || low.end != first.end) break;
      const std::size_t begin = i;
      for (std::int64_t next = number(low.digits) + 1; ++i < names.size(); ++next) {
        const Parts part = split(names[i]);
        if (part.begin != first.begin || part.end != first.end || part.digits != padded(next, low.digits.size())) break;
      }
      if (!ranges.empty()) ranges += ',';
      ranges += low.digits;
      if (i - begin > 1) ranges += fmt::format("-{}", split(names[i - 1]).digits);
    }
    const bool single = i - group == 1;
    list += single ? names[group] : fmt::format("{}[{}]{}", first.begin, ranges, first.end);
  }
  return list;
}

}  // namespace wattfill
