// The parts of a cluster file, each read into the model and checked. All throw ConfigError with file, line and field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/config/cluster.pb.h"
#include "backfill/config/section.hpp"
#include "backfill/model/cluster.hpp"

namespace wattfill {

// Where the files that a cluster file names are looked for; nullopt: it must not name any.
using BaseDirectory = std::optional<std::string>;

NodeType read_node_type(const Section& section, const config::NodeType& in, const BaseDirectory& base);

// Sets `insides`, and `processors` and `accelerators` where the file leaves them to the topology.
void read_node_insides(const Section& section, const config::NodeType& in, const BaseDirectory& base, NodeType& type);

// `type` has its insides and its speed.
NodePower read_power(const Section& section, const config::Power& in, const NodeType& type);

// Sets the network of a cluster that has its node types; `nodes` are the names of all nodes.
void read_network(const Section& section, const config::Network& in, const std::vector<std::string>& nodes,
                  Cluster& cluster);

Facility read_facility(const Section& section, const config::Facility& in, const BaseDirectory& base);

}  // namespace wattfill
