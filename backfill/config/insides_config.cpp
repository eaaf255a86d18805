// The insides of a node from its topology, in agreement with what else the file says about the node.
#include <fmt/format.h>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/topology/insides_reader.hpp"

namespace wattfill {
namespace {

using N = config::NodeType;

NodeInsides read_topology(const Section& section, const TopologySource& source, const BaseDirectory& base) {
  if (!base && !source.xml_file.empty())
    section.fail(config::Topology::kXmlFileFieldNumber,
                 "names a file, which a text that is no file of its own must not");
  try {
    return read_insides(source, base.value_or(""));
  } catch (const TopologyError& error) {
    section.fail(error.what());
  }
}

// Accelerators that the topology does not show: they are spread evenly over the NUMA nodes.
std::vector<NodeAccelerator> spread_accelerators(std::int32_t count, std::int32_t numa_nodes) {
  std::vector<NodeAccelerator> all;
  all.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i)
    all.push_back({"accelerator", fmt::format("accelerator{}", i), i * numa_nodes / count});
  return all;
}

}  // namespace

void read_node_insides(const Section& section, const config::NodeType& in, const BaseDirectory& base, NodeType& type) {
  type.insides = in.has_topology() ? read_topology(section.in(N::kTopologyFieldNumber), type.topology, base)
                                   : NodeInsides::flat(type.processors);
  const auto cores = static_cast<std::int32_t>(type.insides.cores.size());
  if (in.has_processors() && type.processors != cores)
    section.fail(N::kProcessorsFieldNumber,
                 fmt::format("{}, but the topology has {} cores; leave it out", type.processors, cores));
  type.processors = cores;

  std::vector<NodeAccelerator>& shown = type.insides.accelerators;
  if (shown.empty()) shown = spread_accelerators(type.accelerators, type.insides.numa_nodes);
  const auto accelerators = static_cast<std::int32_t>(shown.size());
  if (in.has_accelerators() && type.accelerators != accelerators)
    section.fail(N::kAcceleratorsFieldNumber,
                 fmt::format("{}, but the topology shows {}; leave it out", type.accelerators, accelerators));
  type.accelerators = accelerators;
}

}  // namespace wattfill
