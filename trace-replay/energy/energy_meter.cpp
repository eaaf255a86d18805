#include "trace-replay/energy/energy_meter.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace wattfill {
namespace {

const Cluster& checked(const Cluster& cluster) {
  check_power(cluster);
  return cluster;
}

bool counts(const Cluster& cluster) { return cluster.allocation == AllocationMode::kCounts; }

}  // namespace

EnergyMeter::EnergyMeter(const Cluster& cluster, const MeterOptions& options)
    : cluster_(&checked(cluster)),
      integral_(cluster.facility, options.begin, options.record_power),
      jobs_(counts(cluster) ? CountedPower::denominator(cluster) : 1, options.per_job) {
  if (counts(cluster))
    counted_.emplace(cluster, jobs_);
  else
    nodes_.emplace(cluster, jobs_, options.begin);
}

void EnergyMeter::advance(SimTime now) {
  if (now < integral_.now())
    throw std::logic_error(fmt::format("metering: an event at {} s after one at {} s", seconds_since_epoch(now),
                                       seconds_since_epoch(integral_.now())));
  if (counted_) return counted_->advance(integral_, now);
  for (SimTime change = nodes_->next_last_second(); change <= now; change = nodes_->next_last_second()) {
    integral_.advance(change, nodes_->power());
    nodes_->last_second();
  }
  integral_.advance(now, nodes_->power());
}

NodeAccounts& EnergyMeter::accounts() {
  if (!nodes_) throw std::logic_error("metering: counted processors have no nodes");
  return *nodes_;
}

void EnergyMeter::job_started(const MeteredJob& job, const Allocation* allocation, SimTime now) {
  if ((allocation != nullptr) != nodes_.has_value())
    throw std::logic_error(
        fmt::format("metering: job {} starts {} an allocation", job.job, allocation != nullptr ? "with" : "without"));
  advance(now);
  const JobAccounts::Slot slot = jobs_.open(job, now);
  if (counted_)
    counted_->start(slot, job.frequency, now);
  else
    nodes_->start(slot, *allocation, job.frequency, now);
}

void EnergyMeter::job_ended(std::uint32_t job, SimTime now, bool completed) {
  advance(now);
  const JobAccounts::Slot slot = jobs_.find(job);
  if (counted_)
    counted_->end(slot);
  else
    nodes_->end(slot, now);
  jobs_.close(slot, now, completed);
}

void EnergyMeter::job_frequency(std::uint32_t job, std::int32_t state, SimTime now) {
  advance(now);
  const JobAccounts::Slot slot = jobs_.find(job);
  if (counted_)
    counted_->set_frequency(slot, state, now);
  else
    nodes_->set_frequency(slot, state, now);
}

void EnergyMeter::sleep_begun(NodeRun nodes, std::int32_t state, SimTime now) {
  advance(now);
  accounts().sleep_begun(nodes, state, now);
}

void EnergyMeter::asleep(NodeRun nodes, SimTime now) {
  advance(now);
  accounts().asleep(nodes, now);
}

void EnergyMeter::wake_begun(NodeRun nodes, SimTime now) {
  advance(now);
  accounts().wake_begun(nodes, now);
}

void EnergyMeter::awake(NodeRun nodes, SimTime now) {
  advance(now);
  accounts().awake(nodes, now);
}

void EnergyMeter::boot_failed(NodeRun nodes, SimTime now) {
  advance(now);
  accounts().boot_failed(nodes, now);
}

Parts<Milliwatts> EnergyMeter::power() const { return counted_ ? counted_->power() : nodes_->power(); }

EnergyReport EnergyMeter::finish(SimTime horizon) {
  advance(horizon);
  EnergyReport report;
  report.currency = cluster_->facility.currency;
  integral_.fill(report);
  if (nodes_)
    nodes_->fill(report, horizon);
  else
    report.by_type.push_back({cluster_->node_types.front().name, cluster_->nodes(), report.it});
  jobs_.fill(report, horizon);
  return report;
}

}  // namespace wattfill
