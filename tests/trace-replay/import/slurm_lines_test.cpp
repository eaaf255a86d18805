#include "trace-replay/import/slurm_lines.hpp"

#include <gtest/gtest.h>

#include "tests/trace-replay/output/folder.hpp"

namespace wattfill {
namespace {

// "3: key=value key=value" for each line.
std::vector<std::string> shown(const std::string& text) {
  std::vector<std::string> all;
  for (const SlurmLine& line : read_slurm_lines(text, "x", SlurmIncludes::kRefuse)) {
    std::string shown = std::to_string(line.front().place.line) + ":";
    for (const SlurmSetting& setting : line) shown += " " + setting.key + "=" + setting.value;
    all.push_back(shown);
  }
  return all;
}

using Lines = std::vector<std::string>;

TEST(SlurmLines, TakesCommentsAndBlanksAway) {
  EXPECT_EQ(shown(""), Lines{});
  EXPECT_EQ(shown("# nothing\n\n   \t\r\n#"), Lines{});
  EXPECT_EQ(shown("\n  NodeName=a CPUs=4 # four\r\nX=1#2"), (Lines{"2: nodename=a cpus=4", "3: x=1"}));
  EXPECT_EQ(shown("Prolog=/etc/a\\#1 # that is a name"), (Lines{"1: prolog=/etc/a#1"}));
}

TEST(SlurmLines, JoinsContinuedLines) {
  EXPECT_EQ(shown("NodeName=a \\\n  CPUs=4 \\\r\n Weight=1\nX=1"), (Lines{"1: nodename=a cpus=4 weight=1", "4: x=1"}));
  EXPECT_EQ(shown("NodeName=a,\\\nb"), (Lines{"1: nodename=a,b"}));
  EXPECT_EQ(shown("X=1 # no continuation \\\nY=2"), (Lines{"1: x=1", "2: y=2"}));
  EXPECT_EQ(shown("X=1 \\"), (Lines{"1: x=1"}));
}

TEST(SlurmLines, TakesQuotesAndBlanksAroundTheEqualSign) {
  EXPECT_EQ(shown("Reason=\"bad = disk\" State = DOWN"), (Lines{"1: reason=bad = disk state=DOWN"}));
  EXPECT_EQ(shown("A=b=c"), (Lines{"1: a=b=c"}));
}

TEST(SlurmLines, TellsWhereALineIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"X=1\nNodeName", "x:2: NodeName: \"=\" and a value are expected"},
      {"NodeName=", "x:1: NodeName: no value"},
      {"NodeName=\"\"", "x:1: NodeName: no value"},
      {"NodeName=a CPUs", "x:1: CPUs: \"=\""},
      {"=4", "x:1: \"=4\": KEY=VALUE"},
      {"\n\n\"a\"=4", R"(x:3: ""a"=4": KEY=VALUE)"},
      {"Reason=\"open", "x:1: Reason: the quote is not closed"},
      {"Reason=\"a\"b", "x:1: Reason: a blank is expected after the quote"},
      {"A=1 \\\nB", "x:1: B: \"=\""},
      {"A+=1", "x:1: A: \"=\""},
      {"X=1\nX=\x01", "x:2: a control character"},
      {"Include other.conf", "x:1: Include: other.conf is not read"},
  };
  for (const auto& [text, message] : wrong) {
    try {
      read_slurm_lines(text, "x", SlurmIncludes::kRefuse);
      FAIL() << "accepted: " << text;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(message)) << error.what();
    }
  }
}

TEST(SlurmLines, FollowsIncludesBesideTheFileAndTellsTheirPlaces) {
  const testing::Folder folder;
  const std::string text = "ClusterName=blue\nINCLUDE  %c_nodes.conf # the nodes\nZ=9";
  folder.write("blue_nodes.conf", "NodeName=a\nNodeName=b CPUs=x\n");
  const auto lines = read_slurm_lines(text, folder.path("slurm.conf"), SlurmIncludes::kFollow);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[2].front().value, "b");
  EXPECT_EQ(lines[2].front().place.file, folder.path("blue_nodes.conf"));
  EXPECT_EQ(lines[2].front().place.line, 2);
  EXPECT_EQ(lines[3].front().place.line, 3);
}

TEST(SlurmLines, RefusesIncludesThatAreNotThereOrGoRound) {
  const testing::Folder folder;
  EXPECT_THROW(read_slurm_lines("Include none.conf", folder.path("x"), SlurmIncludes::kFollow), InputError);
  folder.write("round.conf", "Include round.conf\n");
  EXPECT_THROW(read_slurm_lines("Include round.conf", folder.path("x"), SlurmIncludes::kFollow), InputError);
}

}  // namespace
}  // namespace wattfill
