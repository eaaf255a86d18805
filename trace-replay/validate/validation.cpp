#include "trace-replay/validate/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "trace-replay/errors.hpp"
#include "trace-replay/validate/backfill_check.hpp"
#include "trace-replay/validate/conservative_check.hpp"
#include "trace-replay/validate/energy_check.hpp"
#include "trace-replay/validate/judge.hpp"
#include "trace-replay/validate/matching.hpp"
#include "trace-replay/validate/node_checks.hpp"
#include "trace-replay/validate/node_machine.hpp"
#include "trace-replay/validate/physical_checks.hpp"
#include "trace-replay/validate/schedule_file.hpp"
#include "trace-replay/validate/trace_recipe.hpp"

namespace wattfill {
namespace {

void refuse_impossible(const ValidationRequest& request) {
  // Every processor has a place in the allocation check's list.
  constexpr std::int64_t kLargestMachine = 100'000'000;
  if (request.processors < 1 || request.processors > kLargestMachine) {
    throw UsageError(
        fmt::format("--procs {}: give the machine's processors, 1 to {}", request.processors, kLargestMachine));
  }
  if (request.cluster && request.processors != request.cluster->processors())
    throw UsageError(
        fmt::format("the cluster has {} processors, not {}", request.cluster->processors(), request.processors));
  if (request.cluster && request.cluster->allocation != AllocationMode::kCounts &&
      request.pass == ValidationRequest::Pass::kEachEvent)
    throw UsageError("--pass each-event: only where processors are counted; add --allocation counts");
  if (request.exact && request.policy != "conservative") {
    throw UsageError("--exact belongs to --policy conservative; the other policies are always judged exactly");
  }
}

judge::NodeMachine machine_of(const ValidationRequest& request) {
  return request.cluster ? judge::NodeMachine(*request.cluster, request.limit) : judge::NodeMachine(request.processors);
}

void judge_policy(const std::vector<judge::JudgedJob>& jobs, const judge::NodeMachine& machine,
                  ValidationReport& report) {
  const std::string& policy = report.request.policy;
  const bool types_known =
      std::none_of(jobs.begin(), jobs.end(), [](const judge::JudgedJob& job) { return job.use.taken.empty(); });
  if (!policy.empty() && !types_known) {
    report.notes.emplace_back("The node types of the jobs are not known: only the physical checks were made.");
  } else if (policy == "conservative" && machine.types() > 1) {
    report.notes.emplace_back(
        "The judge has a rule for conservative on one node type only: only the physical checks were made.");
  } else if (policy == "fcfs") {
    judge::check_backfill(jobs, judge::BackfillRule::kNone, machine, report);
  } else if (policy == "easy") {
    judge::check_backfill(jobs, judge::BackfillRule::kQueueOrder, machine, report);
  } else if (policy == "easy-sjbf") {
    judge::check_backfill(jobs, judge::BackfillRule::kShortestFirst, machine, report);
  } else if (policy == "conservative") {
    judge::check_conservative(jobs, machine, report);
  } else if (policy.empty()) {
    report.notes.emplace_back("No policy named: only the physical checks were made.");
  } else {
    report.notes.push_back(fmt::format(
        "The judge has no rule for policy \"{}\" (it knows fcfs, easy, easy-sjbf and conservative): only the "
        "physical checks were made.",
        policy));
  }
}

}  // namespace

std::int64_t ValidationReport::violations() const {
  return std::accumulate(checks.begin(), checks.end(), std::int64_t{0},
                         [](std::int64_t sum, const CheckResult& check) { return sum + check.violations; });
}

void judge::judge_schedule(const std::vector<TraceEntry>& trace, const std::vector<ScheduleRow>& rows,
                           ValidationReport& report) {
  refuse_impossible(report.request);
  report.schedule_rows = static_cast<std::int64_t>(rows.size());
  const NodeMachine machine = machine_of(report.request);
  const std::vector<JudgedJob> jobs = match_jobs(trace, rows, machine, report);
  check_capacity(jobs, report);
  if (machine.has_identity())
    check_nodes(jobs, machine, report);
  else
    check_allocations(jobs, report);
  judge_policy(jobs, machine, report);
  check_energy(jobs, rows, machine, report);
}

ValidationReport validate(const ValidationRequest& request) {
  refuse_impossible(request);  // before a large file is read
  ValidationReport report;
  report.request = request;
  std::vector<judge::TraceEntry> trace =
      judge::read_trace(request.trace, request.processors, request.lenient, report.trace);
  judge::leave_out_what_cannot_run(trace, machine_of(request), report);
  const judge::ScheduleFile schedule = judge::read_schedule(request.schedule, request.lenient);
  report.schedule_format = schedule.format;
  report.rejected_rows = schedule.rejected_rows;
  judge::judge_schedule(trace, schedule.rows, report);
  return report;
}

}  // namespace wattfill
