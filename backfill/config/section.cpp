#include "backfill/config/section.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

const Message& inner(const Message& around, const FieldDescriptor& field, int index) {
  const auto& reflection = *around.GetReflection();
  return index < 0 ? reflection.GetMessage(around, &field) : reflection.GetRepeatedMessage(around, &field, index);
}

// "node_type "fast"", or the bare name of a field that holds no named message.
std::string label(const Message& around, const FieldDescriptor& field, int index) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return field.name();
  const Message& in = inner(around, field, index);
  const FieldDescriptor* name = in.GetDescriptor()->FindFieldByName("name");
  if (name == nullptr) return field.name();
  const std::string text = in.GetReflection()->GetString(in, name);
  return text.empty() ? field.name() : fmt::format("{} \"{}\"", field.name(), text);
}

// Where a field stands, `around` if it is missing. Of a list in brackets only the first element's place is known.
TextFormat::ParseLocation place_of(const TextFormat::ParseInfoTree& tree, const FieldDescriptor* field, int index,
                                   TextFormat::ParseLocation around) {
  TextFormat::ParseLocation place = tree.GetLocation(field, index);
  if (place.line < 0 && index > 0) place = tree.GetLocation(field, 0);
  return place.line < 0 ? around : place;
}

}  // namespace

const FieldDescriptor* Section::field_of(int number) const {
  return message_->GetDescriptor()->FindFieldByNumber(number);
}

Section Section::in(int number, int index) const {
  const FieldDescriptor* field = field_of(number);
  Section section = *this;
  section.path_.push_back({field, index});
  section.message_ = &inner(*message_, *field, index);
  return section;
}

bool Section::has(int number) const {
  const FieldDescriptor* field = field_of(number);
  return field->is_repeated() ? size(number) > 0 : message_->GetReflection()->HasField(*message_, field);
}

int Section::size(int number) const { return message_->GetReflection()->FieldSize(*message_, field_of(number)); }

std::int64_t Section::scaled(int number, std::int64_t parts, double least, double most) const {
  if (!has(number)) fail(number, fmt::format("missing; give a number from {} to {}", least, most));
  const double value = message_->GetReflection()->GetDouble(*message_, field_of(number));
  if (!(value >= least && value <= most))  // not a number fails too
    fail(number, fmt::format("{} is out of range; give a number from {} to {}", value, least, most));
  return std::llround(value * static_cast<double>(parts));
}

std::int64_t Section::scaled_or(std::int64_t absent, int number, std::int64_t parts, double least, double most) const {
  return has(number) ? scaled(number, parts, least, most) : absent;
}

std::int64_t Section::whole(int number, std::int64_t least, std::int64_t most, int index) const {
  const FieldDescriptor* field = field_of(number);
  const auto& reflection = *message_->GetReflection();
  std::int64_t value = 0;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64)
    value = reflection.GetInt64(*message_, field);
  else
    value = index < 0 ? reflection.GetUInt32(*message_, field) : reflection.GetRepeatedUInt32(*message_, field, index);
  if (value < least || value > most)
    fail(number, fmt::format("{} is out of range; give a whole number from {} to {}", value, least, most), index);
  return value;
}

std::string Section::text(int number) const {
  return message_->GetReflection()->GetString(*message_, field_of(number));
}

std::string Section::word(int number) const {
  std::string name = text(number);
  if (name.empty()) fail(number, "missing; give one word");
  if (name.find_first_of(" \t\n,/") != std::string::npos)
    fail(number, fmt::format("\"{}\" holds a blank, a comma or a slash; use one word", name));
  return name;
}

void Section::fail(int number, const std::string& what, int index) const {
  std::vector<Step> path = path_;
  path.push_back({field_of(number), index});
  fail_at(path, what);
}

void Section::fail(const std::string& what) const { fail_at(path_, what); }

// The text is parsed once more to know the places, so that reading what is right costs nothing.
void Section::fail_at(const std::vector<Step>& path, const std::string& what) const {
  TextFormat::ParseInfoTree places;
  TextFormat::Parser parser;
  parser.WriteLocationsTo(&places);
  google::protobuf::io::ArrayInputStream input(text_.data(), static_cast<int>(text_.size()));
  const std::unique_ptr<Message> again(root_->New());
  parser.Parse(&input, again.get());

  TextFormat::ParseLocation place;
  std::string labels;
  const TextFormat::ParseInfoTree* tree = &places;
  const Message* around = root_;
  for (const Step& step : path) {
    const bool given = step.index >= 0 || !step.field->is_repeated();
    if (given) place = place_of(*tree, step.field, step.index, place);
    labels += (given ? label(*around, *step.field, step.index) : step.field->name()) + ": ";
    if (&step == &path.back()) break;
    tree = tree->GetTreeForNested(step.field, step.index);
    around = &inner(*around, *step.field, step.index);
  }
  if (place.line < 0) throw ConfigError(fmt::format("{}: {}{}", file_, labels, what));
  throw ConfigError(fmt::format("{}:{}:{}: {}{}", file_, place.line + 1, place.column + 1, labels, what));
}

}  // namespace wattfill
