// The independent judge of a schedule: does it obey physics, and does it follow the policy it claims?
//
// Nothing of the scheduling policies or the engine is used here. The judge re-reads the trace with a recipe of its own,
// replays the schedule in time order and, at each scheduling pass, decides naively and straight from the definitions
// what the policy would have started from the schedule's own state. What differs is a violation. Because the state is
// always the schedule's, one wrong start is not followed by a cascade of others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/job.hpp"
#include "backfill/model/time.hpp"

namespace wattfill {

// What the judge looks at. The first group is checked for every schedule, the others for the policies that they name.
enum class ValidationCheck : int {
  // Physics and bookkeeping.
  kMissingJob,
  kDuplicateJob,
  kUnknownJob,
  kSubmission,
  kProcessors,
  kRequested,
  kStartBeforeSubmission,
  kRuntime,
  kCapacity,
  // Only where the schedule names processors.
  kAllocationWidth,
  kAllocationRange,
  kAllocationOverlap,
  // Only on a cluster whose nodes have an identity, where the schedule names them.
  kNodeRange,
  kNodeOverlap,
  kNodeAccess,
  kNodeCount,
  kSeveralTypes,
  kCoreSets,  // where nodes are shared by core
  kCoreOverlap,
  // fcfs, easy, easy-sjbf.
  kNoRoom,
  kHeadWaited,
  kOutOfOrder,      // fcfs only
  kHeadDelayed,     // easy*
  kBackfillOrder,   // easy*
  kBackfillMissed,  // easy*
  kTypeChoice,      // several node types
  // conservative.
  kReservationSlipped,
  kReservationDisplaced,
  kReservationInexact,  // with `exact` only
  // Only where the power or the figures of a run are given.
  kPowerSteps,
  kPowerParts,
  kPowerStates,
  kEnergyTotals,
  kJobsEnergy,
};
inline constexpr std::size_t kValidationChecks = 34;

// The key of a check in the JSON report ("head-delayed"), and what a violation of it means.
const char* validation_check_key(ValidationCheck check);
const char* validation_check_text(ValidationCheck check);

struct ValidationRequest {
  enum class Estimates { kRequested, kClairvoyant };
  // When the policy decides. kEachInstant: once per distinct time, after all terminations and submissions of it.
  // kEachEvent: after each event; at one instant all submissions in order of (submit, id), then all terminations in
  // order of their jobs' starts; a running job whose estimated end is now or earlier no longer counts.
  enum class Pass { kEachInstant, kEachEvent };
  // kId: a job is found by its number. kOrder: both files in order of (submit, id), paired where the submissions agree.
  enum class Match { kId, kOrder };

  std::string trace;
  std::string schedule;         // SWF or jobs.csv with Batsim's column names, told apart by content; plain or .gz
  std::int64_t processors = 0;  // of the machine, > 0; those of the cluster where one is given
  std::optional<Cluster> cluster;
  LimitRule limit = LimitRule::kScaled;
  std::string power;    // power.csv of the run; empty: none
  std::string summary;  // summary.json of the run; empty: none
  std::string policy;   // fcfs, easy, easy-sjbf, conservative; any other or empty: only the physical checks
  Estimates estimates = Estimates::kRequested;        // those that fit and reserve
  Estimates order_estimates = Estimates::kRequested;  // those that order the candidates of easy-sjbf
  Pass pass = Pass::kEachInstant;
  Match match = Match::kId;
  bool allow_missing = false;  // jobs that never started are counted, not violations; the policy ignores them
  bool waits_from_submit =
      false;             // start = the trace's submission + the schedule's wait: its clock may have another zero
  bool exact = false;    // conservative: every start must equal the compression rule's
  bool lenient = false;  // bad lines of an SWF file are counted and left out
};

inline constexpr JobId kNoJob = -1;  // of a violation that is no job's

struct Violation {
  JobId job = 0;
  SimTime instant{};
  std::string seen;
  std::string right;
};

struct CheckResult {
  bool performed = false;
  std::int64_t violations = 0;
  std::vector<Violation> examples;  // the first five, in the order in which they were met
};

struct ValidationReport {
  struct Trace {
    std::int64_t read = 0;
    std::int64_t kept = 0;
    std::int64_t clipped = 0;  // ran longer than requested: killed at the limit
    std::int64_t no_runtime = 0;
    std::int64_t no_request = 0;
    std::int64_t no_processors = 0;
    std::int64_t too_wide = 0;
    std::int64_t cannot_run = 0;  // no nodes of the cluster may run it, or not so many of them
    std::int64_t rejected_lines = 0;
    bool clairvoyant = false;  // the trace has no requested times at all, so requested = run
    Seconds into_week{0};      // of second 0: how long after a Monday, 00:00 local time; 0 where that is not known
  };

  ValidationRequest request;
  Trace trace;
  std::string schedule_format;  // "SWF" or "jobs.csv"
  std::int64_t schedule_rows = 0;
  std::int64_t rejected_rows = 0;  // lenient only
  std::int64_t judged = 0;         // jobs of the trace for which the schedule has a start
  std::int64_t allowed_missing = 0;
  std::int64_t passes = 0;  // scheduling passes decided anew; 0 where only physics was checked
  std::array<CheckResult, kValidationChecks> checks;
  std::vector<std::string> notes;  // what the reader of the report has to know, one sentence each

  const CheckResult& of(ValidationCheck check) const { return checks[static_cast<std::size_t>(check)]; }
  std::int64_t violations() const;
  bool clean() const { return violations() == 0; }
};

// Reads both files and judges. Throws UsageError on a request that cannot be, InputError on a file that is wrong.
// Time: physics O(n log n) and O(processors) per named allocation; fcfs and easy O(queue + running) per pass;
// conservative O(queue · breakpoints) per sweep. Memory: a few hundred bytes a job, and its nodes.
ValidationReport validate(const ValidationRequest& request);

// The report for a reader, with every check, its count and up to five examples.
std::string validation_text(const ValidationReport& report);
// The same as JSON, indented, keys stable.
std::string validation_json(const ValidationReport& report);

}  // namespace wattfill
