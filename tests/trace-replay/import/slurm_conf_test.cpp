#include "trace-replay/import/slurm_conf.hpp"

#include <gtest/gtest.h>

namespace wattfill {
namespace {

SlurmConf conf_of(const std::string& text) { return read_slurm_conf(text, "x", SlurmIncludes::kRefuse); }
SlurmNode node_of(const std::string& settings) {
  const SlurmConf conf = conf_of("NodeName=n " + settings);
  return conf.kinds.at(conf.nodes.at(0).kind);
}

// packages x cores x threads, "c" where no layout is known
std::string layout(const std::string& settings) {
  const SlurmNode node = node_of(settings);
  return node.layout
             ? std::to_string(node.packages) + "x" + std::to_string(node.cores) + "x" + std::to_string(node.threads)
             : std::to_string(node.cores) + "c";
}

std::vector<std::string> names(const SlurmConf& conf) {
  std::vector<std::string> all;
  for (const SlurmNamedNode& node : conf.nodes) all.push_back(node.name);
  return all;
}

bool noted(const SlurmConf& conf, const std::string& phrase) {
  for (const std::string& note : conf.notes)
    if (note.find(phrase) != std::string::npos) return true;
  return false;
}

using Names = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

TEST(SlurmConf, ReadsTheListsOfNodesInOrder) {
  EXPECT_EQ(names(conf_of("NodeName=n[001-003,010],gpu[1-2]x CPUs=4\nnodename=login")),
            (Names{"n001", "n002", "n003", "n010", "gpu1x", "gpu2x", "login"}));
}

TEST(SlurmConf, CoresFollowFromWhatIsSaidOfThem) {
  EXPECT_EQ(layout(""), "1c");
  EXPECT_EQ(layout("CPUs=4"), "4c");
  EXPECT_EQ(layout("Procs=4"), "4c");
  EXPECT_EQ(layout("Sockets=2 CoresPerSocket=24 ThreadsPerCore=2"), "2x24x2");
  EXPECT_EQ(layout("CPUs=96 Sockets=2 CoresPerSocket=24 ThreadsPerCore=2"), "2x24x2");
  EXPECT_EQ(layout("CPUs=48 Sockets=2 CoresPerSocket=24 ThreadsPerCore=2"), "2x24x2");
  EXPECT_EQ(layout("Boards=2 SocketsPerBoard=2 CoresPerSocket=8"), "4x8x1");
  EXPECT_EQ(layout("Boards=2 Sockets=2 CoresPerSocket=8"), "4x8x1");
  EXPECT_EQ(layout("CPUs=96 CoresPerSocket=24 ThreadsPerCore=2"), "2x24x2");
  EXPECT_EQ(layout("CPUs=24 CoresPerSocket=24 ThreadsPerCore=2"), "1x24x2");
  EXPECT_EQ(layout("CPUs=96 Sockets=2 ThreadsPerCore=2"), "2x24x2");
  EXPECT_EQ(layout("CPUs=8 ThreadsPerCore=2"), "4x1x2");
  const SlurmConf odd = conf_of("NodeName=n CPUs=30 Sockets=2 CoresPerSocket=8 ThreadsPerCore=2");
  EXPECT_TRUE(noted(odd, "x:1: CPUs=30 are neither all 16 cores nor all 32 threads"));
}

TEST(SlurmConf, ReadsMemoryAcceleratorsFeaturesAndWeight) {
  const SlurmNode node = node_of("RealMemory=257000 Gres=gpu:a100:4,gpu:t4,tmp:2G Feature=fast,ib WEIGHT=7");
  EXPECT_EQ(node.memory_mib, 257'000);
  EXPECT_EQ(node.accelerators, 5);
  EXPECT_EQ(node.features, "fast,ib");
  EXPECT_EQ(node.weight, 7);
  EXPECT_EQ(node_of("Gres=gpu:2").accelerators, 2);
  EXPECT_EQ(node_of("Gres=gpu").accelerators, 1);
  EXPECT_EQ(node_of("Gres=GPU:1080ti").accelerators, 1);
  EXPECT_EQ(node_of("Gres=gpu:a100:no_consume:3").accelerators, 3);
  EXPECT_TRUE(noted(conf_of("NodeName=n Gres=gpu:1,tmp:2G"), "x:1: Gres=tmp:2G is left aside"));
}

TEST(SlurmConf, DefaultLinesAddToThoseThatFollow) {
  const SlurmConf conf = conf_of(
      "NodeName=DEFAULT CPUs=2 RealMemory=2000\n"
      "NodeName=a\n"
      "NodeName=DEFAULT RealMemory=4000\n"
      "NodeName=b Procs=8\n"
      "NodeName=c Weight=3\n");
  EXPECT_EQ(names(conf), (Names{"a", "b", "c"}));
  EXPECT_EQ(conf.kinds[0].memory_mib, 2'000);
  EXPECT_EQ(conf.kinds[1].memory_mib, 4'000);
  EXPECT_EQ(conf.kinds[1].cores, 8);
  EXPECT_EQ(conf.kinds[2].cores, 2);
  EXPECT_EQ(conf.kinds[2].weight, 3);
}

TEST(SlurmConf, FutureNodesAreLeftOutAndOthersStay) {
  const SlurmConf conf = conf_of(
      "NodeName=a[1-2] State=CLOUD\nNodeName=f[1-2] State=FUTURE\nNodeName=d State=DRAIN\nPartitionName=p "
      "Nodes=a1,f1,d");
  EXPECT_EQ(names(conf), (Names{"a1", "a2", "d"}));
  EXPECT_EQ(conf.partitions.at(0).nodes, (Indices{0, 2}));
  EXPECT_TRUE(noted(conf, "x:2: NodeName=f[1-2] is left out: State=FUTURE"));
  EXPECT_TRUE(noted(conf, "x:3: State=DRAIN is left aside"));
}

TEST(SlurmConf, PartitionsNameNodesSetsOrAll) {
  const SlurmConf conf = conf_of(
      "PartitionName=DEFAULT Nodes=ALL OverSubscribe=EXCLUSIVE MaxTime=30\n"
      "PartitionName=all Default=YES\n"
      "PartitionName=some Nodes=n[2-3],n1 OverSubscribe=NO\n"
      "PartitionName=fast Nodes=quick,n1\n"
      "NodeSet=quick Feature=ib Nodes=n4\n"
      "NodeName=n[1-2]\nNodeName=n3 Features=big,ib\nNodeName=n4 Features=ib2\n");
  ASSERT_EQ(conf.partitions.size(), 3u);
  EXPECT_EQ(conf.partitions[0].name, "all");
  EXPECT_EQ(conf.partitions[0].nodes, (Indices{0, 1, 2, 3}));
  EXPECT_TRUE(conf.partitions[0].exclusive);
  EXPECT_TRUE(conf.partitions[0].is_default);
  EXPECT_EQ(conf.partitions[1].nodes, (Indices{0, 1, 2}));
  EXPECT_FALSE(conf.partitions[1].exclusive);
  EXPECT_FALSE(conf.partitions[1].is_default);
  EXPECT_EQ(conf.partitions[2].nodes, (Indices{0, 2, 3}));
  EXPECT_TRUE(noted(conf, "PartitionName lines: left aside: MaxTime (line 1)"));
}

TEST(SlurmConf, WholeNodesUnlessSelectedByCore) {
  EXPECT_TRUE(conf_of("NodeName=n").whole_nodes);
  EXPECT_TRUE(conf_of("SelectType=select/linear\nNodeName=n").whole_nodes);
  EXPECT_FALSE(conf_of("SelectType=select/cons_res\nNodeName=n").whole_nodes);
  EXPECT_FALSE(conf_of("selecttype=select/cons_tres\nNodeName=n").whole_nodes);
  EXPECT_TRUE(noted(conf_of("SelectType=select/x\nNodeName=n"), "x:1: SelectType=select/x is not known"));
}

TEST(SlurmConf, ListsWhatItLeavesAside) {
  const SlurmConf conf = conf_of(
      "AuthType=auth/munge\nSlurmctldHost=dev0(12.34.56.78)\nNodeName=a Port=7 NodeAddr=b\nNodeName=c Port=8\n"
      "DownNodes=a State=DOWN\n");
  EXPECT_EQ(conf.notes,
            (Names{"x:5: DownNodes=a is left aside", "NodeName lines: left aside: NodeAddr (line 3), Port (line 3)",
                   "settings that do not describe the machine: left aside: AuthType (line 1), "
                   "SlurmctldHost (line 2)"}));
}

TEST(SlurmConf, TellsTheLineAndTheKeyOfWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "x: no NodeName line"},
      {"NodeName=DEFAULT CPUs=4", "x: no NodeName line"},
      {"NodeName=n State=FUTURE", "x: no NodeName line"},
      {"NodeName=n[1-", R"(x:1: NodeName: "n[1-": "[" without "]")"},
      {"NodeName=n[3-1]", "x:1: NodeName: \"n[3-1]\": the range"},
      {"NodeName=n[1-x]", R"(x:1: NodeName: "n[1-x]": "x" is no number)"},
      {"NodeName=a,,b", "x:1: NodeName: \"a,,b\": an empty name"},
      {"NodeName=a\n\nNodeName=b,a", "x:3: NodeName: node \"a\" is defined twice"},
      {"NodeName=n[1-999999],m[1-9]", "x:1: NodeName: "},
      {"NodeName=n CPUs=four", "x:1: CPUs: \"four\" is no whole number from 1 to 4096"},
      {"NodeName=n cpus=0", "x:1: cpus: \"0\" is no whole number"},
      {"NodeName=n CPUs=-4", "x:1: CPUs: \"-4\" is no whole number"},
      {"NodeName=n CPUs=4.5", "x:1: CPUs: \"4.5\" is no whole number"},
      {"NodeName=n CPUs=99999999999999999999", "x:1: CPUs: "},
      {"NodeName=DEFAULT CPUs=x\nNodeName=n", "x:1: CPUs: \"x\""},
      {"NodeName=n CPUs=4 Procs=4", "x:1: Procs: given twice in this line"},
      {"NodeName=n Sockets=1 SocketsPerBoard=1", "x:1: SocketsPerBoard: given twice"},
      {"NodeName=n CPUs=30 CoresPerSocket=8 ThreadsPerCore=2", "x:1: CPUs: 30 does not divide by 16"},
      {"NodeName=n Boards=4096 Sockets=4096 CoresPerSocket=4096 ThreadsPerCore=4096", "x:1: NodeName: more than 4096"},
      {"NodeName=n RealMemory=256G", "x:1: RealMemory: \"256G\" is no whole number"},
      {"NodeName=n Weight=-1", "x:1: Weight: \"-1\" is no whole number"},
      {"NodeName=n Gres=gpu:", "x:1: Gres: \"gpu:\": gpu:COUNT"},
      {"NodeName=n Gres=gpu:-2", "x:1: Gres: \"gpu:-2\": gpu:COUNT"},
      {"NodeName=n Gres=:4", "x:1: Gres: \":4\": NAME:COUNT"},
      {"NodeName=n Gres=gpu:1,,gpu:2", "x:1: Gres: "},
      {"NodeName=n Gres=gpu:9999", "x:1: Gres: \"9999\" is no whole number from 0 to 1024"},
      {"NodeName=n Gres=gpu:a:1000,gpu:b:1000", "x:1: Gres: more than 1024 GPUs"},
      {"NodeName=n State=TIRED", "x:1: State: \"TIRED\" is no state; known are UNKNOWN"},
      {"NodeName=n\nPartitionName=p Nodes=m", "x:2: Nodes: node \"m\" is defined by no NodeName line"},
      {"NodeName=n\nPartitionName=p Nodes=n[", "x:2: Nodes: \"n[\""},
      {"NodeName=n\nPartitionName=p Nodes=n\nPartitionName=p Nodes=n", "x:3: PartitionName: \"p\" is defined twice"},
      {"NodeName=n\nNodeSet=s Nodes=m", "x:2: Nodes: node \"m\""},
      {"NodeName=n\nNodeSet=n Nodes=n", "x:2: NodeSet: this is the name of a node"},
      {"NodeName=n\nNodeSet=s Nodes=n\nNodeSet=s Nodes=n", "x:3: NodeSet: defined twice"},
  };
  for (const auto& [text, message] : wrong) {
    try {
      conf_of(text);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(message)) << error.what();
    }
  }
}

}  // namespace
}  // namespace wattfill
