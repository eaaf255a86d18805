// The clusters that come with the program, and random ones, survive being written and read; and what the fields of a
// file mean in the model's units.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
#include "tests/backfill/config/random_cluster.hpp"

namespace wattfill {
namespace {

using testing::Random;

TEST(ClusterConfig, BundledClustersSurviveTheRoundTrip) {
  ASSERT_FALSE(bundled_clusters().empty());
  for (const Cluster& cluster : bundled_clusters())
    EXPECT_EQ(parse_cluster(cluster_text(cluster), cluster.name, NamedFiles::kRefuse), cluster) << cluster.name;
}

TEST(ClusterConfig, RandomClustersSurviveTheRoundTrip) {
  Random random(1);
  for (int i = 0; i < 2'000; ++i) {
    const Cluster cluster = testing::random_cluster(random);
    ASSERT_EQ(parse_cluster(cluster_text(cluster), "random", NamedFiles::kRefuse), cluster) << cluster_text(cluster);
  }
}

TEST(ClusterConfig, BundledClustersAreWhole) {
  std::string before;
  for (const Cluster& cluster : bundled_clusters()) {
    EXPECT_LT(before, cluster.name);
    EXPECT_EQ(find_cluster(cluster.name), &cluster);
    EXPECT_FALSE(cluster.description.empty()) << cluster.name;
    EXPECT_GT(cluster.processors(), 0);
    before = cluster.name;
    for (const NodeType& type : cluster.node_types) {
      EXPECT_EQ(type.insides.cores.size(), static_cast<std::size_t>(type.processors)) << cluster.name;
      EXPECT_GT(type.power.idle, Milliwatts{}) << cluster.name;
      EXPECT_FALSE(type.power.sleep.empty()) << cluster.name;
    }
  }
  EXPECT_EQ(find_cluster("no such cluster"), nullptr);
  EXPECT_EQ(bundled_clusters().size(), embedded_clusters().size());
}

// Processor counts of REFERENCE and of the traces' headers.
TEST(ClusterConfig, BundledClustersHaveTheirProcessors) {
  const std::pair<const char*, std::int64_t> sizes[] = {
      {"kth-sp2", 100}, {"ctc-sp2", 338}, {"sdsc-sp2", 128},   {"sdsc-blue", 1152}, {"curie", 80640},
      {"theta", 4360},  {"hpc2n", 240},   {"lublin-256", 256}, {"taurus-128", 128}, {"nasa-ipsc-128", 128}};
  for (const auto& [name, processors] : sizes) {
    ASSERT_NE(find_cluster(name), nullptr) << name;
    EXPECT_EQ(find_cluster(name)->processors(), processors) << name;
    EXPECT_EQ(find_cluster(name)->allocation, AllocationMode::kCounts) << name;
    EXPECT_EQ(find_cluster(name)->node_types.size(), 1u) << name;
  }
}

// Batsim's energy platform, and the study of NASA's iPSC: REFERENCE 4.
TEST(ClusterConfig, TaurusAndIpscDrawWhatWasPublished) {
  const NodePower& taurus = find_cluster("taurus-128")->node_types.at(0).power;
  EXPECT_EQ(taurus.idle, Milliwatts{95'000});
  EXPECT_EQ(taurus.active, Milliwatts{190'738});
  ASSERT_EQ(taurus.frequencies.size(), 2u);
  EXPECT_EQ(taurus.frequencies[0].speed, Speed{689'000});
  EXPECT_EQ(taurus.frequencies[0].active, Milliwatts{146'900});
  EXPECT_EQ(taurus.frequencies[1].speed, Speed{450'000});
  EXPECT_EQ(taurus.frequencies[1].active, Milliwatts{125'900});
  ASSERT_EQ(taurus.sleep.size(), 1u);
  EXPECT_EQ(taurus.sleep[0].power, Milliwatts{9'750});
  EXPECT_EQ(taurus.sleep[0].enter, (Transition{Seconds{7}, Millijoules{616'100}, Milliwatts{101'000}}));
  EXPECT_EQ(taurus.sleep[0].leave, (Transition{Seconds{152}, Millijoules{18'965'758}, Milliwatts{125'170}}));

  const NodePower& ipsc = find_cluster("nasa-ipsc-128")->node_types.at(0).power;
  EXPECT_EQ(ipsc.idle, Milliwatts{190'000});
  EXPECT_EQ(ipsc.active, Milliwatts{190'000});
  ASSERT_EQ(ipsc.sleep.size(), 1u);
  EXPECT_EQ(ipsc.sleep[0].power, Milliwatts{9'000});
  EXPECT_EQ(ipsc.sleep[0].enter, (Transition{Seconds{1800}, Millijoules{16'200'000}, Milliwatts{9'000}}));
  EXPECT_EQ(ipsc.sleep[0].leave, (Transition{Seconds{2700}, Millijoules{513'000'000}, Milliwatts{190'000}}));
}

TEST(ClusterConfig, HeterogeneousOnesHaveFourTypesOnANetworkAndATariff) {
  for (const auto& [name, nodes] : {std::pair{"hetero-small", 128}, std::pair{"hetero-10k", 10'000}}) {
    ASSERT_NE(find_cluster(name), nullptr) << name;
    const Cluster& cluster = *find_cluster(name);
    EXPECT_EQ(cluster.nodes(), nodes);
    EXPECT_EQ(cluster.allocation, AllocationMode::kWholeNodes);
    EXPECT_EQ(cluster.node_types.size(), 4u);
    EXPECT_FALSE(std::holds_alternative<std::monostate>(cluster.network));
    EXPECT_FALSE(cluster.facility.tariff.empty());
    EXPECT_FALSE(cluster.facility.carbon.empty());
    std::set<std::int64_t> speeds;
    for (const NodeType& type : cluster.node_types) {
      EXPECT_GT(type.memory_kb, 0) << type.name;
      EXPECT_FALSE(type.power.frequencies.empty()) << type.name;
      speeds.insert(type.speed.millionths);
    }
    EXPECT_GE(speeds.size(), 3u);
  }
}

TEST(ClusterConfig, ReadsNodeTypesInOrder) {
  const Cluster cluster = parse_cluster(
      "name: \"two\"\nnode_type { name: \"thin\" count: 3 }\nnode_type { name: \"fat\" count: 2 processors: 8 }", "x");
  ASSERT_EQ(cluster.node_types.size(), 2u);
  EXPECT_EQ(cluster.node_types[0].name, "thin");
  EXPECT_EQ(cluster.node_types[0].processors, 1);
  EXPECT_EQ(cluster.node_types[1].name, "fat");
  EXPECT_EQ(cluster.node_types[1].insides, NodeInsides::flat(8));
  EXPECT_EQ(cluster.nodes(), 5);
  EXPECT_EQ(cluster.processors(), 19);
}

// A product that the machine's floating point would get wrong by a millijoule is exact; halves round up.
TEST(ClusterConfig, TransitionsCostSecondsTimesWattsToTheMillijoule) {
  const auto transition = [](const std::string& fields) {
    return parse_cluster(
               "name: \"x\" node_type { name: \"n\" count: 1 power { idle_watts: 50 active_watts: 50 "
               "sleep { name: \"s\" watts: 1 enter { " +
                   fields + " } } } }",
               "x")
        .node_types.at(0)
        .power.sleep.at(0)
        .enter;
  };
  EXPECT_EQ(transition("seconds: 0 watts: 7"), (Transition{Seconds{0}, Millijoules{0}, Milliwatts{7'000}}));
  EXPECT_EQ(transition("seconds: 1 watts: 7"), (Transition{Seconds{1}, Millijoules{7'000}, Milliwatts{7'000}}));
  EXPECT_EQ(transition("seconds: 1.000001 watts: 7"), (Transition{Seconds{2}, Millijoules{7'000}, Milliwatts{7'000}}));
  EXPECT_EQ(transition("seconds: 0.5 watts: 0.001"), (Transition{Seconds{1}, Millijoules{1}, Milliwatts{1}}));
  EXPECT_EQ(transition("seconds: 1000000 watts: 1000000"),
            (Transition{Seconds{1'000'000}, Millijoules{1'000'000'000'000'000}, Milliwatts{1'000'000'000}}));
  EXPECT_EQ(transition("seconds: 3 watts: 2 joules: 4.5"),
            (Transition{Seconds{3}, Millijoules{4'500}, Milliwatts{2'000}}));
}

TEST(ClusterConfig, SeriesHoldTheirUnitsAndTheirTimes) {
  const Facility facility = parse_cluster(R"(
      name: "x" node_type { name: "n" count: 1 }
      facility {
        pue: 1.25 currency: "EUR"
        power_cap_watts { step { time_s: 100 value: 2.5 } step { time_s: 200 value: 3 } }
        tariff_per_kwh { daily { at: "07:00" value: 0.31 } daily { at: "22:00:30" value: -0.05 } }
        carbon_grams_per_kwh { weekly { at: "Mon 06:00" value: 400.5 } weekly { at: "Sun 00:00" value: 90 } }
      })",
                                          "x")
                                .facility;
  EXPECT_EQ(facility.pue_millionths, 1'250'000);
  EXPECT_EQ(facility.power_cap, StepSeries({{SimTime{Seconds{100}}, 2'500}, {SimTime{Seconds{200}}, 3'000}}));
  EXPECT_EQ(facility.tariff,
            StepSeries({{SimTime{Seconds{25'200}}, 310'000}, {SimTime{Seconds{79'230}}, -50'000}}, Seconds{86'400}));
  EXPECT_EQ(facility.carbon,
            StepSeries({{SimTime{Seconds{21'600}}, 400'500}, {SimTime{Seconds{518'400}}, 90'000}}, Seconds{604'800}));
}

TEST(ClusterConfig, LinksStandForEachPairOfTheirLists) {
  const Cluster cluster = parse_cluster(R"(
      name: "x" node_type { name: "n" count: 3 }
      network { link { a: "s1" b: "n[0-1]" } link { a: "n2" b: "s2" } link { a: "s[1-2]" b: "t[1-2]" } })",
                                        "x");
  const ExplicitLinks expected{
      {{"s1", "n0"}, {"s1", "n1"}, {"n2", "s2"}, {"s1", "t1"}, {"s1", "t2"}, {"s2", "t1"}, {"s2", "t2"}}};
  EXPECT_EQ(cluster.network, NetworkSpec(expected));
}

TEST(ClusterConfig, NodeNamesFollowThePatternOrTheType) {
  const Cluster cluster = parse_cluster(
      R"(name: "x" node_type { name: "n" count: 3 } node_type { name: "m" count: 3 node_names: "a[09-10],b" })", "x");
  EXPECT_EQ(node_names(cluster.node_types[0]), (std::vector<std::string>{"n0", "n1", "n2"}));
  EXPECT_EQ(node_names(cluster.node_types[1]), (std::vector<std::string>{"a09", "a10", "b"}));
  EXPECT_EQ(node_names(cluster), (std::vector<std::string>{"n0", "n1", "n2", "a09", "a10", "b"}));
}

}  // namespace
}  // namespace wattfill
