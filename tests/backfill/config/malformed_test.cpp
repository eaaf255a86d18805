// Wrong policies: each is refused, with the place and a word on what is wrong.
#include <gtest/gtest.h>

#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

struct Malformed {
  const char* label;
  std::string text;
  std::string place;   // how the message begins: "file:LINE:COLUMN: ", or "file: field"
  std::string phrase;  // and what it says
};

std::ostream& operator<<(std::ostream& out, const Malformed& m) { return out << m.label; }

class MalformedPolicy : public ::testing::TestWithParam<Malformed> {};

template <class Parse>
void expect_refused(const Malformed& m, Parse&& parse) {
  try {
    parse(m.text, "file");
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with(m.place)) << message;
    EXPECT_NE(message.find(m.phrase), std::string::npos) << message;
  }
}

TEST_P(MalformedPolicy, IsRefused) { expect_refused(GetParam(), parse_policy); }

constexpr auto kLabel = [](const auto& param) { return std::string(param.param.label); };

INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedPolicy,
    ::testing::Values(
        Malformed{"Empty", "", "file: name: ", "missing"},
        Malformed{"OnlyAComment", "# nothing\n", "file: name: ", "missing"},
        Malformed{"NoName", "queue_order: SJF", "file: name: ", "missing"},
        Malformed{"EmptyName", "name: \"\"", "file: name: ", "missing"},
        Malformed{"NameWithBlank", "name: \"two words\"", "file: name: ", "blank"},
        Malformed{"NameWithComma", "name: \"a,b\"", "file: name: ", "comma"},
        Malformed{"NameWithSlash", "name: \"a/b\"", "file: name: ", "slash"},
        Malformed{"NameWithTab", "name: \"a\\tb\"", "file: name: ", "blank"},
        Malformed{"UnknownField", "name: \"x\"\nqueue_ordre: SJF\n", "file:2:1: ",
                  "no field named \"queue_ordre\"; known are name, description, queue_order, backfill_order, "},
        Malformed{"UnknownOrder", "name: \"x\"\n\nqueue_order: LIFO backfill_order: SJF", "file:3:14: ",
                  "\"LIFO\" for field \"queue_order\"; known are FCFS, SJF, SAF, WFP3, UNICEP, F1, F2, F3, F4, HOST"},
        Malformed{"UnknownOrderBeforeABlankLine", "name: \"x\"\nqueue_order: # which?\n  LIFO # this\n\n\n",
                  "file:3:3: ", "\"LIFO\""},
        Malformed{"UnknownOrderNamedAsAField", "name: \"x\" queue_order: name description: \"y\"",
                  "file:1:24: ", "\"name\" for field \"queue_order\"; known are FCFS, "},
        Malformed{"LowercaseOrder", "name: \"x\"\nbackfill_order: sjf", "file:2:17: ", "\"sjf\""},
        Malformed{"OrderNumberOutOfRange", "name: \"x\" queue_order: 11", "file: queue_order: 11 ",
                  "known are FCFS, SJF, SAF, WFP3, UNICEP, F1, F2, F3, F4, HOST, SMITH"},
        Malformed{"NegativeOrderNumber", "name: \"x\" backfill_order: -1", "file: backfill_order: -1 ",
                  "known are FCFS, "},
        Malformed{"OrderInQuotes", "name: \"x\" queue_order: \"SJF\"", "file:1:24: ", "Expected"},
        Malformed{"NegativeDepth", "name: \"x\"\nreservation_depth: -1", "file:2:", "Expected integer"},
        Malformed{"DepthAsText", "name: \"x\"\nreservation_depth: \"all\"", "file:2:20: ", "Expected integer"},
        Malformed{"FractionalDepth", "name: \"x\"\nreservation_depth: 1.5", "file:2:20: ", "Expected integer"},
        Malformed{"DepthBeyondSixtyFourBits", "name: \"x\"\nreservation_depth: 99999999999999999999",
                  "file:2:20: ", "range"},
        Malformed{"DepthBeyondThirtyTwoBits", "name: \"x\"\nreservation_depth: 4294967296", "file:2:20: ", "range"},
        Malformed{"DepthBeyondSense", "name: \"x\" reservation_depth: 1000001",
                  "file: reservation_depth: ", "reserve_all"},
        Malformed{"DepthAndAll", "name: \"x\"\nreservation_depth: 1\nreserve_all: true", "file:3:1: ", "oneof"},
        Malformed{"AllIsNoTruthValue", "name: \"x\"\nreserve_all: maybe", "file:2:14: ", "boolean"},
        Malformed{"NegativePromotion", "name: \"x\"\npromotion_age_s: -60", "file:2:", "Expected integer"},
        Malformed{"EndlessPromotion", "name: \"x\" promotion_age_s: 3153600001",
                  "file: promotion_age_s: ", "100 years"},
        Malformed{"EndlessRenewals", "name: \"x\" renewals: 1001", "file: renewals: ", "at most 1000"},
        Malformed{"BacklogWithoutAge", "name: \"x\" promotion_backlog_percent: 100",
                  "file: promotion_backlog_percent: ", "only with promotion_age_s"},
        Malformed{"EndlessBacklog", "name: \"x\" promotion_age_s: 60 promotion_backlog_percent: 1000001",
                  "file: promotion_backlog_percent: ", "at most 1000000"},
        Malformed{"NegativeBacklog", "name: \"x\" promotion_age_s: 60\npromotion_backlog_percent: -1",
                  "file:2:", "Expected integer"},
        Malformed{"ShareOfNoTurn", "name: \"x\" promotion_age_s: 60 promotion_age_percent: 25",
                  "file: promotion_age_percent: ", "only with promotion_backlog_percent"},
        Malformed{"EndlessShare",
                  "name: \"x\" promotion_age_s: 60 promotion_backlog_percent: 100 promotion_age_percent: 1001",
                  "file: promotion_age_percent: ", "at most 1000"},
        Malformed{"PromotionWithUnit", "name: \"x\"\npromotion_age_s: 40h", "file:2:", ""},
        Malformed{"NameTwice", "name: \"x\"\nname: \"y\"", "file:2:1: ", "multiple times"},
        Malformed{"UnclosedString", "name: \"x", "file:1:9: ", "string"},
        Malformed{"StringOverTwoLines", "name: \"x\ny\"", "file:1:9: ", "cross line"},
        Malformed{"MissingColon", "name \"x\"", "file:1:6: ", "\":\""},
        Malformed{"NameForColon", "name name: \"x\"", "file:1:6: ", "\":\""},
        Malformed{"MissingValue", "name: \"x\"\nqueue_order:\n", "file:3:1: ", "Expected"},
        Malformed{"NumberForName", "name: 7", "file:1:7: ", "Expected string"},
        Malformed{"StrayBrace", "name: \"x\" }", "file:1:11: ", "Expected identifier"},
        Malformed{"Json", "{\"name\": \"x\"}", "file:1:1: ", "Expected identifier"},
        Malformed{"ControlBytes", std::string("name: \"x\"\n\x01\x02", 12), "file:2:1: ", "control"},
        Malformed{"NulByte", std::string("name: \"x\"\n\0", 11), "file:2:1: ", ""},
        Malformed{"ClusterGiven", "name: \"x\"\nnode_type { name: \"y\" count: 1 }",
                  "file:2:1: ", "no field named \"node_type\""}),
    kLabel);

TEST(MalformedText, OfMoreThanSixteenMebibytesIsRefusedUnread) {
  const std::string text = "name: \"x\"\n" + std::string((16U << 20) + 1, '#');
  EXPECT_THROW(parse_policy(text, "file"), ConfigError);
}

}  // namespace
}  // namespace wattfill
