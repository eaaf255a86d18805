#include "trace-replay/swf/swf_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

namespace wattfill {
namespace {

// No trace is thirty million years long. The bound keeps every sum and every product with a processor count harmless.
constexpr std::int64_t kLargest = 1'000'000'000'000'000;
// Processor counts and identities are 32 bits wide in the scheduling core.
constexpr std::int64_t kLargestSmall = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLargestStatus = static_cast<std::int64_t>(SwfStatus::kCancelled);

struct FieldRule {
  const char* name;
  std::int64_t lowest;
  std::int64_t highest;
  bool fractional;
};

constexpr std::array<FieldRule, kSwfFields> kRules{{
    {"job number", 0, kLargest, false},
    {"submit time", 0, kLargest, false},
    {"wait time", -1, kLargest, false},
    {"run time", -1, kLargest, false},
    {"allocated processors", -1, kLargestSmall, false},
    {"average CPU time", -1, kLargest, true},
    {"used memory", -1, kLargest, true},
    {"requested processors", -1, kLargestSmall, false},
    {"requested time", -1, kLargest, false},
    {"requested memory", -1, kLargest, true},
    {"status", -1, kLargestStatus, false},
    {"user", -1, kLargestSmall, false},
    {"group", -1, kLargestSmall, false},
    {"executable", -1, kLargestSmall, false},
    {"queue", -1, kLargestSmall, false},
    {"partition", -1, kLargestSmall, false},
    {"preceding job", -1, kLargest, false},
    {"think time", -1, kLargest, false},
}};

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') <= 9; }

// Scans over a line that ends with '\n', which stops every loop.
class Scanner {
 public:
  explicit Scanner(const char* begin) : at_(begin) {}

  template <int kField>
  bool integer(std::int64_t& value) {
    constexpr FieldRule kRule = kRules[kField - 1];
    static_assert(!kRule.fractional);
    if (!plain_integer(value) && !odd_integer(kField, value)) return false;
    if (value < kRule.lowest || value > kRule.highest) return fault(kField, SwfFault::kOutOfRange);
    return true;
  }

  template <int kField>
  bool real(double& value) {
    constexpr FieldRule kRule = kRules[kField - 1];
    static_assert(kRule.fractional && kRule.lowest == -1);
    if (std::int64_t whole = 0; plain_integer(whole)) {
      value = static_cast<double>(whole);
    } else if (!decimal(kField, value)) {
      return false;
    }
    if ((value < 0 && value != -1) || value > static_cast<double>(kRule.highest)) {
      return fault(kField, SwfFault::kOutOfRange);
    }
    return true;
  }

  bool at_line_end() {
    skip_blanks();
    if (at_text_end()) return true;
    token_ = at_;
    return fault(kSwfFields + 1, SwfFault::kSurplus);
  }

  const SwfScan& scan() const { return scan_; }

 private:
  void skip_blanks() {
    while (is_blank(*at_)) ++at_;
  }

