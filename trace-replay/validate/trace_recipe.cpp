#include "trace-replay/validate/trace_recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill::judge {
namespace {

std::int32_t identity(std::int64_t field) {
  return field < 0 || field > std::numeric_limits<std::int32_t>::max() ? kUnknown : static_cast<std::int32_t>(field);
}

// Field 10 if positive, else field 7; a part of a kibibyte does not count.
std::int64_t memory_of(const SwfRecord& record) {
  const double memory = record.requested_memory_kb > 0 ? record.requested_memory_kb : record.used_memory_kb;
  return memory > 0 ? static_cast<std::int64_t>(memory) : 0;
}

}  // namespace

std::vector<TraceEntry> apply_recipe(const std::vector<SwfRecord>& records, std::int64_t machine_processors,
                                     ValidationReport::Trace& summary) {
  summary.read = static_cast<std::int64_t>(records.size());
  summary.clairvoyant =
      std::none_of(records.begin(), records.end(), [](const SwfRecord& r) { return r.requested_s > 0; });

  std::vector<TraceEntry> kept;
  kept.reserve(records.size());
  for (const SwfRecord& record : records) {
    const std::int64_t requested = summary.clairvoyant ? record.run_s : record.requested_s;
    const std::int64_t processors =
        record.requested_processors > 0 ? record.requested_processors : record.allocated_processors;
    if (record.run_s <= 0) {
      ++summary.no_runtime;
    } else if (requested <= 0) {
      ++summary.no_request;
    } else if (processors <= 0) {
      ++summary.no_processors;
    } else if (processors > machine_processors) {
      ++summary.too_wide;
    } else {
      if (record.run_s > requested) ++summary.clipped;
      kept.push_back({record.job, SimTime{Seconds{record.submit_s}}, processors, Seconds{requested},
                      Seconds{std::min(record.run_s, requested)}, identity(record.queue), identity(record.partition),
                      memory_of(record)});
    }
  }
  std::stable_sort(kept.begin(), kept.end(), [](const TraceEntry& a, const TraceEntry& b) {
    return arrives_before(a.submit, a.id, b.submit, b.id);
  });
  summary.kept = static_cast<std::int64_t>(kept.size());
  return kept;
}

namespace {

Seconds into_week(const SwfHeader& header) {
  constexpr std::int64_t kDay = 86400;
  const std::int64_t start = header.integer("UnixStartTime");
  if (start <= 0) return Seconds{0};
  const std::int64_t zone = header.find("TimeZone") == nullptr ? 0 : header.integer("TimeZone");
  // The day of the Unix epoch was a Thursday.
  return Seconds{(start + std::max(zone, -kDay) + 3 * kDay) % (7 * kDay)};
}

}  // namespace

std::vector<TraceEntry> read_trace(const std::string& path, std::int64_t machine_processors, bool lenient,
                                   ValidationReport::Trace& summary) {
  SwfReader reader(path, lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict);
  std::vector<SwfRecord> records;
  std::unordered_set<JobId> numbers;
  for (SwfRecord record; reader.next(record);) {
    if (lenient && !numbers.insert(record.job).second)
      reader.reject(fmt::format("job {} stands in the trace more than once", record.job));
    else
      records.push_back(record);
  }
  summary.rejected_lines = reader.rejects().count;
  summary.into_week = into_week(reader.header());
  return apply_recipe(records, machine_processors, summary);
}

void leave_out_what_cannot_run(std::vector<TraceEntry>& trace, const NodeMachine& machine, ValidationReport& report) {
  const auto cannot = [&](const TraceEntry& entry) {
    const bool requested = report.request.estimates == ValidationRequest::Estimates::kRequested;
    return machine.ways(entry, requested ? entry.requested : entry.runtime).empty();
  };
  report.trace.cannot_run = static_cast<std::int64_t>(std::erase_if(trace, cannot));
  report.trace.kept = static_cast<std::int64_t>(trace.size());
}

}  // namespace wattfill::judge
