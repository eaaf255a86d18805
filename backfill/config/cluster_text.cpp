// A cluster written back as the text that it could have been read from.
#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <array>

#include "backfill/config/cluster.pb.h"
#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

constexpr double kMilli = 1e3;
constexpr double kMillion = 1e6;

double watts(Milliwatts power) { return static_cast<double>(power.count) / kMilli; }

void write(const TopologySource& in, config::NodeType& out) {
  if (!in.xml_file.empty()) out.mutable_topology()->set_xml_file(in.xml_file);
  if (!in.synthetic.empty()) out.mutable_topology()->set_synthetic(in.synthetic);
  if (in.this_machine) out.mutable_topology()->set_this_machine(true);
}

void write(const Transition& in, config::Transition& out) {
  out.set_seconds(static_cast<double>(in.duration.count()));
  out.set_watts(watts(in.power));
  if (in.energy != in.power * in.duration) out.set_joules(static_cast<double>(in.energy.count) / kMilli);
}

void write(const NodePower& in, config::Power& out) {
  out.set_idle_watts(watts(in.idle));
  out.set_active_watts(watts(in.active));
  if (in.per_package != Milliwatts{}) out.set_package_watts(watts(in.per_package));
  for (const FrequencyState& state : in.frequencies) {
    config::Frequency& added = *out.add_frequency();
    added.set_name(state.name);
    added.set_speed(static_cast<double>(state.speed.millionths) / kMillion);
    added.set_active_watts(watts(state.active));
  }
  for (const SleepState& state : in.sleep) {
    config::Sleep& added = *out.add_sleep();
    added.set_name(state.name);
    added.set_watts(watts(state.power));
    if (state.enter != Transition{}) write(state.enter, *added.mutable_enter());
    if (state.leave != Transition{}) write(state.leave, *added.mutable_leave());
  }
}

void write(const NodeType& in, config::NodeType& out) {
  out.set_name(in.name);
  out.set_count(static_cast<std::uint32_t>(in.count));
  out.set_processors(static_cast<std::uint32_t>(in.processors));
  out.set_node_names(in.node_names);
  if (in.speed != Speed{}) out.set_speed(static_cast<double>(in.speed.millionths) / kMillion);
  if (in.memory_kb > 0) out.set_memory_mib(static_cast<double>(in.memory_kb) / 1024);
  if (in.accelerators > 0) out.set_accelerators(static_cast<std::uint32_t>(in.accelerators));
  write(in.topology, out);
  if (in.power != NodePower{}) write(in.power, *out.mutable_power());
}

struct NetworkWriter {
  config::Network& out;

  void operator()(const std::monostate&) const {}
  void operator()(const FatTree& in) const {
    out.mutable_fat_tree()->set_nodes_per_switch(static_cast<std::uint32_t>(in.nodes_per_switch));
    for (const std::int32_t arity : in.arity) out.mutable_fat_tree()->add_arity(static_cast<std::uint32_t>(arity));
  }
  void operator()(const Dragonfly& in) const {
    out.mutable_dragonfly()->set_nodes_per_router(static_cast<std::uint32_t>(in.nodes_per_router));
    out.mutable_dragonfly()->set_routers_per_group(static_cast<std::uint32_t>(in.routers_per_group));
    out.mutable_dragonfly()->set_groups(static_cast<std::uint32_t>(in.groups));
  }
  void operator()(const Torus& in) const {
    for (const std::int32_t size : in.dimensions) out.mutable_torus()->add_dimension(static_cast<std::uint32_t>(size));
    out.mutable_torus()->set_nodes_per_router(static_cast<std::uint32_t>(in.nodes_per_router));
  }
  void operator()(const ExplicitLinks& in) const {
    for (const ExplicitLinks::Link& link : in.links) {
      config::Link& added = *out.add_link();
      added.set_a(link.a);
      added.set_b(link.b);
    }
  }
};

