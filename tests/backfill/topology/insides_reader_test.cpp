#include "backfill/topology/insides_reader.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "backfill/topology/core_picker.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/insides_sources.hpp"

namespace wattfill {
namespace {

using testing::read_synthetic;
using testing::read_xml;

// One character a core, '0' and up.
std::string column(const NodeInsides& node, std::int32_t NodeCore::*field) {
  std::string text;
  for (const NodeCore& core : node.cores) text += static_cast<char>('0' + core.*field);
  return text;
}

std::string described(const NodeInsides& node) {
  std::string text;
  for (const NodeAccelerator& device : node.accelerators)
    text += device.name + " (" + device.type + ") at " + std::to_string(device.numa_node) + '\n';
  return text;
}

// What every reader of insides may rely on.
void expect_consistent(const NodeInsides& node) {
  ASSERT_FALSE(node.cores.empty());
  std::set<std::uint32_t> threads;
  const auto dense = [&](std::int32_t NodeCore::*field, std::int32_t count) {
    std::set<std::int32_t> values;
    for (const NodeCore& core : node.cores) values.insert(core.*field);
    return std::ssize(values) == count && *values.begin() == 0 && *values.rbegin() == count - 1;
  };
  EXPECT_TRUE(dense(&NodeCore::package, node.packages));
  EXPECT_TRUE(dense(&NodeCore::numa_node, node.numa_nodes));
  EXPECT_TRUE(dense(&NodeCore::l3, node.l3s));
  for (const NodeCore& core : node.cores) {
    EXPECT_FALSE(core.pus.empty());
    for (const std::uint32_t pu : core.pus) EXPECT_TRUE(threads.insert(pu).second) << "thread " << pu << " twice";
  }
  for (const NodeAccelerator& device : node.accelerators) {
    EXPECT_GE(device.numa_node, 0);
    EXPECT_LT(device.numa_node, node.numa_nodes);
  }
  EXPECT_GE(node.memory_kb, 0);
  EXPECT_NO_THROW(CorePicker{node});
}

TEST(InsidesReader, TwoSocketsOfTwoNumaNodesOfTwoL3Groups) {
  const NodeInsides node = read_xml("two_sockets_four_numa_nodes.xml");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::package), "0000000011111111");
  EXPECT_EQ(column(node, &NodeCore::numa_node), "0000111122223333");
  EXPECT_EQ(column(node, &NodeCore::l3), "0011223344556677");
  EXPECT_EQ(column(node, &NodeCore::kind), "0000000000000000");
  EXPECT_EQ(node.cores[5].pus, (std::vector<std::uint32_t>{10, 11}));
  EXPECT_EQ(node.memory_kb, std::int64_t{256} << 20);
  EXPECT_EQ(described(node), "");
}

TEST(InsidesReader, AnAcceleratorIsAPciDeviceThatComputes) {
  const NodeInsides node = read_xml("accelerators.xml");
  expect_consistent(node);
  EXPECT_EQ(described(node), "cuda0 (cuda) at 0\ncuda1 (cuda) at 1\nrsmi0 (rsmi) at 1\nze0 (ze) at 0\n");
}

TEST(InsidesReader, KindsOfAHybridMachineByTheirSpeed) {
  const NodeInsides node = read_xml("hybrid.xml");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::kind), "111100000000");
  EXPECT_EQ(node.cores[3].pus, (std::vector<std::uint32_t>{6, 7}));
  EXPECT_EQ(node.cores[4].pus, (std::vector<std::uint32_t>{8}));
  EXPECT_EQ(node.l3s, 1);
}

TEST(InsidesReader, FastMemoryIsNoNumaNodeOfItsOwnAndMemorylessNodesAre) {
  const NodeInsides node = read_xml("memory_kinds.xml");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::numa_node), "000111");
  EXPECT_EQ(column(node, &NodeCore::l3), "000111") << "one group per NUMA node where there is no L3";
  EXPECT_EQ(node.memory_kb, std::int64_t{64 + 16} << 20) << "without that of the GPU";
}

TEST(InsidesReader, MemoryAcrossPackagesCountsInEachThatHasSomeOfItsOwn) {
  const NodeInsides node = read_xml("uneven_memory.xml");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::numa_node), "001222");
  EXPECT_EQ(column(node, &NodeCore::package), "000111");
}

TEST(InsidesReader, TheFormatOfHwloc1) {
  const NodeInsides node = read_xml("hwloc1_format.xml");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::package), "0011");
  EXPECT_EQ(column(node, &NodeCore::numa_node), "0011");
  EXPECT_EQ(node.memory_kb, std::int64_t{64} << 20);
}

// Reads a file of the data after a change.
NodeInsides from_changed_file(const std::string& name, const std::string& old, const std::string& now) {
  std::string text = testing::topology_text(name);
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos);
  text.replace(at, old.size(), now);
  return testing::read_xml_text(text);
}

