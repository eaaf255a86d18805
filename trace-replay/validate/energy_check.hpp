// The books of a run's energy: power over time, its integral and what the jobs have used.
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"
#include "trace-replay/validate/power_file.hpp"

namespace wattfill::judge {

// Checks what request.power and request.summary name; nothing where neither is given. `rows` are those of the schedule,
// matched or not. Throws InputError.
void check_energy(const std::vector<JudgedJob>& jobs, const std::vector<ScheduleRow>& rows, const NodeMachine& machine,
                  ValidationReport& report);

// The parts of it, on what is in memory. Neither file may be there, and the other is checked alone.
void check_books(const std::vector<PowerRow>* power, const EnergyTotals* totals, const std::vector<ScheduleRow>& rows,
                 ValidationReport& report);

// Power against the nodes in use, where their types are known. At every time an unused node draws at most its idle
// power, exactly that where none sleeps and none is in transition, and one in use from its idle to its active power.
void check_power_states(const std::vector<PowerRow>& power, const std::vector<JudgedJob>& jobs,
                        const NodeMachine& machine, ValidationReport& report);

}  // namespace wattfill::judge
