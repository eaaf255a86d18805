#include "backfill/config/hostlist.hpp"

#include <gtest/gtest.h>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using Names = std::vector<std::string>;

TEST(Hostlist, ExpandsInOrder) {
  EXPECT_EQ(expand_hostlist("login"), (Names{"login"}));
  EXPECT_EQ(expand_hostlist("n[001-003,010],gpu[1-2]x"), (Names{"n001", "n002", "n003", "n010", "gpu1x", "gpu2x"}));
  EXPECT_EQ(expand_hostlist("[8-11]"), (Names{"8", "9", "10", "11"}));
  EXPECT_EQ(expand_hostlist("n[08-11]"), (Names{"n08", "n09", "n10", "n11"}));
  EXPECT_EQ(expand_hostlist("r[0-1]_b[3,5-6].x"),
            (Names{"r0_b3.x", "r0_b5.x", "r0_b6.x", "r1_b3.x", "r1_b5.x", "r1_b6.x"}));
  EXPECT_EQ(expand_hostlist("a-b,c_d"), (Names{"a-b", "c_d"}));
  EXPECT_EQ(expand_hostlist("n[0-999999]").size(), kMostHosts);
}

TEST(Hostlist, RefusesWhatIsNoList) {
  for (const char* wrong : {"",
                            ",",
                            "a,",
                            ",a",
                            "a,,b",
                            "n[",
                            "n]",
                            "n[]",
                            "n[1",
                            "n1]",
                            "n[1,]",
                            "n[,1]",
                            "n[1-]",
                            "n[-1]",
                            "n[2-1]",
                            "n[1-2-3]",
                            "n[a-b]",
                            "n[1-b]",
                            "n[1.5]",
                            "n[1[2]]",
                            "n[1 - 2]",
                            "two words",
                            "a/b",
                            "a\tb",
                            "n[+1]",
                            "n[0-1000000]",
                            "n[0-999999],m",
                            "n[0-999][0-1000]",
                            "n[0-999999999999999999]",
                            "n[1-9999999999999999999]",
                            "n[1][0-9",
                            "\xff"})
    EXPECT_THROW(expand_hostlist(wrong), HostlistError) << wrong;
}

TEST(Hostlist, CompressesNamesThatDifferInTheirLastNumber) {
  EXPECT_EQ(compress_hostlist(Names{}), "");
  EXPECT_EQ(compress_hostlist(Names{"a"}), "a");
  EXPECT_EQ(compress_hostlist(Names{"n7"}), "n7");
  EXPECT_EQ(compress_hostlist(Names{"n001", "n002", "n003", "n010", "gpu1x", "gpu2x", "login"}),
            "n[001-003,010],gpu[1-2]x,login");
  EXPECT_EQ(compress_hostlist(Names{"n8", "n9", "n10"}), "n[8-10]");
  EXPECT_EQ(compress_hostlist(Names{"n08", "n9", "n10"}), "n[08,9-10]");
  EXPECT_EQ(compress_hostlist(Names{"n2", "n1"}), "n[2,1]");
  EXPECT_EQ(compress_hostlist(Names{"r0b0", "r0b1", "r1b0"}), "r0b[0-1],r1b0");
}

TEST(Hostlist, ExpandsToWhatWasCompressed) {
  testing::Random random(1);
  for (int i = 0; i < 5'000; ++i) {
    Names names;
    for (std::int64_t n = random.between(1, 30); n > 0; --n) {
      std::string name = random.chance(50) ? "n" : "rack1-";
      std::string digits = std::to_string(random.between(0, 12));
      if (random.chance(30)) digits.insert(0, static_cast<std::size_t>(random.between(1, 25)), '0');
      if (random.chance(5)) digits = "999999999999999999";
      if (random.chance(90)) name += digits;
      if (random.chance(10)) name += "x";
      names.push_back(name);
    }
    ASSERT_EQ(expand_hostlist(compress_hostlist(names)), names) << compress_hostlist(names);
  }
}

}  // namespace
}  // namespace wattfill
