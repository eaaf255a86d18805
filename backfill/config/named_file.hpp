// Files that are read by their name.
#pragma once

#include <string>

namespace wattfill {

// The whole of a file of at most 16 MiB. Throws ConfigError "PATH: what" where it cannot be read.
std::string read_named_file(const std::string& path);

}  // namespace wattfill
