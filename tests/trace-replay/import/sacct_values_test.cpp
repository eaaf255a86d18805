#include "trace-replay/import/sacct_values.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace wattfill {
namespace {

constexpr std::int64_t kBad = -1;

TEST(SacctValues, ReadsTimes) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"1970-01-01T00:00:00", 0},
      {"2000-02-29T12:00:00", 951'825'600},
      {"2025-01-01T00:00:00", 1'735'689'600},
      {"1735689600", 1'735'689'600},
      {"0", 0},
      {"2023-02-29T12:00:00", kBad},
      {"2025-13-01T00:00:00", kBad},
      {"2025-01-01T24:00:00", kBad},
      {"2025-01-01 00:00:00", kBad},
      {"2025-01-01T00:00", kBad},
      {"2025-1-01T00:00:00", kBad},
      {"2025-01-01T00:00:00Z", kBad},
      {"1969-12-31T23:59:59", kBad},
      {"01/02-10:00:00", kBad},
      {"yesterday", kBad},
      {"99999999999999999999", kBad},
  };
  for (const auto& [text, seconds] : rows) EXPECT_EQ(parse_sacct_time(text, 0).value_or(kBad), seconds) << text;
  EXPECT_EQ(parse_sacct_time("2025-01-01T02:00:00", 7200), 1'735'689'600);
  EXPECT_EQ(parse_sacct_time("1735689600", 7200), 1'735'689'600);  // is no local time
}

TEST(SacctValues, ReadsDurations) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"00:00:01", 1'000},
      {"1-00:00:00", 86'400'000},
      {"365-23:59:59", 31'622'399'000},
      {"10:30", 630'000},
      {"00:01.250", 1'250},
      {"2-12", 216'000'000},
      {"2-12:30", 217'800'000},
      {"100:00:00", 360'000'000},
      {"5", kBad},
      {"1-", kBad},
      {"-1", kBad},
      {"00:60:00", kBad},
      {"00:00:60", kBad},
      {"00:00:00.5", kBad},
      {"1:2:3:4", kBad},
      {"", kBad},
      {"1-00:00:00:00", kBad},
      {"a:b", kBad},
      {"99999999-00:00:00", kBad},
  };
  for (const auto& [text, ms] : rows) EXPECT_EQ(parse_sacct_duration_ms(text).value_or(kBad), ms) << text;
}

TEST(SacctValues, ReadsSizesAndEnergies) {
  using Of = SacctMemory::Of;
  const std::tuple<const char*, double, Of> sizes[] = {
      {"4Gc", 4.0 * 1024 * 1024, Of::kProcessor},
      {"4Gn", 4.0 * 1024 * 1024, Of::kNode},
      {"4G", 4.0 * 1024 * 1024, Of::kJob},
      {"4000Mn", 4000.0 * 1024, Of::kNode},
      {"1.50T", 1.5 * 1024 * 1024 * 1024, Of::kJob},
      {"512", 512.0 * 1024, Of::kJob},
      {"0n", 0, Of::kNode},
  };
  for (const auto& [text, kb, of] : sizes) {
    const auto memory = parse_sacct_memory(text);
    ASSERT_TRUE(memory) << text;
    EXPECT_EQ(memory->kb, kb) << text;
    EXPECT_EQ(memory->of, of) << text;
  }
  for (const char* wrong : {"", "G", "4X", "4GG", "-4G", "1e3", "4Gcc", "inf", "."})
    EXPECT_FALSE(parse_sacct_memory(wrong)) << wrong;
  EXPECT_EQ(parse_sacct_rss_kb("1234K"), 1234);
  EXPECT_EQ(parse_sacct_rss_kb("2048"), 2);
  EXPECT_EQ(parse_sacct_joules("123456"), 123'456);
  EXPECT_EQ(parse_sacct_joules("1.23M"), 1'230'000);
  EXPECT_GT(parse_sacct_joules("18446744073709551614").value(), 1e15);  // a counter that ran backwards
  EXPECT_FALSE(parse_sacct_joules("-5"));
}

TEST(SacctValues, ReadsJobIds) {
  const std::tuple<const char*, const char*, const char*, bool, bool> rows[] = {
      {"123", "123", "", false, false},
      {"123.batch", "123", "batch", false, false},
      {"123.0", "123", "0", false, false},
      {"123_4", "123_4", "", true, false},
      {"123_4.extern", "123_4", "extern", true, false},
      {"123+1", "123+1", "", false, true},
      {"123+1.0", "123+1", "0", false, true},
      {"123_[5-9%2]", "123_[5-9%2]", "", true, false},
      {"123.0+1", "123", "0+1", false, false},
      {"123_4+1", "123_4+1", "", true, true},
  };
  for (const auto& [text, job, step, array, component] : rows) {
    const auto id = parse_sacct_job_id(text);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ(id->job, job) << text;
    EXPECT_EQ(id->step, step) << text;
    EXPECT_EQ(id->array, array) << text;
    EXPECT_EQ(id->component, component) << text;
  }
  for (const char* wrong : {"", "batch", "123.", "_4", "123_", "123+", "12x", "1234567890123456", "123-4", "123_a"})
    EXPECT_FALSE(parse_sacct_job_id(wrong)) << wrong;
}

TEST(SacctValues, ReadsOffsets) {
  const std::pair<const char*, std::int64_t> rows[] = {{"+00:00", 0},      {"Z", 0},           {"+02:00", 7'200},
                                                       {"-0330", -12'600}, {"+05:30", 19'800}, {"+01", 3'600}};
  for (const auto& [text, seconds] : rows) EXPECT_EQ(parse_utc_offset(text), seconds) << text;
  for (const char* wrong : {"", "2", "+2", "02:00", "+15:00", "+02:60", "+02-00", "+02:0", "CET"})
    EXPECT_FALSE(parse_utc_offset(wrong)) << wrong;
}

}  // namespace
}  // namespace wattfill
