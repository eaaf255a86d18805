#include "trace-replay/import/node_sharing.hpp"

#include <algorithm>
#include <unordered_map>

#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

struct Stay {
  std::int64_t start;
  std::int64_t end;
  std::size_t job;
};

// Whoever overlaps a stay that comes next also overlaps the one that ends last, or is that one: so it is enough to
// compare with the latter.
void mark_shared(std::vector<Stay>& stays, std::vector<NodeUse>& use) {
  std::stable_sort(stays.begin(), stays.end(), [](const Stay& a, const Stay& b) { return a.start < b.start; });
  const Stay* last = nullptr;
  for (const Stay& stay : stays) {
    if (last && stay.start < last->end) use[stay.job] = use[last->job] = NodeUse::kShared;
    if (!last || stay.end > last->end) last = &stay;
  }
}

}  // namespace

std::vector<NodeUse> node_use(std::span<const NodeInterval> jobs) {
  std::vector<NodeUse> use(jobs.size(), NodeUse::kExclusive);
  std::unordered_map<std::string, std::size_t> numbers;
  std::vector<std::vector<Stay>> nodes;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].node_list.empty()) {
      use[i] = NodeUse::kNotKnown;
      continue;
    }
    if (jobs[i].end <= jobs[i].start) continue;
    for (std::string& name : expand_hostlist(jobs[i].node_list)) {
      const auto [at, added] = numbers.emplace(std::move(name), nodes.size());
      if (added) nodes.emplace_back();
      nodes[at->second].push_back({jobs[i].start, jobs[i].end, i});
    }
  }
  for (std::vector<Stay>& stays : nodes) mark_shared(stays, use);
  return use;
}

}  // namespace wattfill
