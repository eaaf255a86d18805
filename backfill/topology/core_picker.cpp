#include "backfill/topology/core_picker.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <compare>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace wattfill {
namespace {

// Machines of any size, usual ones without an allocation.
template <class T, std::size_t kInline = 64>
using Scratch = boost::container::small_vector<T, kInline>;

// Where a core belongs: the order in which stars, cells and leaves are numbered.
struct Place {
  bool of_numa_node;  // the star
  std::int32_t hub;
  std::int32_t numa_node, package;  // the cell
  std::int32_t l3, kind;            // the leaf
  auto operator<=>(const Place&) const = default;

  bool same_star(const Place& o) const { return of_numa_node == o.of_numa_node && hub == o.hub; }
  bool same_cell(const Place& o) const { return numa_node == o.numa_node && package == o.package; }
};

std::vector<Place> places_of(const std::vector<NodeCore>& cores) {
  std::map<std::int32_t, std::set<std::int32_t>> packages_of, numa_nodes_of;
  for (const NodeCore& core : cores) {
    packages_of[core.numa_node].insert(core.package);
    numa_nodes_of[core.package].insert(core.numa_node);
  }
  std::vector<Place> places;
  places.reserve(cores.size());
  for (const NodeCore& core : cores) {
    const bool of_numa_node = packages_of[core.numa_node].size() > 1;
    if (of_numa_node && numa_nodes_of[core.package].size() > 1)
      throw std::invalid_argument("NUMA node " + std::to_string(core.numa_node) + " and package " +
                                  std::to_string(core.package) + " overlap; one must hold the other");
    const std::int32_t hub = of_numa_node ? core.numa_node : core.package;
    places.push_back({of_numa_node, hub, core.numa_node, core.package, core.l3, core.kind});
  }
  return places;
}

}  // namespace

CorePicker::CorePicker(const NodeInsides& insides)
    : numa_nodes_(insides.numa_nodes), packages_(insides.packages), l3s_(insides.l3s), leaf_of_(insides.cores.size()) {
  const std::vector<Place> places = places_of(insides.cores);
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return places[a] < places[b]; });

  const Place* last = nullptr;
  std::set<std::int32_t> kinds;
  for (const std::size_t core : order) {
    const Place& place = places[core];
    const auto cell = static_cast<std::int32_t>(cells_.size()), leaf = static_cast<std::int32_t>(leaves_.size());
    if (last == nullptr || !last->same_star(place)) stars_.push_back({!place.of_numa_node, cell, cell});
    if (last == nullptr || !last->same_cell(place)) {
      cells_.push_back({place.numa_node, place.package, leaf, leaf});
      ++stars_.back().end_cell;
    }
    if (last == nullptr || *last != place) {
      leaves_.push_back({stars_.back().end_cell - 1, place.l3, place.kind});
      ++cells_.back().end_leaf;
    }
    leaf_of_[core] = static_cast<std::int32_t>(leaves_.size()) - 1;
    kinds.insert(place.kind);
    last = &place;
  }

  if (kinds.empty()) return;
  const std::int32_t fastest = *kinds.rbegin();
  for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) kind_choices_.push_back({*kind, *kind});
  for (auto kind = std::next(kinds.rbegin()); kind != kinds.rend(); ++kind) kind_choices_.push_back({*kind, fastest});
}

// One pick at work.
class CorePicker::Pick {
 public:
  Pick(const CorePicker& node, const CoreSet& free, std::int32_t count)
      : node_(node), free_(free), count_(count), leaf_free_(node.leaves_.size()) {
    free.for_each([&](std::int32_t core) { ++leaf_free_[node_.leaf_of_[core]]; });
  }

  CoreSet cores() {
    const auto& choices = node_.kind_choices_;
    const Span fewest = choose_cells(choices.back());
    if (choices.size() > 1)
      for (const Kinds& kinds : choices)
        if (choose_cells(kinds) == fewest) break;
    return fill_l3_groups();
  }

 private:
  struct Span {
    std::int32_t numa_nodes = 0, packages = 0;  // 0: there is no choice
    bool operator==(const Span&) const = default;
  };
  // What some stars contribute to a choice of cells.
  struct Cover {
    std::int32_t cores = 0;    // of those asked for
    std::int32_t touched = 0;  // all that was free in these stars
    std::int32_t taken = 0;    // cells of the last star
    bool better_than(const Cover& o) const { return cores != o.cores ? cores > o.cores : touched < o.touched; }
  };
  bool allowed(const Leaf& leaf) const { return kinds_.slowest <= leaf.kind && leaf.kind <= kinds_.fastest; }

  Span choose_cells(const Kinds& kinds);
  bool choose_one_cell();
  std::int32_t fewest_numa_nodes() const;
  Span choose_many_cells(std::int32_t numa_nodes);
  void tighten();
  std::int32_t l3_groups_needed(const Cell& cell) const;
  CoreSet fill_l3_groups() const;

  const CorePicker& node_;
  const CoreSet& free_;
  const std::int32_t count_;
  Scratch<std::int32_t> leaf_free_;

