// What the writer writes, the reader reads back equal: random records, and every trace at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/trace-replay/swf/gzip.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace wattfill {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000'000'000;
constexpr std::int64_t kLargestSmall = 2'147'483'647;

class RandomRecords {
 public:
  explicit RandomRecords(unsigned seed) : generator_(seed) {}

  SwfRecord next() {
    return {.job = whole(0, kLargest),
            .submit_s = whole(0, kLargest),
            .wait_s = whole(-1, kLargest),
            .run_s = whole(-1, kLargest),
            .allocated_processors = whole(-1, kLargestSmall),
            .average_cpu_s = fractional(),
            .used_memory_kb = fractional(),
            .requested_processors = whole(-1, kLargestSmall),
            .requested_s = whole(-1, kLargest),
            .requested_memory_kb = fractional(),
            .status = whole(-1, 5),
            .user = whole(-1, kLargestSmall),
            .group = whole(-1, kLargestSmall),
            .executable = whole(-1, kLargestSmall),
            .queue = whole(-1, kLargestSmall),
            .partition = whole(-1, kLargestSmall),
            .preceding_job = whole(-1, kLargest),
            .think_s = whole(-1, kLargest)};
  }

 private:
  // Every number of digits is as likely as another, and so are the bounds.
  std::int64_t whole(std::int64_t lowest, std::int64_t highest) {
    const auto bits = generator_() % 64;
    if (bits == 60) return highest;
    if (bits == 61) return lowest;
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(generator_() >> bits), lowest, highest);
  }

  double fractional() {
    switch (generator_() % 4) {
      case 0:
        return -1;
      case 1:
        return static_cast<double>(whole(0, kLargest));
      case 2:
        return static_cast<double>(whole(0, 100'000'000)) / 100;  // what accounting systems write
      default: {
        const double any = std::abs(std::bit_cast<double>(generator_()));  // any bits, subnormals included
        return std::isfinite(any) && any <= 1e15 ? any : 1e15;
      }
    }
  }

  std::mt19937_64 generator_;
};

TEST(SwfRoundTrip, RandomRecordsAreEqual) {
  RandomRecords random(20'240'711);
  std::vector<SwfRecord> written;
  std::string text;
  for (int line = 0; line < 50'000; ++line) {
    written.push_back(random.next());
    append_swf_record(text, written.back());
  }
  for (const std::string& input : {text, testing::gzip(text)}) {
    SwfReader reader("trace", input, SwfStrictness::kStrict);
    SwfRecord record;
    for (const SwfRecord& expected : written) {
      ASSERT_TRUE(reader.next(record));
      ASSERT_EQ(record, expected) << "line " << reader.line();
    }
    EXPECT_FALSE(reader.next(record));
  }
}

TEST(SwfRoundTrip, TheStreamGetsWhatTheBufferGets) {
  RandomRecords random(7);
  std::ostringstream stream;
  std::string buffer;
  for (int line = 0; line < 100; ++line) {
    const SwfRecord record = random.next();
    write_swf_record(stream, record);
    append_swf_record(buffer, record);
  }
  EXPECT_EQ(stream.str(), buffer);
}

// Labels without raw lines, as a generator makes them.
TEST(SwfRoundTrip, RandomLabelsAreEqual) {
  std::mt19937_64 generator(11);
  const std::vector<std::string> names = {"Version", "Computer", "MaxProcs", "Note", "Queue", "X_1"};
  const std::vector<std::string> values = {
      "", "2.2", "-1", "one\ntwo\nthree", "a: b", "http://x/\nhttp://y/", "338 (of 512)", "; odd"};
  for (int trial = 0; trial < 200; ++trial) {
    SwfHeader header;
    for (std::size_t label = 0; label < 1 + generator() % 8; ++label) {
      header.labels.push_back({names[generator() % names.size()], values[generator() % values.size()]});
    }
    std::ostringstream out;
    write_swf_header(out, header);
    write_swf_record(out, {.job = 1, .submit_s = 0});
    const SwfReader reader("trace", out.str(), SwfStrictness::kStrict);
    ASSERT_EQ(reader.header().labels.size(), header.labels.size());
    for (std::size_t at = 0; at < header.labels.size(); ++at) {
      EXPECT_EQ(reader.header().labels[at].name, header.labels[at].name);
      EXPECT_EQ(reader.header().labels[at].value, header.labels[at].value);
    }
  }
}

