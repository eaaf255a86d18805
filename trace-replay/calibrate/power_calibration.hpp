// The active power of each node type, from jobs that had their nodes for themselves.
//
// A job gives one value: joules / (nodes x seconds), the mean power of its nodes. The type's active power is the median
// over its jobs, which stands as long as fewer than half of them are wrong. The interval is that of order statistics,
// which supposes nothing of the distribution; since jobs of one user are alike, it is as wide as if there were only as
// many jobs as users (where users are known). How far single jobs lie from the median stands beside it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "trace-replay/import/job_energy.hpp"

namespace wattfill {

struct CalibrationOptions {
  std::int64_t least_seconds = 600;  // shorter jobs are start-up and end
  std::int64_t least_jobs = 10;      // of a type; with fewer its power stays
  // Added to each node where the joules do not cover all of it (fans, disks, power supplies under RAPL). Negative: such
  // joules are not taken.
  double unmeasured_watts = -1;
};

// Why a job gave no value; each job counts once, by the first that applies.
enum class CalibrationCause : std::uint8_t {
  kUsed,
  kNotValid,  // validity is not "ok"
  kNotAlone,  // not exclusive
  kDomain,    // covers less than a node, and unmeasured_watts is not said
  kTooShort,
  kSuspended,
  kNoNodes,  // a node that the cluster does not have
  kTypes,    // nodes of several types
  kNotFull,  // cores were left unused: not the active power
  kCauses
};
std::string_view name(CalibrationCause cause);

struct TypeCalibration {
  std::string name;
  std::int64_t jobs = 0;
  std::int64_t users = 0;
  double node_hours = 0;
  double median_watts = 0;
  double low_watts = 0, high_watts = 0;  // at least 95 % for the median; both 0 with fewer than six users
  double p10_watts = 0, p90_watts = 0;   // of single jobs, by nearest rank
  double before_watts = 0;               // active power in the file that was read
  std::string not_taken;                 // why the power stays; empty: it was taken
};

struct PowerCalibration {
  std::array<std::int64_t, static_cast<std::size_t>(CalibrationCause::kCauses)> causes{};
  std::vector<TypeCalibration> types;  // in the order of the cluster
  std::vector<std::string> sources;    // "source; domain" of the jobs used
  Cluster cluster;                     // with the new powers
};

// What lies between idle and active power (frequencies, packages) is scaled with active - idle. O(jobs log jobs).
PowerCalibration calibrate_power(const Cluster& cluster, const std::vector<JobEnergy>& jobs,
                                 const CalibrationOptions& options);

// For the screen; and, each line behind "# ", for the head of the file.
std::string describe_calibration(const PowerCalibration& calibration);

// Ranks l < h, from 1, of `count` ordered values between which the median lies with a probability of at least 95 %
// (David and Nagaraja 2003, section 7.1); {0, 0} where there are none.
std::array<std::int64_t, 2> median_interval(std::int64_t count);

}  // namespace wattfill
