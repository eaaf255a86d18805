// Text for people, and text that stands safely inside HTML, scripts, Markdown, links and commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wattfill::report {

// For element content and quoted attributes: & < > " ' become entities. Bytes that are no UTF-8 become U+FFFD.
std::string html_escaped(std::string_view text);

// JSON that may stand in a <script>: no "<", so that no markup can begin or end in it.
std::string script_safe(std::string_view json);

// For a cell of a Markdown table or a line of text: markup characters escaped, line ends as blanks.
std::string markdown_escaped(std::string_view text);

// For a CSV cell: in quotation marks where it must be.
std::string csv_escaped(std::string_view text);

// A relative path for a link: what is neither unreserved (RFC 3986) nor '/' as %XX.
std::string url_escaped(std::string_view path);

// One word of a POSIX shell's command line: in single quotation marks where it must be.
std::string shell_quoted(std::string_view word);

// With so many digits behind the point and groups of three before it: 12,345.7.
std::string number(double value, int decimals = 0);
// Three significant digits or all before the point: 0.0123, 4.57, 92.7, 6,835.
std::string figure(double value);
// 43 s, 12.5 min, 3.21 h, 12.4 days
std::string duration(double seconds);
// 870 J, 12.4 kWh, 3.21 MWh
std::string energy(double joules);
// 0.1234 is 12.3 %.
std::string percent(double share, int decimals = 1);

}  // namespace wattfill::report