TEST(SwfWriter, AFailingStreamIsAnOutputError) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_THROW(write_swf_record(out, {.job = 1, .submit_s = 0}), OutputError);
  EXPECT_THROW(write_swf_header(out, {}), OutputError);
}

std::vector<std::string> shared_traces() {
  std::vector<std::string> paths;
  for (const char* const folder : {"/traces", "/reference_schedules"}) {
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(WATTFILL_SHARED_DIR + std::string(folder), absent)) {
      if (entry.path().filename().string().find(".swf") != std::string::npos) paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(SharedTraces, AreReadStrictlyAndRoundTrip) {
  const std::vector<std::string> paths = shared_traces();
  if (paths.empty()) GTEST_SKIP() << "no traces in " << WATTFILL_SHARED_DIR;
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    std::ostringstream header;
    std::string text;
    std::vector<SwfRecord> records;
    SwfReader original(path);
    write_swf_header(header, original.header());
    for (SwfRecord record; original.next(record);) {
      append_swf_record(text, record);
      records.push_back(record);
    }
    SwfReader copy("copy", header.str() + text, SwfStrictness::kStrict);
    EXPECT_EQ(copy.header().raw, original.header().raw);
    SwfRecord record;
    for (const SwfRecord& expected : records) {
      ASSERT_TRUE(copy.next(record));
      ASSERT_EQ(record, expected);
    }
    EXPECT_FALSE(copy.next(record));
  }
}

// The numbers of jobs and of processors that INDEX.md and the headers give.
TEST(SharedTraces, HoldTheJobsThatTheArchiveStates) {
  struct Expected {
    std::int64_t jobs;
    std::int64_t max_procs;
  };
  const std::map<std::string, Expected> expected = {{"KTH-SP2-1996-2.swf.gz", {28'489, 100}},
                                                    {"CTC-SP2-1996-3.1-cln.swf.gz", {77'222, 338}},
                                                    {"HPC2N-2002-2.2-cln.swf.gz", {202'871, 240}},
                                                    {"SDSC-BLUE-2000-4.2-cln.swf.gz", {243'306, 1152}},
                                                    {"NASA-iPSC-1993-3.1-cln.swf.gz", {18'239, 128}},
                                                    {"ALCF-Theta-2023.DERIVED.swf.gz", {29'520, 4360}},
                                                    {"lublin_256.swf", {10'000, -1}}};
  bool any = false;
  for (const auto& [name, values] : expected) {
    const std::string path = std::string(WATTFILL_SHARED_DIR) + "/traces/" + name;
    if (!std::filesystem::exists(path)) continue;
    any = true;
    SwfReader reader(path);
    std::int64_t jobs = 0;
    for (SwfRecord record; reader.next(record);) ++jobs;
    EXPECT_EQ(jobs, values.jobs) << name;
    EXPECT_EQ(reader.header().integer("MaxProcs"), values.max_procs) << name;
  }
  if (!any) GTEST_SKIP() << "no traces in " << WATTFILL_SHARED_DIR;
}

TEST(SharedTraces, CtcNodesAndInformation) {
  const std::string path = std::string(WATTFILL_SHARED_DIR) + "/traces/CTC-SP2-1996-3.1-cln.swf.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const SwfReader reader(path);
  EXPECT_EQ(reader.header().integer("MaxNodes"), 338);
  EXPECT_EQ(reader.header().integer("UnixStartTime"), 835'823'160);
  EXPECT_EQ(*reader.header().find("Information"),
            "http://www.tc.cornell.edu/\nhttp://www.cs.huji.ac.il/labs/parallel/workload/");
}

}  // namespace
}  // namespace wattfill
