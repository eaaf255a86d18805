#include "trace-replay/swf/swf_writer.hpp"

#include <array>
#include <charconv>
#include <concepts>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

// Eighteen fields of at most 24 characters (a double such as -2.2250738585072014e-308) and a separator each.
constexpr std::size_t kLongestRecord = kSwfFields * 25;

class FieldWriter {
 public:
  explicit FieldWriter(char* to) : begin_(to), at_(to) {}

  template <typename Number>
  FieldWriter& operator<<(Number value) {
    if (at_ != begin_) *at_++ = ' ';
    if constexpr (std::floating_point<Number>) {
      // Most fractional fields hold whole numbers, which print ten times faster and never as "1e+06".
      const auto whole = static_cast<std::int64_t>(value > -1e15 && value < 1e15 ? value : 0.5);
      if (static_cast<Number>(whole) == value) return write(whole);
    }
    return write(value);
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  template <typename Number>
  FieldWriter& write(Number value) {
    at_ = std::to_chars(at_, begin_ + kLongestRecord, value).ptr;
    return *this;
  }

  char* begin_;
  char* at_;
};

void check(const std::ostream& out) {
  if (!out) throw OutputError("the SWF output cannot be written; is the disk full?");
}

void write_label(std::ostream& out, const SwfLabel& label) {
  out << "; " << label.name << ": ";
  for (const char c : label.value) {
    if (c == '\n') {
      out << "\n;\t";
    } else {
      out << c;
    }
  }
  out << '\n';
}

}  // namespace

void write_swf_header(std::ostream& out, const SwfHeader& header) {
  if (!header.raw.empty()) {
    for (const std::string& line : header.raw) out << line << '\n';
  } else {
    for (const SwfLabel& label : header.labels) write_label(out, label);
  }
  check(out);
}

void append_swf_record(std::string& out, const SwfRecord& r) {
  std::array<char, kLongestRecord + 1> text;
  FieldWriter fields(text.data());
  fields << r.job << r.submit_s << r.wait_s << r.run_s << r.allocated_processors << r.average_cpu_s << r.used_memory_kb
         << r.requested_processors << r.requested_s << r.requested_memory_kb << r.status << r.user << r.group
         << r.executable << r.queue << r.partition << r.preceding_job << r.think_s;
  text[fields.size()] = '\n';
  out.append(text.data(), fields.size() + 1);
}

void write_swf_record(std::ostream& out, const SwfRecord& record) {
  std::string line;
  append_swf_record(line, record);
  out.write(line.data(), static_cast<std::streamsize>(line.size()));
  check(out);
}

}  // namespace wattfill
