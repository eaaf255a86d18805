#include "trace-replay/import/slurm_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

SlurmConf conf_of(const std::string& text) { return read_slurm_conf(text, "x", SlurmIncludes::kRefuse); }

// The example of slurm.conf(5).
const char* const kManual = R"(
ClusterName=dev
NodeName=DEFAULT CPUs=2 RealMemory=2000 TmpDisk=64000
NodeName=DEFAULT State=UNKNOWN
NodeName=dev[0-25] NodeAddr=edev[0-25] Weight=16
DownNodes=dev20 State=DOWN Reason="power,ETA=Dec25"
PartitionName=DEFAULT MaxTime=30 MaxNodes=10 State=UP
PartitionName=debug Nodes=dev[0-8,18-25] Default=YES
PartitionName=batch Nodes=dev[9-17]  MinNodes=4
PartitionName=long Nodes=dev[9-17] MaxTime=120 AllowGroups=admin
)";

TEST(SlurmCluster, ReadsTheManualsExample) {
  const Cluster cluster = slurm_cluster(conf_of(kManual));
  EXPECT_EQ(cluster.name, "dev");
  EXPECT_EQ(cluster.allocation, AllocationMode::kWholeNodes);
  ASSERT_EQ(cluster.node_types.size(), 2u);
  EXPECT_EQ(cluster.node_types[0].name, "dev");
  EXPECT_EQ(cluster.node_types[0].node_names, "dev[0-8,18-25]");
  EXPECT_EQ(cluster.node_types[0].count, 17);
  EXPECT_EQ(cluster.node_types[0].processors, 2);
  EXPECT_EQ(cluster.node_types[0].memory_kb, 2'000 * 1'024);
  EXPECT_EQ(cluster.node_types[1].name, "dev-2");
  EXPECT_EQ(cluster.node_types[1].node_names, "dev[9-17]");
  const std::vector<AccessRule> access = {{AccessRule::Field::kPartition, 1, {0}},
                                          {AccessRule::Field::kPartition, 2, {1}},
                                          {AccessRule::Field::kPartition, 3, {1}}};
  EXPECT_EQ(cluster.access, access);
}

TEST(SlurmCluster, NodesAlikeAreOneTypeAndLightOnesComeFirst) {
  const Cluster cluster = slurm_cluster(
      conf_of("SelectType=select/cons_tres\n"
              "NodeName=big01 Sockets=4 CoresPerSocket=28 ThreadsPerCore=2 RealMemory=6000000 Weight=100\n"
              "NodeName=cn[001-002] CPUs=128 Sockets=2 CoresPerSocket=64 RealMemory=257000 Weight=10 Port=1\n"
              "NodeName=gpu-[1-2] CPUs=48 Gres=gpu:a100:4 Weight=10\n"
              "NodeName=cn[004-005] Sockets=2 CoresPerSocket=64 RealMemory=257000 Weight=10 Port=2\n"
              "PartitionName=batch Nodes=ALL\n"));
  EXPECT_EQ(cluster.name, "slurm");
  EXPECT_EQ(cluster.allocation, AllocationMode::kCores);
  EXPECT_TRUE(cluster.access.empty());
  ASSERT_EQ(cluster.node_types.size(), 3u);
  const NodeType& thin = cluster.node_types[0];
  EXPECT_EQ(thin.name, "cn");
  EXPECT_EQ(thin.node_names, "cn[001-002,004-005]");
  EXPECT_EQ(thin.processors, 128);
  EXPECT_EQ(thin.insides.packages, 2);
  const NodeType& gpu = cluster.node_types[1];
  EXPECT_EQ(gpu.name, "gpu");
  EXPECT_EQ(gpu.accelerators, 4);
  EXPECT_EQ(gpu.processors, 48);
  EXPECT_TRUE(gpu.topology.synthetic.empty());
  const NodeType& big = cluster.node_types[2];
  EXPECT_EQ(big.name, "big");
  EXPECT_EQ(big.processors, 112);
  EXPECT_EQ(big.insides.packages, 4);
  EXPECT_EQ(big.insides.cores.at(0).pus.size(), 2u);
}

