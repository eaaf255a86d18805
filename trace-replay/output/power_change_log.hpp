// What the nodes did between sleep and work, kept for the output: a few bytes for each change of a run of nodes.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "trace-replay/engine/replay.hpp"

namespace wattfill {

class PowerChangeLog final : public ReplayObserver {
 public:
  void started(std::size_t /*job*/, const Proposal& /*where*/, SimTime /*now*/) override {}
  void ended(std::size_t /*job*/, JobFate /*fate*/, SimTime /*now*/) override {}
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t sleep_state, SimTime now) override;

  bool empty() const { return changes_.empty(); }

  // nodes.csv, in pieces: see docs/formats.md.
  void write_csv(const std::function<void(std::string_view)>& sink) const;

 private:
  struct Change {
    SimTime time;
    NodeRun nodes;
    std::int32_t sleep_state;
    PowerChange change;
  };
  std::vector<Change> changes_;
};

}  // namespace wattfill
