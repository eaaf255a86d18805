// Workloads like a recorded one: its noise, other loads, other weeks and other users of the same kind.
//
// All are deterministic: the same workload, parameters and seed give the same jobs on every host, sorted by (submit,
// id), with numbers of their own. A cancellation keeps its distance from the submission. Except in shaken(), jobs must
// not be linked: links tie jobs to the ends of others, which would be torn apart; UsageError says so.
#pragma once

#include <cstdint>

#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// The same workload with each submission, and the recorded start and the cancellation with it, shifted by a whole
// number of seconds drawn uniformly from [-shake, shake]. O(n log n); in place where the workload is moved in.
Workload shaken(Workload workload, Seconds shake, std::uint64_t seed);

// The same jobs in 1 / factor of the time: each submission's distance from the first is divided by the factor and
// rounded to the nearest second, halves up, so that roundings do not add up. A factor of 1.1 offers 10 % more load. The
// work is the same; days and weeks become shorter too. Throws UsageError for a factor that is not above zero. O(n log
// n).
Workload load_scaled(const Workload& workload, double factor);

// Where a time so long after the first submission comes to lie.
Seconds load_scaled(Seconds since_first, double factor);

// As many whole weeks as the trace has, counted from its first submission, drawn with replacement and put in a row:
// each hour of the week stays where it was, and users keep their identities. The rest after the last whole week is left
// out. Jobs are numbered from 1. Throws UsageError for a trace shorter than a week. O(n log n).
Workload weeks_resampled(const Workload& workload, std::uint64_t seed);

// As many users as the trace has, drawn with replacement, each with all its jobs. One that is drawn again gets another
// identity, numbered behind the last user, which submits the same jobs a whole number of weeks later (from 1 to one
// less than the trace has, drawn without replacement while they last; beyond the trace's last week it goes on in the
// first), for users in lockstep would be no workload (after Zakay and Feitelson 2014). Jobs without a user are kept as
// they are. Jobs are numbered from 1. Throws UsageError where no job has a user, or all were submitted within one week.
// O(n log n).
Workload users_resampled(const Workload& workload, std::uint64_t seed);

}  // namespace wattfill
