#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "backfill/config/cluster.pb.h"
#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
#include "backfill/config/text_format.hpp"

namespace wattfill {

Cluster parse_cluster(std::string_view text, std::string_view file) {
  config::Cluster in;
  parse_text(text, file, in);
  const auto fail = [file](const std::string& message) { throw ConfigError(fmt::format("{}: {}", file, message)); };
  Cluster out;
  if (in.name().empty()) fail("name: missing; give the cluster a name");
  out.name = in.name();
  out.description = in.description();
  if (in.node_type().empty()) fail("node_type: missing; a cluster needs at least one");
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  for (const config::NodeType& type : in.node_type()) {
    const std::string where = fmt::format("node_type \"{}\": ", type.name());
    if (type.name().empty()) fail("node_type: name: missing");
    if (type.count() == 0) fail(where + "count: must be at least 1");
    const bool known = std::any_of(out.node_types.begin(), out.node_types.end(),
                                   [&](const NodeType& other) { return other.name == type.name(); });
    if (known) fail(where + "name: used twice; names must differ");
    if (type.count() > kMost || type.processors() > kMost) fail(where + "more than 2147483647");
    NodeType& added = out.node_types.emplace_back();
    added.name = type.name();
    added.count = static_cast<std::int32_t>(type.count());
    added.processors = std::max(1, static_cast<std::int32_t>(type.processors()));
    added.insides = NodeInsides::flat(added.processors);
    if (out.processors() > kMost) fail(where + "the cluster has more than 2147483647 processors");
  }
  return out;
}

const std::vector<Cluster>& bundled_clusters() {
  static const std::vector<Cluster> clusters = [] {
    std::vector<Cluster> all;
    for (const EmbeddedText& e : embedded_clusters()) all.push_back(parse_cluster(e.text, e.file));
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
