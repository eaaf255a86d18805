#include "trace-replay/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace wattfill::report {
namespace {

// The length of the UTF-8 character that `text` begins with; 0: it begins with none. (Table 3-7 of Unicode.)
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&byte](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = first == 0xE0 ? follows(1, 0xA0) : first == 0xED ? follows(1, 0x80, 0x9F) : follows(1);
    return second && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = first == 0xF0 ? follows(1, 0x90) : first == 0xF4 ? follows(1, 0x80, 0x8F) : follows(1);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// Calls put(character) for each, with U+FFFD for bytes that are none; control characters but tab and line end too.
template <class Put>
void each_character(std::string_view text, Put&& put) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control = first < 0x20 && first != '\t' && first != '\n' && first != '\r';
    put(length == 0 || control ? std::string_view("\uFFFD") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

// An ASCII letter or digit, or one of `others`.
bool is_plain(char c, std::string_view others) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&out](std::string_view c) {
    if (c == "&")
      out += "&amp;";
    else if (c == "<")
      out += "&lt;";
    else if (c == ">")
      out += "&gt;";
    else if (c == "\"")
      out += "&quot;";
    else if (c == "'")
      out += "&#39;";
    else
      out += c;
  });
  return out;
}

std::string script_safe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string markdown_escaped(std::string_view text) {
  std::string out;
  each_character(text, [&out](std::string_view c) {
    if (c == "\n" || c == "\r") {
      out += ' ';
    } else {
      if (c.size() == 1 && std::string_view("\\`*_[]<>|#!&").find(c[0]) != std::string_view::npos) out += '\\';
      out += c;
    }
  });
  return out;
}

std::string csv_escaped(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string url_escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (is_plain(c, "-._~/"))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return is_plain(c, "_@%+=:,./-"); }))
    return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + '\'';
}

std::string number(double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t at = point; at > 3; at -= 3) text.insert(at - 3, ",");
  const bool zero = text.find_first_not_of("0.,") == std::string::npos;
  return value < 0 && !zero ? "−" + text : text;
}

std::string figure(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (size < 1e-12) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(size)));
  return number(value, std::min(8, std::max(0, 2 - magnitude)));
}

std::string duration(double seconds) {
  const double size = std::abs(seconds);
  if (size < 99.95) return figure(seconds) + " s";
  if (size < 99.95 * 60) return figure(seconds / 60) + " min";
  if (size < 99.95 * 3600) return figure(seconds / 3600) + " h";
  return figure(seconds / 86400) + " days";
}

std::string energy(double joules) {
  const double kwh = joules / 3.6e6;
  const double size = std::abs(kwh);
  if (size < 0.1) return figure(joules) + " J";
  if (size < 1000) return figure(kwh) + " kWh";
  if (size < 1e6) return figure(kwh / 1000) + " MWh";
  return figure(kwh / 1e6) + " GWh";
}

std::string percent(double share, int decimals) { return number(share * 100, decimals) + " %"; }

}  // namespace wattfill::report
