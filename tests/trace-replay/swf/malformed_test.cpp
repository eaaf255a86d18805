// Every way in which an input can be wrong, and what the reader says about it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "tests/trace-replay/swf/gzip.hpp"
#include "tests/trace-replay/swf/temporary_file.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/swf/line_reader.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {
namespace {

using testing::gzip;
using testing::TemporaryFile;

constexpr int kNoLine = 0;
constexpr int kNoField = 0;

struct Malformed {
  const char* title;
  std::string input;
  int line;            // kNoLine: the whole file is at fault
  int field;           // kNoField: no single field is
  const char* phrase;  // part of the message
};

void PrintTo(const Malformed& row, std::ostream* out) { *out << row.title; }

const std::string kGood = "1 0 10 60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1\n";

// A job line in which one field holds `text`.
std::string with(int field, const std::string& text) {
  const std::vector<std::string> good = {"1",  "0", "10", "60", "4", "-1", "-1", "4",  "120",
                                         "-1", "1", "1",  "1",  "1", "1",  "1",  "-1", "-1"};
  std::string line;
  for (int at = 1; at <= 18; ++at) line += (at == 1 ? "" : " ") + (at == field ? text : good[at - 1]);
  return line + "\n";
}

std::string many_jobs() {
  std::string text;
  for (int job = 1; job <= 5000; ++job) {
    text += std::to_string(job) + " " + std::to_string(job * 37 % 9973 + job) +
            " 1 60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1\n";
  }
  return text;
}

std::string cut(const std::string& bytes, std::size_t from_end) { return bytes.substr(0, bytes.size() - from_end); }

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  return bytes;
}

