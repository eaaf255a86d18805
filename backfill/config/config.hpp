// Policies and clusters as protobuf text: read, checked, written, and those that come with the program.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/policy/policy_spec.hpp"

namespace wattfill {

// A wrong config. The text reads "FILE:LINE:COLUMN: what is wrong", or "FILE: field: what is wrong; what would be
// right".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `file` stands in messages. Both throw ConfigError: unknown fields are errors, and so is a value out of range.
PolicySpec parse_policy(std::string_view text, std::string_view file);
Cluster parse_cluster(std::string_view text, std::string_view file);

// What parse_policy reads back equal.
std::string policy_text(const PolicySpec& policy);

// Sorted by name.
const std::vector<PolicySpec>& policy_presets();
const std::vector<Cluster>& bundled_clusters();

// nullptr where there is none of that name.
const PolicySpec* find_policy(std::string_view name);
const Cluster* find_cluster(std::string_view name);

}  // namespace wattfill
