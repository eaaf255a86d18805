// SPDX-License-Identifier: GPL-2.0-or-later
// The plugin's settings: lines of `key = value` in wattfill.conf, beside slurm.conf.
#pragma once

#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>

namespace wattfill::slurm {

enum class Mode { kStock, kObserve, kAct };
const char* name_of(Mode mode);

struct Settings {
  Mode mode = Mode::kStock;
  std::string socket = "/run/wattfill/planner.sock";
  std::string planner_user;  // whose process may answer, by name or number; empty: the controller's own user, or root
  std::int64_t cycle_s = 1;  // between two looks at the controller
  std::int64_t planner_deadline_ms = 5'000;  // for an answer
  std::int64_t reconnect_most_s = 60;        // between two attempts to reach the planner
  std::int64_t hold_ms = 100;                // of the write lock, at a stretch
  std::int64_t pause_ms = 10;                // between two stretches
  std::int64_t work = 0;                     // budget of a pass in units of work; 0: no limit
  std::int64_t priority_band = 1;            // jobs of one tier whose priorities, divided by this, agree are equals
  std::int64_t array_tasks = 100;            // of an array that the planner is told of at a time
  std::int64_t expected_starts = 100;        // jobs whose expected start is shown; 0: none
  std::int64_t expected_interval_s = 30;
  bool power = false;         // carry out the planner's decisions which nodes sleep
  bool admin_comment = true;  // show the predicted runtime there
  // Back to stock when, within trip_window_s, so many starts were refused, or the lock was held for so long at once, or
  // an eligible job has waited for so long while the planner acted; 0: never.
  std::int64_t trip_refusals = 200;
  std::int64_t trip_hold_ms = 2'000;
  std::int64_t trip_wait_s = 0;
  std::int64_t trip_window_s = 600;
  std::int64_t trip_pause_s = 1'800;  // then act again; 0: not before a reconfigure
  std::string prometheus_file;        // empty: none
};

// "wattfill.conf:3: ..." with what would be right.
class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Blank lines and what follows a # are left out. Keys that are not given have their defaults.
Settings read_settings(std::istream& in, const std::string& file);
// A file that is not there is empty.
Settings read_settings_file(const std::string& file);

}  // namespace wattfill::slurm
