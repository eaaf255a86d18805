#include "backfill/config/text_format.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <compare>
#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::io::ArrayInputStream;
using google::protobuf::io::Tokenizer;

// Lines and columns count from 0; a line of -1 means the whole file.
struct Place {
  int line = -1;
  int column = 0;
  auto operator<=>(const Place&) const = default;
};

struct FirstError final : google::protobuf::io::ErrorCollector {
  Place place;
  std::string message;

  void AddError(int line, int column, const std::string& what) override {
    if (!message.empty()) return;
    place = {line, column};
    message = what;
  }
  void AddWarning(int line, int column, const std::string& what) override { AddError(line, column, what); }
};

bool quotes(const std::string& message, const std::string& word) {
  return message.find('"' + word + '"') != std::string::npos;
}

// Protobuf tells of a name or value that it does not know after it has read on, at the place of the next token. Where
// the message quotes the token before the place, it is about that one; but what is "expected" is expected at the place.
Place place_of(const FirstError& error, std::string_view text) {
  if (error.message.starts_with("Expected")) return error.place;
  ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  FirstError ignored;
  Tokenizer tokenizer(&input, &ignored);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  const auto place = [](const Tokenizer::Token& token) { return Place{token.line, token.column}; };
  while (tokenizer.Next() && place(tokenizer.current()) < error.place) continue;
  const Tokenizer::Token& before = tokenizer.previous();
  const bool meant = before.type == Tokenizer::TYPE_IDENTIFIER && quotes(error.message, before.text);
  return meant ? place(before) : error.place;
}

// The names of the fields of a message type, or of the values of an enum.
template <class Name>
std::string listed(int count, Name&& name) {
  std::string all;
  for (int i = 0; i < count; ++i) all += (i == 0 ? "" : ", ") + name(i);
  return all;
}

// The names that would have been right where one is unknown, which protobuf does not tell; empty for another error.
std::string known_names(const FileDescriptor& file, const std::string& error) {
  for (int t = 0; t < file.message_type_count(); ++t) {
    const auto& type = *file.message_type(t);
    if (error.starts_with(fmt::format("Message type \"{}\" has no field named", type.full_name())))
      return listed(type.field_count(), [&](int i) { return type.field(i)->name(); });
    if (!error.starts_with("Unknown enumeration value")) continue;
    for (int f = 0; f < type.field_count(); ++f)
      if (const auto* known = type.field(f)->enum_type();
          known != nullptr && error.ends_with(fmt::format("for field \"{}\".", type.field(f)->name())))
        return listed(known->value_count(), [&](int i) { return known->value(i)->name(); });
  }
  return {};
}

std::string described(const FirstError& error, std::string_view file, std::string_view text,
                      const FileDescriptor& format) {
  if (error.place.line < 0) return fmt::format("{}: {}", file, error.message);
  const Place place = place_of(error, text);
  std::string what = error.message;
  if (const std::string names = known_names(format, what); !names.empty()) {
    if (what.ends_with('.')) what.pop_back();
    what += "; known are " + names;
  }
  return fmt::format("{}:{}:{}: {}", file, place.line + 1, place.column + 1, what);
}

}  // namespace

void parse_text(std::string_view text, std::string_view file, google::protobuf::Message& message) {
  constexpr std::size_t kLongest = 16U << 20;
  constexpr int kDeepest = 32;
  if (text.size() > kLongest) throw ConfigError(std::string(file) + ": longer than 16 MiB");
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kDeepest);
  ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  const bool parsed = parser.Parse(&input, &message);
  if (!error.message.empty()) throw ConfigError(described(error, file, text, *message.GetDescriptor()->file()));
  if (!parsed) throw ConfigError(std::string(file) + ": no valid protobuf text");
}

}  // namespace wattfill
