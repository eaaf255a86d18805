// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/machine.hpp"

#include <algorithm>
#include <limits>

namespace wattfill::slurm {
namespace {

bool alike(const NodeView& a, const NodeView& b) {
  return a.cpus == b.cpus && a.cores == b.cores && a.memory_mib == b.memory_mib && a.gres == b.gres &&
         a.features == b.features && a.partitions == b.partitions && a.may_sleep == b.may_sleep;
}

bool contains(const std::vector<std::string>& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

std::string type_name(std::size_t type) { return "type" + std::to_string(type + 1); }

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

std::string name_of(const JobKey& key) {
  return std::to_string(key.job) + (key.task == kNoTask ? "" : "_" + std::to_string(key.task));
}

Machine::Machine(const std::vector<NodeView>& nodes, bool shared) : shared_(shared), like_(nodes) {
  std::vector<std::vector<std::int32_t>> members;
  for (const NodeView& node : nodes) {
    auto type = std::find_if(types_.begin(), types_.end(), [&](const Type& t) { return alike(t.like, node); });
    if (type == types_.end()) {
      types_.push_back({node, {}});
      members.emplace_back();
      type = types_.end() - 1;
    }
    type->names.push_back(node.name);
    members[static_cast<std::size_t>(type - types_.begin())].push_back(node.index);
  }
  for (const auto& nodes_of_type : members)
    for (const std::int32_t node : nodes_of_type) {
      planner_of_[node] = static_cast<std::int32_t>(slurm_of_.size());
      slurm_of_.push_back(node);
    }
  for (const Type& type : types_)
    for (const std::string& partition : type.like.partitions) {
      JobView job;
      job.partitions = {partition};
      number_of({set_for(job), {}});
    }
}

bool Machine::differs_from(const std::vector<NodeView>& nodes, bool shared) const {
  return shared != shared_ ||
         !std::equal(nodes.begin(), nodes.end(), like_.begin(), like_.end(), [](const NodeView& a, const NodeView& b) {
           return a.index == b.index && a.name == b.name && alike(a, b);
         });
}

// Where a node belongs to one job its CPUs are counted; where jobs share it, its cores, since no two jobs share a core.
std::int64_t Machine::units_of(const Type& type) const {
  return std::max<std::int64_t>(1, shared_ ? type.like.cores : type.like.cpus);
}

wattfill::config::Cluster Machine::describe(const std::string& name) {
  wattfill::config::Cluster out;
  out.set_name(name);
  out.set_allocation(shared_ ? config::CORES : config::WHOLE_NODES);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    config::NodeType& type = *out.add_node_type();
    type.set_name(type_name(i));
    type.set_count(static_cast<std::uint32_t>(types_[i].names.size()));
    type.set_processors(static_cast<std::uint32_t>(units_of(types_[i])));
    std::string names;
    for (const std::string& node : types_[i].names) names += (names.empty() ? "" : ",") + node;
    type.set_node_names(names);
    if (types_[i].like.memory_mib > 1) type.set_memory_mib(static_cast<double>(types_[i].like.memory_mib));
  }
  for (const auto& entry : licences_) write(entry, *out.add_licence());
  for (std::size_t i = 0; i < needs_.size(); ++i) *out.add_access() = access(i);
  told_needs_ = needs_.size();
  told_licences_ = licences_;
  return out;
}

config::Access Machine::access(std::size_t need) const {
  config::Access out;
  out.set_partition(static_cast<std::uint32_t>(need + 1));
  for (std::size_t t = 0; t < types_.size(); ++t)
    if (needs_[need].types[t]) out.add_node_type(type_name(t));
  for (const auto& entry : needs_[need].licences)
    if (entry.second > 0) write(entry, *out.add_licence());
  return out;
}

// Slurm's own names hold signs that the planner's do not: their numbers go instead.
void Machine::write(const Licences::value_type& in, config::Licence& out) const {
  const auto number = 1 + std::distance(licences_.begin(), licences_.find(in.first));
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  out.set_name("licence" + std::to_string(number));
  out.set_count(static_cast<std::uint32_t>(std::clamp<std::int64_t>(in.second, 0, kMost)));
}

void Machine::count_licences(const Licences& licences) {
  for (const auto& [name, count] : licences) licences_[name] = count;
}

std::vector<std::string> Machine::always_awake() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < types_.size(); ++i)
    if (!types_[i].like.may_sleep) names.push_back(type_name(i));
  return names;
}

std::string Machine::type_of(std::int32_t slurm_node) const {
  std::int64_t after = planner_node(slurm_node);
  std::size_t type = 0;
  while (after >= std::ssize(types_.at(type).names)) after -= std::ssize(types_[type++].names);
  return type_name(type);
}

