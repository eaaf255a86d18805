#include "backfill/topology/placement_spec.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <system_error>

namespace wattfill {
namespace {

constexpr PlacementStrategyInfo kStrategies[] = {
    {PlacementStrategy::kFirstFit, "first-fit", "the lowest free nodes", false, false},
    {PlacementStrategy::kContiguous, "contiguous", "the smallest run of free nodes that is long enough, else few runs",
     false, false},
    {PlacementStrategy::kFewestSwitches, "fewest-switches", "as few switches as possible", true, false},
    {PlacementStrategy::kSmallestDiameter, "smallest-diameter", "within as small a part of the network as possible",
     true, false},
    {PlacementStrategy::kMostEfficient, "most-efficient", "the node types whose work costs the least energy first",
     false, true},
    {PlacementStrategy::kFastest, "fastest", "the fastest node types first", false, true},
};

PlacementSpec::Term term_from_text(std::string_view text) {
  const auto wrong = [&](const std::string& what) {
    return std::invalid_argument("placement '" + std::string(text) + "': " + what);
  };
  const std::string_view name = text.substr(0, text.find(':'));
  const auto* const strategy = std::ranges::find(kStrategies, name, &PlacementStrategyInfo::name);
  if (strategy == std::end(kStrategies)) {
    std::string known;
    for (const PlacementStrategyInfo& s : kStrategies) known += (known.empty() ? "" : ", ") + std::string(s.name);
    throw wrong("not known; one of " + known);
  }
  PlacementSpec::Term term{strategy->strategy, 1};
  if (name.size() == text.size()) return term;
  const std::string_view weight = text.substr(name.size() + 1);
  const char* const end = weight.data() + weight.size();
  const auto [stop, error] = std::from_chars(weight.data(), end, term.weight);
  if (error != std::errc{} || stop != end || term.weight < 1 || term.weight > 1'000'000)
    throw wrong("a weight is a whole number from 1 to 1000000");
  return term;
}

}  // namespace

std::span<const PlacementStrategyInfo> all_placement_strategies() { return kStrategies; }

const PlacementStrategyInfo& info(PlacementStrategy strategy) {
  return kStrategies[static_cast<std::size_t>(strategy)];
}

std::string to_string(const PlacementSpec& spec) {
  if (spec.terms.empty()) return std::string(info(PlacementStrategy::kFirstFit).name);
  std::string text;
  for (const PlacementSpec::Term& term : spec.terms) {
    if (!text.empty()) text += '+';
    text += info(term.strategy).name;
    if (term.weight != 1) text += ':' + std::to_string(term.weight);
  }
  return text;
}

PlacementSpec placement_from_text(std::string_view text) {
  PlacementSpec spec;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const PlacementSpec::Term term = term_from_text(text.substr(begin, end - begin));
    if (std::ranges::find(spec.terms, term.strategy, &PlacementSpec::Term::strategy) != spec.terms.end())
      throw std::invalid_argument("placement '" + std::string(text) + "': " + std::string(info(term.strategy).name) +
                                  " is there twice; once with a weight is right");
    spec.terms.push_back(term);
    begin = end + 1;
  }
  return spec;
}

}  // namespace wattfill
