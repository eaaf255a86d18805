#include "runtime-predictor/flat_forest.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace wattfill {
namespace {

// Reads the pieces of a line such as "3:[f12<-1.5] yes=7,no=8,missing=7" or "4:leaf=0.25".
class Pieces {
 public:
  explicit Pieces(std::string_view line) : rest_(line) {}
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  template <class T>
  T number() {
    T value{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  void expect(std::string_view text) {
    if (!take(text)) fail();
  }
  bool empty() const { return rest_.empty(); }
  [[noreturn]] void fail() const { throw std::invalid_argument("no dump of a tree: \"" + std::string(rest_) + "\""); }

 private:
  std::string_view rest_;
};

}  // namespace

FlatForest::FlatForest(std::span<const char* const> trees, int outputs) : outputs_(static_cast<std::size_t>(outputs)) {
  for (const char* tree : trees) add(tree);
}

void FlatForest::add(std::string_view tree) {
  const auto root = static_cast<std::uint32_t>(nodes_.size());
  roots_.push_back(root);
  while (!tree.empty()) {
    const std::size_t end = std::min(tree.find('\n'), tree.size());
    Pieces line(tree.substr(0, end));
    tree.remove_prefix(std::min(end + 1, tree.size()));
    while (line.take("\t")) continue;
    if (line.empty()) continue;
    const auto at = root + line.number<std::uint32_t>();
    if (at >= nodes_.size()) nodes_.resize(at + 1);
    Node& node = nodes_[at];
    line.expect(":");
    if (line.take("leaf=")) {
      node.value = line.number<float>();
      continue;
    }
    line.expect("[f");
    node.feature = line.number<std::int32_t>();
    line.expect("<");
    node.value = line.number<float>();
    line.expect("] yes=");
    node.yes = root + line.number<std::uint32_t>();
    line.expect(",no=");
    node.no = root + line.number<std::uint32_t>();
    line.expect(",missing=");
    node.missing = root + line.number<std::uint32_t>();
  }
  if (nodes_.size() == root) throw std::invalid_argument("no dump of a tree: it is empty");
}

void FlatForest::predict(std::span<const float> row, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t t = 0; t < roots_.size(); ++t) {
    const Node* node = &nodes_[roots_[t]];
    while (node->feature >= 0) {
      const float x = row[static_cast<std::size_t>(node->feature)];
      node = &nodes_[std::isnan(x) ? node->missing : x < node->value ? node->yes : node->no];
    }
    out[t % outputs_] += node->value;
  }
}

}  // namespace wattfill
