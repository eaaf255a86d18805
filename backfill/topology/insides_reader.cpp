#include "backfill/topology/insides_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <system_error>
#include <utility>

#include "backfill/topology/hwloc_bitmap.hpp"
#include "backfill/topology/lstopo_xml.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kLongestXml = 16U << 20;
constexpr std::uint32_t kMostThreads = 4096;    // of a synthetic description: hwloc's time grows with the square
constexpr std::uint32_t kHighestThread = 8191;  // the highest index on Linux

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, Destroy>;

struct Free {
  void operator()(char* text) const { std::free(text); }
};

[[noreturn]] void fail(const std::string& where, const std::string& what) { throw TopologyError(where + ": " + what); }

std::string reason(int error) { return std::generic_category().message(error); }

// Numbers things from 0 in the order in which they are first met.
template <class Thing>
class Numbering {
 public:
  std::int32_t operator()(const Thing& thing) {
    return numbers_.try_emplace(thing, static_cast<std::int32_t>(numbers_.size())).first->second;
  }
  std::int32_t size() const { return static_cast<std::int32_t>(numbers_.size()); }

 private:
  std::map<Thing, std::int32_t> numbers_;
};

std::string text_of_file(const std::filesystem::path& path, const std::string& where) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) fail(where, "cannot be read: " + error.message() + "; it should be a file written by `lstopo FILE.xml`");
  if (size > kLongestXml) fail(where, "is longer than 16 MiB, far longer than what lstopo writes for one node");
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(where, "cannot be read: " + reason(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

// hwloc would set out to build any number of threads: their number is the product of the levels, which are numbers
// outside of brackets, alone or after the colon of a type.
void check_size(const std::string& synthetic, const std::string& where) {
  std::uint64_t threads = 1;
  int depth = 0;
  char before = ' ';
  for (const char* at = synthetic.c_str(); *at != '\0';) {
    depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
    if (depth == 0 && (before == ' ' || before == ':') && *at >= '0' && *at <= '9') {
      char* end = nullptr;
      const std::uint64_t arity = std::strtoull(at, &end, 10);
      threads = arity > kMostThreads ? arity : threads * std::max<std::uint64_t>(arity, 1);
      if (threads > kMostThreads)
        fail(where, "has more than " + std::to_string(kMostThreads) + " hardware threads, the most for one node");
      at = end;
    } else {
      ++at;
    }
    before = at[-1];
  }
}

Topology new_topology() {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) throw TopologyError("hwloc does not start: " + reason(errno));
  return Topology(topology);
}

Topology load(const TopologySource& source, const std::filesystem::path& xml_file, const std::string& where) {
  // hwloc unloads its plugins with the last topology. libxml2 among them has to outlive the threads that used it.
  static const Topology keeps_plugins = new_topology();
  Topology topology = new_topology();
  const hwloc_topology_t raw = topology.get();
  // Distances and memory attributes are not needed, and not every file has them right.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_NO_DISTANCES | HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);

  const char* expected = "";
  int status = 0;
  if (!source.xml_file.empty()) {
    expected = "; it should be what `lstopo FILE.xml` writes";
    const std::string xml = checked_lstopo_xml(text_of_file(xml_file, where), where);
    status = hwloc_topology_set_xmlbuffer(raw, xml.c_str(), static_cast<int>(xml.size() + 1));
  } else if (!source.synthetic.empty()) {
    expected = "; it should read like \"package:2 numa:2 l3:1 core:8 pu:1\"";
    check_size(source.synthetic, where);
    status = hwloc_topology_set_synthetic(raw, source.synthetic.c_str());
  }
  // Linux tells of its PCI devices itself; the library that hwloc prefers to ask leaks.
  if (source.this_machine) hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "pci");
  if (status != 0 || hwloc_topology_load(raw) != 0)
    fail(where, std::string("hwloc cannot make sense of it") + expected);
  return topology;
}

// The core of a hardware thread; the thread itself where it belongs to none.
hwloc_obj_t core_of(hwloc_topology_t topology, hwloc_obj_t pu) {
  const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
  return core != nullptr ? core : pu;
}

