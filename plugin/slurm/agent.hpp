// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that looks at the controller, tells the planner, and carries its proposals out, or leaves the work to
// stock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "plugin/slurm/host.hpp"
#include "plugin/slurm/machine.hpp"
#include "plugin/slurm/planner_client.hpp"
#include "plugin/slurm/settings.hpp"
#include "plugin/slurm/statistics.hpp"
#include "plugin/slurm/tracker.hpp"

namespace wattfill::slurm {

// Stock scheduling is on unless every condition of acting holds: the mode says so, there is a planner, no bound was
// passed lately, and nothing is pending that the planner cannot be told. No exception leaves any function.
class Agent {
 public:
  // `self` tells the planner who the host is; the cluster goes by `cluster`.
  Agent(Host& host, std::string settings_file, std::string self, std::string cluster);
  ~Agent() { stop(); }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void start();
  // Returns when the thread has ended; stock scheduling is then off.
  void stop();
  // Read the settings again, soon. Takes no lock: the controller holds its own.
  void reconfigure() { reconfigured_ = true; }

  // One turn of the thread; for tests, which have no thread.
  void cycle();
  const Statistics& statistics() const { return statistics_; }

 private:
  void run();
  void rest();
  void guarded_cycle();
  void load_settings();
  void look_and_plan();
  void plan(const Snapshot& snapshot);
  void watch_bounds(std::int64_t now_s);
  bool have_planner(std::int64_t now_s);
  void say_hello(const Snapshot& snapshot);
  void tell_boots(protocol::Hello& hello);
  void lose_planner(const std::string& why);
  std::string why_stock(const Snapshot& snapshot) const;
  bool tripped(std::int64_t now_s);
  void trip(std::int64_t now_s, const std::string& why);
  void act(bool on, const std::string& why);
  bool due(std::int64_t now_s);
  protocol::Reply step(Tracker::Events& events, bool schedule, std::size_t expectations);
  Tracker::Events carry_out(const protocol::Pass& pass);
  Tracker::Events decline(const protocol::Pass& pass);
  void set_power(const std::vector<PowerOrder>& orders, Tracker::Events& events);
  void report_begun();
  void count(const CommitReport& report, std::size_t stale);
  void count_hold(std::int64_t us);
  void publish(const protocol::Reply& reply);
  void report(std::int64_t now_s);
  // Says a thing once until something else is to be said about `topic`.
  void once(const std::string& topic, const std::string& text, bool is_error = false);

  Host& host_;
  std::string settings_file_, self_, cluster_;
  Settings settings_;
  Tracker tracker_;
  std::optional<Machine> machine_;
  PlannerClient planner_;
  Statistics statistics_;
  RefusalWindow refusals_;
  std::map<std::string, std::string> said_;

  bool stock_on_ = false;
  bool greeted_ = false;  // the planner knows the cluster
  bool first_pass_ = false;
  std::int64_t looked_s_ = -1;       // -1: look whatever has changed
  std::int64_t wakeup_s_ = 0;        // 0: none
  std::int64_t expectations_s_ = 0;  // when they were asked for last
  std::int64_t reconnect_s_ = 0;
  std::int64_t reconnect_wait_s_ = 1;
  std::int64_t acting_since_s_ = 0;
  bool tripped_ = false;
  std::int64_t tripped_until_s_ = 0;  // 0 while tripped: until a reconfigure
  std::string trip_reason_;

  std::atomic<bool> reconfigured_ = false;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace wattfill::slurm
