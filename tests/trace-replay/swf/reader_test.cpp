// What the reader accepts, and where it takes it from.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/trace-replay/swf/gzip.hpp"
#include "tests/trace-replay/swf/temporary_file.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {
namespace {

using testing::gzip;
using testing::TemporaryFile;

const std::string kLine = "1 0 10 60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1";

std::vector<SwfRecord> read_all(SwfReader& reader) {
  std::vector<SwfRecord> records;
  for (SwfRecord record; reader.next(record);) records.push_back(record);
  return records;
}

std::vector<SwfRecord> read_text(const std::string& text) {
  SwfReader reader("trace", text, SwfStrictness::kStrict);
  return read_all(reader);
}

TEST(SwfReader, FillsEveryFieldFromItsColumn) {
  const std::vector<SwfRecord> records = read_text("1 2 3 4 5 6.5 7.25 8 9 10.125 5 12 13 14 15 16 17 18\n");
  ASSERT_EQ(records.size(), 1U);
  const SwfRecord expected{.job = 1,
                           .submit_s = 2,
                           .wait_s = 3,
                           .run_s = 4,
                           .allocated_processors = 5,
                           .average_cpu_s = 6.5,
                           .used_memory_kb = 7.25,
                           .requested_processors = 8,
                           .requested_s = 9,
                           .requested_memory_kb = 10.125,
                           .status = 5,
                           .user = 12,
                           .group = 13,
                           .executable = 14,
                           .queue = 15,
                           .partition = 16,
                           .preceding_job = 17,
                           .think_s = 18};
  EXPECT_EQ(records[0], expected);
}

struct Spelling {
  const char* title;
  std::string text;
};

void PrintTo(const Spelling& spelling, std::ostream* out) { *out << spelling.title; }

class SwfSpelling : public ::testing::TestWithParam<Spelling> {};

TEST_P(SwfSpelling, GivesTheSameJob) { EXPECT_EQ(read_text(GetParam().text), read_text(kLine + "\n")); }

INSTANTIATE_TEST_SUITE_P(
    Table, SwfSpelling,
    ::testing::Values(Spelling{"no line end", kLine}, Spelling{"CRLF", kLine + "\r\n"},
                      Spelling{"CR without LF at the end", kLine + "\r"}, Spelling{"trailing blanks", kLine + "  \t\n"},
                      Spelling{"leading blanks", "   \t " + kLine + "\n"},
                      Spelling{"tabs", "1\t0\t10\t60\t4\t-1\t-1\t4\t120\t-1\t1\t1\t1\t1\t1\t1\t-1\t-1\n"},
                      Spelling{"columns", "    1      0   10  60    4  -1 -1  4  120 -1 1 1 1 1 1 1 -1 -1\n"},
                      Spelling{"blank lines", "\n\r\n  \n" + kLine + "\n\n\t\r\n"},
                      Spelling{"comments", "; Version: 2\n" + kLine + "\n;\n ; 1 2 3\n"},
                      Spelling{"zero fractions", "1.0 0. 10.000 60 4 -1.0 -1.00 4 120.0 -1 1 1 1 1 1 1 -1.0 -1\n"},
                      Spelling{"leading zeros",
                               "01 -0 0010 0000000000000000000000060 4 -1 -01 4 120 -1 1 1 1 1 1 1 "
                               "-1 -1\n"},
                      Spelling{"exponents in fields 6, 7, 10",
                               "1 0 10 60 4 -1e0 -10E-1 4 120 -0.1e1 1 1 1 1 1 1 -1 "
                               "-1\n"}));

TEST(SwfReader, TakesTheBoundsThemselves) {
  const std::string largest = "1000000000000000";
  const std::string small = "2147483647";
  const std::vector<SwfRecord> records =
      read_text(largest + " " + largest + " " + largest + " " + largest + " " + small + " 1e15 1e15 " + small + " " +
                largest + " 1e15 5 " + small + " " + small + " " + small + " " + small + " " + small + " " + largest +
                " " + largest + "\n" + "0 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].submit_s, 1'000'000'000'000'000);
  EXPECT_EQ(records[0].requested_memory_kb, 1e15);
  EXPECT_EQ(records[0].requested_processors, 2'147'483'647);
  EXPECT_EQ(records[1], (SwfRecord{.job = 0, .submit_s = 0}));
}

TEST(SwfReader, CountsLinesAndBytes) {
  const std::string text = "; Version: 2\n\n" + kLine + "\n; between\n" + kLine;
  SwfReader reader("trace", text, SwfStrictness::kStrict);
  SwfRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(reader.line(), 3);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(reader.line(), 5);
  EXPECT_FALSE(reader.next(record));
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(reader.bytes_read(), static_cast<std::int64_t>(text.size()));
  EXPECT_EQ(reader.name(), "trace");
}

// Lines of every length up to the limit, so that each falls on each side of a buffer's end.
TEST(SwfReader, LinesMayLieAcrossBuffers) {
  std::string text;
  std::size_t lines = 0;
  for (std::size_t padding = 0; text.size() < (5U << 20); padding = (padding * 7 + 13) % 60'000, ++lines) {
    text += std::to_string(lines) + std::string(padding + 1, ' ') + kLine.substr(2) + "\n";
  }
  for (const std::string& input : {text, gzip(text)}) {
    const std::vector<SwfRecord> records = read_text(input);
    ASSERT_EQ(records.size(), lines);
    for (std::size_t at = 0; at < lines; ++at) {
      ASSERT_EQ(records[at].job, static_cast<std::int64_t>(at));
      ASSERT_EQ(records[at].requested_s, 120);
    }
  }
}

TEST(SwfReader, ALineOfExactly64KiBIsRead) {
  EXPECT_EQ(read_text(std::string(65'536 - kLine.size(), ' ') + kLine + "\n").size(), 1U);
  EXPECT_THROW(read_text(std::string(65'537 - kLine.size(), ' ') + kLine + "\n"), InputError);
  EXPECT_EQ(read_text(std::string(65'536 - kLine.size(), ' ') + kLine).size(), 1U);
  EXPECT_THROW(read_text(std::string(65'537 - kLine.size(), ' ') + kLine), InputError);
}

TEST(SwfReader, ReadsPlainAndPackedFilesWhateverTheirName) {
  const std::string text = kLine + "\n2" + kLine.substr(1) + "\n";
  const std::vector<SwfRecord> expected = read_text(text);
  for (const std::string suffix : {".swf", ".swf.gz", ""}) {
    for (const std::string& content : {text, gzip(text)}) {
      const TemporaryFile file(suffix, content);
      SwfReader reader(file.path());
      EXPECT_EQ(read_all(reader), expected);
      EXPECT_EQ(reader.name(), file.path());
      EXPECT_EQ(reader.bytes_read(), static_cast<std::int64_t>(text.size()));
    }
  }
}

TEST(SwfReader, GzipMembersFollowOneAnother) {
  const std::string zeros(1000, '\0');
  const std::string text = kLine + "\n";
  EXPECT_EQ(read_text(gzip(text) + gzip(text) + gzip("") + gzip(text)).size(), 3U);
  EXPECT_EQ(read_text(gzip(text.substr(0, 20)) + gzip(text.substr(20))), read_text(text));
  EXPECT_EQ(read_text(gzip(text) + zeros).size(), 1U) << "tapes pad with zeros";
}

// Runs `read` with standard input connected to a pipe that hands over `content` in small pieces.
std::vector<SwfRecord> through_stdin(const std::string& content) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  if (::fork() == 0) {
    for (std::size_t at = 0; at < content.size(); at += 7) {
      if (::write(ends[1], content.data() + at, std::min<std::size_t>(7, content.size() - at)) < 0) ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  SwfReader reader("-");
  EXPECT_EQ(reader.name(), "<stdin>");
  std::vector<SwfRecord> records = read_all(reader);
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  return records;
}

TEST(SwfReader, ReadsStandardInput) {
  std::string text = "; Version: 2\n";
  for (int line = 0; line < 500; ++line) text += std::to_string(line) + kLine.substr(1) + "\n";
  EXPECT_EQ(through_stdin(text), read_text(text));
  EXPECT_EQ(through_stdin(gzip(text)), read_text(text));
}

TEST(LenientSwfReader, CountsBadLinesAndKeepsTheFirstFive) {
  std::string text = "; Version: 2\n";
  for (int line = 0; line < 10; ++line) text += kLine + "\nbad " + std::to_string(line) + "\n; a comment\n\n";
  SwfReader reader("trace", text, SwfStrictness::kLenient);
  EXPECT_EQ(read_all(reader).size(), 10U);
  EXPECT_EQ(reader.rejects().count, 10);
  ASSERT_EQ(reader.rejects().examples.size(), 5U);
  EXPECT_EQ(reader.rejects().examples[0].find("trace:3: field 1 (job number): 'bad' is not a number; "), 0U);
  EXPECT_EQ(reader.rejects().examples[4].find("trace:19: field 1"), 0U);
}

TEST(LenientSwfReader, BadLinesAboveTheFirstJobAreCountedToo) {
  SwfReader reader("trace", "; Version: 2\nbad\n; MaxProcs: 4\n" + kLine + "\n", SwfStrictness::kLenient);
  EXPECT_EQ(read_all(reader).size(), 1U);
  EXPECT_EQ(reader.rejects().count, 1);
  EXPECT_EQ(reader.header().integer("MaxProcs"), -1) << "the header ends at the first line that is no comment";
}

TEST(LenientSwfReader, SkipsALongLineAndGoesOn) {
  for (const std::size_t length : {65'537U, 1'100'000U, 3'000'000U}) {
    const std::string text = kLine + "\n" + std::string(length, 'x') + "\n" + kLine + "\n";
    SwfReader reader("trace", text, SwfStrictness::kLenient);
    EXPECT_EQ(read_all(reader).size(), 2U);
    EXPECT_EQ(reader.rejects().count, 1);
    EXPECT_EQ(reader.line(), 3);
    EXPECT_EQ(reader.bytes_read(), static_cast<std::int64_t>(text.size()));
  }
}

TEST(LenientSwfReader, IsEqualToAStrictOneOnAGoodFile) {
  const std::string text = "; Version: 2\n" + kLine + "\n" + kLine + "\n";
  SwfReader reader("trace", text, SwfStrictness::kLenient);
  EXPECT_EQ(read_all(reader), read_text(text));
  EXPECT_EQ(reader.rejects().count, 0);
}

SwfHeader header_of(const std::string& text) {
  return SwfReader("trace", text + kLine + "\n", SwfStrictness::kStrict).header();
}

TEST(SwfHeader, FindsLabelsWithoutCaseAndReadsTheFirstInteger) {
  const SwfHeader header = header_of(
      "; Version: 2.2\n;MaxProcs:128\n;\t  MaxNodes:   338 (batch partition; 512 total)\r\n"
      "; TimeZone: -18000\n; MaxQueues: none\n; MaxRecords: 99999999999999999999\n; maxprocs: 64\n");
  EXPECT_EQ(header.integer("maxPROCS"), 128) << "the first of several counts";
  EXPECT_EQ(header.integer("MaxNodes"), 338);
  EXPECT_EQ(header.integer("TimeZone"), -18000);
  EXPECT_EQ(header.integer("Version"), 2);
  EXPECT_EQ(header.integer("MaxQueues"), -1);
  EXPECT_EQ(header.integer("MaxRecords"), -1) << "does not fit 64 bits";
  EXPECT_EQ(header.integer("Absent"), -1);
  EXPECT_EQ(header.find("Absent"), nullptr);
  ASSERT_NE(header.find("MaxNodes"), nullptr);
  EXPECT_EQ(*header.find("MaxNodes"), "338 (batch partition; 512 total)");
}

TEST(SwfHeader, JoinsContinuationLines) {
  const SwfHeader header = header_of(
      "; Information: http://one/\n;              http://two/\n;\tthree\n;\n;   four\n; Note: a\n; b\n;   c\n");
  ASSERT_EQ(header.labels.size(), 2U);
  EXPECT_EQ(header.labels[0].name, "Information");
  EXPECT_EQ(header.labels[0].value, "http://one/\nhttp://two/\nthree");
  EXPECT_EQ(header.labels[1].value, "a");
  EXPECT_EQ(header.raw.size(), 8U);
}

TEST(SwfHeader, KeepsItsLinesExactly) {
  const SwfHeader header = header_of(";Queue:  1 DSI      \r\n  ;\tindented\n\n;\n");
  EXPECT_EQ(header.raw, (std::vector<std::string>{";Queue:  1 DSI      ", ";\tindented", ";"}));
}

TEST(SwfHeader, EndsAtTheFirstJob) {
  SwfReader reader("trace", "; MaxProcs: 4\n" + kLine + "\n; MaxNodes: 2\n", SwfStrictness::kStrict);
  EXPECT_EQ(read_all(reader).size(), 1U);
  EXPECT_EQ(reader.header().labels.size(), 1U);
  EXPECT_EQ(reader.header().raw.size(), 1U);
}

}  // namespace
}  // namespace wattfill
