// Protobuf text with errors that carry file, line and column.
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

namespace wattfill {

// Throws ConfigError at the first error. Unknown fields and enum values, repeated single fields and bad numbers are
// errors; of unknown names the message tells the place and the known ones.
void parse_text(std::string_view text, std::string_view file, google::protobuf::Message& message);

}  // namespace wattfill
