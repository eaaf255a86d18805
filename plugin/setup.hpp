// A planner's config, read and resolved: what the scheduler is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/policy/backfill_scheduler.hpp"
#include "plugin/config.pb.h"
#include "plugin/wattfill.h"

namespace wattfill {

// What the host can carry out: a sum of WATTFILL_HOST_... of wattfill.h.
struct HostAbilities {
  std::uint32_t bits = 0;
  bool sleeps() const { return (bits & WATTFILL_HOST_SLEEPS) != 0; }
  bool shares_nodes() const { return (bits & WATTFILL_HOST_SHARES_NODES) != 0; }
};

// Throws ConfigError, `file` standing in its message.
plugin::Config parse_config(std::string_view text, std::string_view file);

// With the texts of policy and cluster instead of their names, so that it can be opened anywhere. Throws ConfigError.
plugin::Config resolved(const plugin::Config& config);

struct Setup {
  SchedulerOptions scheduler;
  std::shared_ptr<EstimateSource> median;  // see EstimateSources
  std::vector<std::string> warnings;
  std::size_t remembered_jobs = 0;
};

// Throws ConfigError. A policy that lets nodes sleep does not where the host cannot.
Setup set_up(const plugin::Config& resolved, HostAbilities host);

}  // namespace wattfill
