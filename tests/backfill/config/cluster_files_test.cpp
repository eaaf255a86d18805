// Clusters that name other files, which are looked for beside them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

class ClusterFiles : public ::testing::Test {
 protected:
  ClusterFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cluster-files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ClusterFiles() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name)) << text;
  }
  std::string error_of(const std::string& name) const {
    try {
      parse_cluster_file(path(name));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }

 private:
  std::filesystem::path folder_;
};

const char* const kCapFromFile =
    "name: \"x\" node_type { name: \"n\" count: 1 }\nfacility {\n  power_cap_watts { csv_file: \"data/cap.csv\" } }";

TEST_F(ClusterFiles, SeriesAreLookedForBesideTheCluster) {
  write("x.textproto", kCapFromFile);
  write("data/cap.csv", "time_s,value\n0,2.5\n60,3\n");
  EXPECT_EQ(parse_cluster_file(path("x.textproto")).facility.power_cap,
            StepSeries({{SimTime{}, 2'500}, {SimTime{Seconds{60}}, 3'000}}));
}

TEST_F(ClusterFiles, AnAbsolutePathIsTakenAsItIs) {
  write("a/x.textproto",
        "name: \"x\" node_type { name: \"n\" count: 1 } facility { power_cap_watts { period_s: 61 "
        "csv_file: \"" +
            path("cap.csv") + "\" } }");
  write("cap.csv", "time_s,value\n0,2.5\n60,3\n");
  EXPECT_EQ(parse_cluster_file(path("a/x.textproto")).facility.power_cap,
            StepSeries({{SimTime{}, 2'500}, {SimTime{Seconds{60}}, 3'000}}, Seconds{61}));
}

TEST_F(ClusterFiles, WhatIsWrongInASeriesIsToldOfItsFile) {
  write("x.textproto", kCapFromFile);
  write("data/cap.csv", "time_s,value\n0,2.5\n60,much\n");
  EXPECT_TRUE(error_of("x.textproto").starts_with(path("data/cap.csv") + ":3: value: ")) << error_of("x.textproto");
}

TEST_F(ClusterFiles, AMissingFileIsToldOfWhereItIsNamed) {
  const std::string file = path("x.textproto");
  EXPECT_EQ(error_of("x.textproto"), file + ": cannot be read");
  write("x.textproto", kCapFromFile);
  EXPECT_EQ(error_of("x.textproto"),
            file + ":3:21: facility: power_cap_watts: csv_file: " + path("data/cap.csv") + ": cannot be read");
  write("data/cap.csv/is-a-folder", "");
  EXPECT_NE(error_of("x.textproto").find("cap.csv: cannot be read"), std::string::npos);
  write("x.textproto", "name: \"x\"\nnode_type { name: \"n\" count: 1\ntopology { xml_file: \"node.xml\" } }");
  EXPECT_TRUE(error_of("x.textproto").starts_with(file + ":3:1: node_type \"n\": topology: "))
      << error_of("x.textproto");
}

TEST_F(ClusterFiles, ATopologyGivesCoresAndPackages) {
  write("x.textproto",
        "name: \"x\" node_type { name: \"n\" count: 2 accelerators: 3\n"
        "topology { synthetic: \"package:2 numa:2 l3:1 core:4 pu:2\" }\n"
        "power { idle_watts: 100 active_watts: 200 package_watts: 50 } }");
  const NodeType type = parse_cluster_file(path("x.textproto")).node_types.at(0);
  EXPECT_EQ(type.processors, 16);
  EXPECT_EQ(type.insides.cores.size(), 16u);
  EXPECT_EQ(type.insides.packages, 2);
  EXPECT_EQ(type.insides.numa_nodes, 4);
  ASSERT_EQ(type.insides.accelerators.size(), 3u);
  EXPECT_EQ(type.insides.accelerators[2].numa_node, 2);
}

}  // namespace
}  // namespace wattfill
