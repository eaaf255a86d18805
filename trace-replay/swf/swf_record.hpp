// One job line of the Standard Workload Format, version 2.2 (Chapin et al. 1999; Feitelson's archive).
#pragma once

#include <cstdint>

namespace wattfill {

// Field numbers as the format's definition counts them, from 1.
enum class SwfStatus : int {
  kMissing = -1,
  kFailed = 0,
  kCompleted = 1,
  kPartial = 2,
  kPartialLast = 3,
  kPartialFailed = 4,
  kCancelled = 5
};

// All eighteen fields, as they stand in the file; -1 means missing.
struct SwfRecord {
  std::int64_t job = -1;                   // 1
  std::int64_t submit_s = -1;              // 2
  std::int64_t wait_s = -1;                // 3
  std::int64_t run_s = -1;                 // 4
  std::int64_t allocated_processors = -1;  // 5
  double average_cpu_s = -1;               // 6, may be fractional
  double used_memory_kb = -1;              // 7, per processor, may be fractional
  std::int64_t requested_processors = -1;  // 8
  std::int64_t requested_s = -1;           // 9
  double requested_memory_kb = -1;         // 10, per processor, may be fractional
  std::int64_t status = -1;                // 11
  std::int64_t user = -1;                  // 12
  std::int64_t group = -1;                 // 13
  std::int64_t executable = -1;            // 14
  std::int64_t queue = -1;                 // 15
  std::int64_t partition = -1;             // 16
  std::int64_t preceding_job = -1;         // 17
  std::int64_t think_s = -1;               // 18

  bool operator==(const SwfRecord&) const = default;
};

inline constexpr int kSwfFields = 18;

// The name of a field (1..18) as messages give it, e.g. "requested time" for 9.
const char* swf_field_name(int field);

}  // namespace wattfill
