#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <string_view>

#include "trace-replay/workload/describe.hpp"

namespace wattfill {
namespace {

constexpr double kBarWidth = 50;
constexpr std::size_t kPopularRequests = 10;

using Text = fmt::memory_buffer;

template <typename... Arguments>
void put(Text& text, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
}

// Text from the file, made safe for a terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

// The two largest units: "45 s", "1 h 30 min", "8 d 4 h".
std::string duration(std::int64_t seconds) {
  struct Unit {
    std::int64_t length_s;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86'400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  for (std::size_t at = 0; at + 1 < std::size(kUnits); ++at) {
    if (seconds < kUnits[at].length_s) continue;
    const std::int64_t rest = seconds % kUnits[at].length_s / kUnits[at + 1].length_s;
    const std::string first = fmt::format("{} {}", seconds / kUnits[at].length_s, kUnits[at].name);
    return rest == 0 ? first : fmt::format("{} {} {}", first, rest, kUnits[at + 1].name);
  }
  return fmt::format("{} s", seconds);
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// With a blank before it, so that a line without a bar ends with its number.
std::string bar(double value, double largest) {
  if (!(largest > 0)) return "";
  const std::string marks(static_cast<std::size_t>(std::lround(value / largest * kBarWidth)), '#');
  return marks.empty() ? "" : " " + marks;
}

// A point in time as a date where the trace has one, else as the time since its epoch.
std::string moment(const TraceDescription& d, std::int64_t time_s) {
  const std::string date = local_date_time(d, time_s);
  return date.empty() ? fmt::format("{} after the epoch", duration(time_s)) : date;
}

void put_overview(Text& text, const TraceDescription& d) {
  put(text, "Trace         {}\n", printable(d.name));
  if (!d.computer.empty()) put(text, "Computer      {}\n", printable(d.computer));
  if (!d.installation.empty()) put(text, "Installation  {}\n", printable(d.installation));
  put(text, "Jobs          {}", d.jobs);
  if (d.unsorted > 0) put(text, ", {} submitted before the job above them", d.unsorted);
  put(text, "\nIdentities    {} users, {} groups, {} executables, {} queues, {} partitions\n", d.users, d.groups,
      d.executables, d.queues, d.partitions);
  put(text, "Submissions   {} to {} ({})\n", moment(d, d.first_submit_s), moment(d, d.last_submit_s),
      duration(d.last_submit_s - d.first_submit_s));
  if (d.last_end_s >= 0) put(text, "Last end      {}\n", moment(d, d.last_end_s));
  if (d.rejects.count > 0) {
    put(text, "Bad lines     {} left out, the first of them:\n", d.rejects.count);
    for (const std::string& example : d.rejects.examples) put(text, "  {}\n", printable(example));
  }
}

void put_status(Text& text, const TraceDescription& d) {
  static constexpr const char* kNames[] = {"unknown",      "failed",         "completed", "partial",
                                           "last partial", "failed partial", "cancelled"};
  put(text, "\nStatus\n");
  for (std::size_t at = 0; at < d.jobs_by_status.size(); ++at) {
    if (d.jobs_by_status[at] == 0) continue;
    put(text, "  {:>2} {:<16}{:>10} {:>5.1f} %\n", static_cast<int>(at) - 1, kNames[at], d.jobs_by_status[at],
        percent(d.jobs_by_status[at], d.jobs));
  }
}

const char* source_of(ProcessorsFrom from) {
  switch (from) {
    case ProcessorsFrom::kOption:
      return "as asked for";
    case ProcessorsFrom::kMaxProcs:
      return "header MaxProcs";
    case ProcessorsFrom::kMaxNodes:
      return "header MaxNodes, there is no MaxProcs";
    case ProcessorsFrom::kWidestJob:
      return "the widest job, the header has none";
  }
  return "";
}

void put_load(Text& text, const TraceDescription& d) {
  const std::int64_t length_s = d.load.front().length_s;
  put(text, "\nOffered load (run time x processors submitted, for {} processors: {})\n", d.processors,
      source_of(d.processors_from));
  put(text, "  {:.3f} over all; in intervals of {}:\n", d.offered_load, duration(length_s));
  double largest = 0;
  for (const LoadInterval& interval : d.load) largest = std::max(largest, interval.offered_load);
  for (const LoadInterval& interval : d.load) {
    const std::string date = local_date_time(d, interval.start_s);
    const std::string start = date.empty() ? fmt::format("day {}", interval.start_s / 86'400) : date.substr(0, 10);
    put(text, "  {:<10} {:>9} jobs {:>7.3f}{}\n", start, interval.jobs, interval.offered_load,
        bar(interval.offered_load, largest));
  }
}

std::string quantile_row(const Distribution& values, std::string (*show)(std::int64_t)) {
  static constexpr struct {
    const char* name;
    double q;
  } kQuantiles[] = {{"min", 0},   {"p5", .05},  {"p25", .25}, {"median", .5},
                    {"p75", .75}, {"p95", .95}, {"p99", .99}, {"max", 1}};
  std::string row;
  for (const auto& [name, q] : kQuantiles) {
    row += fmt::format("{}{} {}", row.empty() ? "" : ", ", name, show(values.quantile(q)));
  }
  return row;
}

struct Bin {
  std::string label;
  std::int64_t from;
  std::int64_t to;
};

// Leaves out the empty bins at both ends.
void put_histogram(Text& text, const Distribution& values, const std::vector<Bin>& bins) {
  std::int64_t largest = 0;
  for (const Bin& bin : bins) largest = std::max(largest, values.count_between(bin.from, bin.to));
  for (const Bin& bin : bins) {
    if (bin.to < values.smallest() || bin.from > values.largest()) continue;
    const std::int64_t count = values.count_between(bin.from, bin.to);
    put(text, "  {:>22}{:>10} {:>5.1f} %{}\n", bin.label, count, percent(count, values.count()),
        bar(static_cast<double>(count), static_cast<double>(largest)));
  }
}

std::vector<Bin> power_of_two_bins() {
  std::vector<Bin> bins{{"1", 1, 1}, {"2", 2, 2}};
  for (std::int64_t from = 3; from < (std::int64_t{1} << 31); from = 2 * from - 1) {
    bins.push_back({fmt::format("{} to {}", from, 2 * (from - 1)), from, 2 * (from - 1)});
  }
  return bins;
}

// Each step about twice the one before, at bounds that people read.
std::vector<Bin> duration_bins() {
  constexpr std::int64_t kEnd = 1'000'000'000'000'000;
  std::vector<Bin> bins;
  std::int64_t below = 0;
  for (const std::int64_t to :
       {10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14'400, 28'800, 57'600, 86'400, 172'800, 345'600, 691'200}) {
    bins.push_back({"up to " + duration(to), below + 1, to});
    below = to;
  }
  bins.push_back({"more", below + 1, kEnd});
  return bins;
}

void put_sizes(Text& text, const TraceDescription& d) {
  const Distribution& sizes = d.processors_per_job;
  put(text, "\nProcessors of a job ({} jobs", sizes.count());
  if (d.no_processors > 0) put(text, "; {} have none", d.no_processors);
  if (d.wider_than_machine > 0) put(text, "; {} are wider than the machine", d.wider_than_machine);
  put(text, ")\n");
  if (sizes.empty()) return;
  const std::int64_t serial = sizes.count_between(1, 1);
  put(text, "  serial {:.1f} %, other powers of two {:.1f} %, mean {:.1f}, {} different sizes\n",
      percent(serial, sizes.count()), percent(d.power_of_two_jobs, sizes.count()), sizes.mean(), sizes.distinct());
  put(text, "  {}\n", quantile_row(sizes, [](std::int64_t size) { return fmt::format("{}", size); }));
  put_histogram(text, sizes, power_of_two_bins());
}

void put_runtimes(Text& text, const TraceDescription& d) {
  put(text, "\nRun time ({} jobs", d.runtime_s.count());
  if (d.no_runtime > 0) put(text, "; {} have none: cancelled before the start, or not recorded", d.no_runtime);
  put(text, ")\n");
  if (d.runtime_s.empty()) return;
  put(text, "  mean {}; {}\n", duration(static_cast<std::int64_t>(d.runtime_s.mean())),
      quantile_row(d.runtime_s, duration));
  put_histogram(text, d.runtime_s, duration_bins());
}

void put_requests(Text& text, const TraceDescription& d) {
  put(text, "\nRequested time ({} jobs", d.requested_s.count());
  if (d.no_request > 0) put(text, "; {} have none", d.no_request);
  put(text, ")\n");
  if (d.requested_s.empty()) return;
  put(text, "  mean {}; {}\n", duration(static_cast<std::int64_t>(d.requested_s.mean())),
      quantile_row(d.requested_s, duration));
  std::int64_t covered = 0;
  const std::vector<ValueCount> popular = d.requested_s.most_frequent(kPopularRequests);
  put(text, "  the most popular of {} different values:\n", d.requested_s.distinct());
  for (const auto& [value, count] : popular) {
    covered += count;
    put(text, "  {:>22}{:>10} {:>5.1f} % (together {:>5.1f} %)\n", duration(value), count,
        percent(count, d.requested_s.count()), percent(covered, d.requested_s.count()));
  }
  const Distribution& used = d.runtime_per_mille_of_request;
  if (used.empty()) return;
  put(text, "  run time as a share of it: {}\n", quantile_row(used, [](std::int64_t per_mille) {
        return fmt::format("{:.1f} %", static_cast<double>(per_mille) / 10);
      }));
  put(text, "  {} jobs ({:.1f} %) ran longer than requested\n", d.ran_longer_than_requested,
      percent(d.ran_longer_than_requested, used.count()));
}

void put_arrivals(Text& text, const TraceDescription& d) {
  put(text, "\nSubmissions by hour of day ({})\n",
      d.unix_start_s
          ? fmt::format("UTC{:+.1f} h, daylight saving time ignored", static_cast<double>(d.time_zone_s) / 3600)
          : "counted from the trace's epoch, the header has no UnixStartTime");
  const auto put_counts = [&](const auto& counts, auto label) {
    const std::int64_t largest = *std::max_element(counts.begin(), counts.end());
    for (std::size_t at = 0; at < counts.size(); ++at) {
      put(text, "  {:>5}{:>10} {:>5.1f} %{}\n", label(at), counts[at], percent(counts[at], d.jobs),
          bar(static_cast<double>(counts[at]), static_cast<double>(largest)));
    }
  };
  put_counts(d.arrivals_by_hour, [](std::size_t hour) { return fmt::format("{}", hour); });
  if (!d.unix_start_s) return;
  put(text, "\nSubmissions by day of week\n");
  static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  put_counts(d.arrivals_by_weekday, [](std::size_t day) { return kDays[day]; });
}

void put_missing(Text& text, const TraceDescription& d) {
  put(text, "\nFields without a value (-1)\n");
  bool any = false;
  for (int field = 1; field <= kSwfFields; ++field) {
    const std::int64_t missing = d.missing[static_cast<std::size_t>(field - 1)];
    if (missing == 0) continue;
    any = true;
    put(text, "  {:>2} {:<22}{:>10} {:>5.1f} %\n", field, swf_field_name(field), missing, percent(missing, d.jobs));
  }
  if (!any) put(text, "  none\n");
}

}  // namespace

std::string local_date_time(const TraceDescription& d, std::int64_t time_s) {
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  if (!d.unix_start_s) return "";
  const std::int64_t local_s = *d.unix_start_s + d.time_zone_s + time_s;
  if (local_s < 0 || local_s >= kYear10000) return "";
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(local_s / 86'400)));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), local_s % 86'400 / 3600,
                     local_s % 3600 / 60);
}

std::string describe_as_text(const TraceDescription& description) {
  Text text;
  put_overview(text, description);
  put_status(text, description);
  put_load(text, description);
  put_sizes(text, description);
  put_runtimes(text, description);
  put_requests(text, description);
  put_arrivals(text, description);
  put_missing(text, description);
  return fmt::to_string(text);
}

}  // namespace wattfill
