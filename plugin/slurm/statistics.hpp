// SPDX-License-Identifier: GPL-2.0-or-later
// What the plugin did, for a Prometheus text file and for the bounds beyond which it hands back to stock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "plugin/slurm/settings.hpp"

namespace wattfill::slurm {

struct PowerFigures {
  std::int64_t sleeps = 0;   // nodes that were told to, and did, since the controller started
  std::int64_t wakes = 0;    // the same
  std::int64_t refused = 0;  // changes that the controller or a rate did not allow
  std::int64_t asleep = 0;   // now, as the planner was told
  std::map<std::string, std::deque<std::int64_t>> boots;  // the latest in seconds, by node type
};

// Of the values, at least one; 0.5: the median.
std::int64_t quantile(const std::deque<std::int64_t>& values, double which);

struct Statistics {
  // Since the controller started.
  std::int64_t cycles = 0;
  std::int64_t passes = 0;
  std::int64_t events = 0;
  std::int64_t proposals = 0;
  std::int64_t started = 0;
  std::int64_t refused = 0;
  std::int64_t planner_losses = 0;
  std::int64_t trips = 0;
  std::int64_t switches = 0;     // between stock scheduling and the planner's
  std::int64_t hold_us_sum = 0;  // of the write lock, over hold_count holds
  std::int64_t hold_count = 0;
  std::int64_t booted_jobs = 0;  // that had to wait for nodes to boot,
  std::int64_t boot_wait_s = 0;  // for so long in all
  PowerFigures power;
  // Now.
  Mode mode = Mode::kStock;
  bool acting = false;
  bool connected = false;
  std::size_t waiting = 0;
  std::size_t active = 0;
  std::int64_t longest_wait_s = 0;
  std::vector<std::int64_t> recent_hold_us;  // the last thousand

  void add_hold(std::int64_t us);
  double hold_quantile_s(double quantile) const;
};

// In Prometheus' text format, to a file beside it first, so that a reader never sees half of it. Returns an error or
// "".
std::string write_prometheus(const Statistics& statistics, const std::string& file);

// Counts refusals over the last window.
class RefusalWindow {
 public:
  void add(std::int64_t now_s, std::int64_t count) {
    if (count > 0) entries_.push_back({now_s, count});
  }
  std::int64_t count(std::int64_t now_s, std::int64_t window_s);
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::int64_t at_s, count;
  };
  std::deque<Entry> entries_;
};

}  // namespace wattfill::slurm
