#include "backfill/topology/placement_nodes.hpp"

#include <algorithm>
#include <cassert>

namespace wattfill {

void NodeChooser::choose(PlacementStrategy strategy, const NodeSet& candidates, std::int32_t count,
                         std::vector<NodeIndex>& out) {
  assert(count > 0 && count <= candidates.size());
  if (count == candidates.size()) return candidates.append_lowest(count, out);
  switch (strategy) {
    case PlacementStrategy::kContiguous:
      return contiguous(candidates, count, out);
    default:
      return candidates.append_lowest(count, out);
  }
}

void NodeChooser::contiguous(const NodeSet& candidates, std::int32_t count, std::vector<NodeIndex>& out) {
  runs_.clear();
  std::int32_t longest = 0;
  candidates.for_each_run([&](NodeIndex first, std::int32_t length) {
    runs_.push_back({first, length});
    longest = std::max(longest, length);
  });
  groups_.clear(longest);
  for (const Run& run : runs_) groups_.add(run.length);
  groups_.cover(count, longest);
  for (const Run& run : runs_) {
    const std::int32_t used = groups_.claim(run.length);
    for (std::int32_t i = 0; i < used; ++i) out.push_back(run.first + i);
  }
}

}  // namespace wattfill
