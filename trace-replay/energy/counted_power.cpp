#include "trace-replay/energy/counted_power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "trace-replay/energy/node_power.hpp"

namespace wattfill {
namespace {

const NodeType& only_type(const Cluster& cluster) {
  if (cluster.node_types.size() != 1)
    throw std::invalid_argument(fmt::format(
        "{}: {} node types; counted processors can be metered on nodes of one type only, give the nodes an identity",
        cluster.name, cluster.node_types.size()));
  return cluster.node_types.front();
}

}  // namespace

std::int64_t CountedPower::denominator(const Cluster& cluster) {
  const NodeType& type = only_type(cluster);
  std::int64_t common =
      std::gcd(std::int64_t{type.processors}, std::gcd(type.power.active.count, type.power.idle.count));
  for (const FrequencyState& state : type.power.frequencies) common = std::gcd(common, state.active.count);
  return type.processors / common;
}

CountedPower::CountedPower(const Cluster& cluster, JobAccounts& jobs)
    : type_(&only_type(cluster)),
      jobs_(&jobs),
      processors_(cluster.processors()),
      denominator_(denominator(cluster)),
      unused_(processors_) {
  for (std::int32_t state = kFullSpeed; state < static_cast<std::int32_t>(type_->power.frequencies.size()); ++state)
    checked_multiply(active(state), processors_);
  checked_multiply(idle(), processors_);
}

std::int64_t CountedPower::active(std::int32_t frequency) const {
  return active_power(*type_, frequency).count * denominator_ / type_->processors;
}

std::int64_t CountedPower::idle() const { return type_->power.idle.count * denominator_ / type_->processors; }

void CountedPower::start(JobAccounts::Slot slot, std::int32_t frequency, SimTime now) {
  const JobAccounts::Running& job = (*jobs_)[slot];
  if (job.processors < 1 || job.processors > unused_)
    throw std::logic_error(fmt::format("metering: job {} starts on {} processors, but {} of {} are unused", job.job,
                                       job.processors, unused_, processors_));
  unused_ -= job.processors;
  set_frequency(slot, frequency, now);
}

void CountedPower::set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now) {
  const JobAccounts::Running& job = (*jobs_)[slot];
  const std::int64_t difference = active(frequency) * job.processors - job.power;
  in_use_ += difference;
  jobs_->add_power(slot, difference, now);
}

void CountedPower::end(JobAccounts::Slot slot) {
  const JobAccounts::Running& job = (*jobs_)[slot];
  unused_ += job.processors;
  in_use_ -= job.power;
}

CountedPower::Split CountedPower::split(std::int64_t numerator, Seconds duration, std::int64_t& remainder) const {
  const std::int64_t sum = checked_add(remainder, checked_multiply(numerator, duration.count()));
  remainder = sum % denominator_;
  const std::int64_t energy = sum / denominator_;
  return {{energy / duration.count()}, Seconds{energy % duration.count()}};
}

void CountedPower::advance(PowerIntegral& integral, SimTime now) {
  const SimTime from = integral.now();
  if (now <= from) return;
  Parts<Milliwatts> power;
  if (denominator_ == 1) {
    power[Component::kJobs] = {in_use_};
    power[Component::kIdle] = {unused_ * idle()};
    return integral.advance(now, power);
  }
  const Split jobs = split(in_use_, now - from, jobs_remainder_);
  const Split unused = split(unused_ * idle(), now - from, idle_remainder_);
  for (const SimTime until :
       {std::min(from + jobs.longer, from + unused.longer), std::max(from + jobs.longer, from + unused.longer), now}) {
    power[Component::kJobs] = {jobs.power.count + (until <= from + jobs.longer ? 1 : 0)};
    power[Component::kIdle] = {unused.power.count + (until <= from + unused.longer ? 1 : 0)};
    integral.advance(until, power);
  }
}

Parts<Milliwatts> CountedPower::power() const {
  Parts<Milliwatts> power;
  power[Component::kJobs] = {in_use_ / denominator_};
  power[Component::kIdle] = {unused_ * idle() / denominator_};
  return power;
}

}  // namespace wattfill
