// The insides of a node from its topology, in agreement with what else the file says about the node.
#include <fmt/format.h>

#include "backfill/config/cluster_parts.hpp"

namespace wattfill {

void read_insides(const Section& section, const config::NodeType& in, const BaseDirectory&, NodeType& type) {
  using N = config::NodeType;
  if (in.has_topology()) section.fail(N::kTopologyFieldNumber, "cannot be read by this version yet");
  type.insides = NodeInsides::flat(type.processors);
}

}  // namespace wattfill
