// Columns survive the way into a page, and text cannot leave the place where it is put.
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <stdexcept>

#include "trace-replay/report/column_codec.hpp"
#include "trace-replay/report/frame.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

TEST(ColumnCodec, GivesBackWhatItTook) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::int64_t> values;
    for (std::uint64_t n = random() % 200; n > 0; --n)
      values.push_back(static_cast<std::int64_t>(random() >> (random() % 50 + 14)) * (random() % 2 == 0 ? 1 : -1));
    values.insert(values.end(), {0, kMissing, -kMissing, -1, 1});
    std::string bytes = "before";
    append_column(bytes, values);
    std::size_t at = 6;
    EXPECT_EQ(read_column(bytes, at, values.size()), values);
    EXPECT_EQ(at, bytes.size());
  }
}

TEST(ColumnCodec, TakesAByteForSmallSteps) {
  std::string bytes;
  append_column(bytes, std::vector<std::int64_t>{5, 6, 6, -57, 6});
  EXPECT_EQ(bytes, std::string("\x0A\x02\x00\x7D\x7E", 5));
}

TEST(ColumnCodec, RefusesBytesThatEndInTheMiddle) {
  std::string bytes;
  append_column(bytes, std::vector<std::int64_t>{1'000'000});
  for (const std::string& bad : {bytes.substr(0, 2), std::string(), std::string(20, '\xFF')}) {
    std::size_t at = 0;
    EXPECT_THROW(read_column(bad, at, 1), std::invalid_argument);
  }
}

TEST(ColumnCodec, DeflatesAsZlibDoes) {
  const std::string text(10'000, 'w');
  const std::string packed = deflated(text);
  EXPECT_LT(packed.size(), 100U);
  std::string out(text.size(), '\0');
  uLongf size = out.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                       packed.size()),
            Z_OK);
  EXPECT_EQ(out, text);
}

// RFC 4648, section 10.
TEST(Base64, IsTheStandards) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\xFB\xFF\x00", 3)), "+/8A");
}

TEST(Text, LeavesNoMarkup) {
  EXPECT_EQ(html_escaped(R"(<b a="1" c='2'>&)"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  EXPECT_EQ(script_safe(R"({"a":"</script><!--"})"), R"({"a":"\u003c/script>\u003c!--"})");
  EXPECT_EQ(markdown_escaped("a|b\n`c` <d> *e*"), "a\\|b \\`c\\` \\<d\\> \\*e\\*");
  EXPECT_EQ(csv_escaped("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
  EXPECT_EQ(csv_escaped("plain"), "plain");
}

TEST(Text, IsOneWordOfACommand) {
  EXPECT_EQ(shell_quoted("runs/easy@break-even_1.swf.gz"), "runs/easy@break-even_1.swf.gz");
  EXPECT_EQ(shell_quoted("my run"), "'my run'");
  EXPECT_EQ(shell_quoted("it's $HOME; `x`"), "'it'\\''s $HOME; `x`'");
  EXPECT_EQ(shell_quoted(""), "''");
}

// RFC 3986, 2.1 and 2.3.
TEST(Text, IsAPathOfALink) {
  EXPECT_EQ(url_escaped("a-b_c.d~/e.csv"), "a-b_c.d~/e.csv");
  EXPECT_EQ(url_escaped("my run (2)#?%å:"), "my%20run%20%282%29%23%3F%25%C3%A5%3A");
}

// Overlong forms, surrogates, cut and stray bytes are no characters.
TEST(Text, ReplacesBytesThatAreNoCharacters) {
  EXPECT_EQ(html_escaped("Å€😀"), "Å€😀");
  for (const char* bad : {"\xFF", "\xC0", "\x80", "\x01", "\x1B"}) EXPECT_EQ(html_escaped(bad), "\uFFFD") << bad;
  EXPECT_EQ(html_escaped("\xC3"), "\uFFFD");
  EXPECT_EQ(html_escaped("\xC0\xBC"), "\uFFFD\uFFFD");
  EXPECT_EQ(html_escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(html_escaped("\xE2\x82<"), "\uFFFD\uFFFD&lt;");
}

TEST(Text, WritesNumbersForPeople) {
  EXPECT_EQ(number(1234567.891, 1), "1,234,567.9");
  EXPECT_EQ(number(-0.04, 1), "0.0");
  EXPECT_EQ(number(-999), "−999");
  EXPECT_EQ(figure(6835.4), "6,835");
  EXPECT_EQ(figure(92.66), "92.7");
  EXPECT_EQ(figure(0.012345), "0.0123");
  EXPECT_EQ(duration(43), "43.0 s");
  EXPECT_EQ(duration(750), "12.5 min");
  EXPECT_EQ(duration(28231), "7.84 h");
  EXPECT_EQ(duration(515000), "5.96 days");
  EXPECT_EQ(energy(47.9e9), "13.3 MWh");
  EXPECT_EQ(percent(0.1234), "12.3 %");
}

TEST(Frame, WritesCsv) {
  Frame frame;
  frame.texts("what", "what").texts = {"a,b", "c"};
  Column& values = frame.numbers("wait_s", "wait", 2);
  values.add(-0.055);
  values.add(1.0 / 0.0);
  EXPECT_EQ(csv(frame), "what,wait_s\n\"a,b\",-0.06\nc,\n");
}

}  // namespace
}  // namespace wattfill::report
