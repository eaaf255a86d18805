// A cluster from the nodes and partitions of a slurm.conf, as the file that it is to become.
#pragma once

#include <string>

#include "backfill/model/cluster.hpp"
#include "trace-replay/import/slurm_conf.hpp"

namespace wattfill {

// Nodes of equal hardware, features, weight and partitions make up one type; types are ordered by weight, as Slurm
// prefers them, then by appearance. Partitions are numbered from 1 in order of appearance, as traces do that number
// them; those that do not have all nodes become access rules. Nodes are given whole with select/linear and where all
// partitions are exclusive, else by core. A type of cores and sockets gets an hwloc topology, accelerators are GPUs.
Cluster slurm_cluster(const SlurmConf& conf);

// What parse_cluster reads back equal to the cluster, with comments: the partitions and their numbers, what the types
// are, and what the file cannot tell and should be filled in. `source` is the file's name, for the record.
std::string slurm_cluster_text(const SlurmConf& conf, const std::string& source);

}  // namespace wattfill
