// Gives the jobs of a model to users, so that there is something to predict: a user has a few applications, and an
// application's jobs resemble each other.
//
// How accurate is this? The Lublin-Feitelson model draws each job on its own, without users. Here the jobs keep the
// model's arrival times and, as a multiset, the model's (size, runtime) pairs; what changes is only which pair arrives
// when.
// - Sessions: a user logs on, runs one application several times, and leaves. Users are drawn by Zipf's law (exponent
//   0.8), a user's applications by 1/rank, the length of a session is geometric. Several sessions are open at once and
//   each arrival belongs to one of them.
// - Similarity: an application has a place on [0, 1) and a spread around it, a session a place near its application's,
//   a job one near its session's. Within a block of 65,536 jobs of one queue the arrivals are sorted by that place, the
//   pairs by (size class, runtime), and matched rank by rank. So a session gets neighbouring pairs: the same power of
//   two, or sizes between the same two, and close runtimes.
// Hence the marginal and the joint distribution of size and runtime are the model's exactly, for each queue and in
// every block. What the model did not have is correlation in time: the load comes in bursts of alike jobs, as in real
// logs. The numbers above are choices made to resemble archive logs (the busiest of some 200 users submits a tenth of
// the jobs, sessions of about eight jobs); they are not fitted to one.
#pragma once

#include <cstdint>
#include <vector>

#include "trace-replay/workload/generated_job.hpp"

namespace wattfill {

// Some 200 users for 28,000 jobs and 600 for 240,000, as archive logs have: 1.25 * sqrt(jobs), at least 1.
std::int32_t usual_user_count(std::int64_t jobs);

// Sets user (1 ... users), group (about ten users each) and executable (an application of one user in one queue) of
// every job, and exchanges the (processors, run_s) pairs among jobs of the same queue as described above. Everything
// else stays. `users` > 0. O(n log n) time, O(users) memory and some megabytes.
void assign_users(std::vector<GeneratedJob>& jobs, std::int32_t users, std::uint64_t seed);

}  // namespace wattfill
