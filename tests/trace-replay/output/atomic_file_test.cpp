// Whole files or none.
#include "trace-replay/output/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <sstream>

#include "tests/trace-replay/output/folder.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill::testing {
namespace {

TEST(AtomicFile, AppearsWhenItIsCommittedAndNotBefore) {
  const Folder folder;
  {
    AtomicFile file(folder.path("a.txt"));
    file.write("hello ");
    EXPECT_FALSE(std::filesystem::exists(folder.path("a.txt")));
    file.write("world");
    file.commit();
    EXPECT_EQ(folder.read("a.txt"), "hello world");
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.txt"}));
}

TEST(AtomicFile, LeavesWhatWasThereWhenItIsNotCommitted) {
  const Folder folder;
  folder.write("a.txt", "old");
  {
    AtomicFile file(folder.path("a.txt"));
    file.write("new");
  }
  EXPECT_EQ(folder.read("a.txt"), "old");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.txt"}));
  AtomicFile file(folder.path("a.txt"));
  file.write("new");
  file.commit();
  EXPECT_EQ(folder.read("a.txt"), "new");
}

void expect_output_error(const std::function<void()>& action, const std::string& path) {
  try {
    action();
    FAIL() << "nothing was thrown for " << path;
  } catch (const OutputError& error) {
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
  }
}

TEST(AtomicFile, NamesThePathThatCannotBeWritten) {
  const Folder folder;
  expect_output_error([&] { AtomicFile file(folder.path("no/such/folder/a.txt")); }, "no/such/folder/a.txt");
  // The name is a folder's.
  std::filesystem::create_directory(folder.path("taken"));
  std::ofstream(folder.path("taken/inside")) << "x";
  expect_output_error(
      [&] {
        AtomicFile file(folder.path("taken"));
        file.write("x");
        file.commit();
      },
      "taken");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"taken/inside"}));
}

TEST(AtomicFile, CompressesWhatEndsInGz) {
  const Folder folder;
  AtomicFile file(folder.path("t.swf.gz"));
  file.write("; Version: 2.2\n1 0 -1 60 4 -1 -1 4 120 -1 1 1 1 1 1 -1 -1 -1\n");
  file.commit();
  EXPECT_EQ(folder.read("t.swf.gz").substr(0, 2), "\x1f\x8b");
  SwfReader reader(folder.path("t.swf.gz"));
  SwfRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.requested_s, 120);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  const Folder folder;
  {
    AtomicFile plain(folder.path("t.swf"));
    plain.write("text");
    AtomicFile compressed(folder.path("t.swf.gz"));
    compressed.write("text");
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(AtomicFile, FollowsALinkAndKeepsIt) {
  const Folder folder;
  folder.write("real.swf", "old");
  std::filesystem::create_symlink("real.swf", folder.path("link.swf"));
  AtomicFile file(folder.path("link.swf"));
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.swf")));
  EXPECT_EQ(folder.read("real.swf"), "new");
}

TEST(AtomicFile, WritesDevicesDirectlyAndReportsThemFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  AtomicFile file("/dev/full");
  expect_output_error([&] { file.write("text"); }, "/dev/full");
  AtomicFile null("/dev/null");
  null.write("text");
  null.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(AtomicFile, StandardOutputComesBehindWhatWasPrinted) {
  ::testing::internal::CaptureStdout();
  std::fputs("first ", stdout);
  AtomicFile file("-");
  file.write("second");
  file.commit();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "first second");
}

TEST(AtomicFile, AFolderWithoutPermissionIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  const Folder folder;
  std::filesystem::create_directory(folder.path("locked"));
  chmod(folder.path("locked").c_str(), 0555);
  expect_output_error([&] { AtomicFile file(folder.path("locked/a.txt")); }, "locked/a.txt");
  chmod(folder.path("locked").c_str(), 0755);
}

TEST(MakeDirectory, MakesParentsAndAcceptsWhatExists) {
  const Folder folder;
  make_directory(folder.path("a/b/c"));
  make_directory(folder.path("a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.path("a/b/c")));
  folder.write("file", "x");
  expect_output_error([&] { make_directory(folder.path("file")); }, "file");
  expect_output_error([&] { make_directory(folder.path("file/below")); }, "file/below");
}

}  // namespace
}  // namespace wattfill::testing
