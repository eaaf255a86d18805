// Nodes that are alike: their size, their names, their insides.
#include <fmt/format.h>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

using N = config::NodeType;

constexpr std::int64_t kMostNodes = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostProcessors = 16'384;  // of one node
constexpr std::int64_t kMostAccelerators = 1'024;

std::string read_names(const Section& section, const config::NodeType& in) {
  if (in.node_names().empty()) return {};
  std::size_t names = 0;
  try {
    names = expand_hostlist(in.node_names()).size();
  } catch (const HostlistError& error) {
    section.fail(N::kNodeNamesFieldNumber, fmt::format("\"{}\": {}", in.node_names(), error.what()));
  }
  if (names != in.count())
    section.fail(N::kNodeNamesFieldNumber, fmt::format("\"{}\" are {} names for {} nodes; give as many names as nodes",
                                                       in.node_names(), names, in.count()));
  return in.node_names();
}

TopologySource read_source(const Section& section, const config::Topology& in) {
  using T = config::Topology;
  switch (in.source_case()) {
    case T::kXmlFile:
      if (in.xml_file().empty()) section.fail(T::kXmlFileFieldNumber, "empty; give the name of a file");
      return {in.xml_file(), {}, false};
    case T::kSynthetic:
      if (in.synthetic().empty())
        section.fail(T::kSyntheticFieldNumber, "empty; write it like \"package:2 core:8 pu:1\"");
      return {{}, in.synthetic(), false};
    case T::kThisMachine:
      if (!in.this_machine()) section.fail(T::kThisMachineFieldNumber, "false says nothing; leave the topology out");
      return {{}, {}, true};
    case T::SOURCE_NOT_SET:
      break;
  }
  section.fail("empty; give xml_file, synthetic or this_machine, or leave it out");
}

}  // namespace

NodeType read_node_type(const Section& section, const config::NodeType& in, const BaseDirectory& base) {
  NodeType out;
  out.name = section.word(N::kNameFieldNumber);
  if (in.count() == 0) section.fail(N::kCountFieldNumber, "must be at least 1");
  out.count = static_cast<std::int32_t>(section.whole(N::kCountFieldNumber, 1, kMostNodes));
  out.node_names = read_names(section, in);
  out.speed = {section.scaled_or(1'000'000, N::kSpeedFieldNumber, 1'000'000, 1e-3, 1e3)};
  out.memory_kb = section.scaled_or(0, N::kMemoryMibFieldNumber, 1'024, 1, 1e12);
  if (in.has_processors())
    out.processors = static_cast<std::int32_t>(section.whole(N::kProcessorsFieldNumber, 1, kMostProcessors));
  if (in.has_accelerators())
    out.accelerators = static_cast<std::int32_t>(section.whole(N::kAcceleratorsFieldNumber, 0, kMostAccelerators));
  if (in.has_topology()) out.topology = read_source(section.in(N::kTopologyFieldNumber), in.topology());
  read_node_insides(section, in, base, out);
  if (in.has_power()) out.power = read_power(section.in(N::kPowerFieldNumber), in.power(), out);
  return out;
}

std::vector<std::string> node_names(const NodeType& type) {
  if (!type.node_names.empty()) return expand_hostlist(type.node_names);
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(type.count));
  for (std::int32_t i = 0; i < type.count; ++i) names.push_back(fmt::format("{}{}", type.name, i));
  return names;
}

std::vector<std::string> node_names(const Cluster& cluster) {
  std::vector<std::string> all;
  all.reserve(static_cast<std::size_t>(cluster.nodes()));
  for (const NodeType& type : cluster.node_types)
    for (std::string& name : node_names(type)) all.push_back(std::move(name));
  return all;
}

}  // namespace wattfill
