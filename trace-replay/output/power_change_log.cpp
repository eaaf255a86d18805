#include "trace-replay/output/power_change_log.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string>

namespace wattfill {
namespace {

constexpr std::size_t kFlushAt = 1U << 16;

const char* name_of(PowerChange change) {
  switch (change) {
    case PowerChange::kSleepBegun:
      return "sleep-begun";
    case PowerChange::kAsleep:
      return "asleep";
    case PowerChange::kWakeBegun:
      return "wake-begun";
    case PowerChange::kBootFailed:
      return "boot-failed";
    case PowerChange::kAwake:
      break;
  }
  return "awake";
}

}  // namespace

void PowerChangeLog::power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) {
  if (!changes_.empty()) {
    Change& last = changes_.back();
    if (last.time == now && last.change == change && last.sleep_state == sleep_state &&
        last.nodes.end() == nodes.first) {
      last.nodes.length += nodes.length;
      return;
    }
  }
  changes_.push_back({now, nodes, sleep_state, change});
}

void PowerChangeLog::write_csv(const std::function<void(std::string_view)>& sink) const {
  std::string text = "time_s,first_node,last_node,change,sleep_state\n";
  for (const Change& c : changes_) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", seconds_since_epoch(c.time), c.nodes.first,
                   c.nodes.end() - 1, name_of(c.change), c.sleep_state);
    if (text.size() < kFlushAt) continue;
    sink(text);
    text.clear();
  }
  sink(text);
}

}  // namespace wattfill
