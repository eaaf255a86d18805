#include "trace-replay/energy/least_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "trace-replay/energy/capacity_master.hpp"
#include "trace-replay/energy/gap_cost.hpp"
#include "trace-replay/energy/node_power.hpp"
#include "trace-replay/energy/parts.hpp"

namespace wattfill {
namespace {

constexpr int kMostRounds = 400;
constexpr double kGap = 1e-9;  // relative; closer is not worth a round
constexpr double kNothing = 1e-12;
constexpr int kPriceBits = 24;  // behind the point, where prices are exact; before it there are as many as 10 MW take
constexpr double kLargestPrice = 1e10;

Millijoules energy(double millijoules) {
  if (!(millijoules < 9e18)) throw std::overflow_error("least energy: it takes more than 64 bits");
  return {static_cast<std::int64_t>(std::ceil(millijoules))};
}

Int128 round_down(Int128 value, int bits) { return value >> bits; }

}  // namespace

double LeastEnergyBound::gap() const {
  return reached.count > 0 ? static_cast<double>(reached.count - bound.count) / static_cast<double>(reached.count) : 0;
}

LeastEnergy::LeastEnergy(const Cluster& cluster, Seconds horizon)
    : cluster_(&cluster), horizon_(horizon), jobs_(cluster.node_types.size()) {
  check_power(cluster);
  if (horizon < Seconds{0}) throw std::invalid_argument("least energy: a negative horizon");
  for (const NodeType& type : cluster.node_types) {
    const Milliwatts deepest = deepest_power(type.power);
    if (type.power.active < deepest)
      throw std::invalid_argument(
          fmt::format("{}: node_type \"{}\": active power below the deepest sleep's", cluster.name, type.name));
    capacity_.push_back(checked_multiply<std::int64_t>(type.count, horizon.count()));
    checked_multiply(capacity_.back(), type.power.active.count);
    extra_.push_back((type.power.active - deepest).count);
    asleep_ += Int128{capacity_.back()} * deepest.count;
  }
}

void LeastEnergy::add(std::span<const std::int64_t> node_seconds) {
  if (node_seconds.size() != capacity_.size() || std::find(capacity_.begin(), capacity_.end(), 0) == capacity_.end())
    return jobs_.add(node_seconds);
  std::vector<std::int64_t> there(node_seconds.begin(), node_seconds.end());
  for (std::size_t t = 0; t < there.size(); ++t)
    if (capacity_[t] == 0 && there[t] > 0) there[t] = kForbidden;
  const auto is_open = [](std::int64_t u) { return u != kForbidden; };
  if (std::any_of(node_seconds.begin(), node_seconds.end(), is_open) &&
      std::none_of(there.begin(), there.end(), is_open))
    throw JobsDoNotFit(fmt::format("{}: a job does not fit into no nodes or no time", cluster_->name));
  jobs_.add(there);
}

void LeastEnergy::add(std::span<const std::int64_t> node_seconds, std::span<const std::int64_t> room,
                      std::int64_t processors) {
  if (std::ranges::all_of(room, [&](std::int64_t r) { return r >= processors; })) return add(node_seconds);
  std::vector<std::size_t> cheapest_first;
  for (std::size_t t = 0; t < node_seconds.size(); ++t)
    if (node_seconds[t] != kForbidden) cheapest_first.push_back(t);
  const auto cost = [&](std::size_t t) { return Int128{node_seconds[t]} * extra_[t]; };
  std::ranges::stable_sort(cheapest_first, [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
  std::vector<std::int64_t> open(node_seconds.begin(), node_seconds.end());
  std::int64_t left = processors;
  for (std::size_t i = 0; i < cheapest_first.size() && left > 0; ++i) {
    const std::size_t type = cheapest_first[i];
    const std::int64_t some = i + 1 == cheapest_first.size() ? left : std::min(left, room[type]);
    std::vector<std::int64_t> part(open.size(), kForbidden);
    for (std::size_t t = 0; t < open.size(); ++t)
      if (open[t] != kForbidden) part[t] = static_cast<std::int64_t>(Int128{open[t]} * some / processors);
    if (some > 0) add(part);
    left -= some;
    open[type] = kForbidden;
  }
}

// Weak duality; in units of 2^-kPriceBits mJ until it is rounded.
Int128 LeastEnergy::bound(std::span<const double> prices) const {
  Int128 sum = asleep_ << kPriceBits;
  std::vector<std::int64_t> with_extra;
  for (std::size_t t = 0; t < capacity_.size(); ++t) {
    const double price = std::clamp(prices[t], 0.0, kLargestPrice);
    const auto exact = static_cast<std::int64_t>(std::ldexp(price, kPriceBits));
    sum -= Int128{exact} * capacity_[t];
    with_extra.push_back(checked_add(exact, checked_multiply(extra_[t], std::int64_t{1} << kPriceBits)));
  }
  return round_down(sum + jobs_.least_cost(with_extra), kPriceBits);
}

void LeastEnergy::refuse(double horizons) const {
  throw JobsDoNotFit(fmt::format("{}: the jobs do not fit into {} s, even in parts: they need at least {:.0f} s",
                                 cluster_->name, horizon_.count(),
                                 std::ceil(horizons * static_cast<double>(horizon_.count()))));
}

// In units in which each type's capacity and the cost of the cheapest placement, were there no capacities, are 1.
class LeastEnergy::Search {
 public:
  explicit Search(const LeastEnergy& problem)
      : problem_(problem), jobs_(problem.jobs_), types_(jobs_.types()), master_(types_) {
    // Nothing runs on a type without capacity.
    for (const std::int64_t c : problem.capacity_) capacity_.push_back(std::max(1.0, static_cast<double>(c)));
    best_prices_.assign(types_, 0);
  }

  void run() {
    const WorkGroups::Placed cheapest = jobs_.place(total_prices(best_prices_));
    unit_ = cheapest.cost > 0 ? cheapest.cost : 1;
    best_ = cheapest.cost / unit_;
    propose(cheapest);
    fit();
    descend();
  }

  // By type, in milliwatts.
  std::vector<double> prices() const {
    std::vector<double> result = best_prices_;
    for (std::size_t t = 0; t < types_; ++t) result[t] *= unit_ / capacity_[t];
    return result;
  }
  double reached() const { return reached_ * unit_; }
  std::int64_t rounds() const { return rounds_; }

 private:
  // The price of a node-second: what the job draws above sleep and the capacity's.
  std::vector<double> total_prices(std::span<const double> prices) const {
    std::vector<double> result;
    for (std::size_t t = 0; t < types_; ++t)
      result.push_back(static_cast<double>(problem_.extra_[t]) + prices[t] * unit_ / capacity_[t]);
    return result;
  }

  void propose(const WorkGroups::Placed& placed) {
    ++rounds_;
    double cost = 0;
    std::vector<double> loads;
    for (std::size_t t = 0; t < types_; ++t) {
      cost += placed.loads[t] * static_cast<double>(problem_.extra_[t]) / unit_;
      loads.push_back(placed.loads[t] / capacity_[t]);
    }
    master_.add(loads, cost);
  }

  // Proposes placements until a mixture of them fits.
  void fit() {
    while (master_.least_left_out() > kNothing) {
      std::vector<double> prices = master_.prices();
      double offered = 0;
      for (std::size_t t = 0; t < types_; ++t) {
        offered += prices[t];
        prices[t] /= capacity_[t];
      }
      const WorkGroups::Placed placed = jobs_.place(prices);
      if (placed.cost > offered * (1 + kCertain)) problem_.refuse(placed.cost / offered);
      if (placed.cost >= master_.mixture_price() - kNothing) break;
      propose(placed);
    }
  }

  // Raises the bound and lowers what is reached until they meet.
  void descend() {
    while (true) {
      reached_ = master_.least_cost();
      const std::vector<double> theirs = master_.prices();
      if (reached_ - best_ <= kGap * (best_ + asleep()) || rounds_ >= kMostRounds) return;
      // Prices between the best known and the master's: those of the master swing from end to end.
      std::vector<double> between = theirs;
      for (std::size_t t = 0; t < types_; ++t) between[t] = kSmoothing * best_prices_[t] + (1 - kSmoothing) * theirs[t];
      if (improves(between)) continue;
      if (!improves(theirs)) return;
    }
  }

  // Tries prices; whether the placement that they lead to is new to the master.
  bool improves(const std::vector<double>& prices) {
    const WorkGroups::Placed placed = jobs_.place(total_prices(prices));
    double value = placed.cost / unit_;
    double at_masters = -master_.mixture_price();
    for (std::size_t t = 0; t < types_; ++t) {
      value -= prices[t];
      const double load = placed.loads[t] / capacity_[t];
      at_masters += load * (master_.prices()[t] + static_cast<double>(problem_.extra_[t]) * capacity_[t] / unit_);
    }
    if (value > best_) {
      best_ = value;
      best_prices_ = prices;
    }
    propose(placed);
    return at_masters < -kNothing;
  }

  double asleep() const { return static_cast<double>(problem_.asleep_) / unit_; }

  static constexpr double kSmoothing = 0.5;
  static constexpr double kCertain = 1e-9;  // less of an excess may be one of rounding

  const LeastEnergy& problem_;
  const WorkGroups& jobs_;
  std::size_t types_;
  CapacityMaster master_;
  std::vector<double> capacity_;
  double unit_ = 1;
  double best_ = 0;
  double reached_ = 0;
  std::vector<double> best_prices_;
  std::int64_t rounds_ = 0;
};

LeastEnergyBound LeastEnergy::solve() const {
  Search search(*this);
  search.run();
  LeastEnergyBound result;
  result.prices = search.prices();
  const Int128 exact = bound(result.prices);
  if (exact > std::numeric_limits<std::int64_t>::max())
    throw std::overflow_error("least energy: it takes more than 64 bits");
  result.bound = {static_cast<std::int64_t>(exact)};
  result.reached = std::max(result.bound, energy(search.reached() + static_cast<double>(asleep_)));
  result.groups = static_cast<std::int64_t>(jobs_.size());
  result.rounds = search.rounds();
  return result;
}

}  // namespace wattfill
