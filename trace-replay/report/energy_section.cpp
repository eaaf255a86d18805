// Where the energy went: by component, node type, user and queue.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

constexpr double kKwh = 1.0 / 3.6e9;  // of a millijoule
constexpr std::array<std::pair<const char*, const char*>, 4> kParts = {
    {{"jobs", "jobs"}, {"idle", "idle"}, {"sleep", "asleep"}, {"transition", "transitions"}}};

// Rows of stacked bars: one for each name, a column for each component.
void add_parts(Chart& chart, const std::string& name, const Json& energy) {
  Frame& frame = chart.frame;
  if (frame.columns.empty()) {
    frame.texts("what", "what");
    for (const auto& [key, title] : kParts) {
      frame.numbers(fmt::format("{}_kwh", key), fmt::format("{}, kWh", title), 3);
      chart.options["series"].push_back({{"column", frame.columns.size() - 1}, {"name", title}, {"colour", key}});
    }
    chart.options["unit"] = "kWh";
  }
  frame.columns[0].texts.push_back(name);
  for (std::size_t i = 0; i < kParts.size(); ++i)
    frame.columns[i + 1].add(number_at(energy, std::string(kParts[i].first) + "_mj").value_or(0) * kKwh);
}

Chart parts_chart(const Json& energy) {
  Chart chart{"energy-parts", "bars", "IT energy by component and node type", "", {}};
  add_parts(chart, "all nodes", energy);
  const Json types = energy.value("by_type", Json::array());
  if (types.size() > 1)
    for (const Json& type : types) add_parts(chart, text_at(type, "type"), type);
  const double total = number_at(energy, "it_mj").value_or(0);
  std::string shares;
  for (const auto& [key, title] : kParts) {
    const double part = number_at(energy, std::string(key) + "_mj").value_or(0);
    if (part > 0 && total > 0)
      shares += fmt::format("{}{} {}", shares.empty() ? "" : ", ", title, percent(part / total));
  }
  chart.summary = fmt::format("{} of IT energy: {}.", report::energy(total / 1000), shares);
  return chart;
}

// The `most` greatest by energy, the others as one row.
Chart accounts_chart(const Json& accounts, const char* key, const char* id, const char* title) {
  constexpr std::size_t kMost = 15;
  std::vector<std::pair<double, std::string>> rows;
  double total = 0;
  for (const Json& account : accounts) {
    const auto number = static_cast<std::int64_t>(number_at(account, key).value_or(-1));
    const double kwh = number_at(account, "jobs_mj").value_or(0) * kKwh;
    rows.emplace_back(kwh, number < 0 ? "not known" : std::to_string(number));
    total += kwh;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Chart chart{id, "bars", title, "", {}};
  Column& names = chart.frame.texts(key, key);
  double rest = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < kMost)
      names.texts.push_back(rows[i].second);
    else
      rest += rows[i].first;
  }
  const bool others = rows.size() > kMost;
  if (others) names.texts.push_back(fmt::format("{} others", rows.size() - kMost));
  Column& energy = chart.frame.numbers("jobs_kwh", "energy of its jobs, kWh", 3);
  for (std::size_t i = 0; i < std::min(kMost, rows.size()); ++i) energy.add(rows[i].first);
  if (others) energy.add(rest);
  chart.options["series"].push_back(Json::object({{"column", 1}, {"name", "jobs"}, {"colour", "jobs"}}));
  chart.options["unit"] = "kWh";
  chart.options["label"] = key;
  if (!rows.empty() && total > 0)
    chart.summary = fmt::format("Jobs of {} {} used the most: {}, {} of what all jobs used.", key, rows[0].second,
                                report::energy(rows[0].first * 3.6e6), percent(rows[0].first / total));
  return chart;
}

}  // namespace

Section energy_section(const RunData& run) {
  Section section{"energy", "Energy", {}};
  if (!run.summary.contains("energy") || !run.summary["energy"].is_object()) return section;
  const Json& energy = run.summary["energy"];
  section.blocks.emplace_back(parts_chart(energy));
  const Json users = energy.value("by_user", Json::array());
  const Json queues = energy.value("by_queue", Json::array());
  if (users.size() > 1) section.blocks.emplace_back(accounts_chart(users, "user", "energy-users", "Energy by user"));
  if (queues.size() > 1)
    section.blocks.emplace_back(accounts_chart(queues, "queue", "energy-queues", "Energy by queue"));
  return section;
}

}  // namespace wattfill::report
