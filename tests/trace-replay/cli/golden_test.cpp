// The bytes of jobs.csv under each preset. Release, sanitized and other builds, and other hosts, must give these.
#include <gtest/gtest.h>

#include <map>

#include "backfill/config/config.hpp"
#include "tests/trace-replay/cli/program.hpp"

namespace wattfill::testing {
namespace {

// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t digest(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// A digest changes when a rule of a policy does, a tie rule included. Then the new one is a decision to be written into
// the changelog; nothing else may move it.
const std::map<std::string, std::uint64_t> kDigests = {
    {"conservative", 0x1ab5bf5e17db5e17},
    {"easy", 0xdfd0ddcc038d06fd},
    {"easy++", 0x06be2de0170cc46c},
    {"easy-sjbf", 0x8e59334e8e943d1f},
    {"f1", 0x8d12729b7613f3c3},
    {"f2", 0xe288819a6ba5658b},
    {"f3", 0xb107cd4257904744},
    {"f4", 0x273e2b5537ea14ca},
    {"fcfs", 0x8d9bb9a3c39765a4},
    {"greedy", 0xadfff2922db7b463},
    {"saf", 0xdfd2a6a4b951875c},
    {"sjf", 0x010eaf821943246f},
    {"unicep", 0x05b7942d6186dc73},
    {"wattfill", 0x0cee17321bd600ae},
    {"wattfill-guaranteed", 0x9dafed523ca38bdd},
    {"wfp3", 0x1154f37531fd5315},
    // Where processors are only counted nothing sleeps and nothing is placed.
    {"easy-energy", 0xdfd0ddcc038d06fd},
    {"wattfill-energy", 0x9dafed523ca38bdd},
    // A trace's jobs have no priority of a host.
    {"wattfill-host", 0x9dafed523ca38bdd},
};

TEST(Golden, SchedulesOfAGeneratedTraceUnderEachPreset) {
  const Folder files;
  ASSERT_EQ(run_program(files, words("generate --jobs 2500 --procs 128 --load 1.05 --seed 2024 --quiet --output w.swf"))
                .status,
            0);
  std::string presets;
  for (const PolicySpec& p : policy_presets()) presets += "," + p.name;
  const Ended ended = run_program(
      files,
      words("compare w.swf --procs 128 --promote-after 86400 --quiet --output c --policies " + presets.substr(1)));
  ASSERT_EQ(ended.status, 0) << ended.err;
  std::map<std::string, std::uint64_t> found;
  for (const PolicySpec& p : policy_presets()) found[p.name] = digest(files.read("c/" + p.name + "/jobs.csv"));
  EXPECT_EQ(digest(files.read("w.swf")), 0x3c7fe1e08806ebf8U) << "another trace is generated";
  EXPECT_EQ(found.size(), kDigests.size());
  for (const auto& [name, value] : found)
    EXPECT_TRUE(kDigests.contains(name) && kDigests.at(name) == value)
        << "jobs.csv under " << name << " has the digest " << std::hex << value;
}

}  // namespace
}  // namespace wattfill::testing
