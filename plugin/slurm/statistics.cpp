// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/statistics.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace wattfill::slurm {
namespace {

constexpr std::size_t kRecentHolds = 1'000;

class Text {
 public:
  template <typename Value>
  void add(const char* name, const char* type, const char* help, Value value) {
    out_ << "# HELP wattfill_" << name << ' ' << help << "\n# TYPE wattfill_" << name << ' ' << type << "\nwattfill_"
         << name << ' ' << value << '\n';
  }
  void add_holds(const Statistics& s) {
    out_ << "# HELP wattfill_lock_hold_seconds Holds of the controller's write lock: to evaluate the queue, to start "
            "jobs, to show what is expected.\n"
            "# TYPE wattfill_lock_hold_seconds summary\n";
    for (const double quantile : {0.5, 0.99, 1.0})
      out_ << "wattfill_lock_hold_seconds{quantile=\"" << quantile << "\"} " << s.hold_quantile_s(quantile) << '\n';
    out_ << "wattfill_lock_hold_seconds_sum " << static_cast<double>(s.hold_us_sum) / 1e6
         << "\nwattfill_lock_hold_seconds_count " << s.hold_count << '\n';
  }
  void add_boots(const PowerFigures& power) {
    out_ << "# HELP wattfill_boot_seconds From the order to wake a node until it can run jobs, of the last boots.\n"
            "# TYPE wattfill_boot_seconds summary\n";
    for (const auto& [type, boots] : power.boots) {
      for (const double which : {0.5, 0.9})
        out_ << "wattfill_boot_seconds{node_type=\"" << type << "\",quantile=\"" << which << "\"} "
             << quantile(boots, which) << '\n';
    }
  }
  void add_modes(Mode mode) {
    out_ << "# HELP wattfill_mode The mode that wattfill.conf asks for.\n# TYPE wattfill_mode gauge\n";
    for (const Mode each : {Mode::kStock, Mode::kObserve, Mode::kAct})
      out_ << "wattfill_mode{mode=\"" << name_of(each) << "\"} " << (each == mode) << '\n';
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

std::string prometheus_text(const Statistics& s) {
  Text text;
  text.add_modes(s.mode);
  text.add("acting", "gauge", "1 while the planner's proposals are carried out, 0 while stock scheduling works.",
           s.acting ? 1 : 0);
  text.add("planner_connected", "gauge", "1 while there is a planner.", s.connected ? 1 : 0);
  text.add("jobs_waiting", "gauge", "Eligible jobs that the planner knows.", s.waiting);
  text.add("jobs_active", "gauge", "Jobs that hold nodes and that the planner knows.", s.active);
  text.add("longest_wait_seconds", "gauge", "Of an eligible job, since the planner first knew it.", s.longest_wait_s);
  text.add("cycles_total", "counter", "Looks at the controller.", s.cycles);
  text.add("passes_total", "counter", "Passes of the planner.", s.passes);
  text.add("events_total", "counter", "Events told to the planner.", s.events);
  text.add("proposals_total", "counter", "Starts that the planner proposed.", s.proposals);
  text.add("started_total", "counter", "Proposals that were carried out.", s.started);
  text.add("refused_total", "counter", "Proposals that the controller refused.", s.refused);
  text.add("planner_losses_total", "counter", "Times that the planner was lost.", s.planner_losses);
  text.add("trips_total", "counter", "Times that a bound was passed and stock scheduling took over.", s.trips);
  text.add("switches_total", "counter", "Changes between stock scheduling and the planner's.", s.switches);
  text.add("sleeps_total", "counter", "Nodes that the planner let sleep.", s.power.sleeps);
  text.add("wakes_total", "counter", "Nodes that the planner woke.", s.power.wakes);
  text.add("power_refused_total", "counter", "Changes of power that the controller or a rate did not allow.",
           s.power.refused);
  text.add("nodes_asleep", "gauge", "Nodes that sleep, of those of which the planner decides.", s.power.asleep);
  text.add("booted_jobs_total", "counter", "Jobs that waited for nodes to boot.", s.booted_jobs);
  text.add("boot_wait_seconds_total", "counter", "For how long they did, from their start to their beginning.",
           s.boot_wait_s);
  text.add_boots(s.power);
  text.add_holds(s);
  return text.text();
}

}  // namespace

std::int64_t quantile(const std::deque<std::int64_t>& values, double which) {
  std::vector<std::int64_t> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(which * static_cast<double>(sorted.size() - 1))];
}

void Statistics::add_hold(std::int64_t us) {
  hold_us_sum += us;
  if (recent_hold_us.size() < kRecentHolds) {
    recent_hold_us.push_back(us);
  } else {
    recent_hold_us[static_cast<std::size_t>(hold_count) % kRecentHolds] = us;
  }
  ++hold_count;
}

double Statistics::hold_quantile_s(double quantile) const {
  if (recent_hold_us.empty()) return 0;
  std::vector<std::int64_t> sorted = recent_hold_us;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<double>(sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1))]) / 1e6;
}

std::string write_prometheus(const Statistics& statistics, const std::string& file) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::trunc);
  out << prometheus_text(statistics);
  out.close();
  if (!out || std::rename(fresh.c_str(), file.c_str()) != 0) return file + ": " + std::strerror(errno);
  return {};
}

std::int64_t RefusalWindow::count(std::int64_t now_s, std::int64_t window_s) {
  while (!entries_.empty() && entries_.front().at_s <= now_s - window_s) entries_.pop_front();
  std::int64_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.count;
  return sum;
}

}  // namespace wattfill::slurm
