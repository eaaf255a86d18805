#include "backfill/topology/core_picker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

// Packages of NUMA nodes of L3 groups of cores; or NUMA nodes of packages, where `numa_outside`. Cores stand in any
// order, as hyper-threading and offline cores make it on real machines.
NodeInsides random_node(Random& random, bool numa_outside, std::int32_t kinds) {
  NodeInsides node;
  node.packages = node.numa_nodes = node.l3s = 0;
  const std::int32_t outer = random.between32(1, 4);
  for (std::int32_t o = 0; o < outer; ++o)
    for (std::int32_t i = random.between32(1, 8 / outer); i > 0; --i) {
      const std::int32_t inner = numa_outside ? node.packages++ : node.numa_nodes++;
      for (std::int32_t g = random.between32(1, 3); g > 0; --g, ++node.l3s)
        for (std::int32_t c = random.between32(1, 4); c > 0; --c) {
          const std::int32_t kind = random.between32(0, kinds - 1);
          node.cores.push_back({numa_outside ? inner : o, numa_outside ? o : inner, node.l3s, kind, {}});
        }
    }
  (numa_outside ? node.numa_nodes : node.packages) = outer;
  for (std::size_t i = node.cores.size(); i > 1; --i) std::swap(node.cores[i - 1], node.cores[random.index(i)]);
  for (std::size_t i = 0; i < node.cores.size(); ++i) node.cores[i].pus = {static_cast<std::uint32_t>(i)};
  return node;
}

CoreSet random_cores(Random& random, std::size_t cores) {
  CoreSet set(static_cast<std::int32_t>(cores));
  const int percent = static_cast<int>(random.between(20, 100));
  for (std::int32_t core = 0; core < static_cast<std::int32_t>(cores); ++core)
    if (random.chance(percent)) set.add(core);
  return set;
}

std::set<std::int32_t> values(const NodeInsides& node, const CoreSet& cores, std::int32_t NodeCore::*field) {
  std::set<std::int32_t> found;
  cores.for_each([&](std::int32_t core) { found.insert(node.cores[core].*field); });
  return found;
}

using Span = std::pair<std::size_t, std::size_t>;  // NUMA nodes, packages

Span span_of(const NodeInsides& node, const CoreSet& cores) {
  return {values(node, cores, &NodeCore::numa_node).size(), values(node, cores, &NodeCore::package).size()};
}

bool includes(const CoreSet& whole, CoreSet part) { return (part -= whole).empty(); }

// The smallest span of `count` of the free cores, by trying all sets of NUMA nodes and of packages; none: {99, 99}.
Span smallest_span(const NodeInsides& node, const CoreSet& free, std::int32_t count) {
  std::vector<std::vector<std::int32_t>> cells(node.numa_nodes, std::vector<std::int32_t>(node.packages));
  free.for_each([&](std::int32_t core) { ++cells[node.cores[core].numa_node][node.cores[core].package]; });
  Span best{99, 99};
  for (unsigned n = 1; n < 1U << node.numa_nodes; ++n)
    for (unsigned p = 1; p < 1U << node.packages; ++p) {
      const Span span(std::popcount(n), std::popcount(p));
      if (best <= span) continue;
      std::int32_t sum = 0;
      for (std::int32_t i = 0; i < node.numa_nodes; ++i)
        for (std::int32_t j = 0; j < node.packages; ++j) sum += (n >> i & 1) && (p >> j & 1) ? cells[i][j] : 0;
      if (sum >= count) best = span;
    }
  return best;
}

// The smallest number of L3 groups, and with it the smallest number of free cores, of a NUMA node and package that hold
// `count` cores.
std::pair<std::size_t, std::int32_t> tightest(const NodeInsides& node, const CoreSet& free, std::int32_t count) {
  std::pair<std::size_t, std::int32_t> best{99, 0};
  for (std::int32_t n = 0; n < node.numa_nodes; ++n)
    for (std::int32_t p = 0; p < node.packages; ++p) {
      std::vector<std::int32_t> groups(node.l3s);
      free.for_each([&](std::int32_t core) {
        const NodeCore& c = node.cores[core];
        if (c.numa_node == n && c.package == p) ++groups[c.l3];
      });
      std::sort(groups.begin(), groups.end(), std::greater<>());
      std::int32_t sum = 0, cores = 0;
      for (const std::int32_t group : groups) sum += group;
      if (sum < count) continue;
      std::size_t needed = 0;
      while (cores < count) cores += groups[needed++];
      best = std::min(best, {needed, sum});
    }
  return best;
}

