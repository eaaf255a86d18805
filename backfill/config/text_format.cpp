#include "backfill/config/text_format.hpp"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string_view file) : file_(file) {}
  // Lines and columns count from 0; a line of -1 means the whole file.
  void AddError(int line, int column, const std::string& message) override {
    if (!text_.empty()) return;
    text_ = line < 0 ? fmt::format("{}: {}", file_, message)
                     : fmt::format("{}:{}:{}: {}", file_, line + 1, column + 1, message);
  }
  void AddWarning(int line, int column, const std::string& message) override { AddError(line, column, message); }
  const std::string& text() const { return text_; }

 private:
  std::string file_;
  std::string text_;
};

}  // namespace

void parse_text(std::string_view text, std::string_view file, google::protobuf::Message& message) {
  constexpr std::size_t kLongest = 16U << 20;
  constexpr int kDeepest = 32;
  if (text.size() > kLongest) throw ConfigError(std::string(file) + ": longer than 16 MiB");
  FirstError errors(file);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kDeepest);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  const bool parsed = parser.Parse(&input, &message);
  if (!errors.text().empty()) throw ConfigError(errors.text());
  if (!parsed) throw ConfigError(std::string(file) + ": no valid protobuf text");
}

}  // namespace wattfill
