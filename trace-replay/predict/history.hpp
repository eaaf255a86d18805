// A trace as it was recorded, told to predictors event by event: what a predictor would have said on that very machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime-predictor/predictor.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

enum class HistoryEvent : std::uint8_t { kEnd, kSubmit, kStart };
using HearHistory = std::function<void(HistoryEvent, std::size_t job, SimTime at)>;

// Tells submissions, recorded starts and ends in order of time; at one instant ends first, then submissions in the
// workload's order, then starts. A job whose wait is unknown starts at its submission. `workload` must have links.
void tell_history(const Workload& workload, const HearHistory& hear);

// Tells predictors the history.
// Returns, for each predictor, its prediction for each job. `before_submit`, if given, is called before each
// submission with the job's index, and may throw to stop. O(jobs log jobs) beside the predictors.
std::vector<std::vector<Prediction>> predict_history(const Workload& workload, std::span<Predictor* const> predictors,
                                                     const std::function<void(std::size_t)>& before_submit = {});

}  // namespace wattfill
