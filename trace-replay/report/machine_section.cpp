// The Gantt chart: which job had which nodes when.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

// So many rectangles of jobs, and of nodes that sleep, keep a page below 15 MB and quick; the smallest ones beyond are
// left out, and that is told.
constexpr std::size_t kMostRectangles = 1'500'000;
constexpr std::size_t kMostSleeps = 300'000;

struct Rectangle {
  std::uint32_t job;  // in order of start
  std::int64_t first;
  std::int64_t count;
};

std::vector<Rectangle> rectangles_of(const RunData& run) {
  std::vector<Rectangle> all;
  for (std::size_t i = 0; i < run.jobs.size(); ++i)
    for (const judge::ProcessorRange& range : run.jobs[i].allocation)
      all.push_back({static_cast<std::uint32_t>(i), range.first, range.last - range.first + 1});
  return all;
}

// Leaves the `most` largest ones in their order, and returns the share of the area that they hold.
template <class Item, class Area>
double keep_largest(std::vector<Item>& all, std::size_t most, Area&& area) {
  if (all.size() <= most) return 1;
  std::vector<std::uint32_t> order(all.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(order.begin(), last, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return area(all[a]) != area(all[b]) ? area(all[a]) > area(all[b]) : a < b;
  });
  const auto sum = [&](double so_far, const Item& item) { return so_far + area(item); };
  const double whole = std::accumulate(all.begin(), all.end(), 0.0, sum);
  order.erase(last, order.end());
  std::sort(order.begin(), order.end());
  std::vector<Item> kept;
  kept.reserve(order.size());
  for (const std::uint32_t i : order) kept.push_back(all[i]);
  all = std::move(kept);
  return whole > 0 ? std::accumulate(all.begin(), all.end(), 0.0, sum) / whole : 1;
}

// Nodes that slept, or were in transition, over the same time.
struct Sleep {
  std::int64_t from;
  std::int64_t to;
  std::int64_t first;
  std::int64_t count;
};

std::vector<Sleep> sleeps_of(const RunData& run) {
  std::vector<Sleep> spans;
  if (run.nodes.rows() == 0) return spans;
  const std::int64_t units = run.units();
  std::vector<std::int64_t> since(static_cast<std::size_t>(units), kMissing);
  // The nodes from `first` to `last` that sleep end it; neighbours that began together are one.
  const auto wake = [&](std::int64_t first, std::int64_t last, std::int64_t now) {
    bool goes_on = false;
    for (std::int64_t node = first; node <= last; ++node) {
      const std::int64_t begun = std::exchange(since[static_cast<std::size_t>(node)], kMissing);
      if (goes_on && begun == spans.back().from) {
        ++spans.back().count;
        continue;
      }
      goes_on = begun != kMissing;
      if (goes_on) spans.push_back({begun, now, node, 1});
    }
  };
  for (std::size_t row = 0; row < run.nodes.rows(); ++row) {
    const std::string& change = run.nodes.columns[3].texts[row];
    const std::int64_t now = run.nodes.columns[0].numbers[row];
    const std::int64_t first = std::max<std::int64_t>(0, run.nodes.columns[1].numbers[row]);
    const std::int64_t last = std::min(units - 1, run.nodes.columns[2].numbers[row]);
    if (change == "awake") wake(first, last, now);
    if (change == "sleep-begun")
      for (std::int64_t node = first; node <= last; ++node) since[static_cast<std::size_t>(node)] = now;
  }
  wake(0, units - 1, run.end_s());
  std::sort(spans.begin(), spans.end(), [](const Sleep& a, const Sleep& b) {
    return std::tie(a.from, a.to, a.first) < std::tie(b.from, b.to, b.first);
  });
  return spans;
}

template <class Item, class Value>
void add_column(Frame& frame, const char* name, const std::vector<Item>& items, Value&& value) {
  Column& column = frame.numbers(name, name);
  column.numbers.reserve(items.size());
  for (const Item& item : items) column.numbers.push_back(value(item));
}

