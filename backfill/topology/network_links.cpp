// Networks described link by link.
#include <algorithm>
#include <boost/graph/connected_components.hpp>
#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>

#include "backfill/topology/network_layout.hpp"
#include "backfill/topology/network_tree.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

using Edges = std::set<std::pair<std::int32_t, std::int32_t>>;  // between switches, the lower first

// Switches are numbered as they turn up.
class LinkReader {
 public:
  LinkReader(const Cluster& cluster, std::span<const std::string> node_names)
      : where_("cluster '" + cluster.name + "': network: "),
        node_names_(node_names),
        switch_of_(node_names.size(), -1) {
    if (static_cast<std::int64_t>(node_names.size()) != cluster.nodes())
      fail(std::to_string(node_names.size()) + " node names for " + std::to_string(cluster.nodes()) +
           " nodes; one for each is right");
    for (std::size_t i = 0; i < node_names.size(); ++i)
      if (!node_of_.emplace(node_names[i], i).second)
        fail("two nodes are named '" + node_names[i] + "'; different names are right");
  }

  void read(const ExplicitLinks& links) {
    for (std::size_t i = 0; i < links.links.size(); ++i) add(links.links[i], i + 1);
    for (std::size_t i = 0; i < switch_of_.size(); ++i)
      if (switch_of_[i] < 0) fail("node '" + node_names_[i] + "' has no link; one to a switch is right");
    if (node_names_.empty()) fail("the cluster has no nodes; at least 1 is right");
    check_ends();
    check_connected();
  }

  std::size_t switches() const { return names_.size(); }
  const std::vector<std::int32_t>& switch_of() const { return switch_of_; }
  const Edges& edges() const { return edges_; }

  NetworkGraph graph() const {
    NetworkGraph graph(switches());
    for (const auto& [a, b] : edges_) boost::add_edge(static_cast<std::size_t>(a), static_cast<std::size_t>(b), graph);
    return graph;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw TopologyError(where_ + what); }

  void add(const ExplicitLinks::Link& link, std::size_t number) {
    const auto wrong = [&](const std::string& what) {
      fail("link " + std::to_string(number) + " ('" + link.a + "' to '" + link.b + "'): " + what);
    };
    if (link.a.empty() || link.b.empty()) wrong("an end has no name; the name of a node or a switch is right");
    if (link.a == link.b) wrong("both ends are the same; two names are right");
    const auto a = node_of_.find(link.a);
    const auto b = node_of_.find(link.b);
    if (a != node_of_.end() && b != node_of_.end()) wrong("both ends are nodes; a switch at one end is right");
    if (a == node_of_.end() && b == node_of_.end()) {
      const std::int32_t from = number_of(link.a);
      const std::int32_t to = number_of(link.b);
      edges_.emplace(std::min(from, to), std::max(from, to));
      return;
    }
    const auto& [name, node] = a != node_of_.end() ? *a : *b;
    const std::int32_t at = number_of(a != node_of_.end() ? link.b : link.a);
    std::int32_t& known = switch_of_[node];
    if (known >= 0 && known != at)
      wrong("node '" + name + "' is linked to switch '" + names_[static_cast<std::size_t>(known)] +
            "' already; one switch is right");
    known = at;
  }

