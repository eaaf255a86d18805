// What nodes draw, from the planner's own config, for the machine of a host that does not know it.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include "backfill/config/cluster.pb.h"
#include "plugin/config.pb.h"

namespace wattfill {

using NodePowers = google::protobuf::RepeatedPtrField<plugin::NodePower>;

// Gives each node type whose nodes all stand in one entry that power. Names that the cluster does not have are left
// alone. Throws ConfigError where a list is wrong, a node stands in two entries, or a type is covered only partly.
void add_node_power(const NodePowers& powers, config::Cluster& cluster);

// A cluster of just these nodes, to check a config before there is a host. There must be some.
config::Cluster cluster_of(const NodePowers& powers);

}  // namespace wattfill
