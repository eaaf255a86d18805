// How many nodes worked, were idle, slept or were in between.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "trace-replay/report/buckets.hpp"
#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

enum State : std::size_t { kWorking, kIdle, kAsleep, kTransition, kStates };

// A number of nodes that moves from one state to another.
struct Move {
  std::int64_t time;
  State from;
  State to;
  std::int64_t nodes;
};

// The state that a change of nodes.csv leaves, and the one that it enters.
std::pair<State, State> states_of(std::string_view change) {
  if (change == "sleep-begun") return {kIdle, kTransition};
  if (change == "asleep" || change == "boot-failed") return {kTransition, kAsleep};
  if (change == "wake-begun") return {kAsleep, kTransition};
  return {kTransition, kIdle};
}

std::vector<Move> moves_of(const RunData& run) {
  std::vector<Move> moves;
  for (const RunJob& job : run.jobs) {
    std::int64_t nodes = 0;
    for (const judge::ProcessorRange& range : job.allocation) nodes += range.last - range.first + 1;
    moves.push_back({job.start_s, kIdle, kWorking, nodes});
    moves.push_back({job.end_s, kWorking, kIdle, nodes});
  }
  for (std::size_t row = 0; row < run.nodes.rows(); ++row) {
    const auto [from, to] = states_of(run.nodes.columns[3].texts[row]);
    moves.push_back({run.nodes.columns[0].numbers[row], from, to,
                     run.nodes.columns[2].numbers[row] - run.nodes.columns[1].numbers[row] + 1});
  }
  std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.time < b.time; });
  return moves;
}

}  // namespace

Section sleep_section(const RunData& run) {
  Section section{"sleep", "Nodes that sleep", {}};
  if (run.nodes.rows() == 0) return section;
  const Spans spans(run.begin_s(), run.end_s(), 1500);
  std::vector<Buckets> buckets(kStates, Buckets(spans));
  std::array<std::int64_t, kStates> now{};
  now[kIdle] = run.units();
  std::int64_t since = spans.begin_s;
  const auto advance = [&](std::int64_t to) {
    for (std::size_t state = 0; state < kStates && to > since; ++state)
      buckets[state].add(since, to, static_cast<double>(now[state]));
    since = std::max(since, to);
  };
  double asleep_s = 0;
  std::int64_t before = spans.begin_s;
  for (const Move& move : moves_of(run)) {
    asleep_s += static_cast<double>(now[kAsleep]) * static_cast<double>(std::max<std::int64_t>(0, move.time - before));
    before = std::max(before, move.time);
    advance(move.time);
    now[move.from] -= move.nodes;
    now[move.to] += move.nodes;
  }
  asleep_s += static_cast<double>(now[kAsleep]) * static_cast<double>(std::max<std::int64_t>(0, run.end_s() - before));
  advance(spans.start_of(spans.count));

  Chart chart{"node-states", "time", "Nodes by what they do", "", {}};
  Column& times = chart.frame.numbers("time_s", "time");
  for (std::size_t i = 0; i < spans.count; ++i) times.numbers.push_back(spans.start_of(i));
  constexpr std::array<std::tuple<State, const char*, const char*>, kStates> kShown = {
      {{kWorking, "at work", "jobs"},
       {kIdle, "idle", "idle"},
       {kTransition, "in transition", "transition"},
       {kAsleep, "asleep", "sleep"}}};
  for (const auto& [state, name, colour] : kShown) {
    Column& column = chart.frame.numbers(std::string(colour) + "_nodes", name, 2);
    for (std::size_t i = 0; i < spans.count; ++i) column.add(buckets[state].mean(i));
    chart.options["lines"].push_back(
        {{"column", chart.frame.columns.size() - 1}, {"name", name}, {"colour", colour}, {"stack", true}});
  }
  const auto units = static_cast<double>(run.units());
  chart.options["axes"].push_back(Json::object({{"title", "nodes"}, {"min", 0}, {"max", run.units()}}));
  chart.summary = fmt::format(
      "Nodes slept {} of their time; they were put to sleep {} times and woken {} times. A job waited {} for nodes to "
      "wake on average.",
      percent(asleep_s / (units * static_cast<double>(std::max<std::int64_t>(1, run.end_s() - run.begin_s())))),
      number(number_at(run.summary, "energy/sleeps").value_or(0)),
      number(number_at(run.summary, "energy/wakes").value_or(0)),
      duration(number_at(run.summary, "mean_boot_wait_s").value_or(0)));
  section.blocks.emplace_back(std::move(chart));
  return section;
}

}  // namespace wattfill::report
