// Which nodes a job gets, of those that are free: the part of a policy, as plain data and as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wattfill {

enum class PlacementStrategy : std::uint8_t {
  kFirstFit,          // the lowest nodes
  kContiguous,        // the smallest run of consecutive nodes that is long enough, else as few runs as possible
  kFewestSwitches,    // as few switches as possible, those within as small a part of the network as possible
  kSmallestDiameter,  // within as small a part of the network as possible, there as few switches as possible
  kMostEfficient,     // node types by the energy of their work, the least first
  kFastest,           // node types by speed, the fastest first
};

struct PlacementStrategyInfo {
  PlacementStrategy strategy;
  std::string_view name;     // as written in policy files and on the command line
  std::string_view meaning;  // for people
  bool needs_network;
  bool orders_types;  // says which node types come first; the others say which nodes of a type
};

std::span<const PlacementStrategyInfo> all_placement_strategies();
const PlacementStrategyInfo& info(PlacementStrategy strategy);

// Several terms are weighed against each other as backfill/topology/placement.hpp tells.
struct PlacementSpec {
  struct Term {
    PlacementStrategy strategy = PlacementStrategy::kFirstFit;
    std::int32_t weight = 1;  // > 0
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms;  // none: first fit
  bool operator==(const PlacementSpec&) const = default;
};

// Terms joined by '+', a weight other than 1 behind a colon: "fewest-switches:2+most-efficient". No terms: "first-fit".
std::string to_string(const PlacementSpec& spec);
// Throws std::invalid_argument, which names the term and what would be right.
PlacementSpec placement_from_text(std::string_view text);

}  // namespace wattfill
