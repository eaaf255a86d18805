// Clusters and schedules with nodes for the tests of the judge.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "backfill/topology/insides_reader.hpp"
#include "tests/backfill/node_types.hpp"
#include "tests/trace-replay/validate/judging.hpp"

namespace wattfill::judge {

// Nodes 0 to 3 are slow, 4 and 5 fast; 12 processors.
inline Cluster small_cluster(AllocationMode allocation) {
  Cluster cluster;
  cluster.name = "small";
  cluster.allocation = allocation;
  cluster.node_types = {testing::node_type("slow", 4, 2, 500'000, 1000),
                        testing::node_type("fast", 2, 2, 2'000'000, 1000)};
  return cluster;
}

inline ValidationRequest request_on(const Cluster& cluster, const std::string& policy) {
  ValidationRequest request = request_for(cluster.processors(), policy);
  request.cluster = cluster;
  return request;
}

// A row's nodes, and of each the cores with these indices where nodes are shared.
inline void on_nodes(ScheduleRow& row, const std::vector<std::int64_t>& nodes,
                     const std::vector<std::vector<std::int32_t>>& cores = {}) {
  row.allocation.clear();
  row.cpusets.clear();
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    row.allocation.push_back({nodes[n], nodes[n]});
    if (cores.empty()) continue;
    std::uint64_t mask = 0;
    for (const std::int32_t core : cores[n]) mask |= std::uint64_t{1} << core;
    row.cpusets += (n == 0 ? "" : " ") + fmt::format("{}:0x{:08x}", nodes[n], mask);
  }
}

}  // namespace wattfill::judge