  // '\r' ends a token so that it need not be cut off every line; at_line_end() says where it may stand.
  static bool ends_token(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

  bool at_text_end() const { return *at_ == '\n' || (*at_ == '\r' && at_[1] == '\n'); }

  // A field of at most 18 digits and nothing else. Where it is not one, at_ is put back to the field's beginning.
  bool plain_integer(std::int64_t& value) {
    skip_blanks();
    token_ = at_;
    const bool negative = *at_ == '-';
    at_ += negative;
    const char* const digits = at_;
    std::uint64_t magnitude = 0;
    for (; is_digit(*at_); ++at_) magnitude = magnitude * 10 + static_cast<std::uint64_t>(*at_ - '0');
    if (static_cast<std::size_t>(at_ - digits - 1) >= 18 || !ends_token(*at_)) {
      at_ = token_;
      return false;
    }
    value = static_cast<std::int64_t>(negative ? -magnitude : magnitude);
    return true;
  }

  // What plain_integer() refused: a zero fraction, many digits, or a fault.
  [[gnu::noinline, gnu::cold]] bool odd_integer(int field, std::int64_t& value) {
    if (at_text_end()) return fault(field, SwfFault::kMissing);
    const bool negative = *at_ == '-';
    at_ += negative;
    if (!is_digit(*at_)) return fault(field, SwfFault::kNotANumber);
    std::int64_t magnitude = 0;
    for (; is_digit(*at_); ++at_) magnitude = std::min(magnitude * 10 + (*at_ - '0'), kLargest + 1);
    bool has_fraction = false;
    if (*at_ == '.') {
      for (++at_; is_digit(*at_); ++at_) has_fraction = has_fraction || *at_ != '0';
    }
    if (!ends_token(*at_)) return fault(field, SwfFault::kNotANumber);
    if (has_fraction) return fault(field, SwfFault::kFraction);
    value = negative ? -magnitude : magnitude;
    return true;
  }

  bool decimal(int field, double& value) {
    if (at_text_end()) return fault(field, SwfFault::kMissing);
    const char* end = at_;
    while (!ends_token(*end)) ++end;
    // from_chars would take "inf" and "nan".
    const char* const first = at_ + (*at_ == '-');
    if (!is_digit(*first) && *first != '.') return fault(field, SwfFault::kNotANumber);
    const auto [stopped, error] = std::from_chars(at_, end, value);
    if (error == std::errc::invalid_argument || stopped != end) return fault(field, SwfFault::kNotANumber);
    if (error == std::errc::result_out_of_range) return fault(field, SwfFault::kOutOfRange);
    at_ = end;
    return true;
  }

  bool fault(int field, SwfFault what) {
    scan_ = {what, field, token_};
    return false;
  }

  const char* at_;
  const char* token_ = nullptr;
  SwfScan scan_;
};

// The field's text for a message: short, and printable whatever the file holds.
std::string quoted(const char* token, const char* end) {
  constexpr std::ptrdiff_t kLongest = 40;
  std::string text;
  const char* at = token;
  for (; at != end && !is_blank(*at) && !(*at == '\r' && at + 1 == end) && at - token < kLongest; ++at) {
    if (*at >= ' ' && *at <= '~') {
      text += *at;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(*at));
    }
  }
  return fmt::format("'{}{}'", text, at - token == kLongest ? "..." : "");
}

bool is_binary(const char* begin, const char* end) {
  return std::any_of(begin, end, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r'; });
}

int count_fields(const Line& line) {
  int fields = 0;
  bool inside = false;
  for (const char* at = line.begin; at != line.end; ++at) {
    const bool separator = is_blank(*at) || *at == '\r';
    fields += !separator && !inside;
    inside = !separator;
  }
  return fields;
}

std::string allowed(const FieldRule& rule) {
  std::string text = fmt::format("{} from 0 to {}", rule.fractional ? "a number" : "a whole number", rule.highest);
  if (rule.lowest < 0) text += ", or -1 where it is unknown";
  return text;
}

}  // namespace

const char* swf_field_name(int field) { return kRules.at(static_cast<std::size_t>(field - 1)).name; }

SwfScan scan_swf_line(const Line& line, SwfRecord& r) {
  Scanner s(line.begin);
  // Evaluated from left to right; the first fault stops it.
  [[maybe_unused]] const bool good =
      s.integer<1>(r.job) && s.integer<2>(r.submit_s) && s.integer<3>(r.wait_s) && s.integer<4>(r.run_s) &&
      s.integer<5>(r.allocated_processors) && s.real<6>(r.average_cpu_s) && s.real<7>(r.used_memory_kb) &&
      s.integer<8>(r.requested_processors) && s.integer<9>(r.requested_s) && s.real<10>(r.requested_memory_kb) &&
      s.integer<11>(r.status) && s.integer<12>(r.user) && s.integer<13>(r.group) && s.integer<14>(r.executable) &&
      s.integer<15>(r.queue) && s.integer<16>(r.partition) && s.integer<17>(r.preceding_job) &&
      s.integer<18>(r.think_s) && s.at_line_end();
  return s.scan();
}

std::string describe_fault(const Line& line, const SwfScan& scan) {
  const bool surplus = scan.fault == SwfFault::kSurplus;
  std::string field = surplus ? fmt::format("field {}", scan.field)
                              : fmt::format("field {} ({})", scan.field, swf_field_name(scan.field));
  if (is_binary(line.begin, line.end)) {
    return fmt::format("{}: the line holds binary data, this is no SWF; a job line holds 18 numbers", field);
  }
  const std::string token = quoted(scan.token, line.end);
  switch (scan.fault) {
    case SwfFault::kMissing:
      return fmt::format("{}: missing, the line has {} field{}; a job line has 18", field, count_fields(line),
                         count_fields(line) == 1 ? "" : "s");
    case SwfFault::kSurplus:
      return fmt::format("{}: {} is too many, the line has {} fields; a job line has 18", field, token,
                         count_fields(line));
    case SwfFault::kNotANumber:
      return fmt::format("{}: {} is not a number; {} is expected", field, token,
                         allowed(kRules[static_cast<std::size_t>(scan.field - 1)]));
    case SwfFault::kFraction:
      return fmt::format("{}: {} has a fraction; {} is expected", field, token,
                         allowed(kRules[static_cast<std::size_t>(scan.field - 1)]));
    case SwfFault::kOutOfRange:
      return fmt::format("{}: {} is out of range; {} is expected", field, token,
                         allowed(kRules[static_cast<std::size_t>(scan.field - 1)]));
    case SwfFault::kNone:
      break;
  }
  return field;
}

}  // namespace wattfill
