#include "trace-replay/import/slurm_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

// What nodes of one type share.
struct Alike {
  SlurmNode node;
  std::vector<std::size_t> partitions;  // ascending
  auto operator<=>(const Alike&) const = default;
};

struct Group {
  Alike alike;
  std::vector<std::string> names;
};

std::vector<Group> group_nodes(const SlurmConf& conf) {
  std::vector<Alike> alike;
  for (const SlurmNamedNode& node : conf.nodes) alike.push_back({conf.kinds[node.kind], {}});
  for (std::size_t p = 0; p < conf.partitions.size(); ++p)
    for (const std::size_t node : conf.partitions[p].nodes) alike[node].partitions.push_back(p);
  std::vector<Group> groups;
  std::map<Alike, std::size_t> known;
  for (std::size_t i = 0; i < alike.size(); ++i) {
    const auto [it, added] = known.emplace(alike[i], groups.size());
    if (added) groups.push_back({alike[i], {}});
    groups[it->second].names.push_back(conf.nodes[i].name);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.alike.node.weight < b.alike.node.weight; });
  return groups;
}

// "cn017" -> "cn", with a number where that is taken.
std::string type_name(const std::string& node, std::set<std::string>& taken) {
  std::string stem = node.substr(0, node.find_first_of("0123456789"));
  while (!stem.empty() && (stem.back() == '-' || stem.back() == '_' || stem.back() == '.')) stem.pop_back();
  if (stem.empty()) stem = "node";
  std::string name = stem;
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
  return name;
}

NodeType node_type(const Group& group, std::set<std::string>& taken) {
  const SlurmNode& node = group.alike.node;
  NodeType type;
  type.name = type_name(group.names.front(), taken);
  type.count = static_cast<std::int32_t>(group.names.size());
  type.node_names = compress_hostlist(group.names);
  type.processors = static_cast<std::int32_t>(node.packages * node.cores);
  if (node.layout)
    type.topology.synthetic = fmt::format("package:{} core:{} pu:{}", node.packages, node.cores, node.threads);
  type.memory_kb = node.memory_mib * 1024;
  type.accelerators = static_cast<std::int32_t>(node.accelerators);
  return type;
}

bool given_whole(const SlurmConf& conf) {
  const bool exclusive = std::all_of(conf.partitions.begin(), conf.partitions.end(),
                                     [](const SlurmPartition& partition) { return partition.exclusive; });
  return conf.whole_nodes || (exclusive && !conf.partitions.empty());
}

std::vector<std::int32_t> types_of(std::size_t partition, const std::vector<Group>& groups) {
  std::vector<std::int32_t> types;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (std::ranges::binary_search(groups[g].alike.partitions, partition))
      types.push_back(static_cast<std::int32_t>(g));
  return types;
}

// A word that a cluster can be called by.
std::string cluster_name(const SlurmConf& conf) {
  const std::string& name = conf.cluster_name;
  return name.empty() || name.find_first_of(" \t\n,/") != std::string::npos ? "slurm" : name;
}

// Without the insides of the nodes, which the text does not hold either.
Cluster outline(const SlurmConf& conf, const std::vector<Group>& groups) {
  Cluster cluster;
  cluster.name = cluster_name(conf);
  cluster.allocation = given_whole(conf) ? AllocationMode::kWholeNodes : AllocationMode::kCores;
  std::set<std::string> taken;
  for (const Group& group : groups) cluster.node_types.push_back(node_type(group, taken));
  for (std::size_t p = 0; p < conf.partitions.size(); ++p) {
    std::vector<std::int32_t> types = types_of(p, groups);
    if (types.empty() || types.size() == groups.size()) continue;
    cluster.access.push_back({AccessRule::Field::kPartition, static_cast<std::int32_t>(p + 1), std::move(types)});
  }
  return cluster;
}

std::string comments(const SlurmConf& conf, const Cluster& cluster, const std::vector<Group>& groups,
                     const std::string& source) {
  std::string text = fmt::format(
      "# From {} by: trace-replay import slurm-conf\n"
      "#\n"
      "# slurm.conf does not tell power, speeds and the network. To be filled in, in each node_type:\n"
      "#   power {{ idle_watts: ... active_watts: ... }}  without it energy counts as 0\n"
      "#   speed: ...  where the types differ\n"
      "# and beside them network {{ ... }} and facility {{ ... }}.\n"
      "#\n"
      "# Node types:\n",
      source);
  bool threads = false;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const SlurmNode& node = groups[g].alike.node;
    threads = threads || node.threads > 1;
    text += fmt::format("#   {}: weight {}{}{}\n", cluster.node_types[g].name, node.weight,
                        node.features.empty() ? "" : ", features ", node.features);
  }
  if (threads) text += "# A processor is a core: divide counts of threads, as CPUs may be, by the threads of a core.\n";
  if (conf.partitions.empty()) return text;
  text += "#\n# Partitions, numbered as SWF field 16 is to number them:\n";
  for (std::size_t p = 0; p < conf.partitions.size(); ++p) {
    text +=
        fmt::format("#   {} {}{}:", p + 1, conf.partitions[p].name, conf.partitions[p].is_default ? " (default)" : "");
    const std::vector<std::int32_t> types = types_of(p, groups);
    for (const std::int32_t type : types) text += " " + cluster.node_types[static_cast<std::size_t>(type)].name;
    text += types.empty() ? " no nodes\n" : "\n";
  }
  return text;
}

}  // namespace

Cluster slurm_cluster(const SlurmConf& conf) {
  return parse_cluster(cluster_text(outline(conf, group_nodes(conf))), "slurm.conf", NamedFiles::kRefuse);
}

std::string slurm_cluster_text(const SlurmConf& conf, const std::string& source) {
  const std::vector<Group> groups = group_nodes(conf);
  const Cluster cluster = outline(conf, groups);
  return comments(conf, cluster, groups, source) + cluster_text(cluster);
}

}  // namespace wattfill
