// The lines of a slurm.conf: comments taken out, continued lines joined, included files read, split into KEY=VALUE.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/errors.hpp"

namespace wattfill {

struct SlurmPlace {
  std::string file;
  int line = 0;  // where a continued line begins

  // Throws InputError "FILE:LINE: WHAT".
  [[noreturn]] void fail(const std::string& what) const;
};

struct SlurmSetting {
  std::string key;    // in lower case: keys are the same in both
  std::string shown;  // as it was written
  std::string value;  // not empty
  SlurmPlace place;

  // Throws InputError "FILE:LINE: KEY: WHAT".
  [[noreturn]] void fail(const std::string& what) const;
};

using SlurmLine = std::vector<SlurmSetting>;  // not empty

std::string lower_case(std::string_view text);

// `file` stands in messages. Included files are looked for beside it, or refused. Throws InputError.
enum class SlurmIncludes { kFollow, kRefuse };
std::vector<SlurmLine> read_slurm_lines(std::string_view text, const std::string& file, SlurmIncludes includes);

}  // namespace wattfill
