// Wrong clusters: each is refused, with the line, the field and a word on what would be right.
#include <gtest/gtest.h>

#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

struct Malformed {
  const char* label;
  std::string text;
  std::string place;   // how the message begins: "file:LINE:COLUMN: field"
  std::string phrase;  // and what it says
};

std::ostream& operator<<(std::ostream& out, const Malformed& m) { return out << m.label; }

class MalformedCluster : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedCluster, IsRefused) {
  const Malformed& m = GetParam();
  try {
    parse_cluster(m.text, "file", NamedFiles::kRefuse);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with(m.place)) << message;
    EXPECT_NE(message.find(m.phrase), std::string::npos) << message;
  }
}

constexpr auto kLabel = [](const auto& param) { return std::string(param.param.label); };

// The first line gives a name; what is wrong stands from the second on.
std::string cluster(const std::string& lines) { return "name: \"x\"\n" + lines; }
// Ten nodes on line 2 with more fields from line 3 on.
std::string node(const std::string& lines) { return cluster("node_type { name: \"n\" count: 10\n" + lines + "\n}\n"); }
// Power from line 3 on, with its states from line 4 on.
std::string power(const std::string& states) {
  return node("power { idle_watts: 100 active_watts: 200\n" + states + "}");
}
// What goes with ten nodes, from line 3 on.
std::string beside(const std::string& lines) { return cluster("node_type { name: \"n\" count: 10 }\n" + lines); }

