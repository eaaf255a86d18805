// The bitmap of cores against a std::set, on nodes of every number of words.
#include "backfill/model/core_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;
using Model = std::set<std::int32_t>;

CoreSet set_of(std::int32_t node, const Model& cores) {
  CoreSet set(node);
  for (const std::int32_t core : cores) set.add(core);
  return set;
}

Model random_model(std::int32_t node, Random& random) {
  Model model;
  const int share = static_cast<int>(random.between(0, 4)) * 25;
  for (std::int32_t core = 0; core < node; ++core)
    if (random.chance(share)) model.insert(core);
  return model;
}

void expect_same(const CoreSet& set, std::int32_t node, const Model& model) {
  std::vector<std::int32_t> order;
  set.for_each([&](std::int32_t core) { order.push_back(core); });
  EXPECT_EQ(order, std::vector<std::int32_t>(model.begin(), model.end()));
  for (std::int32_t core = 0; core < node; ++core) EXPECT_EQ(set.has(core), model.contains(core));
  EXPECT_EQ(set.size(), static_cast<std::int32_t>(model.size()));
  EXPECT_EQ(set.empty(), model.empty());
  EXPECT_EQ(set, set_of(node, model));
}

template <class Operation>
Model combined(const Model& a, const Model& b, Operation operation) {
  Model all;
  operation(a.begin(), a.end(), b.begin(), b.end(), std::inserter(all, all.end()));
  return all;
}

TEST(CoreSet, IsASetOfCores) {
  Random random(1);
  for (const std::int32_t node : {1, 8, 63, 64, 65, 127, 128, 129, 192, 193, 300})
    for (int round = 0; round < 20; ++round) {
      const Model a = random_model(node, random);
      const Model b = random_model(node, random);
      expect_same(set_of(node, a) |= set_of(node, b), node,
                  combined(a, b, [](auto... all) { return std::set_union(all...); }));
      expect_same(set_of(node, a) &= set_of(node, b), node,
                  combined(a, b, [](auto... all) { return std::set_intersection(all...); }));
      expect_same(set_of(node, a) -= set_of(node, b), node,
                  combined(a, b, [](auto... all) { return std::set_difference(all...); }));
      CoreSet without = set_of(node, a);
      for (const std::int32_t core : b) without.remove(core);
      EXPECT_EQ(without, set_of(node, a) -= set_of(node, b));
    }
}

// Also between nodes of different size.
TEST(CoreSet, MeetsAndIncludes) {
  Random random(2);
  int meeting = 0;
  int included = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::int32_t sizes[] = {random.between32(1, 300), random.between32(1, 300)};
    const Model a = random_model(sizes[0], random);
    Model b = random_model(sizes[1], random);
    if (random.chance(30)) b = combined(a, b, [](auto... all) { return std::set_intersection(all...); });
    const bool meets = std::any_of(b.begin(), b.end(), [&](std::int32_t core) { return a.contains(core); });
    const bool includes = std::includes(a.begin(), a.end(), b.begin(), b.end());
    EXPECT_EQ(set_of(sizes[0], a).meets(set_of(sizes[1], b)), meets);
    EXPECT_EQ(set_of(sizes[0], a).includes(set_of(sizes[1], b)), includes);
    meeting += meets;
    included += includes;
  }
  EXPECT_GT(std::min({meeting, included, 2000 - meeting, 2000 - included}), 200);
}

TEST(CoreSet, AllAreAllCores) {
  for (const std::int32_t node : {1, 64, 128, 200}) {
    EXPECT_EQ(CoreSet::all(node).size(), node);
    EXPECT_TRUE(CoreSet::all(node).has(node - 1));
  }
}

}  // namespace
}  // namespace wattfill
