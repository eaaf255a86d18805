#include "trace-replay/import/slurm_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

// Synonyms of slurm.conf. Beside Boards, Sockets means SocketsPerBoard; without them both are the same.
std::string canonical(const std::string& key) {
  if (key == "procs") return "cpus";
  if (key == "socketsperboard") return "sockets";
  if (key == "feature") return "features";
  if (key == "shared") return "oversubscribe";
  return key;
}

std::vector<std::string> expand(const SlurmSetting& setting) {
  try {
    return expand_hostlist(setting.value);
  } catch (const HostlistError& error) {
    setting.fail(fmt::format("\"{}\": {}", setting.value, error.what()));
  }
}

// What lines of one sort have in common: DEFAULT lines add to the settings of those that follow.
class Defaults {
 public:
  // The settings of a line with the defaults; empty for a DEFAULT line itself.
  SlurmSettings merge(const SlurmLine& line) {
    SlurmSettings own;
    for (const SlurmSetting& setting : line)
      if (!own.emplace(canonical(setting.key), setting).second) setting.fail("given twice in this line");
    const bool defaults = line.front().value == "DEFAULT";
    if (defaults) own.erase(canonical(line.front().key));
    SlurmSettings merged = own;
    merged.insert(defaults_.begin(), defaults_.end());
    if (!defaults) return merged;
    defaults_ = std::move(merged);
    return {};
  }

 private:
  SlurmSettings defaults_;
};

class ConfReader {
 public:
  SlurmConf conf;

  void read(const SlurmLine& line) {
    const std::string& key = line.front().key;
    if (key == "nodename") {
      read_nodes(line);
    } else if (key == "partitionname") {
      if (SlurmSettings settings = partition_defaults_.merge(line); !settings.empty())
        partitions_.push_back(std::move(settings));
    } else if (key == "nodeset") {
      node_sets_.push_back(line);
    } else if (key == "downnodes" || key == "frontendname" || key == "switchname") {
      note(line.front(), "is left aside");
    } else {
      for (const SlurmSetting& setting : line) read_global(setting);
    }
  }

  // When all nodes are known.
  void finish() {
    for (const SlurmLine& line : node_sets_) read_node_set(line);
    for (SlurmSettings& settings : partitions_) read_partition(settings);
    for (const auto& [sort, keys] : aside_) conf.notes.push_back(fmt::format("{}: left aside: {}", sort, keys));
  }

 private:
  using Indices = std::set<std::size_t>;

  void note(const SlurmSetting& setting, const std::string& what) {
    conf.notes.push_back(
        fmt::format("{}:{}: {}={} {}", setting.place.file, setting.place.line, setting.shown, setting.value, what));
  }

  // Keys that do not matter here, each told once.
  void leave_aside(const std::string& sort, const SlurmSettings& settings) {
    for (const auto& [key, setting] : settings) {
      if (!told_.insert(sort + key).second) continue;
      std::string& keys = aside_[sort];
      keys += fmt::format("{}{} (line {})", keys.empty() ? "" : ", ", setting.shown, setting.place.line);
    }
  }

  void read_global(const SlurmSetting& setting) {
    if (setting.key == "clustername") {
      conf.cluster_name = setting.value;
    } else if (setting.key == "selecttype") {
      const std::string type = lower_case(setting.value);
      const bool by_core = type == "select/cons_res" || type == "select/cons_tres";
      if (!by_core && type != "select/linear") note(setting, "is not known; nodes are given whole");
      conf.whole_nodes = !by_core;
    } else {
      leave_aside("settings that do not describe the machine", {{setting.key, setting}});
    }
  }

