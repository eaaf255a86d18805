#include "trace-replay/import/slurm_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "backfill/config/config.hpp"
#include "backfill/config/named_file.hpp"

namespace wattfill {
namespace {

constexpr int kDeepestInclude = 8;
constexpr std::string_view kBlanks = " \t\r\v\f";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' && !is_blank(c); }

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Up to the first "#" that no backslash stands before.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || line[i - 1] != '\\')) return line.substr(0, i);
  return line;
}

bool is_key_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

// Takes the beginning of a line apart, piece by piece.
class Pieces {
 public:
  Pieces(std::string_view rest, const SlurmPlace& place) : rest_(rest), place_(place) {}

  bool at_end() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    return rest_.empty();
  }
  std::string key() {
    const std::size_t end = std::find_if_not(rest_.begin(), rest_.end(), is_key_character) - rest_.begin();
    std::string key(take(end));
    if (key.empty()) place_.fail(fmt::format("\"{}\": KEY=VALUE is expected", first_word()));
    if (at_end() || rest_.front() != '=') place_.fail(fmt::format("{}: \"=\" and a value are expected", key));
    take(1);
    return key;
  }
  std::string value(const std::string& key) {
    if (at_end()) place_.fail(fmt::format("{}: no value; leave the key out", key));
    if (rest_.front() != '"')
      return std::string(take(std::find_if(rest_.begin(), rest_.end(), is_blank) - rest_.begin()));
    const std::size_t close = rest_.find('"', 1);
    if (close == std::string_view::npos) place_.fail(fmt::format("{}: the quote is not closed", key));
    std::string value(take(close + 1).substr(1, close - 1));
    if (value.empty()) place_.fail(fmt::format("{}: no value; leave the key out", key));
    if (!rest_.empty() && !is_blank(rest_.front()))
      place_.fail(fmt::format("{}: a blank is expected after the quote", key));
    return value;
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view first_word() const {
    return rest_.substr(0, std::find_if(rest_.begin(), rest_.end(), is_blank) - rest_.begin());
  }

  std::string_view rest_;
  const SlurmPlace& place_;
};

class Reader {
 public:
  explicit Reader(SlurmIncludes includes) : includes_(includes) {}

  void read(std::string_view text, const std::string& file, int depth) {
    int number = 0;
    while (!text.empty()) {
      const SlurmPlace place{file, number + 1};
      const std::string line = next_line(text, number);
      if (std::any_of(line.begin(), line.end(), is_control)) place.fail("a control character; is this a text?");
      if (const std::string_view name = included(line); !name.empty()) {
        include(std::string(name), place, depth);
      } else if (!without_blanks(line).empty()) {
        lines.push_back(split(line, place));
      }
    }
  }

  std::vector<SlurmLine> lines;

 private:
  // A line with those that continue it; "\#" is a "#".
  static std::string next_line(std::string_view& text, int& number) {
    std::string line;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view piece = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      piece = without_comment(piece);
      while (!piece.empty() && piece.back() == '\r') piece.remove_suffix(1);
      const bool goes_on = piece.ends_with('\\');
      line += piece.substr(0, piece.size() - (goes_on ? 1 : 0));
      if (!goes_on) break;
    }
    for (std::size_t at = line.find("\\#"); at != std::string::npos; at = line.find("\\#", at + 1)) line.erase(at, 1);
    return line;
  }

  // The file's name if the line reads "Include FILE".
  static std::string_view included(std::string_view line) {
    constexpr std::string_view kInclude = "include";
    line = without_blanks(line);
    if (line.size() <= kInclude.size() || !is_blank(line[kInclude.size()])) return {};
    if (lower_case(line.substr(0, kInclude.size())) != kInclude) return {};
    const std::string_view name = without_blanks(line.substr(kInclude.size()));
    return name.starts_with('=') ? std::string_view{} : name;
  }

  void include(std::string name, const SlurmPlace& place, int depth) {
    if (includes_ == SlurmIncludes::kRefuse) place.fail(fmt::format("Include: {} is not read; put it in here", name));
    if (depth == kDeepestInclude) place.fail(fmt::format("Include: more than {} files deep", kDeepestInclude));
    if (const std::size_t at = name.find("%c"); at != std::string::npos) name.replace(at, 2, cluster_name());
    const std::string path = (std::filesystem::path(place.file).parent_path() / name).string();
    std::string text;
    try {
      text = read_named_file(path);
    } catch (const ConfigError& error) {
      place.fail(fmt::format("Include: {}", error.what()));
    }
    read(text, path, depth + 1);
  }

  std::string cluster_name() const {
    for (const SlurmLine& line : lines)
      for (const SlurmSetting& setting : line)
        if (setting.key == "clustername") return setting.value;
    return "%c";
  }

  static SlurmLine split(std::string_view text, const SlurmPlace& place) {
    SlurmLine line;
    for (Pieces pieces(text, place); !pieces.at_end();) {
      SlurmSetting setting;
      setting.shown = pieces.key();
      setting.key = lower_case(setting.shown);
      setting.value = pieces.value(setting.shown);
      setting.place = place;
      line.push_back(std::move(setting));
    }
    return line;
  }

  SlurmIncludes includes_;
};

}  // namespace

void SlurmPlace::fail(const std::string& what) const { throw InputError(fmt::format("{}:{}: {}", file, line, what)); }

void SlurmSetting::fail(const std::string& what) const { place.fail(fmt::format("{}: {}", shown, what)); }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::vector<SlurmLine> read_slurm_lines(std::string_view text, const std::string& file, SlurmIncludes includes) {
  Reader reader(includes);
  reader.read(text, file, 0);
  return std::move(reader.lines);
}

}  // namespace wattfill
