// A trace is written whole or not at all.
#include "trace-replay/workload/trace_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {
namespace {

class TraceFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "wattfill_trace_file_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  long files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }
  static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_;
};

TEST_F(TraceFileTest, ReplacesOnCommitOnly) {
  std::ofstream(path("t.swf")) << "old";
  TraceFile file(path("t.swf"));
  file.write("new ");
  file.write("text");
  EXPECT_EQ(content(path("t.swf")), "old");
  file.commit();
  EXPECT_EQ(content(path("t.swf")), "new text");
  EXPECT_EQ(files(), 1);
}

TEST_F(TraceFileTest, LeavesNothingWithoutCommit) {
  {
    TraceFile plain(path("t.swf"));
    plain.write("text");
    TraceFile compressed(path("t.swf.gz"));
    compressed.write("text");
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(TraceFileTest, CompressesWhatEndsInGz) {
  TraceFile file(path("t.swf.gz"));
  file.write("; Version: 2.2\n1 0 -1 60 4 -1 -1 4 120 -1 1 1 1 1 1 -1 -1 -1\n");
  file.commit();
  EXPECT_EQ(content(path("t.swf.gz")).substr(0, 2), "\x1f\x8b");
  SwfReader reader(path("t.swf.gz"));
  SwfRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.requested_s, 120);
}

TEST_F(TraceFileTest, FollowsALinkAndKeepsIt) {
  std::ofstream(path("real.swf")) << "old";
  std::filesystem::create_symlink("real.swf", path("link.swf"));
  TraceFile file(path("link.swf"));
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(path("link.swf")));
  EXPECT_EQ(content(path("real.swf")), "new");
}

TEST_F(TraceFileTest, SaysWhatCannotBeWritten) {
  EXPECT_THROW(TraceFile(path("missing/t.swf")), OutputError);
  EXPECT_THROW(TraceFile{folder_.string()}, OutputError);
}

TEST_F(TraceFileTest, WritesDevicesDirectlyAndReportsThemFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  TraceFile file("/dev/full");
  EXPECT_THROW(file.write("text"), OutputError);
  TraceFile null("/dev/null");
  null.write("text");
  null.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace wattfill
