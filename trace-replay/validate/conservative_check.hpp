// Does a schedule keep the promises of conservative backfilling?
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"

namespace wattfill::judge {

// Conservative backfilling (Mu'alem & Feitelson 2001): at its submission every job gets the earliest reservation that
// fits, by the estimates, among the running jobs and all reservations held. No job may start later than that.
// Compression: when a job ends before its estimate, the queue is swept in arrival order and each job moves to the
// earliest start, never later than the one it holds, that fits among all others; sweeps repeat until nothing moves.
// At one instant (each-instant): ends, compression, reservations of the new jobs in arrival order, starts.
// each-event: after each submission its reservation and the starts due, then after each end compression and the starts.
//
// Reported: a start later than the reservation made at submission (slipped); a start earlier than the reservation held
// that takes processors promised to another job (displaced); with `exact` any start that is not the held reservation's.
// The reservations follow the schedule's own starts and ends, so they are those of the stated compression rule: a
// schedule made by another rule of compression may be conservative too, and yet be told that a reservation slipped.
// `jobs` is ordered by (submit, id), and of each is known what it takes of the one node type. Time: O(queue ·
// breakpoints) a sweep.
void check_conservative(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report);

}  // namespace wattfill::judge
