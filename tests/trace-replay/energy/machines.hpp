// Nodes like Grid'5000's Taurus (Batsim's energy platform), and machines made of them.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/job_accounts.hpp"

namespace wattfill::testing {

inline NodeType taurus(std::int32_t count, std::int32_t processors = 1) {
  NodeType type;
  type.name = "taurus";
  type.count = count;
  type.processors = processors;
  type.insides = NodeInsides::flat(processors);
  type.power.idle = {95'000};
  type.power.active = {190'738};
  type.power.frequencies = {{"2.0 GHz", Speed{689'000}, {146'900}}, {"1.4 GHz", Speed{450'000}, {125'900}}};
  // 6.1 s at 101.0 W, and 151.52 s at 125.17 W.
  type.power.sleep = {{"off", {9'750}, {Seconds{7}, {616'100}, {101'000}}, {Seconds{152}, {18'965'758}, {125'170}}}};
  return type;
}

inline Cluster taurus_cluster(std::int32_t nodes, AllocationMode mode, std::int32_t processors = 1) {
  Cluster cluster;
  cluster.name = "taurus-" + std::to_string(nodes);
  cluster.allocation = mode;
  cluster.node_types = {taurus(nodes, processors)};
  return cluster;
}

inline SimTime second(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

inline MeteredJob metered_job(std::uint32_t job, std::int32_t processors = 1, std::int32_t user = 1) {
  MeteredJob metered;
  metered.job = job;
  metered.processors = processors;
  metered.user = user;
  return metered;
}

inline Allocation on(std::vector<NodeIndex> nodes, std::vector<CoreSet> cores = {}) {
  return {std::move(nodes), std::move(cores)};
}

inline CoreSet cores(std::int32_t of, std::initializer_list<std::int32_t> which) {
  CoreSet set(of);
  for (const std::int32_t core : which) set.add(core);
  return set;
}

}  // namespace wattfill::testing
