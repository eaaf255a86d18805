// The policies that come with the program, and random ones, survive being written and read.
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
#include "backfill/config/policy.pb.h"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

TEST(PolicyConfig, PresetsSurviveTheRoundTrip) {
  ASSERT_FALSE(policy_presets().empty());
  for (const PolicySpec& preset : policy_presets())
    EXPECT_EQ(parse_policy(policy_text(preset), preset.name), preset) << policy_text(preset);
}

TEST(PolicyConfig, RandomPoliciesSurviveTheRoundTrip) {
  Random random(1);
  const std::string letters = "abcXYZ019+-_.\"'\\#:{}";
  for (int i = 0; i < 2'000; ++i) {
    PolicySpec spec;
    for (std::int64_t n = random.between(1, 12); n > 0; --n) spec.name += letters[random.index(letters.size())];
    for (std::int64_t n = random.between(0, 30); n > 0; --n)
      spec.description += random.chance(20) ? static_cast<char>(random.between(1, 126)) : letters[random.index(20)];
    spec.queue_order = static_cast<Order>(random.between(0, 10));
    if (random.chance(70)) spec.backfill_order = static_cast<Order>(random.between(0, 10));
    spec.reservation_depth = random.chance(30) ? kReserveAll : random.between32(0, random.chance(50) ? 1 : 1'000'000);
    spec.fit_estimates = random.chance(50) ? "requested" : "last-two";
    spec.order_estimates = random.chance(50) ? "clairvoyant" : "some other";
    if (spec.reservation_depth <= 1) spec.fill_estimates = random.chance(50) ? "" : "xgboost-expected";
    if (random.chance(50)) spec.renewals = random.between32(1, 1000);
    if (random.chance(50)) spec.promotion_age = Seconds{random.between(0, 3'153'600'000)};
    if (spec.promotion_age && random.chance(50)) spec.promotion_backlog_percent = random.between32(1, 1'000'000);
    if (spec.promotion_backlog_percent > 0) spec.promotion_age_percent = random.between32(0, 1000);
    ASSERT_EQ(parse_policy(policy_text(spec), "random"), spec) << policy_text(spec);
  }
}

// The scheduler's enum and the one of the files are the same, in order and in name.
TEST(PolicyConfig, OrdersAreThoseOfTheScheduler) {
  const auto* orders = config::Order_descriptor();
  ASSERT_EQ(static_cast<std::size_t>(orders->value_count()), all_orders().size());
  for (int i = 0; i < orders->value_count(); ++i) {
    const OrderInfo& order = all_orders()[static_cast<std::size_t>(i)];
    std::string name = orders->value(i)->name();
    EXPECT_EQ(orders->value(i)->number(), static_cast<int>(order.order));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(name, order.name);
  }
}

TEST(PolicyConfig, LeavesOutWhatIsNotSaid) {
  const PolicySpec spec = parse_policy("name: \"plain\"", "x");
  PolicySpec expected;
  expected.name = "plain";
  EXPECT_EQ(spec, expected);
  EXPECT_EQ(spec.reservation_depth, 1);
  EXPECT_EQ(spec.fit_estimates, "requested");
  EXPECT_EQ(parse_policy("name: \"x\" reserve_all: false", "x").reservation_depth, 1);
  EXPECT_EQ(parse_policy("name: \"x\" reserve_all: true", "x").reservation_depth, kReserveAll);
  EXPECT_EQ(parse_policy("name: \"x\" reservation_depth: 0", "x").reservation_depth, 0);
  EXPECT_EQ(parse_policy("name: \"x\" promotion_age_s: 0", "x").promotion_age, Seconds{0});
  EXPECT_EQ(parse_policy("name: \"x\" promotion_age_s: 9", "x").promotion_backlog_percent, 0);
}

TEST(PolicyConfig, TakesComments) {
  const PolicySpec spec = parse_policy("# my policy\nname: \"x\"  # one word\n\nqueue_order: SAF\n", "x");
  EXPECT_EQ(spec.queue_order, Order::kSaf);
}

TEST(PolicyConfig, FindsPresetsByName) {
  std::string before;
  for (const PolicySpec& preset : policy_presets()) {
    EXPECT_LT(before, preset.name);  // sorted, and no name twice
    EXPECT_EQ(find_policy(preset.name), &preset);
    EXPECT_FALSE(preset.description.empty()) << preset.name;
    before = preset.name;
  }
  EXPECT_EQ(find_policy("no such policy"), nullptr);
  EXPECT_EQ(policy_presets().size(), embedded_policies().size());
}

TEST(PolicyConfig, NamedPoliciesAreWhatTheirNamesSay) {
  const auto expect = [](const char* name, Order queue, std::optional<Order> backfill, std::int32_t depth,
                         const char* estimates) {
    const PolicySpec* spec = find_policy(name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_EQ(spec->queue_order, queue) << name;
    EXPECT_EQ(spec->backfill_order, backfill) << name;
    EXPECT_TRUE(!backfill || spec->reservation_depth == depth) << name;
    EXPECT_EQ(spec->fit_estimates, estimates) << name;
    EXPECT_EQ(spec->order_estimates, estimates) << name;
  };
  expect("fcfs", Order::kFcfs, std::nullopt, 0, "requested");
  expect("easy", Order::kFcfs, Order::kFcfs, 1, "requested");
  expect("easy-sjbf", Order::kFcfs, Order::kSjf, 1, "requested");
  expect("easy++", Order::kFcfs, Order::kSjf, 1, "last-two");
  expect("conservative", Order::kFcfs, Order::kFcfs, kReserveAll, "requested");
  expect("saf", Order::kSaf, Order::kSaf, 1, "requested");
  expect("f1", Order::kF1, Order::kF1, 1, "requested");
}

}  // namespace
}  // namespace wattfill
