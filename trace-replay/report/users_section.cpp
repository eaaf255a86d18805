// How the policy treats users.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "trace-replay/report/run_sections.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

struct User {
  std::int32_t id = kUnknown;
  std::int64_t jobs = 0;
  std::int64_t finished = 0;  // of them; the waits and slowdowns are theirs
  double processor_s = 0;
  double wait_s = 0;
  double slowdown = 0;
  double energy_j = 0;

  // NaN where no job has finished.
  double mean_wait_s() const { return wait_s / static_cast<double>(finished); }
  double mean_slowdown() const { return slowdown / static_cast<double>(finished); }
};

std::vector<User> users_of(const RunData& run) {
  std::map<std::int32_t, User> by_id;
  for (const RunJob& job : run.jobs) {
    User& user = by_id[job.user];
    user.id = job.user;
    ++user.jobs;
    user.processor_s += job.processor_s();
    user.energy_j += static_cast<double>(job.energy_mj.value_or(0)) / 1000;
    if (!job.finished) continue;
    ++user.finished;
    user.wait_s += static_cast<double>(job.wait_s());
    user.slowdown += job.bounded_slowdown();
  }
  std::vector<User> users;
  users.reserve(by_id.size());
  for (const auto& [id, user] : by_id) users.push_back(user);
  std::stable_sort(users.begin(), users.end(),
                   [](const User& a, const User& b) { return a.processor_s > b.processor_s; });
  return users;
}

Chart users_chart(const RunData& run, const std::vector<User>& users) {
  Chart chart{"users", "points", "Users: what they used and how they were slowed down", "", {}};
  Frame& frame = chart.frame;
  const auto add = [&](const char* name, const char* title, int decimals, auto value) {
    Column& column = frame.numbers(name, title, decimals);
    for (const User& user : users) column.add(value(user));
  };
  Column& names = frame.texts("user", "user");
  for (const User& user : users) names.texts.push_back(user.id < 0 ? "not known" : std::to_string(user.id));
  add("jobs", "jobs", 0, [](const User& u) { return static_cast<double>(u.jobs); });
  add("processor_h", "processor hours", 6, [](const User& u) { return u.processor_s / 3600; });
  add("mean_wait_s", "mean wait, s", 1, [](const User& u) { return u.mean_wait_s(); });
  add("mean_bounded_slowdown", "mean bounded slowdown", 3, [](const User& u) { return u.mean_slowdown(); });
  if (run.summary.contains("energy"))
    add("energy_kwh", "energy, kWh", 3, [](const User& u) { return u.energy_j / 3.6e6; });
  chart.options = {{"label", 0},
                   {"size", 1},
                   {"size_title", "jobs"},
                   {"x", 2},
                   {"y", 4},
                   {"log_x", true},
                   {"log_y", true},
                   {"x_title", "processor hours"},
                   {"y_title", "mean bounded slowdown"}};
  chart.summary = fmt::format(
      "{} users, one circle each, its area the number of jobs. Jain's fairness index of the users' mean bounded "
      "slowdown "
      "is {} (1 where all are slowed down alike; users with at least ten jobs).",
      users.size(), number(number_at(run.summary, "fairness_jain").value_or(0), 3));
  return chart;
}

}  // namespace

Section users_section(const RunData& run) {
  Section section{"users", "Fairness between users", {}};
  const std::vector<User> users = users_of(run);
  if (users.size() < 2) return section;
  section.blocks.emplace_back(users_chart(run, users));
  Table table{
      "The ten users that used most", {"user", "jobs", "processor hours", "mean wait", "mean bounded slowdown"}, {}};
  for (std::size_t i = 0; i < std::min<std::size_t>(10, users.size()); ++i) {
    const User& u = users[i];
    table.rows.push_back({u.id < 0 ? "not known" : std::to_string(u.id), number(static_cast<double>(u.jobs)),
                          number(u.processor_s / 3600), u.finished > 0 ? duration(u.mean_wait_s()) : "–",
                          figure(u.mean_slowdown())});
  }
  section.blocks.emplace_back(std::move(table));
  return section;
}

}  // namespace wattfill::report
