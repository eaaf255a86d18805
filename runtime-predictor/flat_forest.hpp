// The trees of a booster in one array: a prediction for one row without the library's cost of a call.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wattfill {

class FlatForest {
 public:
  // `trees`: XGBoost's text dumps, in order; tree t adds to output t modulo `outputs`. Throws std::invalid_argument for
  // text that is no such dump.
  FlatForest(std::span<const char* const> trees, int outputs);

  // Bit for bit what the library gives: leaves are added in the order of the trees. NaN is missing. `out` has a place
  // for each output. O(trees x depth).
  void predict(std::span<const float> row, std::span<float> out) const;

 private:
  struct Node {
    float value = 0;            // the threshold, or the leaf's weight
    std::int32_t feature = -1;  // -1: a leaf
    std::uint32_t yes = 0;      // where the feature is below the threshold
    std::uint32_t no = 0;
    std::uint32_t missing = 0;
  };
  void add(std::string_view tree);

  std::size_t outputs_;
  std::vector<std::uint32_t> roots_;
  std::vector<Node> nodes_;
};

}  // namespace wattfill
