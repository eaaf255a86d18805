#include "trace-replay/validate/energy_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "backfill/model/int128.hpp"
#include "backfill/model/step_series.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

void check_steps(const std::vector<PowerRow>& power, Findings& findings) {
  findings.performed({Check::kPowerSteps});
  for (std::size_t i = 0; i < power.size(); ++i) {
    if (i > 0 && power[i].from <= power[i - 1].from) {
      findings.add(Check::kPowerSteps, kNoJob, power[i].from, [&] {
        return std::pair{fmt::format("follows {} s", seconds_since_epoch(power[i - 1].from)),
                         std::string("each step later than the one before")};
      });
    }
    for (std::size_t column = 0; column < kPowerColumns; ++column) {
      if (power[i].mw[column] >= 0) continue;
      findings.add(Check::kPowerSteps, kNoJob, power[i].from, [&] {
        return std::pair{fmt::format("{} {} mW", kPowerNames[column], power[i].mw[column]),
                         std::string("at least 0 mW")};
      });
    }
  }
}

void check_parts(const std::vector<PowerRow>& power, const std::optional<Cluster>& cluster, Findings& findings) {
  findings.performed({Check::kPowerParts});
  for (const PowerRow& row : power) {
    Int128 sum = 0;
    for (const std::size_t part : {kJobs, kIdle, kSleep, kTransition}) sum += row.mw[part];
    if (sum != row.mw[kIt]) {
      findings.add(Check::kPowerParts, kNoJob, row.from, [&] {
        return std::pair{fmt::format("IT power {} mW", row.mw[kIt]),
                         fmt::format("{} mW, the sum of its parts", static_cast<std::int64_t>(sum))};
      });
    }
    if (!cluster) continue;
    const auto facility =
        static_cast<std::int64_t>((Int128{row.mw[kIt]} * cluster->facility.pue_millionths + 500'000) / 1'000'000);
    if (facility == row.mw[kFacility]) continue;
    findings.add(Check::kPowerParts, kNoJob, row.from, [&] {
      return std::pair{fmt::format("facility power {} mW", row.mw[kFacility]),
                       fmt::format("{} mW, IT power x PUE", facility)};
    });
  }
}

std::array<Int128, kPowerColumns> integral(const std::vector<PowerRow>& power) {
  std::array<Int128, kPowerColumns> sums{};
  for (std::size_t i = 0; i + 1 < power.size(); ++i)
    for (std::size_t column = 0; column < kPowerColumns; ++column)
      sums[column] += Int128{power[i].mw[column]} * (power[i + 1].from - power[i].from).count();
  return sums;
}

void check_totals(const std::vector<PowerRow>& power, const EnergyTotals& totals, Findings& findings) {
  findings.performed({Check::kEnergyTotals});
  const std::array<Int128, kPowerColumns> sums = integral(power);
  for (std::size_t column = 0; column < kPowerColumns; ++column) {
    if (sums[column] == totals.mj[column]) continue;
    findings.add(Check::kEnergyTotals, kNoJob, totals.end, [&] {
      return std::pair{fmt::format("{}_mj {}", kPowerNames[column], totals.mj[column]),
                       fmt::format("{}, the integral of power.csv", static_cast<std::int64_t>(sums[column]))};
    });
  }
  if (power.front().from == totals.begin && power.back().from == totals.end) return;
  findings.add(Check::kEnergyTotals, kNoJob, totals.begin, [&] {
    return std::pair{
        fmt::format("power.csv from {} to {} s", seconds_since_epoch(power.front().from),
                    seconds_since_epoch(power.back().from)),
        fmt::format("from begin_s {} to end_s {}", seconds_since_epoch(totals.begin), seconds_since_epoch(totals.end))};
  });
}

void check_jobs_energy(Int128 right, const std::vector<ScheduleRow>& rows, ValidationReport& report) {
  Findings findings(report);
  const auto silent =
      std::count_if(rows.begin(), rows.end(), [](const ScheduleRow& row) { return row.start && !row.energy_mj; });
  if (silent > 0 && silent == std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.start; })) {
    report.notes.emplace_back("The schedule says of no job what it consumed: the jobs' energies are not added up.");
    return;
  }
  findings.performed({Check::kJobsEnergy});
  Int128 sum = 0;
  for (const ScheduleRow& row : rows) sum += row.energy_mj.value_or(0);
  if (sum == right && silent == 0) return;
  findings.add(Check::kJobsEnergy, kNoJob, SimTime{}, [&] {
    return std::pair{
        fmt::format("{} mJ over the jobs, {} of which say nothing", static_cast<std::int64_t>(sum), silent),
        fmt::format("{} mJ", static_cast<std::int64_t>(right))};
  });
}

// The cap is a wish of the facility, not of physics: what is above it is told, no violation.
void note_cap(const std::vector<PowerRow>& power, const std::optional<Cluster>& cluster, ValidationReport& report) {
  if (!cluster || cluster->facility.power_cap.empty()) return;
  const StepSeries& cap = cluster->facility.power_cap;
  // One that repeats does so by the local time.
  const Seconds shift = cap.period() > Seconds{0} ? report.trace.into_week : Seconds{0};
  std::int64_t above_s = 0;
  for (std::size_t i = 0; i + 1 < power.size(); ++i) {
    const SimTime end = power[i + 1].from + shift;
    for (SimTime at = power[i].from + shift; at < end;) {
      const SimTime until = std::min(cap.next_change(at), end);
      if (power[i].mw[kIt] > cap.at(at)) above_s += (until - at).count();
      at = until;
    }
  }
  report.notes.push_back(fmt::format("IT power is above the facility's cap for {} s.", above_s));
}

