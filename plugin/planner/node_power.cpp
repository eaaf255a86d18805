#include "plugin/planner/node_power.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

constexpr int kNone = -1;

std::vector<std::string> names_in(std::string_view list, const std::string& what) {
  try {
    return expand_hostlist(list);
  } catch (const HostlistError& error) {
    throw ConfigError(fmt::format("{}: \"{}\": {}", what, list, error.what()));
  }
}

// Entry by node.
std::unordered_map<std::string, int> entries_of(const NodePowers& powers) {
  std::unordered_map<std::string, int> entry_of;
  for (int entry = 0; entry < powers.size(); ++entry)
    for (std::string& name : names_in(powers[entry].nodes(), "node_power: nodes"))
      if (const auto [at, fresh] = entry_of.emplace(std::move(name), entry); !fresh)
        throw ConfigError(fmt::format(R"(node_power: {} stands in "{}" and in "{}"; once is right)", at->first,
                                      powers[at->second].nodes(), powers[entry].nodes()));
  return entry_of;
}

std::vector<std::string> names_of(const config::NodeType& type) {
  if (!type.node_names().empty()) return names_in(type.node_names(), "node_names");
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < type.count(); ++i) names.push_back(type.name() + std::to_string(i));
  return names;
}

}  // namespace

void add_node_power(const NodePowers& powers, config::Cluster& cluster) {
  if (powers.empty()) return;
  const auto entry_of = entries_of(powers);
  for (config::NodeType& type : *cluster.mutable_node_type()) {
    int of_type = kNone;
    std::string first;
    for (const std::string& name : names_of(type)) {
      const auto at = entry_of.find(name);
      const int entry = at == entry_of.end() ? kNone : at->second;
      if (first.empty()) of_type = entry;
      if (first.empty()) first = name;
      if (entry != of_type)
        throw ConfigError(fmt::format(
            "node_power: {} and {} are alike for the host, but {}; the same for both is right", first, name,
            entry == kNone || of_type == kNone ? fmt::format("only {} has power", entry == kNone ? first : name)
                                               : "stand in two entries"));
    }
    if (of_type != kNone) *type.mutable_power() = powers[of_type].power();
  }
}

config::Cluster cluster_of(const NodePowers& powers) {
  entries_of(powers);
  config::Cluster cluster;
  cluster.set_name("node_power");
  cluster.set_allocation(config::WHOLE_NODES);
  for (const plugin::NodePower& entry : powers) {
    config::NodeType& type = *cluster.add_node_type();
    type.set_name(fmt::format("node_power{}", cluster.node_type_size()));
    type.set_count(static_cast<std::uint32_t>(names_in(entry.nodes(), "node_power: nodes").size()));
    type.set_node_names(entry.nodes());
    *type.mutable_power() = entry.power();
  }
  return cluster;
}

}  // namespace wattfill
