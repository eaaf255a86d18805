// The machine: node types, in the order of the cluster file, the network between them and the facility around them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backfill/model/node_insides.hpp"
#include "backfill/model/power.hpp"
#include "backfill/model/step_series.hpp"

namespace wattfill {

struct FrequencyState {
  std::string name;
  Speed speed;          // of the node in this state, relative to the reference
  Milliwatts active{};  // of the node with all cores at work
  bool operator==(const FrequencyState&) const = default;
};

struct SleepState {
  std::string name;
  Milliwatts power{};
  Transition enter;
  Transition leave;
  bool operator==(const SleepState&) const = default;
};

// What a node draws. With c of its C cores and k of its K packages in use:
//   idle + k * per_package + floor((active - idle - K * per_package) * c / C)
// which is `idle` for an unused and exactly `active` for a full node.
struct NodePower {
  Milliwatts idle{};
  Milliwatts active{};
  Milliwatts per_package{};
  std::vector<FrequencyState> frequencies;  // beside full speed, from fast to slow
  std::vector<SleepState> sleep;            // from light to deep
  bool operator==(const NodePower&) const = default;
};

// Where the insides of a node are described; all empty: nothing is known but the number of processors.
struct TopologySource {
  std::string xml_file;   // exported by lstopo
  std::string synthetic;  // hwloc's notation, "package:2 numa:2 core:8 pu:1"
  bool this_machine = false;
  bool operator==(const TopologySource&) const = default;
};

struct NodeType {
  std::string name;
  std::string node_names;       // a pattern such as "cn[001-144]"; empty: NAME0, NAME1, ...
  std::int32_t count = 0;       // nodes
  std::int32_t processors = 1;  // of one node: cores
  Speed speed;
  std::int64_t memory_kb = 0;  // of one node; 0: not limited
  std::int32_t accelerators = 0;
  TopologySource topology;
  NodeInsides insides = NodeInsides::flat(1);  // consistent with `processors`
  NodePower power;

  bool operator==(const NodeType&) const = default;
};

// How jobs take the machine.
enum class AllocationMode {
  kCounts,      // processors are counted, nodes have no identity
  kWholeNodes,  // a node belongs to one job at a time
  kCores,       // nodes are shared by core
};

// What happens to the walltime limit on nodes that are not of the reference speed.
enum class LimitRule {
  kScaled,  // it is scaled like the runtime, so that a slow node turns no finished work into killed work
  kReal,    // it stays; a class is open only to jobs whose fit estimate, scaled, is within the limit
};
constexpr std::string_view name(LimitRule limit) { return limit == LimitRule::kReal ? "real" : "scaled"; }

struct FatTree {
  std::int32_t nodes_per_switch = 1;  // of a leaf switch
  std::vector<std::int32_t> arity;    // children of a switch at each level above the leaves; the last one is the root's
  bool operator==(const FatTree&) const = default;
};
struct Dragonfly {
  std::int32_t nodes_per_router = 1;
  std::int32_t routers_per_group = 1;  // fully connected
  std::int32_t groups = 1;             // fully connected, links spread over the routers
  bool operator==(const Dragonfly&) const = default;
};
struct Torus {
  std::vector<std::int32_t> dimensions;  // routers along each
  std::int32_t nodes_per_router = 1;
  bool operator==(const Torus&) const = default;
};
struct ExplicitLinks {
  struct Link {
    std::string a, b;  // switch or node names
    bool operator==(const Link&) const = default;
  };
  std::vector<Link> links;
  bool operator==(const ExplicitLinks&) const = default;
};
using NetworkSpec = std::variant<std::monostate, FatTree, Dragonfly, Torus, ExplicitLinks>;

struct Facility {
  std::int64_t pue_millionths = 1'000'000;  // facility power over IT power
  StepSeries power_cap;                     // milliwatts of IT power; empty: none
  StepSeries tariff;                        // millionths of the currency for a kWh; empty: none
  StepSeries carbon;                        // milligrams of CO2 for a kWh; empty: none
  std::string currency;
  bool operator==(const Facility&) const = default;
};

// Something that jobs hold beside processors, from their start to their end, and of which the machine has so many.
struct Licence {
  std::string name;
  std::int32_t count = 0;
  bool operator==(const Licence&) const = default;
};

// Jobs of this queue or partition may use these node types only, and each holds these licences. Jobs that no rule names
// may use all nodes.
struct AccessRule {
  enum class Field { kQueue, kPartition };
  struct Hold {
    std::int32_t licence = 0;  // an index
    std::int32_t count = 0;
    bool operator==(const Hold&) const = default;
  };
  Field field = Field::kQueue;
  std::int32_t number = 0;
  std::vector<std::int32_t> node_types;  // indices, ascending, not empty
  std::vector<Hold> holds = {};
  bool operator==(const AccessRule&) const = default;
};

struct Cluster {
  std::string name;
  std::string description;
  std::vector<NodeType> node_types;
  AllocationMode allocation = AllocationMode::kCounts;
  NetworkSpec network;
  Facility facility;
  std::vector<Licence> licences;
  std::vector<AccessRule> access;

  std::int64_t nodes() const {
    std::int64_t sum = 0;
    for (const NodeType& type : node_types) sum += type.count;
    return sum;
  }
  std::int64_t processors() const {
    std::int64_t sum = 0;
    for (const NodeType& type : node_types) sum += static_cast<std::int64_t>(type.count) * type.processors;
    return sum;
  }

  bool operator==(const Cluster&) const = default;
};

}  // namespace wattfill
