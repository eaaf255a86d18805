#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "backfill/config/cluster_parts.hpp"
#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
#include "backfill/config/hostlist.hpp"
#include "backfill/config/named_file.hpp"
#include "backfill/config/text_format.hpp"

namespace wattfill {
namespace {

using C = config::Cluster;

constexpr std::int64_t kMostProcessors = std::numeric_limits<std::int32_t>::max();
constexpr int kMostNodeTypes = 1'000;
constexpr Milliwatts kMostPower{100'000'000'000};  // 100 MW: 64 bits hold the millijoules of almost three years

AllocationMode read_allocation(const Section& section, config::Allocation allocation) {
  switch (allocation) {
    case config::COUNTS:
      return AllocationMode::kCounts;
    case config::WHOLE_NODES:
      return AllocationMode::kWholeNodes;
    case config::CORES:
      return AllocationMode::kCores;
    default:
      break;  // proto3 keeps unknown enum numbers
  }
  section.fail(C::kAllocationFieldNumber,
               fmt::format("{} is no allocation; known are COUNTS, WHOLE_NODES, CORES", static_cast<int>(allocation)));
}

std::vector<NodeType> read_node_types(const Section& section, const config::Cluster& in, const BaseDirectory& base) {
  if (in.node_type().empty()) section.fail(C::kNodeTypeFieldNumber, "missing; a cluster needs at least one");
  if (in.node_type_size() > kMostNodeTypes)
    section.fail(C::kNodeTypeFieldNumber, fmt::format("more than {}", kMostNodeTypes), kMostNodeTypes);
  Cluster sum;
  Milliwatts power;
  for (int i = 0; i < in.node_type_size(); ++i) {
    const Section at = section.in(C::kNodeTypeFieldNumber, i);
    NodeType type = read_node_type(at, in.node_type(i), base);
    const bool known = std::any_of(sum.node_types.begin(), sum.node_types.end(),
                                   [&](const NodeType& other) { return other.name == type.name; });
    if (known) at.fail(config::NodeType::kNameFieldNumber, "used twice; names must differ");
    sum.node_types.push_back(std::move(type));
    if (sum.processors() > kMostProcessors)
      at.fail(fmt::format("the cluster has more than {} processors", kMostProcessors));
    power += sum.node_types.back().power.active * sum.node_types.back().count;
    if (power > kMostPower) at.fail(config::NodeType::kPowerFieldNumber, "the cluster draws more than 100 MW");
  }
  return std::move(sum.node_types);
}

// The names of all nodes; no name twice. Empty where nodes have no identity that anyone could ask for.
std::vector<std::string> read_node_names(const Section& section, const Cluster& cluster, bool network) {
  const bool named = std::any_of(cluster.node_types.begin(), cluster.node_types.end(),
                                 [](const NodeType& type) { return !type.node_names.empty(); });
  if (!named && !network && cluster.allocation == AllocationMode::kCounts) return {};
  if (cluster.nodes() > static_cast<std::int64_t>(kMostHosts))
    section.fail(C::kNodeTypeFieldNumber,
                 fmt::format("more than {} nodes with names; leave out node_names and the "
                             "network, and count processors",
                             kMostHosts),
                 0);
  std::vector<std::string> all;
  std::unordered_map<std::string, std::size_t> owner;
  for (std::size_t t = 0; t < cluster.node_types.size(); ++t)
    for (std::string& name : node_names(cluster.node_types[t])) {
      const auto [it, added] = owner.emplace(name, t);
      if (!added)
        section.in(C::kNodeTypeFieldNumber, static_cast<int>(t))
            .fail(config::NodeType::kNodeNamesFieldNumber,
                  fmt::format(R"("{}" is a node of "{}" already; names must differ)", name,
                              cluster.node_types[it->second].name));
      all.push_back(std::move(name));
    }
  return all;
}

std::vector<Licence> read_licences(const Section& section, const config::Cluster& in) {
  using L = config::Licence;
  std::vector<Licence> out;
  for (int i = 0; i < in.licence_size(); ++i) {
    const Section at = section.in(C::kLicenceFieldNumber, i);
    const std::string name = at.word(L::kNameFieldNumber);
    if (std::ranges::find(out, name, &Licence::name) != out.end())
      at.fail(L::kNameFieldNumber, "used twice; names must differ");
    out.push_back({name, static_cast<std::int32_t>(at.whole(L::kCountFieldNumber, 0, kMostProcessors))});
  }
  return out;
}

// What a job of the rule holds, each licence once.
std::vector<AccessRule::Hold> read_holds(const Section& section, const config::Access& in,
                                         const std::vector<Licence>& licences) {
  using L = config::Licence;
  std::vector<AccessRule::Hold> out;
  for (int i = 0; i < in.licence_size(); ++i) {
    const Section at = section.in(config::Access::kLicenceFieldNumber, i);
    const auto it = std::ranges::find(licences, in.licence(i).name(), &Licence::name);
    if (it == licences.end())
      at.fail(L::kNameFieldNumber, fmt::format("there is no licence \"{}\"", in.licence(i).name()));
    const auto index = static_cast<std::int32_t>(it - licences.begin());
    if (std::ranges::find(out, index, &AccessRule::Hold::licence) != out.end())
      at.fail(L::kNameFieldNumber, "named twice");
    out.push_back({index, static_cast<std::int32_t>(at.whole(L::kCountFieldNumber, 1, kMostProcessors))});
  }
  return out;
}

AccessRule read_access(const Section& section, const config::Access& in, const std::vector<NodeType>& types,
                       const std::vector<Licence>& licences) {
  using A = config::Access;
  AccessRule out;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (in.of_case() == A::OF_NOT_SET) section.fail("says not whom it is about; give queue or partition");
  out.field = in.of_case() == A::kQueue ? AccessRule::Field::kQueue : AccessRule::Field::kPartition;
  out.number = static_cast<std::int32_t>(section.whole(in.of_case(), 0, kMost));
  if (in.node_type().empty()) section.fail(A::kNodeTypeFieldNumber, "missing; name at least one");
  for (int i = 0; i < in.node_type_size(); ++i) {
    const auto it =
        std::find_if(types.begin(), types.end(), [&](const NodeType& t) { return t.name == in.node_type(i); });
    if (it == types.end())
      section.fail(A::kNodeTypeFieldNumber, fmt::format("there is no node_type \"{}\"", in.node_type(i)), i);
    out.node_types.push_back(static_cast<std::int32_t>(it - types.begin()));
  }
  std::sort(out.node_types.begin(), out.node_types.end());
  const auto twice = std::adjacent_find(out.node_types.begin(), out.node_types.end());
  if (twice != out.node_types.end())
    section.fail(A::kNodeTypeFieldNumber, fmt::format("\"{}\" is named twice", types[*twice].name), 0);
  out.holds = read_holds(section, in, licences);
  return out;
}

std::vector<AccessRule> read_access_rules(const Section& section, const config::Cluster& in,
                                          const std::vector<NodeType>& types, const std::vector<Licence>& licences) {
  std::vector<AccessRule> rules;
  for (int i = 0; i < in.access_size(); ++i) {
    const Section at = section.in(C::kAccessFieldNumber, i);
    AccessRule rule = read_access(at, in.access(i), types, licences);
    const bool known = std::any_of(rules.begin(), rules.end(), [&](const AccessRule& other) {
      return other.field == rule.field && other.number == rule.number;
    });
    if (known) at.fail(in.access(i).of_case(), fmt::format("{} has a rule already", rule.number));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

Cluster parse_cluster(std::string_view text, std::string_view file, NamedFiles named_files) {
  config::Cluster in;
  parse_text(text, file, in);
  const Section section(text, file, in);
  BaseDirectory base;
  if (named_files == NamedFiles::kFollow) base = std::filesystem::path(file).parent_path().string();
  Cluster out;
  out.name = section.word(C::kNameFieldNumber);
  out.description = in.description();
  out.allocation = read_allocation(section, in.allocation());
  out.node_types = read_node_types(section, in, base);
  const std::vector<std::string> names = read_node_names(section, out, in.has_network());
  if (in.has_network()) read_network(section.in(C::kNetworkFieldNumber), in.network(), names, out);
  if (in.has_facility()) out.facility = read_facility(section.in(C::kFacilityFieldNumber), in.facility(), base);
  out.licences = read_licences(section, in);
  out.access = read_access_rules(section, in, out.node_types, out.licences);
  return out;
}

Cluster parse_cluster_file(const std::string& path) { return parse_cluster(read_named_file(path), path); }

const std::vector<Cluster>& bundled_clusters() {
  static const std::vector<Cluster> clusters = [] {
    std::vector<Cluster> all;
    for (const EmbeddedText& e : embedded_clusters()) all.push_back(parse_cluster(e.text, e.file, NamedFiles::kRefuse));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
  }();
  return clusters;
}

const Cluster* find_cluster(std::string_view name) {
  for (const Cluster& c : bundled_clusters())
    if (c.name == name) return &c;
  return nullptr;
}

}  // namespace wattfill
