#include "trace-replay/energy/energy_report.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace wattfill {
namespace {

void equal(Millijoules sum, Millijoules whole, const char* what) {
  if (sum != whole)
    throw std::logic_error(fmt::format("metering: {} add up to {} mJ instead of {} mJ", what, sum.count, whole.count));
}

constexpr const char* name(Component c) {
  switch (c) {
    case Component::kJobs:
      return "jobs";
    case Component::kIdle:
      return "idle";
    case Component::kSleep:
      return "sleep";
    case Component::kTransition:
      break;
  }
  return "transitions";
}

void equal(const Parts<Millijoules>& sum, const Parts<Millijoules>& whole, const char* what) {
  for (const Component c : kComponents) equal(sum[c], whole[c], fmt::format("{} ({})", what, name(c)).c_str());
}

void verify_accounts(const std::vector<AccountEnergy>& accounts, const EnergyReport& report, const char* what) {
  Millijoules energy;
  std::int64_t jobs = 0;
  for (const AccountEnergy& account : accounts) {
    energy += account.energy;
    jobs += account.jobs;
  }
  equal(energy, report.it[Component::kJobs], what);
  if (jobs != report.jobs)
    throw std::logic_error(fmt::format("metering: {} have {} jobs instead of {}", what, jobs, report.jobs));
}

void verify_power(const EnergyReport& report) {
  Parts<Millijoules> it;
  Millijoules facility;
  const auto add = [&](const PowerSeries::Step& step, SimTime until) {
    for (const Component c : kComponents) it[c] += step.power[c] * (until - step.from);
    facility += facility_power(step.power.total(), report.pue_millionths) * (until - step.from);
  };
  PowerSeries::Step last{report.begin, {}};
  report.power.for_each([&](const PowerSeries::Step& step) {
    add(last, step.from);
    last = step;
  });
  add(last, report.end);
  equal(it, report.it, "the power over time");
  equal(facility, report.facility, "the facility's power over time");
}

}  // namespace

void verify(const EnergyReport& report) {
  Parts<Millijoules> nodes;
  for (const Parts<Millijoules>& node : report.by_node) nodes += node;
  if (!report.by_node.empty()) equal(nodes, report.it, "the nodes");
  Parts<Millijoules> types;
  for (const TypeEnergy& type : report.by_type) types += type.energy;
  equal(types, report.it, "the node types");
  Millijoules jobs;
  for (const Millijoules& job : report.by_job) jobs += job;
  if (!report.by_job.empty()) equal(jobs, report.it[Component::kJobs], "the jobs");
  verify_accounts(report.by_user, report, "the users");
  verify_accounts(report.by_queue, report, "the queues");
  if (!report.power.empty()) verify_power(report);
}

}  // namespace wattfill