// The NUMA node to which a core belongs, as the header tells; null: none.
hwloc_obj_t home_of(hwloc_obj_t core) {
  for (hwloc_obj_t place = core; place != nullptr; place = place->parent) {
    hwloc_obj_t home = nullptr;
    for (hwloc_obj_t memory = place->memory_first_child; memory != nullptr; memory = memory->next_sibling) {
      hwloc_obj_t node = memory;
      while (node != nullptr && node->type == HWLOC_OBJ_MEMCACHE) node = node->memory_first_child;
      if (node == nullptr) continue;
      if (node->attr->numanode.local_memory > 0) return node;
      if (home == nullptr) home = node;
    }
    if (home != nullptr) return home;
  }
  return nullptr;
}

// The L3 cache that a core shares with others; null: none.
hwloc_obj_t shared_l3_of(hwloc_topology_t topology, hwloc_obj_t core) {
  const hwloc_obj_t l3 = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_L3CACHE, core);
  return l3 != nullptr && !hwloc_bitmap_isequal(l3->cpuset, core->cpuset) ? l3 : nullptr;
}

void read_cores(hwloc_topology_t topology, NodeInsides& insides, const std::string& where) {
  std::vector<hwloc_obj_t> cores, homes;
  std::vector<int> kinds;
  std::set<unsigned> threads;
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != nullptr;) {
    if (pu->os_index > kHighestThread || !threads.insert(pu->os_index).second)
      fail(where, "hardware thread P#" + std::to_string(pu->os_index) + " is there twice, or beyond " +
                      std::to_string(kHighestThread));
    if (const hwloc_obj_t core = core_of(topology, pu); cores.empty() || cores.back() != core) {
      cores.push_back(core);
      homes.push_back(home_of(core));
      kinds.push_back(hwloc_cpukinds_get_by_cpuset(topology, pu->cpuset, 0));  // -1: of none
      insides.cores.emplace_back();
    }
    insides.cores.back().pus.push_back(pu->os_index);
  }

  Numbering<hwloc_obj_t> packages;
  std::map<std::int32_t, std::set<hwloc_obj_t>> homes_of_package;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    insides.cores[i].package = packages(hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, cores[i]));
    homes_of_package[insides.cores[i].package].insert(homes[i]);
  }
  const bool split = std::any_of(homes_of_package.begin(), homes_of_package.end(),
                                 [](const auto& package) { return package.second.size() > 1; });

  Numbering<std::pair<hwloc_obj_t, std::int32_t>> numa_nodes, l3s;
  const std::set<int> known_kinds(kinds.begin(), kinds.end());
  for (std::size_t i = 0; i < cores.size(); ++i) {
    NodeCore& core = insides.cores[i];
    core.numa_node = numa_nodes({homes[i], split || homes[i] == nullptr ? core.package : 0});
    const hwloc_obj_t l3 = shared_l3_of(topology, cores[i]);
    core.l3 = l3s({l3, l3 != nullptr ? 0 : core.numa_node});
    core.kind = static_cast<std::int32_t>(std::distance(known_kinds.begin(), known_kinds.find(kinds[i])));
  }
  insides.packages = packages.size();
  insides.numa_nodes = numa_nodes.size();
  insides.l3s = l3s.size();
}

std::int64_t memory_kb(hwloc_topology_t topology) {
  std::uint64_t kb = 0;
  for (hwloc_obj_t node = nullptr; (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;)
    if (node->subtype == nullptr || std::string_view(node->subtype) != "GPUMemory")
      kb += node->attr->numanode.local_memory / 1024;
  return static_cast<std::int64_t>(kb);
}

// The interface under which hwloc lists a device: "cuda" for "cuda0", "opencl" for "opencl0d0".
std::string interface_of(hwloc_obj_t device) {
  const std::string_view name(device->name != nullptr ? device->name : "");
  return {name.begin(), std::find_if_not(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; })};
}

// Which of several interfaces names a device: the one of the lowest rank.
int rank_of(hwloc_obj_t device) {
  constexpr std::array<std::string_view, 5> kRanked = {"cuda", "rsmi", "ze", "ve", "nvml"};
  const std::string interface = interface_of(device);
  const auto at = std::find(kRanked.begin(), kRanked.end(), interface);
  return static_cast<int>(at - kRanked.begin()) + (interface == "opencl" ? 1 : 0);
}

// A part of another device (Level Zero lists tiles) is no device of its own.
bool is_accelerator(hwloc_obj_t device) {
  const char* const opencl = hwloc_obj_get_info_by_name(device, "OpenCLDeviceType");
  if (opencl != nullptr && std::string_view(opencl) == "CPU") return false;
  if (device->parent->type == HWLOC_OBJ_OS_DEVICE) return false;
  const std::string interface = interface_of(device);
  return device->attr->osdev.type == HWLOC_OBJ_OSDEV_COPROC || interface == "rsmi" || interface == "nvml";
}

