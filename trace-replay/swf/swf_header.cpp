#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Where the name of a label ends: a letter, then letters, digits or '_', then a colon that does not belong to
// "http://". npos where the text is no label.
std::size_t label_end(std::string_view text) {
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text[0])) == 0) return std::string_view::npos;
  std::size_t at = 1;
  while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_')) ++at;
  if (at == text.size() || text[at] != ':' || text.substr(at + 1).starts_with("//")) return std::string_view::npos;
  return at;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

SwfHeader parse_swf_header(std::vector<std::string> raw) {
  SwfHeader header;
  bool continues = false;  // whether the line above belongs to the last label
  for (const std::string& line : raw) {
    const std::string_view text = std::string_view(line).substr(1);
    const std::string_view content = trimmed(text);
    const bool indented = text.starts_with("\t") || text.starts_with("  ") || text.starts_with(" \t");
    if (const std::size_t end = label_end(content); end != std::string_view::npos) {
      header.labels.push_back({std::string(content.substr(0, end)), std::string(trimmed(content.substr(end + 1)))});
      continues = true;
    } else if (continues && indented && !content.empty()) {
      header.labels.back().value.append("\n").append(content);
    } else {
      continues = false;
    }
  }
  header.raw = std::move(raw);
  return header;
}

const std::string* SwfHeader::find(const std::string& name) const {
  const auto found =
      std::find_if(labels.begin(), labels.end(), [&](const SwfLabel& l) { return equal_without_case(l.name, name); });
  return found == labels.end() ? nullptr : &found->value;
}

std::int64_t SwfHeader::integer(const std::string& name) const {
  const std::string* const value = find(name);
  if (value == nullptr) return -1;
  std::size_t first = value->find_first_of("0123456789");
  if (first == std::string::npos) return -1;
  if (first > 0 && (*value)[first - 1] == '-') --first;
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(value->data() + first, value->data() + value->size(), number);
  return error == std::errc() ? number : -1;
}

}  // namespace wattfill