TEST(SlurmCluster, ExclusivePartitionsGiveWholeNodes) {
  const std::string nodes = "SelectType=select/cons_tres\nNodeName=n[1-64] CPUs=4\n";
  const auto mode = [&](const std::string& partitions) {
    return slurm_cluster(conf_of(nodes + partitions)).allocation;
  };
  EXPECT_EQ(mode("PartitionName=main Nodes=ALL OverSubscribe=EXCLUSIVE"), AllocationMode::kWholeNodes);
  EXPECT_EQ(mode("PartitionName=a Nodes=ALL Shared=EXCLUSIVE\nPartitionName=b Nodes=ALL"), AllocationMode::kCores);
}

TEST(SlurmCluster, TheTextTellsThePartitionsAndWhatIsMissing) {
  const std::string text = slurm_cluster_text(conf_of(kManual), "slurm.conf");
  for (const char* phrase : {"# From slurm.conf by", "power {", "#   1 debug (default): dev\n", "#   2 batch: dev-2\n",
                             "#   3 long: dev-2\n", "#   dev: weight 16\n"})
    EXPECT_NE(text.find(phrase), std::string::npos) << phrase << " in\n" << text;
  EXPECT_EQ(text.find("divide counts of threads"), std::string::npos);
  EXPECT_NE(slurm_cluster_text(conf_of("NodeName=n CoresPerSocket=4 ThreadsPerCore=2"), "x").find("divide counts"),
            std::string::npos);
}

// Every node is in one type, which has what its line says; every partition may use exactly the types of its nodes.
TEST(SlurmCluster, RandomConfsBecomeClustersThatHoldTheirNodes) {
  testing::Random random(1);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    std::vector<std::string> names;
    const int lines = random.between32(1, 6);
    for (int line = 0; line < lines; ++line) {
      std::vector<std::string> own;
      for (int n = random.between32(1, 5), i = 0; i < n; ++i)
        own.push_back(fmt::format("{}{:02}", random.chance(50) ? "cn" : "gpu", static_cast<int>(names.size()) + i));
      names.insert(names.end(), own.begin(), own.end());
      text += fmt::format("NodeName={} CPUs={} Weight={}\n", compress_hostlist(own), random.between(1, 3),
                          random.between(1, 2));
    }
    std::vector<std::vector<std::string>> partitions;
    for (int n = random.between32(0, 3); n > 0; --n) {
      std::vector<std::string> own;
      for (const std::string& name : names)
        if (random.chance(60)) own.push_back(name);
      if (own.empty()) continue;
      partitions.push_back(own);
      text += fmt::format("PartitionName=p{} Nodes={}\n", n, compress_hostlist(own));
    }
    const SlurmConf conf = conf_of(text);
    const Cluster cluster = slurm_cluster(conf);
    ASSERT_EQ(parse_cluster(slurm_cluster_text(conf, "x"), "text"), cluster) << text;

    std::map<std::string, std::int32_t> type_of;
    for (std::size_t t = 0; t < cluster.node_types.size(); ++t)
      for (const std::string& name : node_names(cluster.node_types[t])) type_of[name] = static_cast<std::int32_t>(t);
    ASSERT_EQ(type_of.size(), names.size());
    for (const SlurmNamedNode& node : conf.nodes)
      ASSERT_EQ(cluster.node_types[type_of.at(node.name)].processors, conf.kinds[node.kind].cores);
    for (std::size_t p = 0; p < partitions.size(); ++p) {
      std::set<std::int32_t> types;
      for (const std::string& name : partitions[p]) types.insert(type_of.at(name));
      std::size_t nodes = 0;
      for (const std::int32_t type : types) nodes += static_cast<std::size_t>(cluster.node_types[type].count);
      ASSERT_EQ(nodes, partitions[p].size()) << text;  // no node beside its own
      const auto rule = std::find_if(cluster.access.begin(), cluster.access.end(),
                                     [&](const AccessRule& r) { return r.number == static_cast<std::int32_t>(p + 1); });
      if (types.size() == cluster.node_types.size()) {
        ASSERT_EQ(rule, cluster.access.end());
      } else {
        ASSERT_NE(rule, cluster.access.end());
        ASSERT_EQ(rule->node_types, std::vector<std::int32_t>(types.begin(), types.end()));
      }
    }
  }
}

}  // namespace
}  // namespace wattfill