  // The choice of cells that was made last.
  Kinds kinds_{};
  Scratch<std::int32_t> cell_free_;  // of the allowed kinds
  Scratch<char> chosen_;             // by cell
};

// Chooses cells with `count_` free cores of these kinds that span the fewest NUMA nodes, then packages.
CorePicker::Pick::Span CorePicker::Pick::choose_cells(const Kinds& kinds) {
  kinds_ = kinds;
  chosen_.assign(node_.cells_.size(), 0);
  cell_free_.assign(node_.cells_.size(), 0);
  for (std::size_t l = 0; l < leaf_free_.size(); ++l)
    if (allowed(node_.leaves_[l])) cell_free_[node_.leaves_[l].cell] += leaf_free_[l];
  if (choose_one_cell()) return {1, 1};
  if (std::accumulate(cell_free_.begin(), cell_free_.end(), 0) < count_) return {};
  const Span span = choose_many_cells(fewest_numa_nodes());
  tighten();
  return span;
}

// One cell that holds the job, if there is one: with the fewest L3 groups, then the tightest, then the one in the
// fullest star.
bool CorePicker::Pick::choose_one_cell() {
  struct Cost {
    std::int32_t l3_groups, cell_free, star_free, cell;
    auto operator<=>(const Cost&) const = default;
  };
  Cost best{};
  for (const Star& star : node_.stars_) {
    const auto first = cell_free_.begin() + star.first_cell, end = cell_free_.begin() + star.end_cell;
    const std::int32_t star_free = std::accumulate(first, end, 0);
    for (std::int32_t c = star.first_cell; c < star.end_cell; ++c) {
      if (cell_free_[c] < count_) continue;
      const Cost cost{l3_groups_needed(node_.cells_[c]), cell_free_[c], star_free, c};
      if (best.l3_groups == 0 || cost < best) best = cost;
    }
  }
  if (best.l3_groups == 0) return false;
  chosen_[best.cell] = 1;
  return true;
}

std::int32_t CorePicker::Pick::fewest_numa_nodes() const {
  Scratch<std::int32_t> free(node_.numa_nodes_);
  for (std::size_t c = 0; c < cell_free_.size(); ++c) free[node_.cells_[c].numa_node] += cell_free_[c];
  std::sort(free.begin(), free.end(), std::greater<>());
  std::int32_t needed = 0;
  for (std::int32_t cores = 0; cores < count_; ++needed) cores += free[needed];
  return needed;
}

// Chooses cells over that many NUMA nodes, the fewest possible, and over the fewest packages then possible. A table
// over the stars tells the best cover with at most n NUMA nodes and p packages: of a star it is always the largest
// cells that are taken. Covers count no core beyond those asked for, so that of those that suffice the one wins that
// touches the fullest stars.
CorePicker::Pick::Span CorePicker::Pick::choose_many_cells(std::int32_t numa_nodes) {
  const std::int32_t width = node_.packages_ + 1, rows = numa_nodes + 1;
  Scratch<Cover, 256> covers(static_cast<std::size_t>(rows * width) * (node_.stars_.size() + 1));
  Scratch<std::int32_t> by_size(cell_free_.size());
  std::iota(by_size.begin(), by_size.end(), 0);

  Cover* before = covers.data();
  for (const Star& star : node_.stars_) {
    const auto first = by_size.begin() + star.first_cell, end = by_size.begin() + star.end_cell;
    std::sort(first, end, [&](std::int32_t a, std::int32_t b) {
      return cell_free_[a] != cell_free_[b] ? cell_free_[a] > cell_free_[b] : a < b;
    });
    Cover* const with = before + rows * width;
    for (std::int32_t i = 0; i < rows * width; ++i) with[i] = {before[i].cores, before[i].touched, 0};
    std::int32_t star_free = 0;
    for (auto cell = first; cell != end; ++cell) star_free += cell_free_[*cell];
    std::int32_t sum = 0, taken = 0;
    for (auto cell = first; cell != end && cell_free_[*cell] > 0; ++cell) {
      sum += cell_free_[*cell];
      ++taken;
      const std::int32_t dn = star.of_package ? taken : 1, dp = star.of_package ? 1 : taken;
      for (std::int32_t n = dn; n < rows; ++n)
        for (std::int32_t p = dp; p < width; ++p) {
          const Cover& rest = before[(n - dn) * width + p - dp];
          const Cover cover{std::min(rest.cores + sum, count_), rest.touched + star_free, taken};
          if (Cover& best = with[n * width + p]; cover.better_than(best)) best = cover;
        }
    }
    before = with;
  }

  const Cover* const row = before + numa_nodes * width;
  const auto packages =
      static_cast<std::int32_t>(std::find_if(row, row + width, [&](auto& c) { return c.cores == count_; }) - row);
  std::int32_t n = numa_nodes, p = packages;
  for (auto star = node_.stars_.rbegin(); star != node_.stars_.rend(); ++star, before -= rows * width) {
    const std::int32_t taken = before[n * width + p].taken;
    for (std::int32_t i = 0; i < taken; ++i) chosen_[by_size[star->first_cell + i]] = 1;
    if (taken > 0) n -= star->of_package ? taken : 1, p -= star->of_package ? 1 : taken;
  }
  return {numa_nodes, packages};
}