  void read_nodes(const SlurmLine& line) {
    SlurmSettings settings = node_defaults_.merge(line);
    if (settings.empty()) return;
    const SlurmNode kind = read_slurm_node(settings, conf.notes);
    const SlurmSetting& name = line.front();
    if (kind.future) note(name, "is left out: State=FUTURE");
    conf.kinds.push_back(kind);
    for (std::string& node : expand(name)) {
      const auto [it, added] = node_indices_.emplace(node, kind.future ? kFuture : conf.nodes.size());
      if (!added) name.fail(fmt::format("node \"{}\" is defined twice", node));
      if (node_indices_.size() > kMostHosts) name.fail(fmt::format("more than {} nodes", kMostHosts));
      if (!kind.future) conf.nodes.push_back({std::move(node), conf.kinds.size() - 1});
    }
    settings.erase("nodename");
    leave_aside("NodeName lines", settings);
  }

  Indices all_nodes() const {
    Indices all;
    for (std::size_t i = 0; i < conf.nodes.size(); ++i) all.insert(all.end(), i);
    return all;
  }

  // "ALL", or a list of nodes and of sets of nodes.
  Indices read_node_list(const SlurmSetting& setting) const {
    Indices indices;
    if (lower_case(setting.value) == "all") return all_nodes();
    for (const std::string& name : expand(setting)) {
      if (const auto set = sets_.find(name); set != sets_.end()) {
        indices.insert(set->second.begin(), set->second.end());
      } else if (const auto node = node_indices_.find(name); node == node_indices_.end()) {
        setting.fail(fmt::format("node \"{}\" is defined by no NodeName line", name));
      } else if (node->second != kFuture) {
        indices.insert(node->second);
      }
    }
    return indices;
  }

  // Nodes named, and nodes with a feature.
  void read_node_set(const SlurmLine& line) {
    Indices indices;
    for (const SlurmSetting& setting : line) {
      const std::string key = canonical(setting.key);
      if (key == "nodes") indices.merge(read_node_list(setting));
      if (key != "features") continue;
      const std::string wanted = fmt::format(",{},", setting.value);
      for (std::size_t i = 0; i < conf.nodes.size(); ++i)
        if (fmt::format(",{},", conf.kinds[conf.nodes[i].kind].features).find(wanted) != std::string::npos)
          indices.insert(i);
    }
    if (node_indices_.contains(line.front().value)) line.front().fail("this is the name of a node");
    if (!sets_.emplace(line.front().value, std::move(indices)).second) line.front().fail("defined twice");
  }

  void read_partition(SlurmSettings& settings) {
    const SlurmSetting name = settings.extract("partitionname").mapped();
    const bool known = std::any_of(conf.partitions.begin(), conf.partitions.end(),
                                   [&](const SlurmPartition& other) { return other.name == name.value; });
    if (known) name.fail(fmt::format("\"{}\" is defined twice", name.value));
    SlurmPartition partition{name.value, {}, false, false};
    if (const auto nodes = settings.extract("nodes")) {
      const Indices indices = read_node_list(nodes.mapped());
      partition.nodes.assign(indices.begin(), indices.end());
    }
    if (partition.nodes.empty()) note(name, "has no nodes: no rule says what its jobs may use");
    if (const auto share = settings.extract("oversubscribe"))
      partition.exclusive = lower_case(share.mapped().value) == "exclusive";
    if (const auto first = settings.extract("default"))
      partition.is_default = lower_case(first.mapped().value) == "yes";
    conf.partitions.push_back(std::move(partition));
    leave_aside("PartitionName lines", settings);
  }

  static constexpr std::size_t kFuture = static_cast<std::size_t>(-1);

  Defaults node_defaults_;
  Defaults partition_defaults_;
  std::unordered_map<std::string, std::size_t> node_indices_;  // into conf.nodes, or kFuture
  std::vector<SlurmLine> node_sets_;
  std::vector<SlurmSettings> partitions_;
  std::map<std::string, Indices> sets_;
  std::set<std::string> told_;
  std::map<std::string, std::string> aside_;
};

}  // namespace

SlurmConf read_slurm_conf(std::string_view text, const std::string& file, SlurmIncludes includes) {
  ConfReader reader;
  for (const SlurmLine& line : read_slurm_lines(text, file, includes)) reader.read(line);
  if (reader.conf.nodes.empty()) throw InputError(fmt::format("{}: no NodeName line defines a node", file));
  reader.finish();
  return std::move(reader.conf);
}

}  // namespace wattfill
