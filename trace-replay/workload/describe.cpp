#include "trace-replay/workload/describe.hpp"

#include <algorithm>
#include <bit>
#include <unordered_set>

namespace wattfill {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMostIntervals = 60;

using Identities = std::unordered_set<std::int64_t>;

struct DayLoad {
  std::int64_t jobs = 0;
  double processor_seconds = 0;
};

// Everything that grows while the trace is read.
class Collector {
 public:
  explicit Collector(TraceDescription& into) : to_(into) {}

  void add(const SwfRecord& record);
  void finish(const SwfReader& reader, const DescribeOptions& options);

 private:
  void count_missing(const SwfRecord& record);
  void add_arrival(const SwfRecord& record);
  void add_shape(const SwfRecord& record, std::int64_t processors);
  void choose_processors(const SwfHeader& header, const DescribeOptions& options);
  void spread_load();

  TraceDescription& to_;
  Identities users_, groups_, executables_, queues_, partitions_;
  ValueCounts processors_, runtimes_, requests_, ratios_;
  std::unordered_map<std::int64_t, DayLoad> days_;
  std::int64_t submit_above_ = 0;
};

std::int64_t processors_of(const SwfRecord& record) {
  return record.requested_processors > 0 ? record.requested_processors : record.allocated_processors;
}

void add_known(Identities& identities, std::int64_t identity) {
  if (identity >= 0) identities.insert(identity);
}

void Collector::add(const SwfRecord& record) {
  if (to_.jobs == 0) to_.first_submit_s = to_.last_submit_s = submit_above_ = record.submit_s;
  ++to_.jobs;
  to_.unsorted += record.submit_s < submit_above_;
  submit_above_ = record.submit_s;
  to_.first_submit_s = std::min(to_.first_submit_s, record.submit_s);
  to_.last_submit_s = std::max(to_.last_submit_s, record.submit_s);
  if (record.wait_s >= 0 && record.run_s >= 0) {
    to_.last_end_s = std::max(to_.last_end_s, record.submit_s + record.wait_s + record.run_s);
  }
  add_known(users_, record.user);
  add_known(groups_, record.group);
  add_known(executables_, record.executable);
  add_known(queues_, record.queue);
  add_known(partitions_, record.partition);
  ++to_.jobs_by_status[static_cast<std::size_t>(record.status + 1)];
  count_missing(record);
  add_arrival(record);
  add_shape(record, processors_of(record));
}

void Collector::count_missing(const SwfRecord& r) {
  const std::array<bool, kSwfFields> missing{r.job == -1,
                                             r.submit_s == -1,
                                             r.wait_s == -1,
                                             r.run_s == -1,
                                             r.allocated_processors == -1,
                                             r.average_cpu_s == -1,
                                             r.used_memory_kb == -1,
                                             r.requested_processors == -1,
                                             r.requested_s == -1,
                                             r.requested_memory_kb == -1,
                                             r.status == -1,
                                             r.user == -1,
                                             r.group == -1,
                                             r.executable == -1,
                                             r.queue == -1,
                                             r.partition == -1,
                                             r.preceding_job == -1,
                                             r.think_s == -1};
  for (std::size_t field = 0; field < missing.size(); ++field) to_.missing[field] += missing[field];
}

void Collector::add_arrival(const SwfRecord& record) {
  const std::int64_t local_s = record.submit_s + to_.unix_start_s.value_or(0) + to_.time_zone_s;
  ++to_.arrivals_by_hour[static_cast<std::size_t>(local_s % kDay / 3600)];
  if (!to_.unix_start_s) return;
  constexpr std::int64_t kEpochWeekday = 3;  // 1 January 1970 was a Thursday
  ++to_.arrivals_by_weekday[static_cast<std::size_t>((local_s / kDay + kEpochWeekday) % 7)];
}

void Collector::add_shape(const SwfRecord& record, std::int64_t processors) {
  DayLoad& day = days_[record.submit_s / kDay];
  ++day.jobs;
  if (processors > 0) {
    ++processors_[processors];
    to_.power_of_two_jobs += processors > 1 && std::has_single_bit(static_cast<std::uint64_t>(processors));
  } else {
    ++to_.no_processors;
  }
  if (record.run_s > 0) {
    ++runtimes_[record.run_s];
    if (processors > 0) day.processor_seconds += static_cast<double>(record.run_s) * static_cast<double>(processors);
  } else {
    ++to_.no_runtime;
  }
  if (record.requested_s > 0) {
    ++requests_[record.requested_s];
    if (record.run_s > 0) {
      // At most 10^15 s, so the product fits.
      ++ratios_[record.run_s * 1000 / record.requested_s];
      to_.ran_longer_than_requested += record.run_s > record.requested_s;
    }
  } else {
    ++to_.no_request;
  }
}

void Collector::finish(const SwfReader& reader, const DescribeOptions& options) {
  to_.rejects = reader.rejects();
  to_.users = static_cast<std::int64_t>(users_.size());
  to_.groups = static_cast<std::int64_t>(groups_.size());
  to_.executables = static_cast<std::int64_t>(executables_.size());
  to_.queues = static_cast<std::int64_t>(queues_.size());
  to_.partitions = static_cast<std::int64_t>(partitions_.size());
  to_.processors_per_job = Distribution(processors_);
  to_.runtime_s = Distribution(runtimes_);
  to_.requested_s = Distribution(requests_);
  to_.runtime_per_mille_of_request = Distribution(ratios_);
  choose_processors(reader.header(), options);
  spread_load();
}

void Collector::choose_processors(const SwfHeader& header, const DescribeOptions& options) {
  const std::int64_t max_procs = header.integer("MaxProcs");
  const std::int64_t max_nodes = header.integer("MaxNodes");
  if (options.processors > 0) {
    to_.processors = options.processors;
    to_.processors_from = ProcessorsFrom::kOption;
  } else if (max_procs > 0) {
    to_.processors = max_procs;
    to_.processors_from = ProcessorsFrom::kMaxProcs;
  } else if (max_nodes > 0) {
    to_.processors = max_nodes;
    to_.processors_from = ProcessorsFrom::kMaxNodes;
  } else {
    to_.processors = to_.processors_per_job.largest();
    to_.processors_from = ProcessorsFrom::kWidestJob;
  }
  const Distribution& widths = to_.processors_per_job;
  to_.wider_than_machine = widths.count_between(to_.processors + 1, widths.largest());
}

// Days, weeks and four weeks hold the same mixture of weekdays each, which calendar months do not.
std::int64_t interval_days(std::int64_t days) {
  for (const std::int64_t width : {1, 7, 28, 364}) {
    if (days <= width * kMostIntervals) return width;
  }
  return (days / kMostIntervals / 364 + 1) * 364;
}

void Collector::spread_load() {
  const std::int64_t first_day = to_.first_submit_s / kDay;
  const std::int64_t days = to_.last_submit_s / kDay - first_day + 1;
  const std::int64_t width = interval_days(days);
  to_.load.resize(static_cast<std::size_t>((days + width - 1) / width));
  // In the order of time, so that the sums have the same bits everywhere.
  std::vector<std::pair<std::int64_t, DayLoad>> sorted(days_.begin(), days_.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  double work = 0;
  for (const auto& [day, load] : sorted) {
    LoadInterval& interval = to_.load[static_cast<std::size_t>((day - first_day) / width)];
    interval.jobs += load.jobs;
    interval.processor_seconds += load.processor_seconds;
    work += load.processor_seconds;
  }
  const auto processors = static_cast<double>(to_.processors);
  for (std::size_t at = 0; at < to_.load.size(); ++at) {
    LoadInterval& interval = to_.load[at];
    interval.start_s = (first_day + static_cast<std::int64_t>(at) * width) * kDay;
    interval.length_s = width * kDay;
    if (to_.processors > 0) {
      interval.offered_load = interval.processor_seconds / (processors * static_cast<double>(interval.length_s));
    }
  }
  const std::int64_t span_s = to_.last_submit_s - to_.first_submit_s;
  if (span_s > 0 && to_.processors > 0) to_.offered_load = work / (processors * static_cast<double>(span_s));
}

std::string first_line(const std::string* value) {
  return value == nullptr ? std::string() : value->substr(0, value->find('\n'));
}

void take_header(const SwfHeader& header, TraceDescription& description) {
  description.computer = first_line(header.find("Computer"));
  description.installation = first_line(header.find("Installation"));
  // Anything outside 1971..2999 is no date of a trace but a placeholder.
  constexpr std::int64_t kEarliest = 365 * kDay;
  constexpr std::int64_t kLatest = 32'503'680'000;
  if (const std::int64_t start = header.integer("UnixStartTime"); start >= kEarliest && start < kLatest) {
    description.unix_start_s = start;
    const std::int64_t zone = header.find("TimeZone") == nullptr ? 0 : header.integer("TimeZone");
    if (zone >= -kDay && zone <= kDay) description.time_zone_s = zone;
  }
}

}  // namespace

TraceDescription describe(SwfReader& reader, const DescribeOptions& options) {
  TraceDescription description;
  description.name = reader.name();
  take_header(reader.header(), description);
  Collector collector(description);
  for (SwfRecord record; reader.next(record);) collector.add(record);
  collector.finish(reader, options);
  return description;
}

}  // namespace wattfill
