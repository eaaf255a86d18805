// A message of a config file on its way into the model. Fields are read by their number in the units of the model, and
// what is wrong with one of them is an error that names file, line, column and field.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wattfill {

class Section {
 public:
  // The whole of a file: `message` is what parse_text read from `text`. All three must outlive every section.
  Section(std::string_view text, std::string_view file, const google::protobuf::Message& message)
      : text_(text), file_(file), root_(&message), message_(&message) {}

  // The message in a field; `index` counts within a repeated field and is -1 for others.
  Section in(int field, int index = -1) const;

  // True if the field was given; for a repeated one, at least once.
  bool has(int field) const;
  int size(int field) const;  // of a repeated field

  // A decimal number in whole parts, rounded: with parts = 1000 watts become milliwatts. Fails unless the number is
  // there and within [least, most].
  std::int64_t scaled(int field, std::int64_t parts, double least, double most) const;
  std::int64_t scaled_or(std::int64_t absent, int field, std::int64_t parts, double least, double most) const;
  // A whole number within [least, most]; a field without presence is 0 where it is absent.
  std::int64_t whole(int field, std::int64_t least, std::int64_t most, int index = -1) const;

  std::string text(int field) const;
  // A name that can stand in lists and on command lines: fails if it is missing, or holds a blank, comma or slash.
  std::string word(int field) const;

  // Throws ConfigError: "FILE:LINE:COLUMN: node_type "fast": power: idle_watts: WHAT". The place is the field's, or
  // that of the message around it where it is missing.
  [[noreturn]] void fail(int field, const std::string& what, int index = -1) const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Step {
    const google::protobuf::FieldDescriptor* field;
    int index;
  };

  const google::protobuf::FieldDescriptor* field_of(int number) const;
  [[noreturn]] void fail_at(const std::vector<Step>& path, const std::string& what) const;

  std::string_view text_;
  std::string_view file_;
  const google::protobuf::Message* root_;
  const google::protobuf::Message* message_;
  std::vector<Step> path_;
};

}  // namespace wattfill