// How many nodes of each type are in use, from change to change.
class NodesInUse {
 public:
  NodesInUse(const std::vector<JudgedJob>& jobs, const NodeMachine& machine)
      : used(machine.types(), 0), machine_(machine), jobs_on_(static_cast<std::size_t>(machine.nodes()), 0) {
    for (const JudgedJob& job : jobs) {
      if (job.end <= job.start) continue;
      for (const std::int64_t node : job.use.nodes) {
        changes_.push_back({job.start, node, 1});
        changes_.push_back({job.end, node, -1});
      }
    }
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  }

  SimTime next_change() const { return at_ < changes_.size() ? changes_[at_].at : kNever; }
  void advance(SimTime to) {
    for (; at_ < changes_.size() && changes_[at_].at <= to; ++at_) {
      const Change& change = changes_[at_];
      std::int32_t& jobs = jobs_on_[static_cast<std::size_t>(change.node)];
      const bool before = jobs > 0;
      jobs += change.jobs;
      used[machine_.type_of(change.node)] += static_cast<std::int64_t>(jobs > 0) - static_cast<std::int64_t>(before);
    }
  }

  std::vector<std::int64_t> used;  // by node type

 private:
  struct Change {
    SimTime at;
    std::int64_t node;
    std::int32_t jobs;
  };
  const NodeMachine& machine_;
  std::vector<std::int32_t> jobs_on_;
  std::vector<Change> changes_;
  std::size_t at_ = 0;
};

// What the nodes can draw, given how many of each type are in use.
struct PowerBounds {
  std::int64_t least_jobs = 0;
  std::int64_t most_jobs = 0;
  std::int64_t idle = 0;
  std::int64_t most_asleep = 0;
  bool all_used = true;

  PowerBounds(const Cluster& cluster, const std::vector<std::int64_t>& used) {
    for (std::size_t type = 0; type < used.size(); ++type) {
      const NodePower& power = cluster.node_types[type].power;
      const std::int64_t unused = cluster.node_types[type].count - used[type];
      std::int64_t sleep = 0;
      for (const SleepState& state : power.sleep) sleep = std::max(sleep, state.power.count);
      least_jobs += used[type] * power.idle.count;
      most_jobs += used[type] * power.active.count;
      idle += unused * power.idle.count;
      most_asleep += unused * sleep;
      all_used = all_used && unused == 0;
    }
  }
};

void check_row(const PowerRow& row, SimTime at, const PowerBounds& can, Findings& findings) {
  const auto complain = [&](PowerColumn column, const std::string& right) {
    findings.add(Check::kPowerStates, kNoJob, at, [&] {
      return std::pair{fmt::format("{} {} mW", kPowerNames[column], row.mw[column]), right};
    });
  };
  if (row.mw[kJobs] < can.least_jobs || row.mw[kJobs] > can.most_jobs)
    complain(kJobs, fmt::format("{} to {} mW, what the nodes in use can draw", can.least_jobs, can.most_jobs));
  if (row.mw[kSleep] > can.most_asleep)
    complain(kSleep, fmt::format("at most {} mW, all unused nodes asleep", can.most_asleep));
  if (row.mw[kTransition] > 0 && can.all_used) complain(kTransition, "0 mW, as every node is in use");
  const bool all_awake = row.mw[kSleep] == 0 && row.mw[kTransition] == 0;
  if (row.mw[kIdle] > can.idle)
    complain(kIdle, fmt::format("at most {} mW, all unused nodes awake", can.idle));
  else if (all_awake && row.mw[kIdle] < can.idle)
    complain(kIdle, fmt::format("{} mW, as no node sleeps", can.idle));
}

}  // namespace

void check_power_states(const std::vector<PowerRow>& power, const std::vector<JudgedJob>& jobs,
                        const NodeMachine& machine, ValidationReport& report) {
  Findings findings(report);
  findings.performed({Check::kPowerStates});
  NodesInUse in_use(jobs, machine);
  for (std::size_t i = 0; i + 1 < power.size(); ++i) {
    for (SimTime at = power[i].from; at < power[i + 1].from;) {
      in_use.advance(at);
      check_row(power[i], at, PowerBounds(*report.request.cluster, in_use.used), findings);
      at = std::min(in_use.next_change(), power[i + 1].from);
    }
  }
}

void check_books(const std::vector<PowerRow>* power, const EnergyTotals* totals, const std::vector<ScheduleRow>& rows,
                 ValidationReport& report) {
  Findings findings(report);
  if (power != nullptr) {
    check_steps(*power, findings);
    check_parts(*power, report.request.cluster, findings);
    note_cap(*power, report.request.cluster, report);
    if (totals != nullptr) check_totals(*power, *totals, findings);
    check_jobs_energy(integral(*power)[kJobs], rows, report);
  } else if (totals != nullptr) {
    check_jobs_energy(totals->mj[kJobs], rows, report);
  }
}

void check_energy(const std::vector<JudgedJob>& jobs, const std::vector<ScheduleRow>& rows, const NodeMachine& machine,
                  ValidationReport& report) {
  const ValidationRequest& request = report.request;
  std::optional<std::vector<PowerRow>> power;
  std::optional<EnergyTotals> totals;
  if (!request.power.empty()) power = parse_power_csv(request.power, read_whole(request.power));
  if (!request.summary.empty()) totals = parse_energy_totals(request.summary, read_whole(request.summary));
  check_books(power ? &*power : nullptr, totals ? &*totals : nullptr, rows, report);
  const bool nodes_known =
      std::none_of(jobs.begin(), jobs.end(), [](const auto& job) { return job.use.nodes.empty(); });
  if (power && machine.has_identity() && nodes_known) check_power_states(*power, jobs, machine, report);
}

}  // namespace wattfill::judge
