// Wrong descriptions of nodes: each is refused with a text that says where and what, and hwloc prints nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backfill/topology/insides_reader.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/insides_sources.hpp"

namespace wattfill {
namespace {

using testing::read_synthetic;
using testing::read_xml;
using testing::read_xml_text;
using testing::topology_text;

template <class Read>
void expect_refused(Read&& read, const std::string& phrase, const std::string& label) {
  ::testing::internal::CaptureStderr();
  try {
    read();
    ADD_FAILURE() << "accepted: " << label;
  } catch (const TopologyError& error) {
    EXPECT_NE(std::string(error.what()).find(phrase), std::string::npos) << label << ": " << error.what();
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << label;
}

TEST(InsidesMalformed, Files) {
  const auto file = [](const std::string& name) { return [=] { read_xml(name); }; };
  expect_refused(file("absent.xml"), "data/absent.xml: cannot be read: No such file or directory", "absent");
  expect_refused(file("."), "cannot be read: Is a directory", "folder");
  expect_refused([] { read_insides({}, ""); }, "should be an XML file, a synthetic", "no source");
}

TEST(InsidesMalformed, Texts) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"", "lstopo FILE.xml"},
      {" \n\t\n", "lstopo FILE.xml"},
      {"package:2 core:4", "lstopo FILE.xml"},
      {"<", "lstopo FILE.xml"},
      {std::string(1000, '\0'), "lstopo FILE.xml"},
      {"\x7f"
       "ELF\x02\x01",
       "lstopo FILE.xml"},
      {"<?xml version=\"1.0\"?>\n<topology version=\"2.0\">\n<object type=\"Machine\"", ":3: no XML"},
      {"<html><body/></html>", "no element `topology`"},
      {"<topology/>", "one object, of type Machine"},
      {R"(<topology version="2.0"><object type="PU"/></topology>)", "of type Machine"},
      {R"(<topology version="2.0"><object type="Machine"/><object type="Machine"/></topology>)", "one object"},
      {R"(<topology version="2.0"><object type="Machine"/></topology>)", "cpuset and a complete_cpuset"},
      {R"(<topologydiff refname="x"/>)", "no element `topology`"},
  };
  for (const auto& refused : texts)
    expect_refused([&] { read_xml_text(refused.first); }, refused.second, refused.first);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<topology>";
  expect_refused([&] { read_xml_text(deep); }, "nested too deeply", "deep");
}

// One change to a file that is right.
struct Change {
  std::string name, old, now, phrase;
};

TEST(InsidesMalformed, Changes) {
  const std::string file = "memory_kinds.xml", first = "hwloc1_format.xml";
  const std::vector<Change> changes = {
      {file, "</topology>", "", "no XML"},
      {file, R"(<object type="Package")", R"(<object <type="Package")", "no XML"},
      {file, R"(version="2.0")", R"(version="9.0")", "make sense"},
      {file, R"(type="Package")", R"(type="Sandwich")", "make sense"},
      {file, R"( cpuset="0x00000007")", "", "object Package P#0 should have a cpuset"},
      {file, R"(complete_cpuset="0x00000007")", R"(complete_cpuset="")", "a complete_cpuset"},
      {file, R"( nodeset="0x00000005")", "", "object Package P#0 should have a nodeset"},
      {file, R"( cpuset="0x00000007")", R"( cpuset="seven")", "has a wrong cpuset, seven"},
      {file, R"( cpuset="0x00000007")", R"( cpuset="0x0000000f")", "in its complete_cpuset"},
      {file, R"( complete_cpuset="0x0000003f")", R"( complete_cpuset="0xf...f")", "beyond 8191"},
      {file, R"( cpuset="0x0000003f" complete_cpuset="0x0000003f")",
       R"( cpuset="0x0000000f" complete_cpuset="0x0000000f")", "in those of the object around it"},
      {file, R"(type="PU" os_index="1")", R"(type="PU" os_index="2")", "P#2 should have its os_index"},
      {file, R"(type="PU" os_index="1")", R"(type="PU")", "should have its os_index"},
      {file, R"(type="NUMANode" os_index="2")", R"(type="NUMANode" os_index="7")", "P#7 should have its os_index"},
      {file, R"(allowed_cpuset="0x0000003f")", R"(allowed_cpuset="0x00000040")", "objects of its allowed_cpuset"},
      {file, R"(allowed_nodeset="0x0000000f")", R"(allowed_nodeset="0x0")", "objects of its allowed_nodeset"},
      {first, R"( nodeset="0x00000001")", "", "NUMANode P#0 should have its os_index"},
      {first, R"(type="NUMANode" os_index="1")", R"(type="NUMANode")", "should have its os_index"},
  };
  for (const Change& change : changes) {
    std::string text = topology_text(change.name);
    const std::size_t at = text.find(change.old);
    ASSERT_NE(at, std::string::npos) << change.old;
    text.replace(at, change.old.size(), change.now);
    expect_refused([&] { read_xml_text(text); }, change.phrase, change.old + " -> " + change.now);
  }
}