std::string clock(SimTime time, Seconds period) {
  constexpr std::array kDays = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t seconds = seconds_since_epoch(time);
  const std::int64_t in_day = seconds % kDay;
  const char* day = period.count() == kDay ? "" : kDays[static_cast<std::size_t>(seconds / kDay)];
  const std::string time_of_day = fmt::format("{}{:02}:{:02}", day, in_day / 3600, in_day / 60 % 60);
  return in_day % 60 == 0 ? time_of_day : fmt::format("{}:{:02}", time_of_day, in_day % 60);
}

// `parts` of the model's unit are one of the file's.
void write(const StepSeries& in, double parts, config::Series& out) {
  const Seconds period = in.period();
  const bool constant = in.steps().size() == 1 && in.steps().front().from == SimTime{} && period == Seconds{0};
  const bool clocked = period == Seconds{86'400} || period == Seconds{7 * 86'400};
  for (const StepSeries::Step& step : in.steps()) {
    const double value = static_cast<double>(step.value) / parts;
    if (constant) {
      out.set_constant(value);
    } else if (clocked) {
      config::ClockStep& added = period == Seconds{86'400} ? *out.add_daily() : *out.add_weekly();
      added.set_at(clock(step.from, period));
      added.set_value(value);
    } else {
      config::TimeStep& added = *out.add_step();
      added.set_time_s(seconds_since_epoch(step.from));
      added.set_value(value);
    }
  }
  if (!clocked && period > Seconds{0}) out.set_period_s(static_cast<std::uint32_t>(period.count()));
}

void write(const Facility& in, config::Facility& out) {
  if (in.pue_millionths != 1'000'000) out.set_pue(static_cast<double>(in.pue_millionths) / kMillion);
  if (!in.power_cap.empty()) write(in.power_cap, kMilli, *out.mutable_power_cap_watts());
  if (!in.tariff.empty()) write(in.tariff, kMillion, *out.mutable_tariff_per_kwh());
  if (!in.carbon.empty()) write(in.carbon, kMilli, *out.mutable_carbon_grams_per_kwh());
  out.set_currency(in.currency);
}

void write(const Licence& in, std::int32_t count, config::Licence& out) {
  out.set_name(in.name);
  out.set_count(static_cast<std::uint32_t>(count));
}

void write(const AccessRule& in, const Cluster& cluster, config::Access& out) {
  if (in.field == AccessRule::Field::kQueue)
    out.set_queue(static_cast<std::uint32_t>(in.number));
  else
    out.set_partition(static_cast<std::uint32_t>(in.number));
  for (const std::int32_t type : in.node_types)
    out.add_node_type(cluster.node_types[static_cast<std::size_t>(type)].name);
  for (const AccessRule::Hold& hold : in.holds)
    write(cluster.licences[static_cast<std::size_t>(hold.licence)], hold.count, *out.add_licence());
}

config::Allocation allocation(AllocationMode mode) {
  switch (mode) {
    case AllocationMode::kCounts:
      return config::COUNTS;
    case AllocationMode::kWholeNodes:
      return config::WHOLE_NODES;
    case AllocationMode::kCores:
      break;
  }
  return config::CORES;
}

}  // namespace

std::string cluster_text(const Cluster& cluster) {
  config::Cluster out;
  out.set_name(cluster.name);
  out.set_description(cluster.description);
  for (const NodeType& type : cluster.node_types) write(type, *out.add_node_type());
  out.set_allocation(allocation(cluster.allocation));
  if (!std::holds_alternative<std::monostate>(cluster.network))
    std::visit(NetworkWriter{*out.mutable_network()}, cluster.network);
  if (cluster.facility != Facility{}) write(cluster.facility, *out.mutable_facility());
  for (const AccessRule& rule : cluster.access) write(rule, cluster, *out.add_access());
  for (const Licence& licence : cluster.licences) write(licence, licence.count, *out.add_licence());
  std::string text;
  google::protobuf::TextFormat::PrintToString(out, &text);
  return text;
}

}  // namespace wattfill
