// Single values as sacct prints them (sacct(1), Slurm 18.08 to 24.05).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wattfill {

// Nothing is known: an empty field, "Unknown", "None", "N/A", "INVALID".
bool is_absent(std::string_view text);

// Each gives nothing for text that is no such value, or out of bounds: whole numbers up to 10^15, counts below 2^31,
// times from 0 to 10^11 s, durations up to a million days, sizes and energies up to 10^18.
std::optional<std::int64_t> parse_whole(std::string_view text);
std::optional<std::int64_t> parse_count(std::string_view text);

// Seconds since the Unix epoch: plain seconds (SLURM_TIME_FORMAT=%s), or YYYY-MM-DDTHH:MM:SS, local time of a place
// that is `utc_offset_s` ahead of UTC. A time after which the clock was changed is an hour off.
std::optional<std::int64_t> parse_sacct_time(std::string_view text, std::int64_t utc_offset_s);

// Milliseconds: [D-]HH:MM:SS[.mmm], MM:SS[.mmm], D-HH[:MM].
std::optional<std::int64_t> parse_sacct_duration_ms(std::string_view text);

// "+02:00", "-0330", "Z": seconds ahead of UTC.
std::optional<std::int64_t> parse_utc_offset(std::string_view text);

// "4Gc" of a processor, "4Gn" of a node, "4G" of the job as a whole; without a unit megabytes, as in --mem.
struct SacctMemory {
  enum class Of { kProcessor, kNode, kJob };
  double kb = 0;
  Of of = Of::kJob;
};
std::optional<SacctMemory> parse_sacct_memory(std::string_view text);

// Kilobytes of "1234K", "1.5G"; without a unit bytes.
std::optional<double> parse_sacct_rss_kb(std::string_view text);

// Joules: "123456", or with a decimal unit, of which sacct keeps three digits, "1.23M".
std::optional<double> parse_sacct_joules(std::string_view text);

// "123", "123_4" (a task of an array), "123_[5-9%2]" (tasks that have not started), "123+0" (a component of a
// heterogeneous job), with a step behind a dot.
struct SacctJobId {
  std::string job;   // without the step
  std::string step;  // "batch", "extern", "0", ...; empty: the job itself
  bool array = false;
  bool component = false;
};
std::optional<SacctJobId> parse_sacct_job_id(std::string_view text);

}  // namespace wattfill
