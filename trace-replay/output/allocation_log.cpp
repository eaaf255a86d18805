#include "trace-replay/output/allocation_log.hpp"

#include <fmt/format.h>

#include <iterator>

namespace wattfill {

void AllocationLog::started(std::size_t job, const Proposal& where, SimTime /*now*/) {
  if (where.allocation == nullptr) return;
  const Allocation& a = *where.allocation;
  first_[job] = runs_.size();
  for (const NodeIndex node : a.nodes) {
    const bool goes_on = runs_.size() > first_[job] && runs_.back().last + 1 == node;
    if (goes_on)
      runs_.back().last = node;
    else
      runs_.push_back({node, node});
  }
  count_[job] = static_cast<std::uint32_t>(runs_.size() - first_[job]);
  if (a.cores.empty()) return;
  first_cores_.resize(count_.size(), kNone);
  first_cores_[job] = cores_.size();
  cores_.insert(cores_.end(), a.cores.begin(), a.cores.end());
}

Allocation AllocationLog::of(std::size_t job) const {
  Allocation out;
  for (std::size_t r = 0; r < count_[job]; ++r) {
    const Run& run = runs_[first_[job] + r];
    for (NodeIndex node = run.first; node <= run.last; ++node) out.nodes.push_back(node);
  }
  if (!first_cores_.empty() && first_cores_[job] != kNone)
    for (std::size_t n = 0; n < out.nodes.size(); ++n) out.cores.push_back(cores_[first_cores_[job] + n]);
  return out;
}

std::string node_intervals(const Allocation& allocation) {
  std::string text;
  const auto& nodes = allocation.nodes;
  for (std::size_t i = 0; i < nodes.size();) {
    std::size_t last = i;
    while (last + 1 < nodes.size() && nodes[last + 1] == nodes[last] + 1) ++last;
    if (!text.empty()) text += ' ';
    if (last == i)
      fmt::format_to(std::back_inserter(text), "{}", nodes[i]);
    else
      fmt::format_to(std::back_inserter(text), "{}-{}", nodes[i], nodes[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace wattfill
