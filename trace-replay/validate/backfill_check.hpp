// Is the schedule the one of strict FCFS, EASY or EASY-SJBF? Decided pass by pass, straight from the definitions.
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"

namespace wattfill::judge {

enum class BackfillRule { kNone, kQueueOrder, kShortestFirst };

// EASY (Lifka 1995; Mu'alem & Feitelson 2001): the queue's head starts while it fits. The first job that does not fit
// gets a reservation at its shadow time, the earliest time when enough processors are estimated free; extra processors
// are those left over then. A later job starts now if it fits now and ends by the shadow time by its estimate, or uses
// no more than the remaining extra processors. Candidates in queue order, or by (order estimate, queue order) for
// EASY-SJBF (Tsafrir, Etsion & Feitelson 2007).
//
// Several node types: the head's choice is the way to run it (Way) with the earliest estimated finish, ties by the
// earlier start, then in the order of the cluster file; it starts when its choice is free at once, and else its
// reservation is a shadow time and extra units on the types of its choice, and on no other. A later job starts on the
// type with the earliest estimated finish among those on which it may start now, ties in the order of the file. A job
// across several types fills them from slow to fast with what is free, and is as slow as the slowest.
//
// The schedule is correct exactly when nothing is reported: at the first pass that differs, either a job that the rule
// starts was left waiting or one was started that the rule leaves.
// `jobs` is ordered by (submit, id), and of each is known what it takes of each type. Time: O(queue + running · log
// running) a pass and a start from the head of the queue.
void check_backfill(const std::vector<JudgedJob>& jobs, BackfillRule rule, const NodeMachine& machine,
                    ValidationReport& report);

}  // namespace wattfill::judge
