// What a scheduler knows of a job when it is submitted. Nothing here tells how long the job will really run.
#pragma once

#include <cstdint>

#include "backfill/model/time.hpp"

namespace wattfill {

// The host's own number of a job (an SWF job number, a Slurm job id). Used for ties and in messages, never as an index.
using JobId = std::int64_t;

// Identities are small non-negative numbers; -1 means that the host does not know.
inline constexpr std::int32_t kUnknown = -1;

struct Job {
  JobId id = 0;
  SimTime submit{};
  Seconds requested{};          // walltime limit given by the user, > 0
  std::int32_t processors = 0;  // > 0
  std::int32_t user = kUnknown;
  std::int32_t group = kUnknown;
  std::int32_t executable = kUnknown;
  std::int32_t queue = kUnknown;
  std::int32_t partition = kUnknown;
  std::int64_t memory_kb_per_processor = kUnknown;
  std::int64_t priority = 0;  // the host's own priority, higher first; read by the order "host" only
};

}  // namespace wattfill
