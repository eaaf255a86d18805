#include "backfill/config/named_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "backfill/config/config.hpp"

namespace wattfill {

std::string read_named_file(const std::string& path) {
  constexpr std::size_t kLongest = 16U << 20;
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(path, ignored)) throw ConfigError(fmt::format("{}: cannot be read", path));
  std::string text(kLongest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) throw ConfigError(fmt::format("{}: cannot be read to its end", path));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLongest) throw ConfigError(fmt::format("{}: longer than 16 MiB", path));
  return text;
}

}  // namespace wattfill
