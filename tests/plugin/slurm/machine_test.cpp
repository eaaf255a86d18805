#include "plugin/slurm/machine.hpp"

#include <gtest/gtest.h>

#include "plugin/slurm/tracker.hpp"

namespace wattfill::slurm {
namespace {

NodeView node(std::int32_t index, std::uint32_t cpus, std::vector<std::string> partitions,
              std::vector<std::string> features = {}) {
  NodeView out;
  out.index = index;
  out.name = "n" + std::to_string(index);
  out.usable = true;
  out.cpus = out.cores = cpus;
  out.memory_mib = 1'000;
  out.partitions = std::move(partitions);
  out.features = std::move(features);
  return out;
}

JobView job(std::uint32_t nodes, std::uint32_t cpus, std::string partition = "main") {
  JobView out;
  out.min_nodes = nodes;
  out.min_cpus = cpus;
  out.limit_s = 60;
  out.partitions = {std::move(partition)};
  return out;
}

std::int32_t processors(Machine& machine, const JobView& view) {
  const auto out = machine.translate(view, 1, 1);
  return out ? out->processors() : 0;
}

TEST(Machine, NodesThatAreAlikeFormATypeAndKeepTheirOwnNumbers) {
  // n0 and n5 are alike, with another between them; Slurm's table has holes.
  Machine machine({node(0, 4, {"main"}), node(3, 8, {"main"}), node(5, 4, {"main"})}, false);
  const auto cluster = machine.describe("lab");
  ASSERT_EQ(cluster.node_type_size(), 2);
  EXPECT_EQ(cluster.node_type(0).node_names(), "n0,n5");
  EXPECT_EQ(cluster.node_type(1).processors(), 8U);
  EXPECT_EQ(machine.planner_node(5), 1);
  EXPECT_EQ(machine.planner_node(3), 2);
  const auto allocation = machine.to_planner({{0, 3, 5}, {}});
  ASSERT_EQ(allocation.run_size(), 1);
  EXPECT_EQ(allocation.run(0).length(), 3);
  EXPECT_EQ(machine.to_slurm(allocation), (std::vector<std::int32_t>{0, 3, 5}));
}

TEST(Machine, WholeNodesAreEnoughForNodesCpusAndMemory) {
  Machine machine({node(0, 4, {"main"}), node(1, 4, {"main"})}, false);
  EXPECT_EQ(processors(machine, job(1, 1)), 4);
  EXPECT_EQ(processors(machine, job(2, 2)), 8);
  EXPECT_EQ(processors(machine, job(1, 5)), 8);
  JobView greedy = job(1, 4);
  greedy.memory_per_cpu = true;
  greedy.memory_mib = 500;  // two CPUs' worth in a node of 1,000 MiB
  EXPECT_EQ(processors(machine, greedy), 8);
  greedy.memory_per_cpu = false;
  greedy.memory_mib = 1'001;
  EXPECT_EQ(processors(machine, greedy), 0);
}

TEST(Machine, OnNodesOfSeveralSizesTheLargestNeedIsTold) {
  Machine machine({node(0, 4, {"main"}), node(1, 8, {"main"}), node(2, 8, {"main"})}, false);
  EXPECT_EQ(processors(machine, job(2, 2)), 16);  // two nodes, whichever
}

TEST(Machine, PartitionsAndFeaturesChooseTheTypes) {
  Machine machine({node(0, 4, {"main"}), node(1, 4, {"gpu", "main"}, {"big", "fast"})}, false);
  machine.describe("lab");
  EXPECT_TRUE(machine.knows_all());
  const auto main = machine.translate(job(1, 1, "main"), 1, 1), gpu = machine.translate(job(1, 1, "gpu"), 2, 1);
  EXPECT_NE(main->partition(), gpu->partition());
  JobView fast = job(1, 1, "main");
  fast.features = {"big", "fast"};
  EXPECT_EQ(machine.translate(fast, 3, 1)->partition(), gpu->partition());  // the same nodes
  EXPECT_TRUE(machine.knows_all());
  fast.features = {"fast", "none"};
  EXPECT_FALSE(machine.translate(fast, 3, 1));
  EXPECT_FALSE(machine.translate(job(1, 1, "nowhere"), 4, 1));
}

TEST(Machine, AFeatureThatSplitsAPartitionAnewAsksForAnotherHello) {
  Machine machine({node(0, 4, {"main"}), node(1, 4, {"main"}, {"fast"})}, false);
  machine.describe("lab");
  JobView fast = job(1, 1);
  fast.features = {"fast"};
  EXPECT_TRUE(machine.translate(fast, 1, 1));
  EXPECT_FALSE(machine.knows_all());
  machine.describe("lab");
  EXPECT_TRUE(machine.knows_all());
}

TEST(Machine, LicencesAreToldWithTheClusterAndANewCountToo) {
  Machine machine({node(0, 4, {"main"})}, false);
  machine.describe("lab");
  JobView asking = job(1, 1);
  asking.licences = {{"cad@server", 2}};
  machine.count_licences({{"cad@server", 5}});
  const auto told = machine.translate(asking, 1, 1);
  EXPECT_FALSE(machine.knows_all());
  auto cluster = machine.describe("lab");
  EXPECT_TRUE(machine.knows_all());
  ASSERT_EQ(cluster.licence_size(), 1);
  EXPECT_EQ(cluster.licence(0).count(), 5U);
  const auto& access = cluster.access(told->partition() - 1);
  ASSERT_EQ(access.licence_size(), 1);
  EXPECT_EQ(access.licence(0).name(), cluster.licence(0).name());
  EXPECT_EQ(access.licence(0).count(), 2U);
  EXPECT_EQ(machine.translate(asking, 2, 1)->partition(), told->partition());
  EXPECT_NE(machine.translate(job(1, 1), 3, 1)->partition(), told->partition());
  machine.count_licences({});  // nobody asks now
  EXPECT_TRUE(machine.knows_all());
  machine.count_licences({{"cad@server", 6}});
  EXPECT_FALSE(machine.knows_all());
}

TEST(Machine, CoresAreCountedWhereNodesAreShared) {
  NodeView wide = node(0, 8, {"main"});
  wide.cores = 4;  // two threads each
  Machine machine({wide}, true);
  EXPECT_EQ(processors(machine, job(1, 3)), 2);
  const auto told = machine.to_planner({{0}, {{0b101}}});
  ASSERT_EQ(told.cores_size(), 1);
  EXPECT_EQ(told.cores(0).word(0), 0b101U);
}

TEST(Machine, PriorityIsTheTierThenTheBand) {
  Machine machine({node(0, 4, {"main"})}, false);
  JobView low = job(1, 1), high = job(1, 1);
  low.priority = 1'999;
  high.priority = 1'000;
  high.tier = 1;
  EXPECT_LT(machine.translate(low, 1, 1)->priority(), machine.translate(high, 2, 1)->priority());
  low.tier = 1;
  EXPECT_EQ(machine.translate(low, 1, 1'000)->priority(), machine.translate(high, 2, 1'000)->priority());
}

TEST(PlannerId, IsSlurmsOwnForPlainJobsAndNeverTheSameForTwo) {
  EXPECT_EQ(planner_id({17, kNoTask}, 0), 17);
  const std::vector<std::int64_t> ids = {planner_id({17, kNoTask}, 1), planner_id({17, 0}, 0), planner_id({17, 1}, 0),
                                         planner_id({17, 1}, 1), planner_id({18, 0}, 0)};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_GT(ids[i], std::int64_t{1} << 61);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(ids[i], ids[j]);
  }
}

}  // namespace
}  // namespace wattfill::slurm
