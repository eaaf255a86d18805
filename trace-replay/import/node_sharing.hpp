// Which jobs had their nodes for themselves, as far as a list of jobs tells.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wattfill {

enum class NodeUse : std::uint8_t {
  kExclusive,  // no other job of the list was on its nodes meanwhile
  kShared,
  kNotKnown  // its nodes are not known
};

struct NodeInterval {
  std::int64_t start = 0;
  std::int64_t end = 0;   // it is off the nodes by then; an interval without length shares with nobody
  std::string node_list;  // as expand_hostlist() takes it; empty: not known
};

// In the order of `jobs`. Throws HostlistError. O(N log N) over the N nodes of all jobs.
std::vector<NodeUse> node_use(std::span<const NodeInterval> jobs);

}  // namespace wattfill