std::vector<Malformed> lines_at_fault() {
  const std::string nul(1, '\0');
  return {
      {"one field", "1\n", 1, 2, "the line has 1 field; a job line has 18"},
      {"three fields", "1 0 10\n", 1, 4, "missing, the line has 3 fields"},
      {"seventeen fields", "1 0 10 60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1\n", 1, 18, "missing, the line has 17 fields"},
      {"five fields and CRLF", "1 0 10 60 4\r\n", 1, 6, "missing, the line has 5 fields"},
      {"nineteen fields", "1 0 10 60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1 7\n", 1, 19, "'7' is too many"},
      {"thirty-six fields", cut(kGood, 1) + " " + kGood, 1, 19, "the line has 36 fields"},
      {"a comment behind the fields", cut(kGood, 1) + " ; fine\n", 1, 19, "';' is too many"},
      {"the last line cut off", kGood + kGood + "3 5 10 60", 3, 5, "missing, the line has 4 fields"},
      {"a word for the job", with(1, "one"), 1, 1, "'one' is not a number"},
      {"a lone minus", with(3, "-"), 1, 3, "'-' is not a number"},
      {"two minus signs", with(3, "--1"), 1, 3, "'--1' is not a number"},
      {"a plus sign", with(4, "+60"), 1, 4, "'+60' is not a number"},
      {"digits with a letter behind", with(4, "60s"), 1, 4, "'60s' is not a number"},
      {"hexadecimal", with(4, "0x3c"), 1, 4, "'0x3c' is not a number"},
      {"an exponent in a whole number", with(9, "1e3"), 1, 9, "'1e3' is not a number"},
      {"a comma for a point", with(6, "12,5"), 1, 6, "'12,5' is not a number"},
      {"two points in a decimal", with(6, "1.2.3"), 1, 6, "'1.2.3' is not a number"},
      {"two points in a whole number", with(4, "1.0.0"), 1, 4, "'1.0.0' is not a number"},
      {"a lone point", with(7, "."), 1, 7, "'.' is not a number"},
      {"an exponent without digits", with(10, "1e"), 1, 10, "'1e' is not a number"},
      {"not a number", with(6, "nan"), 1, 6, "'nan' is not a number"},
      {"infinity", with(7, "inf"), 1, 7, "'inf' is not a number"},
      {"minus infinity", with(10, "-inf"), 1, 10, "'-inf' is not a number"},
      {"a fraction in the submit time", with(2, "0.5"), 1, 2, "'0.5' has a fraction; a whole number"},
      {"a fraction in the run time", with(4, "60.25"), 1, 4, "has a fraction"},
      {"a small fraction of processors", with(8, "4.0001"), 1, 8, "has a fraction"},
      {"job number -1", with(1, "-1"), 1, 1, "'-1' is out of range; a whole number from 0"},
      {"submit time unknown", with(2, "-1"), 1, 2, "'-1' is out of range; a whole number from 0"},
      {"wait time below -1", with(3, "-2"), 1, 3, "or -1 where it is unknown"},
      {"run time below -1", with(4, "-3600"), 1, 4, "'-3600' is out of range"},
      {"a negative decimal", with(6, "-0.5"), 1, 6, "'-0.5' is out of range"},
      {"a decimal below -1", with(7, "-1.5"), 1, 7, "'-1.5' is out of range"},
      {"64 bits overflow", with(4, "9223372036854775808"), 1, 4, "is out of range"},
      {"64 unsigned bits overflow to a small number", with(4, "18446744073709551617"), 1, 4, "is out of range"},
      {"64 bits underflow", with(4, "-9223372036854775809"), 1, 4, "is out of range"},
      {"a number of a hundred digits", with(2, std::string(100, '9')), 1, 2, "...' is out of range"},
      {"a submit time above the bound", with(2, "1000000000000001"), 1, 2, "from 0 to 1000000000000000 is expected"},
      {"a requested time above the bound", with(9, "99999999999999999"), 1, 9, "is out of range"},
      {"processors beyond 31 bits", with(5, "2147483648"), 1, 5, "from 0 to 2147483647"},
      {"requested processors beyond 31 bits", with(8, "4294967297"), 1, 8, "from 0 to 2147483647"},
      {"a user beyond 31 bits", with(12, "3000000000"), 1, 12, "from 0 to 2147483647"},
      {"a decimal above the bound", with(7, "1.5e15"), 1, 7, "is out of range"},
      {"a decimal beyond double", with(10, "1e999"), 1, 10, "is out of range"},
      {"status 6", with(11, "6"), 1, 11, "a whole number from 0 to 5, or -1"},
      {"think time below -1", with(18, "-7"), 1, 18, "'-7' is out of range"},
      {"a carriage return inside", "1 0 10\r60 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1\n", 1, 4,
       "'\\x0d60' is not a number"},
      {"two carriage returns at the end", cut(kGood, 1) + "\r\r\n", 1, 19, "is too many"},
      {"NUL in a field", "1 0 10 6" + nul + "0 4 -1 -1 4 120 -1 1 1 1 1 1 1 -1 -1\n", 1, 4, "this is no SWF"},
      {"NUL bytes instead of a line", kGood + std::string(50, '\0') + "\n", 2, 1, "this is no SWF"},
      {"an executable",
       "\x7f"
       "ELF\x02\x01\x01" +
           std::string(9, '\0') + "\n",
       1, 1, "this is no SWF"},
      {"letters outside ASCII", with(1, "\xc3\xa9"), 1, 1, "'\\xc3\\xa9' is not a number"},
      {"a table with commas", "job_id,submit,start\n1,0,10\n", 1, 1, "'job_id,submit,start' is not a number"},
      {"a web page", "<!DOCTYPE html>\n<html></html>\n", 1, 1, "'<!DOCTYPE' is not a number"},
      {"the fault below header, blanks and jobs", "; Version: 2\n\n" + kGood + "; more\n \t\n" + with(9, "x"), 6, 9,
       "'x' is not a number"},
      {"a long line", kGood + std::string(65'537, '1') + "\n" + kGood, 2, kNoField, "longer than 65536 bytes"},
      {"a long line over several buffers", kGood + std::string(3 << 20, ' ') + "\n", 2, kNoField, "longer than 65536"},
      {"one long line without an end", std::string(2 << 20, 'x'), 1, kNoField, "longer than 65536 bytes"},
      {"a long comment", std::string(";") + std::string(70'000, 'x') + "\n" + kGood, 1, kNoField,
       "longer than 65536 bytes"},
      {"NUL in the header", "; Version: 2" + nul + "\n" + kGood, 1, kNoField, "this is no SWF"},
      {"a wrong line in a .gz", gzip(kGood + with(12, "root")), 2, 12, "'root' is not a number"},
  };
}

std::vector<Malformed> files_at_fault() {
  const std::string packed = gzip(many_jobs());
  std::string header;
  for (int line = 0; line < 300; ++line) header += ";" + std::string(60'000, 'x') + "\n";
  return {
      {"empty", "", kNoLine, kNoField, "is empty; an SWF trace is expected"},
      {"blank lines only", "\n \n\t\r\n", kNoLine, kNoField, "holds no job line"},
      {"header only", "; Version: 2.2\n; MaxProcs: 128\n", kNoLine, kNoField, "holds no job line"},
      {"header without a line end", "; Version: 2.2", kNoLine, kNoField, "holds no job line"},
      {"a header without end", header + kGood, 280, kNoField, "the header is longer than 16777216 bytes"},
      {"an empty .gz", gzip(""), kNoLine, kNoField, "is empty; an SWF trace is expected"},
      {"a .gz of a header", gzip("; Version: 2.2\n"), kNoLine, kNoField, "holds no job line"},
      {"a .gz of two bytes", packed.substr(0, 2), kNoLine, kNoField, "the file is truncated"},
      {"a .gz cut in its header", packed.substr(0, 7), kNoLine, kNoField, "the file is truncated"},
      {"a .gz cut in the middle", packed.substr(0, packed.size() / 2), kNoLine, kNoField, "the file is truncated"},
      {"a .gz without its check sum", cut(packed, 8), kNoLine, kNoField, "the file is truncated"},
      {"a .gz without its last byte", cut(packed, 1), kNoLine, kNoField, "the file is truncated"},
      {"a .gz with a wrong method", flipped(packed, 2), kNoLine, kNoField, "the gzip data are corrupt"},
      {"a .gz with a flipped byte", flipped(packed, packed.size() / 2), kNoLine, kNoField, "the gzip data are corrupt"},
      {"a .gz with a wrong check sum", flipped(packed, packed.size() - 6), kNoLine, kNoField, "incorrect data check"},
      {"a .gz with a wrong length", flipped(packed, packed.size() - 2), kNoLine, kNoField, "incorrect length check"},
      {"a .gz with a tail", packed + "1 0 10 60", kNoLine, kNoField, "other data follow the end"},
      {"a .gz whose second part is cut", packed + cut(packed, 20), kNoLine, kNoField, "the file is truncated"},
  };
}

std::vector<Malformed> all_rows() {
  std::vector<Malformed> rows = lines_at_fault();
  for (Malformed& row : files_at_fault()) rows.push_back(std::move(row));
  return rows;
}

// The message of the error that reading to the end gives; "" where there is none.
std::string message_of(const std::string& input, SwfStrictness strictness) {
  try {
    SwfReader reader("trace", input, strictness);
    for (SwfRecord record; reader.next(record);) {
    }
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

class MalformedInput : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedInput, NamesLineAndFieldAndWhatIsWrong) {
  const Malformed& row = GetParam();
  const std::string message = message_of(row.input, SwfStrictness::kStrict);
  std::string beginning = row.line == kNoLine ? "trace: " : "trace:" + std::to_string(row.line) + ": ";
  if (row.field != kNoField) beginning += "field " + std::to_string(row.field);
  EXPECT_EQ(message.substr(0, beginning.size()), beginning);
  if (row.field != kNoField) {
    // "field 1" must not stand for "field 18".
    ASSERT_GT(message.size(), beginning.size());
    EXPECT_EQ(message[beginning.size()], row.field > 18 ? ':' : ' ') << message;
  }
  EXPECT_NE(message.find(row.phrase), std::string::npos) << message;
  EXPECT_NE(message.find(';'), std::string::npos) << "the message must say what would be right: " << message;
  for (const char c : message) EXPECT_TRUE(c >= ' ' && c <= '~') << "unprintable byte in: " << message;
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedInput, ::testing::ValuesIn(all_rows()));

class MalformedLine : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedLine, IsCountedByALenientReader) {
  // A good line on either side: it is read, and the bad lines' messages are kept.
  SwfReader reader("trace", kGood + (GetParam().input.starts_with('\x1f') ? "no\n" : GetParam().input) + "\n" + kGood,
                   SwfStrictness::kLenient);
  int jobs = 0;
  for (SwfRecord record; reader.next(record);) ++jobs;
  EXPECT_GE(jobs, 2);
  const bool is_comment = GetParam().input.starts_with(';');  // behind a job, comments are not looked into
  if (!is_comment || GetParam().input.size() > LineReader::kLongestLine) {
    EXPECT_GE(reader.rejects().count, 1);
    EXPECT_EQ(static_cast<std::int64_t>(reader.rejects().examples.size()),
              std::min<std::int64_t>(5, reader.rejects().count));
  }
}

TEST_P(MalformedLine, AloneIsAnErrorForALenientReaderToo) {
  // Keep only the line at fault.
  std::string line = GetParam().input;
  if (line.starts_with('\x1f')) return;
  for (int skipped = 1; skipped < GetParam().line; ++skipped) line.erase(0, line.find('\n') + 1);
  line.erase(std::min(line.size(), line.find('\n')));
  EXPECT_NE(message_of(line, SwfStrictness::kLenient).find("holds no valid job line"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedLine, ::testing::ValuesIn(lines_at_fault()));

TEST(MalformedInput, TruncatedAndCorruptGzipAreErrorsForALenientReaderToo) {
  for (const Malformed& row : files_at_fault()) {
    EXPECT_NE(message_of(row.input, SwfStrictness::kLenient).find(row.phrase), std::string::npos) << row.title;
  }
}

TEST(MalformedInput, EveryPrefixOfAGzipIsTruncated) {
  const std::string packed = gzip(kGood + kGood);
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_NE(message_of(packed.substr(0, size), SwfStrictness::kLenient).find("the file is truncated"),
              std::string::npos)
        << size << " of " << packed.size();
  }
  EXPECT_EQ(message_of(packed, SwfStrictness::kStrict), "");
}

std::string message_of_path(const std::string& path) {
  try {
    SwfReader reader(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(UnreadableFile, MissingFileIsNamed) {
  const std::string message = message_of_path("/nowhere/no-such.swf");
  EXPECT_EQ(message.find("/nowhere/no-such.swf: cannot be opened: No such file"), 0U) << message;
}

TEST(UnreadableFile, DirectoryIsNamed) { EXPECT_EQ(message_of_path("/tmp"), "/tmp: is a directory; name a file"); }

TEST(UnreadableFile, FileWithoutPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const TemporaryFile file(".swf", kGood);
  ASSERT_EQ(::chmod(file.path().c_str(), 0), 0);
  EXPECT_NE(message_of_path(file.path()).find("cannot be opened: Permission denied"), std::string::npos);
}

}  // namespace
}  // namespace wattfill
