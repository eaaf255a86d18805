// The power of a machine whose processors are counted, without nodes.
#pragma once

#include <cstdint>

#include "backfill/model/cluster.hpp"
#include "trace-replay/energy/job_accounts.hpp"
#include "trace-replay/energy/power_integral.hpp"

namespace wattfill {

// A processor draws its share of a node's power: a fraction of milliwatts, with one denominator for all. Energy by
// component is whole millijoules at every event, rounded down, so the second in which a fraction adds up to a
// millijoule draws one milliwatt more: within an interval those seconds come first.
class CountedPower {
 public:
  // The least common denominator of what a processor draws, in milliwatts. Throws std::invalid_argument if the cluster
  // has not exactly one type.
  static std::int64_t denominator(const Cluster& cluster);

  // Both must outlive the object; `jobs` counts in millijoules over denominator().
  CountedPower(const Cluster& cluster, JobAccounts& jobs);

  // Both throw std::logic_error if the event cannot be.
  void start(JobAccounts::Slot slot, std::int32_t frequency, SimTime now);
  void set_frequency(JobAccounts::Slot slot, std::int32_t frequency, SimTime now);
  void end(JobAccounts::Slot slot);

  // Integrates the power up to now.
  void advance(PowerIntegral& integral, SimTime now);

  Parts<Milliwatts> power() const;  // rounded down

 private:
  // Numerators.
  std::int64_t active(std::int32_t frequency) const;
  std::int64_t idle() const;

  // How a component's power comes in whole milliwatts: `longer` seconds with one more, then the rest.
  struct Split {
    Milliwatts power;
    Seconds longer;
  };
  Split split(std::int64_t numerator, Seconds duration, std::int64_t& remainder) const;

  const NodeType* type_;
  JobAccounts* jobs_;
  std::int64_t processors_;
  std::int64_t denominator_;
  std::int64_t unused_;
  std::int64_t in_use_ = 0;  // numerator of the jobs' power
  std::int64_t jobs_remainder_ = 0;
  std::int64_t idle_remainder_ = 0;
};

}  // namespace wattfill
