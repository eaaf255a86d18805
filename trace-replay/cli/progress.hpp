// A progress bar with an estimate of the time left, on standard error, for whatever takes over a second.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace wattfill::cli {

// Silent unless standard error is a terminal. Also where a replay notices Ctrl-C: tick() then throws Interrupted.
class Progress {
 public:
  Progress(std::string label, std::int64_t total, bool quiet);
  ~Progress();  // wipes the bar
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tick(std::int64_t done);
  void set_total(std::int64_t total) { total_ = std::max<std::int64_t>(1, total); }

 private:
  std::string label_;
  std::int64_t total_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point next_;
};

// Ctrl-C or SIGTERM: unwinds, so that temporary files are removed. Exit status 1.
class Interrupted {};

// Makes SIGINT and SIGTERM be noticed by check_interrupt() instead of ending the program at once.
void catch_interrupts();
void check_interrupt();

}  // namespace wattfill::cli