TEST(InsidesMalformed, ObjectsInAnotherOrder) {
  std::string text = topology_text("memory_kinds.xml");
  const std::string core = R"(<object type="Core")", end = "</object>";
  const std::size_t first = text.find(core), second = text.find(core, first + 1), third = text.find(core, second + 1);
  const std::string swapped = text.substr(second, third - second) + text.substr(first, second - first);
  text.replace(first, third - first, swapped);
  expect_refused([&] { read_xml_text(text); }, "Core P#0 should stand in the order", "order");
}

TEST(InsidesMalformed, Synthetic) {
  for (const std::string text : {"x",
                                 "package",
                                 "package:",
                                 "package:0",
                                 "package:-1",
                                 "package:2 core",
                                 ":",
                                 "()",
                                 "[",
                                 "]",
                                 "(",
                                 "pu:2 core:2",
                                 "package:2 package:2 zebra:3",
                                 "core:2 [numa",
                                 "package:2 core:two pu:1",
                                 "numa:2 numa:2 pu:1",
                                 "\x01\x02",
                                 "l3:2(size=",
                                 "core:2.5 pu:1",
                                 "package:99999999999999999999 pu:1",
                                 "core:100000000 pu:1",
                                 "8192 2",
                                 "91 91",
                                 "package:2 core:4096 pu:1"}) {
    const auto read = [&] { read_synthetic(text); };
    expect_refused(read, R"(synthetic topology ")" + text + R"(": )", text);
  }
  expect_refused([] { read_synthetic("core:5000 pu:1"); }, "more than 4096", "too many");
}

TEST(InsidesMalformed, Cpusets) {
  const NodeInsides node = read_synthetic("core:4 pu:2");
  const auto expect = [&](const std::string& text, const std::string& phrase) {
    expect_refused([&] { cores_of_cpuset(node, text); }, phrase, text);
  };
  for (const char* text : {"", " ", "all", "0-3", "0xf...f", "0x000000ff ", "-1", "0xzz"})
    expect(text, "is no set of hardware threads");
  expect("0x00000001", "holds a part of core 0");
  expect("0x00000007", "holds a part of core 1");
  expect("0x00000300", "holds hardware thread 8, which");
  expect("0x00000001,0x0", "holds hardware thread 32, which");
}

// Damage at random: refused, or read as something consistent.
TEST(InsidesMalformed, RandomDamage) {
  testing::Random random(1);
  const std::vector<std::string> names = {"accelerators.xml", "hybrid.xml", "hwloc1_format.xml", "memory_kinds.xml"};
  const std::vector<std::string> values = {"",           "0",          "0x0",     "0xf...f", "-1",   "4294967295",
                                           "0x00000001", "0x000000ff", "garbage", "PU",      "Core", "NUMANode",
                                           "Group",      "Misc",       "OSDev",   "L3Cache", "2"};
  ::testing::internal::CaptureStderr();
  int refused = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = topology_text(random.pick(names));
    for (std::int64_t i = random.between(1, 2); i > 0; --i) {
      const std::size_t line = text.find('\n', random.index(text.size() / 2)), end = text.find('\n', line + 1);
      const std::size_t open = text.find(R"(=")", line), close = text.find('"', open + 2);
      if (end == std::string::npos || close == std::string::npos) break;
      switch (random.between(0, 9)) {
        case 0:
          text.erase(line, end - line);
          break;
        case 1:
          text.insert(line, text.substr(line, end - line));
          break;
        case 2:
          text.resize(end);
          break;
        case 3:
          text[end - 1] = static_cast<char>(random.between(-128, 127));
          break;
        case 4:
          text.erase(text.rfind(' ', open), close + 1 - text.rfind(' ', open));
          break;
        default:
          text.replace(open + 2, close - open - 2, random.pick(values));
      }
    }
    try {
      const NodeInsides node = read_xml_text(text);
      const auto size = static_cast<std::int32_t>(node.cores.size());
      ASSERT_GT(size, 0);
      ASSERT_EQ(cores_of_cpuset(node, cpuset_text(node, CoreSet::all(size))), CoreSet::all(size));
    } catch (const TopologyError&) {
      ++refused;
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, kRounds / 10);
  EXPECT_LT(refused, kRounds);
}

}  // namespace
}  // namespace wattfill
