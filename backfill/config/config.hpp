// Policies and clusters as protobuf text: read, checked, written, and those that come with the program.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/policy/policy_spec.hpp"

namespace wattfill {

// A wrong config. The text reads "FILE:LINE:COLUMN: what is wrong; what would be right", without the place where the
// whole file is wrong; what is wrong begins with the field, as in "node_type "fast": count: must be at least 1".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `file` stands in messages. Both throw ConfigError: unknown fields are errors, and so is a value out of range.
PolicySpec parse_policy(std::string_view text, std::string_view file);

// Files that a cluster names, of topologies and series, are looked for beside `file`, or refused: a text that comes
// with the program or over a wire must not have files read.
enum class NamedFiles { kFollow, kRefuse };
Cluster parse_cluster(std::string_view text, std::string_view file, NamedFiles named_files = NamedFiles::kFollow);
Cluster parse_cluster_file(const std::string& path);

// What parse_policy and parse_cluster read back equal. Insides of nodes that no topology describes are not written.
std::string policy_text(const PolicySpec& policy);
std::string cluster_text(const Cluster& cluster);

// The names of the nodes in order. Throws HostlistError if a type's `node_names` is no list.
std::vector<std::string> node_names(const NodeType& type);
std::vector<std::string> node_names(const Cluster& cluster);

// Sorted by name.
const std::vector<PolicySpec>& policy_presets();
const std::vector<Cluster>& bundled_clusters();

// nullptr where there is none of that name.
const PolicySpec* find_policy(std::string_view name);
const Cluster* find_cluster(std::string_view name);

}  // namespace wattfill