CoreSet of_kind(const NodeInsides& node, CoreSet cores, std::int32_t kind) {
  for (std::int32_t core = 0; core < static_cast<std::int32_t>(node.cores.size()); ++core)
    if (node.cores[core].kind != kind) cores.remove(core);
  return cores;
}

void expect_best(const NodeInsides& node, const CorePicker& picker, const CoreSet& free, std::int32_t count) {
  const CoreSet picked = picker.pick(free, count);
  ASSERT_EQ(picked.size(), count);
  ASSERT_TRUE(includes(free, picked));
  ASSERT_EQ(picked, picker.pick(free, count));
  const Span span = span_of(node, picked);
  ASSERT_EQ(span, smallest_span(node, free, count));
  ASSERT_EQ(picker.packages_in_use(picked), static_cast<int>(span.second));

  std::int32_t fastest = 0;
  for (const NodeCore& core : node.cores) fastest = std::max(fastest, core.kind);
  for (std::int32_t kind = fastest; kind >= 0; --kind)
    if (smallest_span(node, of_kind(node, free, kind), count) == span) {
      ASSERT_EQ(values(node, picked, &NodeCore::kind), std::set{kind});
      break;
    }
  if (fastest > 0 || span != Span{1, 1} || count == free.size()) return;
  const auto [l3s, room] = tightest(node, free, count);
  ASSERT_EQ(values(node, picked, &NodeCore::l3).size(), l3s);
  const NodeCore* somewhere = nullptr;
  picked.for_each([&](std::int32_t core) { somewhere = &node.cores[core]; });
  std::int32_t there = 0;
  free.for_each([&](std::int32_t core) {
    there += node.cores[core].numa_node == somewhere->numa_node && node.cores[core].package == somewhere->package;
  });
  ASSERT_EQ(there, room);
}

void compare_with_brute_force(std::uint64_t seed, bool numa_outside, std::int32_t kinds) {
  Random random(seed);
  for (int round = 0; round < 150; ++round) {
    const NodeInsides node = random_node(random, numa_outside, kinds);
    const CorePicker picker(node);
    const CoreSet free = random_cores(random, node.cores.size());
    for (std::int32_t count = 1; count <= free.size(); ++count) {
      expect_best(node, picker, free, count);
      if (::testing::Test::HasFatalFailure()) FAIL() << "round " << round << ", " << count << " cores";
    }
  }
}

TEST(CorePicker, SpansTheFewestNumaNodesThenPackages) { compare_with_brute_force(1, false, 1); }
TEST(CorePicker, SpansTheFewestPackagesWithinNumaNodes) { compare_with_brute_force(2, true, 1); }
TEST(CorePicker, KeepsToOneKindWhereThatSpansNoMore) { compare_with_brute_force(3, false, 3); }

// Machines of which some NUMA nodes hold packages and some packages hold NUMA nodes.
TEST(CorePicker, MixedNestings) {
  Random random(4);
  for (int round = 0; round < 100; ++round) {
    NodeInsides node = random_node(random, false, 1), other = random_node(random, true, 1);
    if (node.numa_nodes + other.numa_nodes > 8 || node.packages + other.packages > 8) continue;
    for (NodeCore core : other.cores) {
      core.numa_node += node.numa_nodes, core.package += node.packages, core.l3 += node.l3s;
      node.cores.push_back(core);
    }
    node.numa_nodes += other.numa_nodes, node.packages += other.packages, node.l3s += other.l3s;
    const CorePicker picker(node);
    const CoreSet free = random_cores(random, node.cores.size());
    for (std::int32_t count = 1; count <= free.size(); count += 3) {
      expect_best(node, picker, free, count);
      ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", " << count << " cores";
    }
  }
}

// Two packages of two NUMA nodes of two L3 groups of four cores, numbered in that order.
NodeInsides two_by_two_by_two() {
  NodeInsides node = NodeInsides::flat(32);
  node.packages = 2, node.numa_nodes = 4, node.l3s = 8;
  for (std::int32_t core = 0; core < 32; ++core) {
    NodeCore& c = node.cores[core];
    c.package = core / 16, c.numa_node = core / 8, c.l3 = core / 4;
  }
  return node;
}

CoreSet cores(std::initializer_list<std::pair<std::int32_t, std::int32_t>> ranges) {
  CoreSet set(32);
  for (const auto& [first, last] : ranges)
    for (std::int32_t core = first; core <= last; ++core) set.add(core);
  return set;
}

