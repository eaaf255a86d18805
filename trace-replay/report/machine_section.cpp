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

// So many rectangles keep a page below 15 MB and quick; the smallest ones beyond are left out, and that is told.
constexpr std::size_t kMostRectangles = 1'500'000;

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

// Leaves the largest ones in their order, and returns the share of the area that they hold.
double keep_largest(std::vector<Rectangle>& all, const RunData& run) {
  const auto area = [&run](const Rectangle& r) {
    return static_cast<double>(r.count) * static_cast<double>(run.jobs[r.job].run_s());
  };
  if (all.size() <= kMostRectangles) return 1;
  std::vector<std::uint32_t> order(all.size());
  std::iota(order.begin(), order.end(), 0U);
  std::nth_element(order.begin(), order.begin() + kMostRectangles, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return area(all[a]) != area(all[b]) ? area(all[a]) > area(all[b]) : a < b;
  });
  const auto sum = [&](double so_far, const Rectangle& r) { return so_far + area(r); };
  const double whole = std::accumulate(all.begin(), all.end(), 0.0, sum);
  order.resize(kMostRectangles);
  std::sort(order.begin(), order.end());
  std::vector<Rectangle> kept;
  kept.reserve(order.size());
  for (const std::uint32_t i : order) kept.push_back(all[i]);
  all = std::move(kept);
  return whole > 0 ? std::accumulate(all.begin(), all.end(), 0.0, sum) / whole : 1;
}

void add_jobs(Frame& frame, const RunData& run) {
  const auto add = [&](const char* name, auto value) {
    Column& column = frame.numbers(name, name);
    column.numbers.reserve(run.jobs.size());
    for (const RunJob& job : run.jobs) column.numbers.push_back(value(job));
  };
  add("job", [](const RunJob& j) { return j.id; });
  add("start", [](const RunJob& j) { return j.start_s; });
  add("run", [](const RunJob& j) { return j.run_s(); });
  add("wait", [](const RunJob& j) { return j.wait_s(); });
  add("processors", [](const RunJob& j) { return j.processors; });
  add("user", [](const RunJob& j) { return static_cast<std::int64_t>(j.user); });
}

// Spans in which nodes slept or were in transition.
struct Sleep {
  std::int64_t node;
  std::int64_t from;
  std::int64_t to;
};

// Runs of nodes that sleep over the same time are one rectangle.
void add_sleep(Frame& frame, const RunData& run) {
  if (run.nodes.rows() == 0) return;
  const auto& times = run.nodes.columns[0].numbers;
  std::vector<std::int64_t> since(static_cast<std::size_t>(run.units()), kMissing);
  std::vector<Sleep> spans;
  for (std::size_t row = 0; row < run.nodes.rows(); ++row) {
    const std::string& change = run.nodes.columns[3].texts[row];
    if (change != "sleep-begun" && change != "awake") continue;
    const std::int64_t last = run.nodes.columns[2].numbers[row];
    for (std::int64_t node = std::max<std::int64_t>(0, run.nodes.columns[1].numbers[row]);
         node <= last && node < run.units(); ++node) {
      std::int64_t& begun = since[static_cast<std::size_t>(node)];
      if (change == "sleep-begun") {
        begun = times[row];
      } else if (begun != kMissing) {
        spans.push_back({node, begun, times[row]});
        begun = kMissing;
      }
    }
  }
  for (std::size_t node = 0; node < since.size(); ++node)
    if (since[node] != kMissing) spans.push_back({static_cast<std::int64_t>(node), since[node], run.end_s()});
  std::sort(spans.begin(), spans.end(), [](const Sleep& a, const Sleep& b) {
    return std::tie(a.from, a.to, a.node) < std::tie(b.from, b.to, b.node);
  });
  Column from{"sleep_from", "", 0, false, {}, {}};
  Column length{"sleep_length", "", 0, false, {}, {}};
  Column first{"sleep_first", "", 0, false, {}, {}};
  Column count{"sleep_count", "", 0, false, {}, {}};
  for (std::size_t i = 0; i < spans.size();) {
    std::size_t next = i + 1;
    while (next < spans.size() && spans[next].from == spans[i].from && spans[next].to == spans[i].to &&
           spans[next].node == spans[next - 1].node + 1)
      ++next;
    from.numbers.push_back(spans[i].from);
    length.numbers.push_back(spans[i].to - spans[i].from);
    first.numbers.push_back(spans[i].node);
    count.numbers.push_back(static_cast<std::int64_t>(next - i));
    i = next;
  }
  for (Column* column : {&from, &length, &first, &count}) frame.columns.push_back(std::move(*column));
}

void add_rectangles(Frame& frame, const std::vector<Rectangle>& all) {
  const auto add = [&](const char* name, auto value) {
    Column& column = frame.numbers(name, name);
    column.numbers.reserve(all.size());
    for (const Rectangle& r : all) column.numbers.push_back(value(r));
  };
  add("rectangle_job", [](const Rectangle& r) { return static_cast<std::int64_t>(r.job); });
  add("rectangle_first", [](const Rectangle& r) { return r.first; });
  add("rectangle_count", [](const Rectangle& r) { return r.count; });
}

}  // namespace

Section machine_section(const RunData& run) {
  Section section{"machine", "Who had which nodes", {}};
  std::vector<Rectangle> all = rectangles_of(run);
  if (all.empty()) return section;
  const std::size_t whole = all.size();
  const double kept = keep_largest(all, run);
  const char* unit = run.counts_processors() ? "processors" : "nodes";
  Chart chart{"gantt", "gantt", fmt::format("Jobs on {} over time", unit), "", {}};
  chart.has_csv = false;
  add_jobs(chart.frame, run);
  add_rectangles(chart.frame, all);
  add_sleep(chart.frame, run);
  chart.options = {{"units", run.units()}, {"unit", unit}, {"begin", run.begin_s()}, {"end", run.end_s()}};
  if (!run.counts_processors() && run.summary.contains("machine"))
    for (const Json& type : run.summary["machine"].value("node_types", Json::array()))
      chart.options["types"].push_back(
          Json::object({{"name", text_at(type, "type")}, {"nodes", number_at(type, "nodes").value_or(0)}}));
  chart.summary = fmt::format(
      "{} jobs on {} {}. From afar the shade is the share of the {} in use; closer, each rectangle is a job, its "
      "colour "
      "its user{}. The same rows are in jobs.csv.",
      number(static_cast<double>(run.jobs.size())), number(static_cast<double>(run.units())), unit, unit,
      run.nodes.rows() > 0 ? ", and grey nodes sleep" : "");
  if (all.size() < whole)
    chart.summary += fmt::format(" The {} largest of {} rectangles are in this page, {} of the time of all {}.",
                                 number(static_cast<double>(all.size())), number(static_cast<double>(whole)),
                                 percent(kept, 2), unit);
  section.blocks.emplace_back(std::move(chart));
  return section;
}

}  // namespace wattfill::report
