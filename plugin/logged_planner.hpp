// A planner and its decision log. Each file of the log begins with the planner's state, and the planner that writes it
// was made from that very state: what a file says is all that a rerun needs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "plugin/decision_log.hpp"
#include "plugin/planner.hpp"

namespace wattfill {

class LoggedPlanner {
 public:
  // Throws as Planner does. A log that cannot be written is a warning, tried again now and then.
  LoggedPlanner(const plugin::Config& config, HostAbilities host, const plugin::State* state = nullptr);

  // As of Planner.
  std::int64_t apply(const protocol::Event& event);
  const protocol::Pass& schedule(std::int64_t now, std::int64_t budget);
  std::optional<std::int64_t> expected_start(JobId job, std::int64_t now);

  const Planner& planner() const { return *planner_; }
  std::int64_t estimated_end(JobId job) { return planner_->estimated_end(job); }
  // Those of the planner, and the last reason why the log could not be written.
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::int64_t log_failures() const { return log_failures_; }
  // How often the planner was made anew, from what the next file begins with: estimates of running jobs may differ.
  std::int64_t renewals() const { return renewals_; }

 private:
  bool begin_file(const plugin::State& state, std::int64_t now);
  void failed(const LogError& error, std::int64_t now);
  void renew(std::int64_t now);
  template <class Write>
  void record(std::int64_t now, Write&& write);

  plugin::Config config_;  // resolved
  HostAbilities host_;
  std::unique_ptr<Planner> planner_;
  std::optional<DecisionLog> log_;
  std::int64_t retry_at_ = 0;
  std::int64_t log_failures_ = 0;
  std::int64_t renewals_ = 0;
  std::vector<std::string> warnings_;
  plugin::Record record_;
};

}  // namespace wattfill
