// SPDX-License-Identifier: GPL-2.0-or-later
// The controller's nodes as the planner counts them: classes of nodes that are alike, and which of them a job may use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plugin/protocol.pb.h"
#include "plugin/slurm/host.hpp"

namespace wattfill::slurm {

// Nodes are alike when CPUs, cores, memory, features, generic resources and partitions are, and whether they may sleep.
//
// What a job may use, a set of node types, and what it holds of licences the planner knows by a number, told with the
// cluster as the access rule of a "partition" of that number. There is one for each partition; jobs that ask for
// features or licences may need more: then knows_all() becomes false, and the planner has to be told of the cluster
// again.
class Machine {
 public:
  Machine(const std::vector<NodeView>& nodes, bool shared);

  // Other nodes than those that it was made from?
  bool differs_from(const std::vector<NodeView>& nodes, bool shared) const;

  wattfill::config::Cluster describe(const std::string& name);
  // Names of the types in it whose nodes must not sleep.
  std::vector<std::string> always_awake() const;
  bool knows_all() const { return told_needs_ == needs_.size() && told_licences_ == licences_; }
  // How many there are of those that jobs ask for; of the others what was told last holds.
  void count_licences(const Licences& licences);

  // What the planner is told of a job; nothing if no node can run it. Takes the largest of what it needs on any class.
  std::optional<wattfill::protocol::Job> translate(const JobView& job, std::int64_t id, std::int64_t priority_band);

  wattfill::protocol::Allocation to_planner(const Placement& placement) const;
  std::vector<std::int32_t> to_slurm(const wattfill::protocol::Allocation& nodes) const;
  std::int32_t planner_node(std::int32_t slurm_node) const { return planner_of_.at(slurm_node); }
  std::int32_t slurm_node(std::int32_t planner_node) const {  // throws for what is no node
    return slurm_of_.at(static_cast<std::size_t>(planner_node));
  }
  std::string type_of(std::int32_t slurm_node) const;  // its name
  bool has(std::int32_t slurm_node) const { return planner_of_.contains(slurm_node); }
  std::size_t size() const { return slurm_of_.size(); }

 private:
  struct Type {
    NodeView like;
    std::vector<std::string> names;
  };
  using Set = std::vector<bool>;  // of types

  struct Need {
    Set types;
    Licences licences;
    auto operator<=>(const Need&) const = default;
  };

  Set set_for(const JobView& job) const;
  std::uint32_t number_of(const Need& need);
  config::Access access(std::size_t need) const;
  void write(const Licences::value_type& in, config::Licence& out) const;
  std::int64_t units_of(const Type& type) const;
  std::int64_t units_for(const JobView& job, const Type& type) const;
  std::int64_t memory_kb_for(const JobView& job, const Type& type, std::int64_t units) const;

  bool shared_;
  std::vector<NodeView> like_;  // all nodes, without what changes
  std::vector<Type> types_;
  std::vector<std::int32_t> slurm_of_;  // by the planner's number
  std::map<std::int32_t, std::int32_t> planner_of_;
  std::map<Need, std::uint32_t> numbers_;
  std::vector<Need> needs_;  // by number - 1
  std::size_t told_needs_ = 0;
  Licences licences_;
  Licences told_licences_;
};

}  // namespace wattfill::slurm