// Exchanges chosen cells for smaller ones, the largest gain first, while enough cores and no more NUMA nodes or
// packages are left.
void CorePicker::Pick::tighten() {
  const std::vector<Cell>& cells = node_.cells_;
  Scratch<std::int32_t> numa_node_used(node_.numa_nodes_), package_used(node_.packages_);
  std::int32_t spare = -count_;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (!chosen_[c]) continue;
    ++numa_node_used[cells[c].numa_node];
    ++package_used[cells[c].package];
    spare += cell_free_[c];
  }
  const auto no_more = [](const auto& used, std::int32_t from, std::int32_t to) {
    return from == to || used[from] == 1 || used[to] > 0;
  };
  while (spare > 0) {
    std::int32_t gain = 0;
    std::size_t from = 0, to = 0;
    for (std::size_t c = cells.size(); c-- > 0;)
      for (std::size_t d = 0; chosen_[c] && d < cells.size(); ++d) {
        const std::int32_t difference = cell_free_[c] - cell_free_[d];
        if (!chosen_[d] && gain < difference && difference <= spare &&
            no_more(numa_node_used, cells[c].numa_node, cells[d].numa_node) &&
            no_more(package_used, cells[c].package, cells[d].package))
          gain = difference, from = c, to = d;
      }
    if (gain == 0) break;
    std::swap(chosen_[from], chosen_[to]);
    --numa_node_used[cells[from].numa_node], ++numa_node_used[cells[to].numa_node];
    --package_used[cells[from].package], ++package_used[cells[to].package];
    spare -= gain;
  }
}

std::int32_t CorePicker::Pick::l3_groups_needed(const Cell& cell) const {
  Scratch<std::int32_t> groups;
  std::int32_t l3 = -1;
  for (std::int32_t l = cell.first_leaf; l < cell.end_leaf; ++l) {
    const Leaf& leaf = node_.leaves_[l];
    if (!allowed(leaf)) continue;
    if (leaf.l3 != l3) groups.push_back(0), l3 = leaf.l3;
    groups.back() += leaf_free_[l];
  }
  std::sort(groups.begin(), groups.end(), std::greater<>());
  std::int32_t needed = 0;
  for (std::int32_t cores = 0; cores < count_; ++needed) cores += groups[needed];
  return needed;
}

// The cores: the largest L3 groups of the chosen cells, and for the rest the one that it fits most tightly. Of a group
// the lowest cores first.
CoreSet CorePicker::Pick::fill_l3_groups() const {
  const auto usable = [&](const Leaf& leaf) { return chosen_[leaf.cell] && allowed(leaf); };
  Scratch<std::int32_t> quota(node_.l3s_);
  for (std::size_t l = 0; l < leaf_free_.size(); ++l)
    if (usable(node_.leaves_[l])) quota[node_.leaves_[l].l3] += leaf_free_[l];

  struct Group {
    std::int32_t free, l3;
  };
  Scratch<Group> groups;
  for (std::int32_t l3 = 0; l3 < node_.l3s_; ++l3)
    if (const std::int32_t free = std::exchange(quota[l3], 0); free > 0) groups.push_back({free, l3});
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return a.free != b.free ? a.free > b.free : a.l3 < b.l3; });
  const Group* group = groups.data();
  const Group* const end = group + groups.size();
  std::int32_t rest = count_;
  for (; group != end && group->free < rest; ++group) rest -= quota[group->l3] = group->free;
  const Group* const fits_end = std::partition_point(group, end, [&](auto& g) { return g.free >= rest; });
  quota[std::partition_point(group, fits_end, [&](auto& g) { return g.free > fits_end[-1].free; })->l3] = rest;

  CoreSet cores(static_cast<std::int32_t>(node_.leaf_of_.size()));
  free_.for_each([&](std::int32_t core) {
    const Leaf& leaf = node_.leaves_[node_.leaf_of_[core]];
    if (usable(leaf) && quota[leaf.l3] > 0) --quota[leaf.l3], cores.add(core);
  });
  return cores;
}

CoreSet CorePicker::pick(const CoreSet& free, std::int32_t count) const {
  const std::int32_t available = free.size();
  if (count < 0 || count > available)
    throw std::invalid_argument("cannot pick " + std::to_string(count) + " of " + std::to_string(available) +
                                " free cores");
  if (count == available) return free;
  if (count == 0) return CoreSet(static_cast<std::int32_t>(leaf_of_.size()));
  return Pick(*this, free, count).cores();
}

int CorePicker::packages_in_use(const CoreSet& used) const {
  Scratch<char> in_use(packages_);
  used.for_each([&](std::int32_t core) { in_use[cells_[leaves_[leaf_of_[core]].cell].package] = 1; });
  return static_cast<int>(std::count(in_use.begin(), in_use.end(), 1));
}

}  // namespace wattfill