void read_accelerators(hwloc_topology_t topology, NodeInsides& insides) {
  std::vector<hwloc_obj_t> devices;
  for (hwloc_obj_t device = nullptr; (device = hwloc_get_next_osdev(topology, device)) != nullptr;)
    if (is_accelerator(device)) devices.push_back(device);
  std::stable_sort(devices.begin(), devices.end(), [](auto a, auto b) { return rank_of(a) < rank_of(b); });

  std::set<hwloc_obj_t> taken;
  std::string placeless;  // the interface of devices without a PCI device
  for (const hwloc_obj_t device : devices) {
    const std::string interface = interface_of(device);
    const hwloc_obj_t pci = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PCI_DEVICE, device);
    if (pci == nullptr && taken.insert(pci).second)
      placeless = interface;
    else if (pci == nullptr ? placeless != interface : !taken.insert(pci).second)
      continue;
    const hwloc_obj_t place = hwloc_get_non_io_ancestor_obj(topology, device);
    const auto near = std::find_if(insides.cores.begin(), insides.cores.end(), [&](const NodeCore& core) {
      return hwloc_bitmap_isset(place->cpuset, core.pus.front());
    });
    insides.accelerators.push_back({interface, device->name, near != insides.cores.end() ? near->numa_node : 0});
  }
}

std::string name_of(const TopologySource& source, const std::filesystem::path& xml_file) {
  if (!source.xml_file.empty()) return "topology " + xml_file.string();
  if (!source.synthetic.empty()) return "synthetic topology \"" + source.synthetic + '"';
  return "topology of this machine";
}

}  // namespace

NodeInsides read_insides(const TopologySource& source, const std::string& base_directory) {
  if (source == TopologySource{})
    throw TopologyError("topology: no source; it should be an XML file, a synthetic description or this machine");
  const std::filesystem::path xml_file = std::filesystem::path(base_directory) / source.xml_file;
  const std::string where = name_of(source, xml_file);
  const Topology topology = load(source, xml_file, where);
  NodeInsides insides;
  read_cores(topology.get(), insides, where);
  if (insides.cores.empty()) fail(where, "has no cores");
  const bool made_up = !source.synthetic.empty() && source.synthetic.find("memory=") == std::string::npos;
  insides.memory_kb = made_up ? 0 : memory_kb(topology.get());
  read_accelerators(topology.get(), insides);
  return insides;
}

std::string cpuset_text(const NodeInsides& insides, const CoreSet& cores) {
  const Bitmap set = new_bitmap();
  cores.for_each([&](std::int32_t core) {
    for (const std::uint32_t pu : insides.cores[core].pus) hwloc_bitmap_set(set.get(), pu);
  });
  char* raw = nullptr;
  if (hwloc_bitmap_asprintf(&raw, set.get()) < 0) throw std::bad_alloc();
  const std::unique_ptr<char, Free> text(raw);
  return text.get();
}

CoreSet cores_of_cpuset(const NodeInsides& insides, std::string_view text) {
  const std::string where = "cpuset \"" + std::string(text) + '"';
  const Bitmap set = new_bitmap();
  const bool plain = !text.empty() && text.find_first_not_of("0123456789abcdefABCDEFx,") == std::string_view::npos;
  if (!plain || hwloc_bitmap_sscanf(set.get(), std::string(text).c_str()) != 0)
    fail(where, "is no set of hardware threads; it should read like \"0x000000ff\"");
  CoreSet cores(static_cast<std::int32_t>(insides.cores.size()));
  for (std::size_t core = 0; core < insides.cores.size(); ++core) {
    const std::vector<std::uint32_t>& pus = insides.cores[core].pus;
    const auto in_set =
        std::count_if(pus.begin(), pus.end(), [&](auto pu) { return hwloc_bitmap_isset(set.get(), pu); });
    if (in_set == 0) continue;
    if (in_set != std::ssize(pus))
      fail(where, "holds a part of core " + std::to_string(core) + "; it should hold all of it or nothing");
    cores.add(static_cast<std::int32_t>(core));
    for (const std::uint32_t pu : pus) hwloc_bitmap_clr(set.get(), pu);
  }
  if (const int rest = hwloc_bitmap_first(set.get()); rest >= 0)
    fail(where, "holds hardware thread " + std::to_string(rest) + ", which the node does not have");
  return cores;
}

}  // namespace wattfill
