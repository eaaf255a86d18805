// The hardware of a node as a NodeName line describes it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace-replay/import/slurm_lines.hpp"

namespace wattfill {

// By key in lower case, synonyms under one: those of a line, on top of those of the DEFAULT lines before it.
using SlurmSettings = std::map<std::string, SlurmSetting>;

struct SlurmNode {
  // All boards together. Without a layout the cores are what CPUs says, in one package.
  bool layout = false;
  std::int64_t packages = 1;
  std::int64_t cores = 1;       // of a package
  std::int64_t threads = 1;     // of a core
  std::int64_t memory_mib = 0;  // 0: not said
  std::int64_t accelerators = 0;
  std::int64_t weight = 1;
  std::string features;  // as written
  bool future = false;   // not there yet

  auto operator<=>(const SlurmNode&) const = default;
};

// Throws InputError for wrong values; notes what is odd but clear enough. Keys that are read are erased from
// `settings`: what is left describes something else.
SlurmNode read_slurm_node(SlurmSettings& settings, std::vector<std::string>& notes);

}  // namespace wattfill