TEST(CorePicker, LeavesLargeHolesWhole) {
  const CorePicker picker(two_by_two_by_two());
  EXPECT_EQ(picker.pick(CoreSet::all(32), 3), cores({{0, 2}}));
  EXPECT_EQ(picker.pick(cores({{0, 15}, {17, 23}}), 3), cores({{17, 19}}))
      << "the tighter L3 group of the tighter node";
  EXPECT_EQ(picker.pick(cores({{0, 7}, {10, 31}}), 5), cores({{10, 10}, {12, 15}}));
  EXPECT_EQ(picker.pick(cores({{0, 3}, {8, 31}}), 6), cores({{8, 13}})) << "the fuller package";
  EXPECT_EQ(picker.pick(cores({{0, 15}, {16, 19}, {24, 31}}), 12), cores({{16, 19}, {24, 31}})) << "the fuller package";
}

TEST(CorePicker, SeveralNumaNodesFitTightlyToo) {
  NodeInsides node = two_by_two_by_two();
  node.packages = 1;
  for (NodeCore& core : node.cores) core.package = 0;
  const CorePicker picker(node);
  const CoreSet free = cores({{0, 15}, {16, 20}, {24, 26}});
  EXPECT_EQ(picker.pick(free, 11), cores({{0, 7}, {24, 26}}));
  EXPECT_EQ(picker.pick(free, 12), cores({{0, 7}, {16, 19}}));
  EXPECT_EQ(picker.pick(free, 14), cores({{0, 13}}));
}

TEST(CorePicker, FewL3GroupsGoBeforeATightNode) {
  const CorePicker picker(two_by_two_by_two());
  EXPECT_EQ(picker.pick(cores({{0, 1}, {4, 5}, {8, 15}}), 4), cores({{8, 11}}));
}

TEST(CorePicker, StaysInAPackageThatHoldsTheJob) {
  const CorePicker picker(two_by_two_by_two());
  const CoreSet free = cores({{0, 6}, {8, 12}, {16, 20}, {24, 31}});
  const CoreSet picked = picker.pick(free, 12);
  EXPECT_EQ(picker.packages_in_use(picked), 1);
  EXPECT_EQ(picked, cores({{0, 6}, {8, 12}}));
  EXPECT_EQ(picker.packages_in_use(picker.pick(free, 14)), 2) << "two NUMA nodes hold it only across the packages";
}

TEST(CorePicker, NothingAndEverything) {
  const CorePicker picker(two_by_two_by_two());
  EXPECT_EQ(picker.pick(CoreSet(32), 0), CoreSet(32));
  EXPECT_EQ(picker.pick(CoreSet::all(32), 0), CoreSet(32));
  EXPECT_EQ(picker.pick(CoreSet::all(32), 32), CoreSet::all(32));
  EXPECT_EQ(picker.packages_in_use(CoreSet(32)), 0);
  EXPECT_EQ(picker.packages_in_use(CoreSet::all(32)), 2);
  EXPECT_THROW(picker.pick(CoreSet::all(32), 33), std::invalid_argument);
  EXPECT_THROW(picker.pick(CoreSet::all(32), -1), std::invalid_argument);
}

TEST(CorePicker, RefusesNumaNodesAndPackagesThatCross) {
  NodeInsides node = NodeInsides::flat(3);
  node.packages = node.numa_nodes = 2;
  node.cores[1].package = node.cores[1].numa_node = 1;
  node.cores[2].numa_node = 1;
  EXPECT_THROW(CorePicker{node}, std::invalid_argument);
}

TEST(CorePicker, JobsThatComeAndGoNeverShareACore) {
  Random random(5);
  for (int round = 0; round < 30; ++round) {
    const NodeInsides node = random_node(random, random.chance(30), random.between32(1, 2));
    const CorePicker picker(node);
    const auto size = static_cast<std::int32_t>(node.cores.size());
    CoreSet free = CoreSet::all(size);
    std::vector<CoreSet> jobs;
    for (int step = 0; step < 200; ++step) {
      if (!jobs.empty() && (free.empty() || random.chance(45))) {
        std::swap(jobs[random.index(jobs.size())], jobs.back());
        free |= jobs.back();
        jobs.pop_back();
      } else {
        const std::int32_t count = random.between32(1, free.size());
        jobs.push_back(picker.pick(free, count));
        ASSERT_EQ(jobs.back().size(), count);
        ASSERT_TRUE(includes(free, jobs.back()));
        free -= jobs.back();
      }
      CoreSet all = free;
      std::int32_t sum = free.size();
      for (const CoreSet& job : jobs) all |= job, sum += job.size();
      ASSERT_EQ(all, CoreSet::all(size));
      ASSERT_EQ(sum, size);
    }
  }
}

}  // namespace
}  // namespace wattfill