Machine::Set Machine::set_for(const JobView& job) const {
  Set set(types_.size());
  for (std::size_t t = 0; t < types_.size(); ++t) {
    const NodeView& node = types_[t].like;
    set[t] = std::any_of(job.partitions.begin(), job.partitions.end(),
                         [&](const auto& name) { return contains(node.partitions, name); }) &&
             std::all_of(job.features.begin(), job.features.end(),
                         [&](const auto& name) { return contains(node.features, name); });
    if (job.memory_mib > node.memory_mib) set[t] = false;
  }
  return set;
}

std::uint32_t Machine::number_of(const Need& need) {
  const auto [place, added] = numbers_.try_emplace(need, static_cast<std::uint32_t>(needs_.size() + 1));
  if (added) needs_.push_back(need);
  return place->second;
}

// How many units of that type are enough for the job. Memory asked for each CPU leaves some CPUs of a node without use.
std::int64_t Machine::units_for(const JobView& job, const Type& type) const {
  const std::int64_t units = units_of(type);
  const std::int64_t cpus = std::max<std::int64_t>(1, type.like.cpus);
  if (shared_) return std::max<std::int64_t>({1, divided_up(std::int64_t{job.min_cpus} * units, cpus), job.min_nodes});
  std::int64_t usable = cpus;
  if (job.memory_per_cpu && job.memory_mib > 0)
    usable = std::clamp<std::int64_t>(static_cast<std::int64_t>(type.like.memory_mib / job.memory_mib), 1, cpus);
  return std::max<std::int64_t>({1, divided_up(job.min_cpus, usable), job.min_nodes}) * units;
}

// Where nodes are shared: KiB for each of `units` units. Whole nodes bring their memory with them.
std::int64_t Machine::memory_kb_for(const JobView& job, const Type& type, std::int64_t units) const {
  const auto kb = static_cast<std::int64_t>(job.memory_mib * 1'024);
  if (!shared_ || kb == 0) return 0;
  return job.memory_per_cpu ? kb * type.like.cpus / units_of(type) : kb * std::max(1U, job.min_nodes) / units;
}

std::optional<wattfill::protocol::Job> Machine::translate(const JobView& job, std::int64_t id,
                                                          std::int64_t priority_band) {
  const Set set = set_for(job);
  std::int64_t units = 0;
  std::int64_t memory_kb = 0;
  for (std::size_t t = 0; t < types_.size(); ++t)
    if (set[t]) {
      const std::int64_t here = units_for(job, types_[t]);
      units = std::max(units, here);
      memory_kb = std::max(memory_kb, memory_kb_for(job, types_[t], here));
    }
  if (units == 0 || units > std::numeric_limits<std::int32_t>::max()) return std::nullopt;

  wattfill::protocol::Job out;
  out.set_id(id);
  out.set_submit_s(job.submit_s);
  out.set_requested_s(std::max<std::int64_t>(1, job.limit_s));
  out.set_processors(static_cast<std::int32_t>(units));
  out.set_user(static_cast<std::int32_t>(job.user & 0x7fffffff));
  out.set_group(static_cast<std::int32_t>(job.group & 0x7fffffff));
  out.set_partition(static_cast<std::int32_t>(number_of({set, job.licences})));
  if (memory_kb > 0) out.set_memory_kb_per_processor(memory_kb);
  out.set_priority(static_cast<std::int64_t>(job.tier) << 32 | job.priority / priority_band);
  return out;
}

wattfill::protocol::Allocation Machine::to_planner(const Placement& placement) const {
  std::vector<std::pair<std::int32_t, std::size_t>> nodes;  // the planner's number, place in the placement
  for (std::size_t i = 0; i < placement.nodes.size(); ++i)
    if (has(placement.nodes[i])) nodes.emplace_back(planner_node(placement.nodes[i]), i);
  std::sort(nodes.begin(), nodes.end());
  wattfill::protocol::Allocation out;
  for (const auto& [node, place] : nodes) {
    const int runs = out.run_size();
    if (runs > 0 && out.run(runs - 1).first() + out.run(runs - 1).length() == node) {
      out.mutable_run(runs - 1)->set_length(out.run(runs - 1).length() + 1);
    } else {
      out.add_run()->set_first(node);
      out.mutable_run(runs)->set_length(1);
    }
    if (!shared_) continue;
    auto& cores = *out.add_cores();
    for (const std::uint64_t word : placement.cores.at(place)) cores.add_word(word);
  }
  return out;
}

std::vector<std::int32_t> Machine::to_slurm(const wattfill::protocol::Allocation& nodes) const {
  std::vector<std::int32_t> out;
  for (const auto& run : nodes.run())
    for (std::int64_t node = run.first(); node < std::int64_t{run.first()} + run.length(); ++node)
      out.push_back(slurm_of_.at(static_cast<std::size_t>(node)));  // throws for what is no node
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace wattfill::slurm