  std::int32_t number_of(const std::string& name) {
    const auto [at, fresh] = number_of_.emplace(name, static_cast<std::int32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return at->second;
  }

  // A dead end without nodes is of no use: most likely the misspelled name of a node.
  void check_ends() const {
    std::vector<std::int32_t> links(switches(), 0);
    for (const auto& [a, b] : edges_) {
      ++links[static_cast<std::size_t>(a)];
      ++links[static_cast<std::size_t>(b)];
    }
    for (const std::int32_t s : switch_of_) links[static_cast<std::size_t>(s)] += 2;
    for (std::size_t s = 0; s < switches(); ++s)
      if (links[s] < 2)
        fail(
            "'" + names_[s] +
            "' is not the name of a node, and as a switch it is a dead end; the name of a node, or a switch with nodes "
            "or further links, is right");
  }

  void check_connected() const {
    std::vector<std::size_t> part(switches());
    if (boost::connected_components(graph(), part.data()) == 1) return;
    const auto other = std::ranges::find_if(part, [&](std::size_t p) { return p != part.front(); }) - part.begin();
    fail("there is no way from switch '" + names_.front() + "' to switch '" + names_[static_cast<std::size_t>(other)] +
         "'; links that join all switches are right");
  }

  std::string where_;
  std::span<const std::string> node_names_;
  std::unordered_map<std::string, std::size_t> node_of_;
  std::unordered_map<std::string, std::int32_t> number_of_;
  std::vector<std::string> names_;       // of switches
  std::vector<std::int32_t> switch_of_;  // by node
  Edges edges_;
};

std::vector<NodeIndex> first_nodes(const LinkReader& links) {
  std::vector<NodeIndex> first(links.switches(), kNoNode);
  for (std::size_t node = links.switch_of().size(); node-- > 0;)
    first[static_cast<std::size_t>(links.switch_of()[node])] = static_cast<NodeIndex>(node);
  return first;
}

// The new numbers of the switches: those with nodes first, in the order of their first nodes if no other is given.
std::vector<std::int32_t> numbering(const std::vector<NodeIndex>& first_node, std::vector<std::int32_t> hosts) {
  const auto switches = static_cast<std::int32_t>(first_node.size());
  if (hosts.empty()) {
    for (std::int32_t s = 0; s < switches; ++s)
      if (first_node[static_cast<std::size_t>(s)] != kNoNode) hosts.push_back(s);
    std::ranges::sort(hosts, {}, [&](std::int32_t s) { return first_node[static_cast<std::size_t>(s)]; });
  }
  std::vector<std::int32_t> number(first_node.size(), -1);
  std::int32_t next = 0;
  for (const std::int32_t s : hosts) number[static_cast<std::size_t>(s)] = next++;
  for (std::int32_t& n : number)
    if (n < 0) n = next++;
  return number;
}

}  // namespace

NetworkLayout lay_out(const ExplicitLinks& links, const Cluster& cluster, std::span<const std::string> node_names) {
  LinkReader reader(cluster, node_names);
  reader.read(links);
  const std::vector<NodeIndex> first_node = first_nodes(reader);
  const bool is_tree = reader.edges().size() + 1 == reader.switches();
  RootedTree tree;
  if (is_tree) tree = hang_up(reader.graph(), first_node);
  const std::vector<std::int32_t> number = numbering(first_node, tree.hosts);

  NetworkLayout layout;
  auto graph = std::make_unique<NetworkGraph>(reader.switches());
  for (const auto& [a, b] : reader.edges())
    boost::add_edge(static_cast<std::size_t>(number[static_cast<std::size_t>(a)]),
                    static_cast<std::size_t>(number[static_cast<std::size_t>(b)]), *graph);
  for (const std::int32_t s : reader.switch_of()) layout.switch_of.push_back(number[static_cast<std::size_t>(s)]);
  layout.host_switches =
      static_cast<std::int32_t>(std::ranges::count_if(first_node, [](NodeIndex node) { return node != kNoNode; }));
  layout.hierarchical = is_tree && tree.uniform;
  if (layout.hierarchical)
    layout.domains = std::move(tree.domains);
  else if (layout.host_switches > 1)
    layout.domains.push_back({1, 0, layout.host_switches});
  if (is_tree) {
    std::vector<std::int32_t> parent(number.size());
    for (std::size_t s = 0; s < number.size(); ++s)
      parent[static_cast<std::size_t>(number[s])] = number[static_cast<std::size_t>(tree.parent[s])];
    layout.distances = std::make_unique<TreeDistances>(std::move(parent));
  } else {
    layout.distances = std::make_unique<GraphDistances>(*graph);
  }
  layout.graph = std::move(graph);
  return layout;
}

}  // namespace wattfill