TEST(InsidesReader, WithheldCoresAreNotThere) {
  const NodeInsides node =
      from_changed_file("accelerators.xml", "allowed_cpuset=\"0x000000ff\"", "allowed_cpuset=\"0x000000fc\"");
  expect_consistent(node);
  EXPECT_EQ(node.cores.size(), 6U);
  EXPECT_EQ(node.cores[0].pus, (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(column(node, &NodeCore::numa_node), "001111");
}

TEST(InsidesReader, CoresWithoutMemoryMakeUpANumaNode) {
  const NodeInsides node = from_changed_file("memory_kinds.xml", R"(<object type="NUMANode" os_index="1")",
                                             R"(<unknown type="NUMANode" os_index="1")");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::numa_node), "000111");
}

TEST(InsidesReader, OtherSpellingsOfXmlAreReadAlike) {
  const NodeInsides node = read_xml("hybrid.xml");
  EXPECT_EQ(from_changed_file("hybrid.xml", "type=\"Package\"", "type = 'Package'"), node);
  EXPECT_EQ(from_changed_file("hybrid.xml", "</topology>", "<!-- by hand --></topology>"), node);
  EXPECT_EQ(from_changed_file("hybrid.xml", "type=\"Package\"", "type=\"Package\" name=\"it's &lt;one&gt;\""), node);
}

TEST(InsidesReader, Synthetic) {
  const NodeInsides node = read_synthetic("package:2 [numa(memory=8GiB)] l3:2 core:3 pu:2");
  expect_consistent(node);
  EXPECT_EQ(column(node, &NodeCore::package), "000000111111");
  EXPECT_EQ(column(node, &NodeCore::numa_node), "000000111111");
  EXPECT_EQ(column(node, &NodeCore::l3), "000111222333");
  EXPECT_EQ(node.memory_kb, std::int64_t{16} << 20);
  EXPECT_EQ(read_synthetic("package:2 numa:2 core:4 pu:1").memory_kb, 0) << "hwloc's own guess";
  EXPECT_EQ(read_synthetic("package:2 numa:2 core:4 pu:1").l3s, 4);
  EXPECT_EQ(read_synthetic("pu:3").cores.size(), 3U) << "threads without cores";
  EXPECT_EQ(read_synthetic("4 8").cores.size(), 32U);
  EXPECT_EQ(read_synthetic("package:8 l3:8 core:32 pu:2").cores.size(), 2048U);
}

TEST(InsidesReader, L3CachesOfOneCoreAreNotShared) {
  EXPECT_EQ(read_synthetic("package:2 l3:4 core:1 pu:2").l3s, read_synthetic("package:2 core:4 pu:2").l3s);
}

// Packages that hwloc shows inside a NUMA node, as virtual machines have them.
TEST(InsidesReader, OneNumaNodeOfManyPackages) {
  const NodeInsides node = read_synthetic("numa:1 package:4 core:2 pu:1");
  expect_consistent(node);
  EXPECT_EQ(node.numa_nodes, 1);
  EXPECT_EQ(column(node, &NodeCore::package), "00112233");
}

TEST(InsidesReader, ThisMachine) {
  TopologySource source;
  source.this_machine = true;
  expect_consistent(read_insides(source, ""));
}

TEST(InsidesReader, ThreadsReadAtOnce) {
  const NodeInsides file = read_xml("accelerators.xml"), synthetic = read_synthetic("package:2 core:8 pu:2");
  std::vector<int> same(4);
  std::vector<std::thread> threads;
  threads.reserve(same.size());
  for (int& count : same)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        count += read_xml("accelerators.xml") == file && read_synthetic("package:2 core:8 pu:2") == synthetic;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, std::vector<int>(4, 20));
}

TEST(Cpuset, IsHwlocsText) {
  const NodeInsides node = read_synthetic("package:2 core:24 pu:2");
  CoreSet cores(48);
  EXPECT_EQ(cpuset_text(node, cores), "0x0");
  for (std::int32_t core = 0; core < 4; ++core) cores.add(core);
  EXPECT_EQ(cpuset_text(node, cores), "0x000000ff");
  cores.add(47);
  EXPECT_EQ(cpuset_text(node, cores), "0xc0000000,,0x000000ff");
}

TEST(Cpuset, GoesThereAndBack) {
  testing::Random random(1);
  for (const char* text : {"package:2 core:24 pu:2", "package:1 core:4 pu:4", "core:70 pu:1"}) {
    const NodeInsides node = read_synthetic(text);
    const auto size = static_cast<std::int32_t>(node.cores.size());
    for (int round = 0; round < 50; ++round) {
      CoreSet cores(size);
      for (std::int32_t core = 0; core < size; ++core)
        if (random.chance(50)) cores.add(core);
      EXPECT_EQ(cores_of_cpuset(node, cpuset_text(node, cores)), cores);
    }
  }
}

}  // namespace
}  // namespace wattfill
