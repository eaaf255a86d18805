#include "tests/backfill/config/random_cluster.hpp"

#include <fmt/format.h>

namespace wattfill::testing {
namespace {

// Of all orders of magnitude up to `most`.
std::int64_t spread(Random& random, std::int64_t least, std::int64_t most) {
  std::int64_t bound = 10;
  while (bound < most && random.chance(70)) bound *= 10;
  return random.between(least, std::max(least, std::min(bound, most)));
}

Transition random_transition(Random& random) {
  Transition transition;
  transition.duration = Seconds{spread(random, 0, 1'000'000)};
  transition.power = {spread(random, 0, 1'000'000'000)};
  transition.energy = transition.power * transition.duration;
  if (transition.duration > Seconds{0} && random.chance(50))
    transition.energy -= {random.between(0, transition.power.count)};
  return transition;
}

NodePower random_power(Random& random, Speed speed) {
  NodePower power;
  power.idle = {spread(random, 0, 10'000'000)};
  power.active = power.idle + Milliwatts{spread(random, 0, 10'000'000)};
  if (random.chance(50)) power.per_package = {random.between(0, (power.active - power.idle).count)};
  Milliwatts active = power.active;
  for (std::int64_t n = random.between(0, 3); n > 0 && speed.millionths > 1; --n) {
    speed.millionths = random.between(1, speed.millionths - 1);
    active = {random.between((power.idle + power.per_package).count, active.count)};
    power.frequencies.push_back({fmt::format("f{}", n), speed, active});
  }
  Milliwatts asleep = power.idle;
  for (std::int64_t n = random.between(0, 3); n > 0 && asleep.count > 0; --n) {
    asleep = {random.between(0, asleep.count - 1)};
    power.sleep.push_back({fmt::format("s{}", n), asleep, random_transition(random), random_transition(random)});
  }
  return power;
}

NodeType random_type(Random& random, int number) {
  NodeType type;
  type.name = fmt::format("{}{}", random.chance(50) ? "thin-" : "fat_", number);
  type.count = random.between32(1, 12);
  if (random.chance(50))
    type.node_names = fmt::format("{}n[{:03}-{:03}]", static_cast<char>('a' + number), 5, 4 + type.count);
  type.processors = random.between32(1, 64);
  type.insides = NodeInsides::flat(type.processors);
  if (random.chance(50)) type.speed.millionths = spread(random, 1'000, 1'000'000'000);
  if (random.chance(50)) type.memory_kb = spread(random, 1'024, 1'000'000'000'000'000);
  if (random.chance(80)) type.power = random_power(random, type.speed);
  return type;
}

StepSeries random_series(Random& random, std::int64_t least) {
  if (random.chance(30)) return {};
  if (random.chance(30)) return StepSeries(random.between(least, 100'000'000));
  const Seconds period = random.pick(std::vector<Seconds>{Seconds{0}, Seconds{86'400}, Seconds{604'800}, Seconds{777}});
  std::vector<StepSeries::Step> steps;
  std::int64_t time = random.between(period == Seconds{0} ? -1'000 : 0, 100);
  for (std::int64_t n = random.between(1, 9); n > 0;
       --n, time += random.between(1, period == Seconds{777} ? 75 : 9'000))
    steps.push_back({SimTime{Seconds{time}}, random.between(least, 100'000'000)});
  return StepSeries(std::move(steps), period);
}

NetworkSpec random_network(Random& random, const Cluster& cluster) {
  const auto nodes = static_cast<std::int32_t>(cluster.nodes());
  switch (random.between(0, 4)) {
    case 0:
      return FatTree{random.between32(1, 9), {nodes, random.between32(1, 5)}};
    case 1:
      return Dragonfly{random.between32(1, 9), nodes, random.between32(1, 5)};
    case 2:
      return Torus{{random.between32(1, 9), nodes, random.between32(1, 5)}, random.between32(1, 3)};
    case 3: {
      ExplicitLinks links;
      for (const NodeType& type : cluster.node_types)
        for (std::int32_t i = 0; i < type.count; ++i)
          links.links.push_back({type.node_names.empty() ? fmt::format("{}{}", type.name, i)
                                                         : fmt::format("{}n{:03}", type.node_names[0], 5 + i),
                                 "switch"});
      return links;
    }
    default:
      return {};
  }
}

}  // namespace

Cluster random_cluster(Random& random) {
  Cluster cluster;
  cluster.name = "random";
  if (random.chance(50)) cluster.description = R"("quoted", a back\slash and # no comment)";
  for (int n = random.between32(1, 5), i = 0; i < n; ++i) cluster.node_types.push_back(random_type(random, i));
  cluster.allocation = static_cast<AllocationMode>(random.between(0, 2));
  cluster.network = random_network(random, cluster);
  if (random.chance(50)) cluster.facility.pue_millionths = random.between(1'000'000, 10'000'000);
  cluster.facility.power_cap = random_series(random, 0);
  cluster.facility.tariff = random_series(random, -100'000'000);
  cluster.facility.carbon = random_series(random, 0);
  if (!cluster.facility.tariff.empty() || random.chance(50)) cluster.facility.currency = "EUR";
  for (std::int32_t n = random.between32(0, 3); n > 0; --n) {
    AccessRule rule;
    rule.field = random.chance(50) ? AccessRule::Field::kQueue : AccessRule::Field::kPartition;
    rule.number = n;
    for (std::size_t t = 0; t < cluster.node_types.size(); ++t)
      if (random.chance(50)) rule.node_types.push_back(static_cast<std::int32_t>(t));
    if (!rule.node_types.empty()) cluster.access.push_back(rule);
  }
  for (std::int32_t n = random.between32(0, 3), i = 0; i < n; ++i) {
    cluster.licences.push_back({"licence" + std::to_string(i), random.between32(0, 100)});
    for (AccessRule& rule : cluster.access)
      if (random.chance(50)) rule.holds.push_back({i, random.between32(1, 100)});
  }
  return cluster;
}

}  // namespace wattfill::testing
