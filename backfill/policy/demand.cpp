#include "backfill/policy/demand.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace wattfill {
namespace {

bool names(const AccessRule& rule, const Job& job) {
  return rule.number == (rule.field == AccessRule::Field::kQueue ? job.queue : job.partition);
}

}  // namespace

Demands::Demands(std::int64_t processors) : by_speed_{0} {
  classes_.emplace_back();
  classes_.front().units = processors;
  groups_.push_back({{ClassDemand{}}, {{{0}, Speed{}}}, {}});
}

Demands::Demands(const Cluster& cluster, LimitRule limit)
    : rules_(cluster.access), limit_(limit), shares_units_(cluster.allocation != AllocationMode::kWholeNodes) {
  for (const NodeType& type : cluster.node_types) {
    Class& c = classes_.emplace_back();
    c.speed = type.speed;
    c.processors_per_unit = shares_units_ ? 1 : type.processors;
    c.units = static_cast<std::int64_t>(type.count) * (shares_units_ ? type.processors : 1);
    c.memory_kb_per_unit = shares_units_ ? type.memory_kb / type.processors : type.memory_kb;
    c.power = {shares_units_ ? type.power.active.count / type.processors : type.power.active.count};
    if (type.power.sleep.empty() || shares_units_) continue;
    c.asleep = type.power.sleep.back().power;
    c.cycle = type.power.sleep.back().enter.energy + type.power.sleep.back().leave.energy;
  }
  plain_ = classes_.size() == 1 && shares_units_ && rules_.empty() && cluster.licences.empty() &&
           cluster.node_types.front().memory_kb == 0 && classes_.front().speed == Speed{};
  if (plain_) groups_.push_back({{ClassDemand{}}, {{{0}, Speed{}}}, {}});
  by_speed_.resize(classes_.size());
  std::iota(by_speed_.begin(), by_speed_.end(), 0);
  std::stable_sort(by_speed_.begin(), by_speed_.end(), [this](std::int32_t a, std::int32_t b) {
    return classes_[static_cast<std::size_t>(a)].speed > classes_[static_cast<std::size_t>(b)].speed;
  });
  for (const Licence& licence : cluster.licences) classes_.emplace_back().units = licence.count;
}

bool Demands::access(const Job& job, std::size_t c) const {
  return std::all_of(rules_.begin(), rules_.end(), [&](const AccessRule& rule) {
    const auto& types = rule.node_types;
    return !names(rule, job) || std::find(types.begin(), types.end(), static_cast<std::int32_t>(c)) != types.end();
  });
}

// Classes ascending.
void Demands::set_licences(const Job& job) {
  key_.licences.clear();
  if (classes() == node_classes()) return;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int64_t> held(classes());
  for (const AccessRule& rule : rules_)
    for (const AccessRule::Hold& hold : rule.holds)
      if (names(rule, job)) held[node_classes() + static_cast<std::size_t>(hold.licence)] += hold.count;
  for (std::size_t c = node_classes(); c < classes(); ++c)
    if (held[c] > 0)
      key_.licences.push_back({static_cast<std::int32_t>(c), static_cast<std::int32_t>(std::min(held[c], kMost))});
}

ClassDemand Demands::demand_of(const Job& job, Seconds fit, std::size_t c) const {
  const Class& of = classes_[c];
  constexpr ClassDemand kNotAllowed{1, 0};
  if (!access(job, c)) return kNotAllowed;
  if (limit_ == LimitRule::kReal && of.speed.duration(fit) > job.requested) return kNotAllowed;
  const std::int64_t memory = std::max<std::int64_t>(0, job.memory_kb_per_processor);
  const bool limited = memory > 0 && of.memory_kb_per_unit > 0;
  if (shares_units_) {
    const std::int64_t units = limited ? (memory + of.memory_kb_per_unit - 1) / of.memory_kb_per_unit : 1;
    return units > of.units ? kNotAllowed : ClassDemand{static_cast<std::int32_t>(std::max<std::int64_t>(1, units)), 1};
  }
  std::int64_t processors = of.processors_per_unit;
  if (limited) processors = std::min(processors, of.memory_kb_per_unit / memory);
  return {1, static_cast<std::int32_t>(processors)};
}

std::size_t Demands::spans(const Job& job, const std::vector<ClassDemand>& demand) const {
  for (std::size_t c = 0; c < node_classes(); ++c)
    if (demand[c].allowed() && demand[c].units(job.processors) <= classes_[c].units) return 0;
  std::int64_t held = 0;
  for (std::size_t n = 0; n < by_speed_.size(); ++n) {
    const auto c = static_cast<std::size_t>(by_speed_[n]);
    if (demand[c].allowed()) held += demand[c].processors(classes_[c].units);
    if (held >= job.processors) return n + 1;
  }
  return by_speed_.size() + 1;
}

DemandGroup Demands::make_group(const Key& key) const {
  DemandGroup group{key.demand, {}, key.licences};
  const auto too_many = [&](const Take& take) {
    return take.units > classes_[static_cast<std::size_t>(take.in_class)].units;
  };
  if (key.spans > by_speed_.size() || std::ranges::any_of(key.licences, too_many)) return group;
  if (key.spans > 0) {
    RunOption all;
    for (std::size_t n = key.spans; n-- > 0;) {
      const std::int32_t c = by_speed_[n];
      if (key.demand[static_cast<std::size_t>(c)].allowed()) all.classes.push_back(c);
    }
    all.speed = classes_[static_cast<std::size_t>(all.classes.front())].speed;
    group.options.push_back(std::move(all));
    return group;
  }
  for (std::size_t c = 0; c < node_classes(); ++c)
    if (key.demand[c].allowed()) group.options.push_back({{static_cast<std::int32_t>(c)}, classes_[c].speed});
  return group;
}

std::int32_t Demands::group_of(const Job& job, Seconds fit) {
  key_.demand.resize(node_classes());
  for (std::size_t c = 0; c < node_classes(); ++c) key_.demand[c] = demand_of(job, fit, c);
  key_.spans = spans(job, key_.demand);
  set_licences(job);
  const auto [found, fresh] = index_.try_emplace(key_, static_cast<std::int32_t>(groups_.size()));
  if (fresh) groups_.push_back(make_group(key_));
  return found->second;
}

}  // namespace wattfill
