// What is inside a node, read with hwloc; and bindings as hwloc and Linux tools write them.
//
// Every function may be called by several threads at once.
#pragma once

#include <string>
#include <string_view>

#include "backfill/model/cluster.hpp"
#include "backfill/model/core_set.hpp"
#include "backfill/model/node_insides.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {

// Reads the one source that is named. The path of an XML file starts from `base_directory`, the folder of the cluster
// file, unless it is absolute. Both formats of lstopo's XML are read, that of hwloc 1 and that of hwloc 2.
//
// - A core is what hwloc calls so; a hardware thread that belongs to none is a core of its own. Cores that the
// operating
//   system has withheld (a cgroup, say) are not there.
// - A core belongs to the NUMA node that is attached nearest to it. Where several are attached at one place (DRAM and
//   high-bandwidth memory), that is the first with memory of its own; the others count no NUMA node, but their memory
//   counts. A NUMA node without memory counts as one. Cores without any make up one NUMA node per package. Where a
//   package has several NUMA nodes, one that reaches into another package counts in each as one.
// - Memory on a GPU does not count, nor the gigabyte that hwloc gives a synthetic NUMA node of which nothing is said.
// - Each PCI device with a GPU or co-processor that programs can compute on is one accelerator, whatever the number of
//   interfaces under which hwloc lists it: of CUDA, RSMI, Level Zero, VE, NVML, others, OpenCL the first names it.
//   Devices whose place is not known count under the first of these interfaces only. OpenCL on CPUs and mere displays
//   do not.
//
// Throws TopologyError: no such file, no XML of lstopo, a synthetic description that hwloc refuses or of more than 4096
// hardware threads, one of an index beyond 8191, no core.
NodeInsides read_insides(const TopologySource& source, const std::string& base_directory);

// The hardware threads of these cores as hwloc_bitmap_asprintf writes them: "0x000000ff".
std::string cpuset_text(const NodeInsides& insides, const CoreSet& cores);

// The inverse. Throws TopologyError where the text is no such set, or names hardware threads that are not there or that
// are only a part of a core.
CoreSet cores_of_cpuset(const NodeInsides& insides, std::string_view text);

}  // namespace wattfill
