#include "trace-replay/energy/shared_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trace-replay/energy/node_power.hpp"

namespace wattfill {

SharedNodes::SharedNodes(const Cluster& cluster, const NodeTypes& types, JobAccounts& jobs)
    : cluster_(&cluster), types_(&types), jobs_(&jobs) {
  for (const NodeType& type : cluster.node_types) {
    auto& packages = packages_.emplace_back(static_cast<std::size_t>(type.insides.packages), CoreSet(type.processors));
    for (std::int32_t core = 0; core < type.processors; ++core)
      packages[static_cast<std::size_t>(type.insides.cores[static_cast<std::size_t>(core)].package)].add(core);
    Node unused;
    unused.used = CoreSet(type.processors);
    nodes_.insert(nodes_.end(), static_cast<std::size_t>(type.count), unused);
  }
}

Milliwatts SharedNodes::power(std::size_t type, std::int32_t frequency, const CoreSet& used) const {
  std::int32_t packages = 0;
  for (const CoreSet& package : packages_[type]) packages += package.meets(used) ? 1 : 0;
  return power_in_use(cluster_->node_types[type], frequency, used.size(), packages);
}

void SharedNodes::refuse(std::uint32_t job, NodeIndex node, const CoreSet& cores, const CoreSet& used) const {
  const std::int32_t processors = cluster_->node_types[types_->type_of(node)].processors;
  cores.for_each([&](std::int32_t core) {
    if (core >= processors || used.has(core))
      throw std::logic_error(fmt::format("metering: job {} starts on core {} of node {}, which {}", job, core, node,
                                         core >= processors ? "has no such core" : "is in use"));
  });
  throw std::logic_error(fmt::format("metering: job {} starts on node {} without a core", job, node));
}

Milliwatts SharedNodes::join(NodeIndex index, JobAccounts::Slot slot, const CoreSet& cores, std::int32_t frequency,
                             bool taken, SimTime now) {
  const JobAccounts::Running& job = (*jobs_)[slot];
  const CoreSet& all = types_->all_cores(types_->type_of(index));
  Node& node = at(index);
  const CoreSet& used = taken ? all : node.used;
  Share share{slot, job.job, job.start, cores.size(), {}, {}, cores};
  if (share.count == 0 || used.meets(cores) || !all.includes(cores)) refuse(job.job, index, cores, used);
  const auto later = std::find_if(node.shares.begin(), node.shares.end(), [&](const Share& other) {
    return other.start == share.start && other.job > share.job;
  });
  settle(node, now);
  node.used |= cores;
  node.shares.insert(later, std::move(share));
  node.frequency = frequency;
  return share_out(index);
}

Milliwatts SharedNodes::leave(NodeIndex index, JobAccounts::Slot slot, SimTime now) {
  Node& node = at(index);
  const auto share =
      std::find_if(node.shares.begin(), node.shares.end(), [slot](const Share& s) { return s.slot == slot; });
  settle(node, now);
  jobs_->add_energy(slot, share->energy.count);
  node.used -= share->cores;
  node.shares.erase(share);
  return share_out(index);
}

Milliwatts SharedNodes::set_frequency(NodeIndex index, std::int32_t frequency, SimTime now) {
  Node& node = at(index);
  settle(node, now);
  node.frequency = frequency;
  return share_out(index);
}

// The old state is billed up to now.
void SharedNodes::settle(Node& node, SimTime now) {
  const Seconds duration = now - node.since;
  node.since = now;
  if (node.shares.empty()) return;
  node.use.busy += duration;
  node.use.energy += node.power * duration;
  for (Share& share : node.shares) share.energy += share.power * duration;
}

// Precondition: the node is settled.
Milliwatts SharedNodes::share_out(NodeIndex index) {
  Node& node = at(index);
  const Milliwatts power_before = node.power;
  node.power = node.shares.empty() ? Milliwatts{} : power(types_->type_of(index), node.frequency, node.used);
  const std::int32_t cores = node.used.size();
  std::int32_t cores_before = 0;
  std::int64_t before = 0;
  for (Share& share : node.shares) {
    cores_before += share.count;
    const std::int64_t upto = node.power.count * cores_before / cores;
    share.power = {upto - before};
    before = upto;
  }
  return node.power - power_before;
}

SharedNodes::Use SharedNodes::finish(NodeIndex index, SimTime now) {
  Node& node = at(index);
  settle(node, now);
  for (const Share& share : node.shares) jobs_->add_energy(share.slot, share.energy.count);
  return node.use;
}

}  // namespace wattfill
