// What every job has used, and with it every user and queue.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "backfill/model/job.hpp"
#include "backfill/model/power.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/energy/node_power.hpp"

namespace wattfill {

struct MeteredJob {
  std::uint32_t job = 0;        // its index, dense from 0: tables grow up to the largest one
  std::int32_t processors = 0;  // read with counts only
  std::int32_t user = kUnknown;
  std::int32_t queue = kUnknown;
  std::int32_t frequency = kFullSpeed;
  std::int64_t work_processor_s = 0;  // done if it completes, at the reference speed
};

// Powers are in milliwatts over `scale`, energies in millijoules over `scale`. When a job ends, its energy becomes
// millijoules by dividing the running sum over the jobs in order of their ends, rounded down: so the jobs' energies add
// up to their sum divided and rounded down.
class JobAccounts {
 public:
  using Slot = std::uint32_t;

  struct Running {
    std::uint32_t job = 0;
    std::int32_t processors = 0;
    std::int32_t user = kUnknown;
    std::int32_t queue = kUnknown;
    std::int64_t work_processor_s = 0;
    SimTime start{};
    SimTime since{};         // energy is up to date until then
    std::int64_t power = 0;  // from then on
    std::int64_t energy = 0;
  };

  JobAccounts(std::int64_t scale, bool per_job) : scale_(scale), per_job_(per_job) {}

  // A job begins, without power yet. Throws std::logic_error if it runs already.
  Slot open(const MeteredJob& job, SimTime now);
  // Throws std::logic_error if the job does not run.
  Slot find(std::uint32_t job) const;
  Running& operator[](Slot slot) { return running_[slot]; }

  void add_power(Slot slot, std::int64_t power, SimTime now) {
    Running& job = running_[slot];
    settle(job, now);
    job.power += power;
  }

  // What the job has used beside its power over time.
  void add_energy(Slot slot, std::int64_t energy) { running_[slot].energy += energy; }

  void close(Slot slot, SimTime now, bool completed);

  // Closes what still runs, in order of the job's index, and fills what is by job, user and queue.
  void fill(EnergyReport& report, SimTime now);

 private:
  struct Account {
    std::int64_t jobs = 0;
    Millijoules energy{};
  };
  using Accounts = std::unordered_map<std::int32_t, Account>;
  static constexpr Slot kNone = std::numeric_limits<Slot>::max();

  static void settle(Running& job, SimTime now);
  static std::vector<AccountEnergy> sorted(const Accounts& accounts);

  std::int64_t scale_;
  bool per_job_;
  std::int64_t remainder_ = 0;  // of the running sum over the jobs that have ended
  std::vector<Slot> slot_of_;   // by job, kNone for one that does not run
  std::vector<Running> running_;
  std::vector<Slot> free_;
  std::vector<Millijoules> by_job_;
  Accounts by_user_;
  Accounts by_queue_;
  std::int64_t jobs_ = 0;
  std::int64_t completed_work_ = 0;
};

}  // namespace wattfill
