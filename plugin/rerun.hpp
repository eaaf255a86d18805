// Reruns a file of the decision log: a planner is made from its first record, told what was told, and asked where the
// first one was asked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "plugin/decision_log.hpp"
#include "plugin/planner.hpp"

namespace wattfill {

struct Difference {
  std::string file;
  std::int64_t record = 0;  // counted from 1
  std::int64_t time_s = 0;
  std::string logged;  // the pass, as text on one line; where an event was refused, the event
  std::string now;     // the same as it is decided now; or why the event cannot be
};

class Rerun {
 public:
  // `model`: directory to be used instead of the one that the log names; empty: that one. Throws LogError, and
  // ConfigError where the logged config cannot be opened here.
  explicit Rerun(const std::string& file, const std::string& model = "");

  // Applies the next record. False at the end, or after a difference.
  bool step();
  const plugin::Record& record() const { return record_; }  // the one that was applied last
  const std::optional<Difference>& difference() const { return difference_; }

  Planner& planner() { return *planner_; }
  const plugin::Opened& opened() const { return opened_; }
  const LogReader& reader() const { return reader_; }
  std::int64_t events() const { return events_; }
  std::int64_t passes() const { return passes_; }
  std::int64_t proposals() const { return proposals_; }

 private:
  void differ(std::string logged, std::string now);

  LogReader reader_;
  plugin::Opened opened_;
  plugin::Record record_;
  std::unique_ptr<Planner> planner_;
  std::optional<Difference> difference_;
  std::int64_t events_ = 0;
  std::int64_t passes_ = 0;
  std::int64_t proposals_ = 0;
};

}  // namespace wattfill