INSTANTIATE_TEST_SUITE_P(
    Whole, MalformedCluster,
    ::testing::Values(
        Malformed{"Empty", "", "file: name: ", "missing"},
        Malformed{"NameOfTwoWords", "\nname: \"two words\"", "file:2:1: name: ", "blank"},
        Malformed{"NoNodeType", "name: \"x\"", "file: node_type: ", "at least one"},
        Malformed{"UnknownField", cluster("node_type { name: \"n\" cores: 4 }"),
                  "file:2:23: ", "\"cores\"; known are name, count, processors"},
        Malformed{"UnknownFieldWithin", power("sleep { depth: 3 }"), "file:4:9: ", "\"depth\"; known are name, watts"},
        Malformed{"UnclosedNodeType", cluster("node_type { name: \"n\" count: 1\n"), "file:3:1: ", "Expected"},
        Malformed{"CountTwice", cluster("node_type { name: \"n\" count: 1 count: 2 }"),
                  "file:2:32: ", "multiple times"},
        Malformed{"PolicyGiven", cluster("queue_order: FCFS"), "file:2:1: ", "no field named \"queue_order\""},
        Malformed{"UnknownAllocation", beside("allocation: SHARED"),
                  "file:3:13: ", "\"SHARED\" for field \"allocation\"; known are COUNTS, WHOLE_NODES, CORES"},
        Malformed{"AllocationNumberOutOfRange", beside("allocation: 3"), "file:3:1: allocation: 3 ",
                  "known are COUNTS, WHOLE_NODES, CORES"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Nodes, MalformedCluster,
    ::testing::Values(
        Malformed{"WithoutName", cluster("node_type { count: 4 }"), "file:2:1: node_type: name: ", "missing"},
        Malformed{"WithoutCount", cluster("node_type { name: \"n\" }"),
                  "file:2:1: node_type \"n\": count: ", "at least 1"},
        Malformed{"NoNodes", cluster("node_type {\n  name: \"n\"\n  count: 0\n}"),
                  "file:4:3: node_type \"n\": count: ", "at least 1"},
        Malformed{"NoNodesWithinAList", cluster("node_type [ { name: \"n\" count: 1 },\n{ name: \"m\" count: 0 } ]"),
                  "file:3:13: node_type \"m\": count: ", "at least 1"},
        Malformed{"NegativeCount", cluster("node_type { name: \"n\" count: -4 }"), "file:2:", "Expected integer"},
        Malformed{"CountBeyondRange", cluster("node_type { name: \"n\"\ncount: 2147483648 }"),
                  "file:3:1: node_type \"n\": count: ", "2147483647"},
        Malformed{"NoProcessors", node("processors: 0"), "file:3:1: node_type \"n\": processors: ", "from 1 to 16384"},
        Malformed{"ProcessorsBeyondRange", node("processors: 4294967295"),
                  "file:3:1: node_type \"n\": processors: ", "from 1 to 16384"},
        Malformed{"ProductBeyondRange", cluster("node_type { name: \"n\" count: 131072 processors: 16384 }"),
                  "file:2:1: node_type \"n\": ", "more than 2147483647 processors"},
        Malformed{"SumBeyondRange",
                  cluster("node_type { name: \"n\" count: 2000000000 }\nnode_type { name: \"m\" count: 2000000000 }"),
                  "file:3:1: node_type \"m\": ", "more than 2147483647 processors"},
        Malformed{"TypeTwice", cluster("node_type { name: \"n\" count: 1 }\nnode_type {\n  count: 2\n  name: \"n\" }"),
                  "file:5:3: node_type \"n\": name: ", "used twice"},
        Malformed{"TooFewNames", node("node_names: \"cn[1-9]\""),
                  "file:3:1: node_type \"n\": node_names: ", "9 names for 10 nodes"},
        Malformed{"NamesUnclosed", node("node_names: \"cn[1-10\""),
                  "file:3:1: node_type \"n\": node_names: ", "\"[\" without \"]\""},
        Malformed{"NamesTwiceWithin", node("node_names: \"cn[1-9],cn5\""),
                  "file:3:1: node_type \"n\": node_names: ", "\"cn5\" is a node of \"n\" already"},
        Malformed{"NamesTwice", node("node_names: \"m[0-9]\"") + "node_type { name: \"m\" count: 1 }",
                  "file:5:1: node_type \"m\": node_names: ", "\"m0\" is a node of \"n\" already"},
        Malformed{
            "DefaultNamesTwice",
            cluster("allocation: CORES\nnode_type { name: \"n\" count: 11 }\nnode_type { name: \"n1\" count: 1 }"),
            "file:4:1: node_type \"n1\": node_names: ", "\"n10\" is a node of \"n\" already"},
        Malformed{"MoreNamedNodesThanFit", cluster("allocation: CORES\nnode_type { name: \"n\" count: 1000001 }"),
                  "file:3:1: node_type \"n\": ", "more than 1000000 nodes with names"},
        Malformed{"NoSpeed", node("speed: 0"), "file:3:1: node_type \"n\": speed: ", "0 is out of range"},
        Malformed{"NegativeSpeed", node("speed: -1"), "file:3:1: node_type \"n\": speed: ", "-1 is out of range"},
        Malformed{"SpeedNotANumber", node("speed: nan"), "file:3:1: node_type \"n\": speed: ", "nan is out of range"},
        Malformed{"EndlessSpeed", node("speed: inf"), "file:3:1: node_type \"n\": speed: ", "inf is out of range"},
        Malformed{"NoMemory", node("memory_mib: 0"), "file:3:1: node_type \"n\": memory_mib: ", "out of range"},
        Malformed{"TooManyAccelerators", node("accelerators: 1025"),
                  "file:3:1: node_type \"n\": accelerators: ", "from 0 to 1024"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Topology, MalformedCluster,
    ::testing::Values(
        Malformed{"Empty", node("topology { }"), "file:3:1: node_type \"n\": topology: ", "empty"},
        Malformed{"TwoSources", node("topology {\nthis_machine: true\nsynthetic: \"core:4\" }"), "file:5:1: ", "oneof"},
        Malformed{"NotThisMachine", node("topology {\nthis_machine: false }"),
                  "file:4:1: node_type \"n\": topology: this_machine: ", "leave the topology out"},
        Malformed{"SyntheticEmpty", node("topology { synthetic: \"\" }"),
                  "file:3:12: node_type \"n\": topology: synthetic: ", "empty"},
        Malformed{"SyntheticNonsense", node("topology { synthetic: \"kernel:4\" }"),
                  "file:3:1: node_type \"n\": topology: ", "kernel:4"},
        Malformed{"SyntheticBeyondAllNodes", node("topology { synthetic: \"core:99999999 pu:1\" }"),
                  "file:3:1: node_type \"n\": topology: ", "hardware threads, the most"},
        Malformed{"FileNamedWithinAText", node("topology { xml_file: \"node.xml\" }"),
                  "file:3:12: node_type \"n\": topology: xml_file: ", "names a file"},
        Malformed{"OtherProcessors", node("topology { synthetic: \"package:2 core:4 pu:2\" }\nprocessors: 16"),
                  "file:4:1: node_type \"n\": processors: ", "16, but the topology has 8 cores"},
        Malformed{"PackagesBeyondActive",
                  node("topology { synthetic: \"package:2 core:4 pu:2\" }\n"
                       "power { idle_watts: 100 active_watts: 200\npackage_watts: 50.001 }"),
                  "file:5:1: node_type \"n\": power: package_watts: ", "2 package(s)"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Power, MalformedCluster,
    ::testing::Values(
        Malformed{"WithoutIdle", node("power { active_watts: 200 }"),
                  "file:3:1: node_type \"n\": power: idle_watts: ", "missing"},
        Malformed{"WithoutActive", node("power { idle_watts: 200 }"),
                  "file:3:1: node_type \"n\": power: active_watts: ", "missing"},
        Malformed{"NegativeIdle", node("power {\nidle_watts: -0.1 active_watts: 200 }"),
                  "file:4:1: node_type \"n\": power: idle_watts: ", "-0.1 is out of range"},
        Malformed{"IdleNotANumber", node("power { idle_watts: nan active_watts: 200 }"),
                  "file:3:9: node_type \"n\": power: idle_watts: ", "nan is out of range"},
        Malformed{"EndlessActive", node("power {\nidle_watts: 0\nactive_watts: inf }"),
                  "file:5:1: node_type \"n\": power: active_watts: ", "inf is out of range"},
        Malformed{"ActiveBelowIdle", node("power { idle_watts: 100\nactive_watts: 99.999 }"),
                  "file:4:1: node_type \"n\": power: active_watts: ", "below idle_watts, 100"},
        Malformed{"PackagesBeyondActive", power("package_watts: 100.001 "),
                  "file:4:1: node_type \"n\": power: package_watts: ", "more than active_watts - idle_watts, 100"},
        Malformed{"ClusterBeyondTheCounter",
                  cluster("node_type { name: \"n\" count: 1001\npower { idle_watts: 0 active_watts: 1e5 } }"),
                  "file:3:1: node_type \"n\": power: ", "more than 100 MW"},
        Malformed{"FrequencyWithoutName", power("frequency { speed: 0.5 active_watts: 150 }"),
                  "file:4:1: node_type \"n\": power: frequency: name: ", "missing"},
        Malformed{"FrequencyWithoutSpeed", power("frequency { name: \"f\" active_watts: 150 }"),
                  "file:4:1: node_type \"n\": power: frequency \"f\": speed: ", "missing"},
        Malformed{"FrequencyNotSlower", power("frequency { name: \"f\" speed: 1 active_watts: 150 }"),
                  "file:4:23: node_type \"n\": power: frequency \"f\": speed: ", "not below 1 of full speed"},
        Malformed{"FrequenciesOutOfOrder",
                  power("frequency { name: \"a\" speed: 0.4 active_watts: 150 }\n"
                        "frequency { name: \"b\" speed: 0.5 active_watts: 140 }"),
                  "file:5:23: node_type \"n\": power: frequency \"b\": speed: ", "not below 0.4 of a"},
        Malformed{"FrequencyAboveActive", power("frequency { name: \"f\" speed: 0.9 active_watts: 201 }"),
                  "file:4:34: node_type \"n\": power: frequency \"f\": active_watts: ", "above 200"},
        Malformed{"FrequencyBelowIdle", power("frequency { name: \"f\" speed: 0.9 active_watts: 99 }"),
                  "file:4:34: node_type \"n\": power: frequency \"f\": active_watts: ", "below idle_watts"},
        Malformed{"FrequencyNameTwice",
                  power("frequency { name: \"a\" speed: 0.5 active_watts: 150 }\n"
                        "frequency { name: \"a\" speed: 0.4 active_watts: 140 }"),
                  "file:5:13: node_type \"n\": power: frequency \"a\": name: ", "used twice"},
        Malformed{"SleepWithoutName", power("sleep { watts: 9 }"),
                  "file:4:1: node_type \"n\": power: sleep: name: ", "missing"},
        Malformed{"SleepWithoutWatts", power("sleep { name: \"off\" }"),
                  "file:4:1: node_type \"n\": power: sleep \"off\": watts: ", "missing"},
        Malformed{"SleepAtIdlePower", power("sleep { name: \"off\" watts: 100 }"),
                  "file:4:21: node_type \"n\": power: sleep \"off\": watts: ", "not below idle_watts, 100"},
        Malformed{"SleepOutOfOrder", power("sleep { name: \"off\" watts: 5 }\nsleep { name: \"nap\" watts: 6 }"),
                  "file:5:21: node_type \"n\": power: sleep \"nap\": watts: ", "light to deep"},
        Malformed{"SleepNameTwice", power("sleep { name: \"off\" watts: 6 }\nsleep { name: \"off\" watts: 5 }"),
                  "file:5:9: node_type \"n\": power: sleep \"off\": name: ", "used twice"},
        Malformed{"TransitionWithoutSeconds", power("sleep { name: \"off\" watts: 6\nenter { watts: 7 } }"),
                  "file:5:1: node_type \"n\": power: sleep \"off\": enter: seconds: ", "missing"},
        Malformed{"TransitionWithoutWatts", power("sleep { name: \"off\" watts: 6\nleave { seconds: 7 } }"),
                  "file:5:1: node_type \"n\": power: sleep \"off\": leave: watts: ", "missing"},
        Malformed{"NegativeTransition", power("sleep { name: \"off\" watts: 6\nleave { seconds: -7 watts: 1 } }"),
                  "file:5:9: node_type \"n\": power: sleep \"off\": leave: seconds: ", "-7 is out of range"},
        Malformed{"TransitionCostsTooMuch",
                  power("sleep { name: \"off\" watts: 6\nleave { seconds: 7 watts: 10 joules: 70.001 } }"),
                  "file:5:30: node_type \"n\": power: sleep \"off\": leave: joules: ", "from 60 to 70"},
        Malformed{"TransitionCostsTooLittle",
                  power("sleep { name: \"off\" watts: 6\nleave { seconds: 7 watts: 10 joules: 59 } }"),
                  "file:5:30: node_type \"n\": power: sleep \"off\": leave: joules: ", "from 60 to 70"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Network, MalformedCluster,
    ::testing::Values(
        Malformed{"Empty", beside("network { }"), "file:3:1: network: ", "empty"},
        Malformed{"FatTreeTooSmall", beside("network {\n  fat_tree { nodes_per_switch: 3 arity: [3] } }"),
                  "file:4:3: network: fat_tree: ", "places for 9 nodes, the cluster has 10"},
        Malformed{"FatTreeWithoutNodes", beside("network { fat_tree { arity: 3 } }"),
                  "file:3:11: network: fat_tree: nodes_per_switch: ", "from 1 to"},
        Malformed{"FatTreeOfNothing", beside("network { fat_tree { nodes_per_switch: 16 arity: 4\narity: 0 } }"),
                  "file:4:1: network: fat_tree: arity: ", "0 is out of range"},
        Malformed{"DragonflyTooSmall",
                  beside("network { dragonfly { nodes_per_router: 3 routers_per_group: 3 groups: 1 } }"),
                  "file:3:11: network: dragonfly: ", "places for 9 nodes"},
        Malformed{"DragonflyWithoutGroups",
                  beside("network { dragonfly { nodes_per_router: 9 routers_per_group: 9 } }"),
                  "file:3:11: network: dragonfly: groups: ", "from 1 to"},
        Malformed{"TorusWithoutDimensions", beside("network { torus { } }"),
                  "file:3:11: network: torus: dimension: ", "missing"},
        Malformed{"TorusWithoutExtent", beside("network { torus { dimension: 4\ndimension: 0\n} }"),
                  "file:4:1: network: torus: dimension: ", "0 is out of range"},
        Malformed{"TorusListWithoutExtent", beside("network { torus {\ndimension: [4, 0, 4]\n} }"),
                  "file:4:1: network: torus: dimension: ", "0 is out of range"},
        Malformed{"TorusTooSmall", beside("network { torus { dimension: [3, 3] } }"),
                  "file:3:11: network: torus: ", "places for 9 nodes"},
        Malformed{"TwoNetworks", beside("network { torus { dimension: 9 }\nfat_tree { nodes_per_switch: 10 } }"),
                  "file:4:1: ", "oneof"},
        Malformed{"LinksBesideANetwork", beside("network { torus { dimension: 10 }\nlink { a: \"s\" b: \"n[0-9]\" } }"),
                  "file:4:1: network: link: ", "beside a regular network"},
        Malformed{"NodeWithoutLink", beside("network { link { a: \"s\" b: \"n[0-8]\" } }"),
                  "file:3:1: network: ", "'n9' has no link"},
        Malformed{"NetworkInTwo",
                  beside("network {\nlink { a: \"s\" b: \"n[0-4]\" }\nlink { a: \"t\" b: \"n[5-9]\" } }"),
                  "file:3:1: network: ", "no way from switch 's' to switch 't'"},
        Malformed{"NodesLinked", beside("network {\nlink { a: \"n0\" b: \"n[1-9]\" } }"),
                  "file:4:16: network: link: b: ", "\"n0\" and \"n1\" are nodes"},
        Malformed{"NodeOnTwoSwitches",
                  beside("network {\nlink { a: \"s\" b: \"n[0-9]\" }\nlink { a: \"n7\" b: \"t\" } }"),
                  "file:5:1: network: link: ", "node \"n7\" hangs on switch \"s\" already"},
        Malformed{"LinkToItself", beside("network {\nlink { a: \"s\" b: \"s\" } }"),
                  "file:4:15: network: link: b: ", "linked with itself"},
        Malformed{"LinkToNowhere", beside("network {\nlink { a: \"s\" } }"),
                  "file:4:1: network: link: b: ", "empty name"},
        Malformed{"WrongListOfEnds", beside("network {\nlink { a: \"s[2-1]\" b: \"n[0-9]\" } }"),
                  "file:4:8: network: link: a: ", "runs downwards"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Facility, MalformedCluster,
    ::testing::Values(
        Malformed{"PueBelowOne", beside("facility {\n  pue: 0.9 }"), "file:4:3: facility: pue: ", "from 1 to 10"},
        Malformed{"EmptySeries", beside("facility {\n  power_cap_watts { } }"),
                  "file:4:3: facility: power_cap_watts: ", "empty"},
        Malformed{"TwoForms", beside("facility { carbon_grams_per_kwh { constant: 3\nstep { value: 1 } } }"),
                  "file:3:12: facility: carbon_grams_per_kwh: ", "several forms"},
        Malformed{"NegativeCap", beside("facility { power_cap_watts {\nconstant: -1 } }"),
                  "file:4:1: facility: power_cap_watts: constant: ", "-1 is out of range"},
        Malformed{"TariffWithoutCurrency", beside("facility { tariff_per_kwh { constant: 0.2 } }"),
                  "file:3:1: facility: currency: ", "missing"},
        Malformed{"TimeOfDayBeyondTheDay", beside("facility { power_cap_watts {\ndaily { at: \"24:00\" value: 3 } } }"),
                  "file:4:9: facility: power_cap_watts: daily: at: ", "write \"07:00\""},
        Malformed{"TimeOfDayShort", beside("facility { power_cap_watts {\ndaily { at: \"7:00\" value: 3 } } }"),
                  "file:4:9: facility: power_cap_watts: daily: at: ", "write \"07:00\""},
        Malformed{"TimeOfDaySigned", beside("facility { power_cap_watts {\ndaily { at: \"-7:00\" value: 3 } } }"),
                  "file:4:9: facility: power_cap_watts: daily: at: ", "write \"07:00\""},
        Malformed{"TimeOfDayWithoutColon", beside("facility { power_cap_watts {\ndaily { at: \"07.00\" value: 3 } } }"),
                  "file:4:9: facility: power_cap_watts: daily: at: ", "write \"07:00\""},
        Malformed{"TimeOfWeekWithoutDay", beside("facility { power_cap_watts {\nweekly { at: \"07:00\" value: 3 } } }"),
                  "file:4:10: facility: power_cap_watts: weekly: at: ", "write \"Mon 07:00\""},
        Malformed{"DailyOutOfOrder",
                  beside("facility { power_cap_watts {\ndaily { at: \"07:00\" value: 3 }\n"
                         "daily { at: \"07:00\" value: 4 } } }"),
                  "file:5:9: facility: power_cap_watts: daily: at: ", "ascend"},
        Malformed{"StepWithoutValue", beside("facility { power_cap_watts {\ndaily { at: \"07:00\" } } }"),
                  "file:4:1: facility: power_cap_watts: daily: value: ", "missing"},
        Malformed{"StepsOutOfOrder",
                  beside("facility { power_cap_watts {\nstep { time_s: 5 value: 3 }\nstep { time_s: 4 value: 3 } } }"),
                  "file:5:8: facility: power_cap_watts: step: time_s: ", "ascend"},
        Malformed{"StepBeyondThePeriod",
                  beside("facility { power_cap_watts {\nstep { time_s: 60 value: 3 }\nperiod_s: 60 } }"),
                  "file:5:1: facility: power_cap_watts: period_s: ", "from 0 to 59"},
        Malformed{"NoPeriod", beside("facility { power_cap_watts {\nstep { value: 3 }\nperiod_s: 0 } }"),
                  "file:5:1: facility: power_cap_watts: period_s: ", "0 is out of range"},
        Malformed{"PeriodOfAConstant", beside("facility { power_cap_watts {\nconstant: 3 period_s: 60 } }"),
                  "file:4:13: facility: power_cap_watts: period_s: ", "csv_file or step"},
        Malformed{"FileNamedWithinAText", beside("facility { power_cap_watts {\ncsv_file: \"cap.csv\" } }"),
                  "file:4:1: facility: power_cap_watts: csv_file: ", "names a file"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Access, MalformedCluster,
    ::testing::Values(
        Malformed{"OfNobody", beside("access { node_type: \"n\" }"), "file:3:1: access: ", "queue or partition"},
        Malformed{"ToNothing", beside("access { queue: 1 }"), "file:3:1: access: node_type: ", "missing"},
        Malformed{"ToTheUnknown", beside("access { queue: 1\nnode_type: \"n\"\nnode_type: \"m\" }"),
                  "file:5:1: access: node_type: ", "no node_type \"m\""},
        Malformed{"ToOneTwice", beside("access { queue: 1 node_type: [\"n\", \"n\"] }"),
                  "file:3:19: access: node_type: ", "named twice"},
        Malformed{"BeyondRange", beside("access { partition: 2147483648 node_type: \"n\" }"),
                  "file:3:10: access: partition: ", "out of range"},
        Malformed{"QueueTwice", beside("access { queue: 1 node_type: \"n\" }\naccess { queue: 1 node_type: \"n\" }"),
                  "file:4:10: access: queue: ", "a rule already"}),
    kLabel);

INSTANTIATE_TEST_SUITE_P(
    Licences, MalformedCluster,
    ::testing::Values(Malformed{"WithoutAName", beside("licence { count: 1 }"), "file:3:1: licence: name: ", "missing"},
                      Malformed{"Twice", beside("licence { name: \"l\" count: 1 }\nlicence { name: \"l\" count: 2 }"),
                                "file:4:11: licence \"l\": name: ", "used twice"},
                      Malformed{"BeyondRange", beside("licence { name: \"l\" count: 2147483648 }"),
                                "file:3:21: licence \"l\": count: ", "out of range"},
                      Malformed{"HeldThoughUnknown",
                                beside("access { queue: 1 node_type: \"n\"\nlicence { name: \"m\" count: 1 } }"),
                                "file:4:11: access: licence \"m\": name: ", "no licence \"m\""},
                      Malformed{"HoldingNone",
                                beside("licence { name: \"l\" count: 1 }\naccess { queue: 1 node_type: \"n\"\n"
                                       "licence { name: \"l\" count: 0 } }"),
                                "file:5:21: access: licence \"l\": count: ", "out of range"},
                      Malformed{"HeldTwice",
                                beside("licence { name: \"l\" count: 1 }\naccess { queue: 1 node_type: \"n\"\n"
                                       "licence { name: \"l\" count: 1 }\nlicence { name: \"l\" count: 1 } }"),
                                "file:6:11: access: licence \"l\": name: ", "named twice"}),
    kLabel);

TEST(MalformedClusterText, OfMoreThanSixteenMebibytesIsRefusedUnread) {
  const std::string text = "name: \"x\"\n" + std::string((16U << 20) + 1, '#');
  EXPECT_THROW(parse_cluster(text, "file"), ConfigError);
}

}  // namespace
}  // namespace wattfill
