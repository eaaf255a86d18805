// The nodes and partitions of a slurm.conf (slurm.conf(5), Slurm 22.05).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trace-replay/import/slurm_lines.hpp"
#include "trace-replay/import/slurm_node.hpp"

namespace wattfill {

struct SlurmNamedNode {
  std::string name;
  std::size_t kind = 0;  // index into SlurmConf::kinds
};

struct SlurmPartition {
  std::string name;
  std::vector<std::size_t> nodes;  // indices into SlurmConf::nodes, ascending, without those that are FUTURE
  bool exclusive = false;          // OverSubscribe=EXCLUSIVE
  bool is_default = false;
};

struct SlurmConf {
  std::string cluster_name;           // empty: not said
  bool whole_nodes = true;            // SelectType=select/linear, which is the default
  std::vector<SlurmNode> kinds;       // one for each NodeName line
  std::vector<SlurmNamedNode> nodes;  // in order of appearance, without those that are FUTURE
  std::vector<SlurmPartition> partitions;
  std::vector<std::string> notes;  // what was left aside, "FILE:LINE: ..."
};

// Throws InputError "FILE:LINE: KEY: what" for wrong values, a node or partition that is defined twice, and nodes of a
// partition that are not defined; and where there is no node.
SlurmConf read_slurm_conf(std::string_view text, const std::string& file,
                          SlurmIncludes includes = SlurmIncludes::kFollow);

}  // namespace wattfill