void add_jobs(Frame& frame, const std::vector<RunJob>& jobs) {
  add_column(frame, "job", jobs, [](const RunJob& j) { return j.id; });
  add_column(frame, "start", jobs, [](const RunJob& j) { return j.start_s; });
  add_column(frame, "run", jobs, [](const RunJob& j) { return j.run_s(); });
  add_column(frame, "wait", jobs, [](const RunJob& j) { return j.wait_s(); });
  add_column(frame, "processors", jobs, [](const RunJob& j) { return j.processors; });
  add_column(frame, "user", jobs, [](const RunJob& j) { return std::int64_t{j.user}; });
}

void add_rectangles(Frame& frame, const std::vector<Rectangle>& all) {
  add_column(frame, "rectangle_job", all, [](const Rectangle& r) { return std::int64_t{r.job}; });
  add_column(frame, "rectangle_first", all, [](const Rectangle& r) { return r.first; });
  add_column(frame, "rectangle_count", all, [](const Rectangle& r) { return r.count; });
}

void add_sleeps(Frame& frame, const std::vector<Sleep>& all) {
  add_column(frame, "sleep_from", all, [](const Sleep& s) { return s.from; });
  add_column(frame, "sleep_length", all, [](const Sleep& s) { return s.to - s.from; });
  add_column(frame, "sleep_first", all, [](const Sleep& s) { return s.first; });
  add_column(frame, "sleep_count", all, [](const Sleep& s) { return s.count; });
}

// What is left out of the page, as a sentence.
std::string left_out(std::size_t kept, std::size_t whole, double share, const char* what) {
  if (kept == whole) return {};
  return fmt::format(" In this page are the {} largest of {} {}, which are {} of their area.",
                     number(static_cast<double>(kept)), number(static_cast<double>(whole)), what, percent(share, 1));
}

}  // namespace

Section machine_section(const RunData& run) {
  Section section{"machine", "Who had which nodes", {}};
  std::vector<Rectangle> all = rectangles_of(run);
  if (all.empty()) return section;
  const std::size_t whole = all.size();
  const double kept = keep_largest(all, kMostRectangles, [&run](const Rectangle& r) {
    return static_cast<double>(r.count) * static_cast<double>(run.jobs[r.job].run_s());
  });
  std::vector<Sleep> sleeps = sleeps_of(run);
  const std::size_t whole_sleeps = sleeps.size();
  const double kept_sleeps = keep_largest(sleeps, kMostSleeps, [](const Sleep& s) {
    return static_cast<double>(s.count) * static_cast<double>(s.to - s.from);
  });
  const char* unit = run.counts_processors() ? "processors" : "nodes";
  Chart chart{"gantt", "gantt", fmt::format("Jobs on {} over time", unit), "", {}};
  chart.has_csv = false;
  add_jobs(chart.frame, run.jobs);
  add_rectangles(chart.frame, all);
  if (!sleeps.empty()) add_sleeps(chart.frame, sleeps);
  chart.options = {{"units", run.units()}, {"unit", unit}, {"begin", run.begin_s()}, {"end", run.end_s()}};
  const Json types = run.summary.value("machine", Json::object()).value("node_types", Json::array());
  if (!run.counts_processors())
    for (const Json& type : types)
      chart.options["types"].push_back(Json::object({{"name", text_at(type, "type")},
                                                     {"nodes", number_at(type, "nodes").value_or(0)},
                                                     {"processors", number_at(type, "processors").value_or(1)}}));
  const bool shared = text_at(run.summary, "machine/allocation") == "cores" && !types.empty();
  chart.options["shared"] = shared;
  chart.summary = fmt::format(
      "{} jobs on {} {}. From afar the shade is the share of the {} in use; closer, each rectangle is a job{}, its "
      "colour its user{}. The same rows are in jobs.csv.",
      number(static_cast<double>(run.jobs.size())), number(static_cast<double>(run.units())), unit,
      shared ? "processors" : unit, shared ? ", as high as its share of the node" : "",
      run.nodes.rows() > 0 ? ", and grey nodes sleep" : "");
  chart.summary += left_out(all.size(), whole, kept, "rectangles of jobs") +
                   left_out(sleeps.size(), whole_sleeps, kept_sleeps, "times in which nodes slept");
  section.blocks.emplace_back(std::move(chart));
  return section;
}

}  // namespace wattfill::report
