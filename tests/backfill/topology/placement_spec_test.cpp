#include "backfill/topology/placement_spec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

TEST(PlacementSpec, TextAndBack) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    PlacementSpec spec;
    for (const PlacementStrategyInfo& strategy : all_placement_strategies())
      if (random.chance(50))
        spec.terms.push_back({strategy.strategy, random.chance(50) ? 1 : random.between32(1, 1000)});
    if (spec.terms.empty()) continue;
    for (std::size_t i = spec.terms.size(); i > 1; --i) std::swap(spec.terms[i - 1], spec.terms[random.index(i)]);
    EXPECT_EQ(placement_from_text(to_string(spec)), spec) << to_string(spec);
  }
  EXPECT_EQ(to_string({}), "first-fit");
  EXPECT_EQ(to_string(placement_from_text("fewest-switches:2+most-efficient")), "fewest-switches:2+most-efficient");
  EXPECT_EQ(to_string(placement_from_text("contiguous:1")), "contiguous");
}

TEST(PlacementSpec, EachStrategyKnowsItself) {
  for (const PlacementStrategyInfo& strategy : all_placement_strategies())
    EXPECT_EQ(info(strategy.strategy).name, strategy.name);
}

TEST(PlacementSpec, WrongTextIsTold) {
  const auto says = [](const std::string& text, const std::string& what) {
    try {
      placement_from_text(text);
      ADD_FAILURE() << text << " was taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  says("", "placement '': not known; one of first-fit, contiguous");
  says("nearest", "placement 'nearest': not known");
  says("fastest+", "placement '': not known");
  says("fastest:", "a weight is a whole number");
  says("fastest:0", "a weight is a whole number");
  says("fastest:-1", "a weight is a whole number");
  says("fastest:2x", "a weight is a whole number");
  says("fastest:99999999999", "a weight is a whole number");
  says("fastest+first-fit+fastest:2", "fastest is there twice");
}

}  // namespace
}  // namespace wattfill
