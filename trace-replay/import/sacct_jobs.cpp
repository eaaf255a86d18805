#include "trace-replay/import/sacct_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "backfill/config/hostlist.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

constexpr double kMostMemory = 1e15;  // KB; more is no memory, and no number of a trace

enum class Fate : std::uint8_t { kLive, kCompleted, kFailed, kCancelled };

// sacct(1), job state codes. A run that is requeued or preempted has failed: its work is lost.
constexpr std::pair<std::string_view, Fate> kStates[] = {
    {"COMPLETED", Fate::kCompleted},  {"FAILED", Fate::kFailed},        {"TIMEOUT", Fate::kFailed},
    {"OUT_OF_MEMORY", Fate::kFailed}, {"NODE_FAIL", Fate::kFailed},     {"BOOT_FAIL", Fate::kFailed},
    {"DEADLINE", Fate::kFailed},      {"PREEMPTED", Fate::kFailed},     {"REQUEUED", Fate::kFailed},
    {"LAUNCH_FAILED", Fate::kFailed}, {"RECONFIG_FAIL", Fate::kFailed}, {"CANCELLED", Fate::kCancelled},
    {"REVOKED", Fate::kCancelled},    {"PENDING", Fate::kLive},         {"RUNNING", Fate::kLive},
    {"SUSPENDED", Fate::kLive},       {"CONFIGURING", Fate::kLive},     {"COMPLETING", Fate::kLive},
    {"RESIZING", Fate::kLive},        {"REQUEUE_HOLD", Fate::kLive},    {"REQUEUE_FED", Fate::kLive},
    {"SPECIAL_EXIT", Fate::kLive},    {"RESV_DEL_HOLD", Fate::kLive},   {"STAGE_OUT", Fate::kLive},
    {"STOPPED", Fate::kLive},         {"SIGNALING", Fate::kLive},       {"EXPEDITING", Fate::kLive},
};

std::optional<Fate> fate_of(std::string_view state) {
  for (const auto& [name, fate] : kStates)
    if (name == state) return fate;
  return std::nullopt;
}

// What the steps of a run have measured so far.
struct Steps {
  double extern_joules = -1;
  double batch_joules = -1;
  double other_joules = -1;
  double used_memory_kb = -1;

  void add(const SacctRow& step) {
    if (step.joules && *step.joules > 0) {
      double& joules = step.id.step == "extern" ? extern_joules : step.id.step == "batch" ? batch_joules : other_joules;
      joules = std::max(joules, 0.0) + *step.joules;
    }
    if (!step.max_rss_kb) return;
    const double all = *step.max_rss_kb * static_cast<double>(step.tasks.value_or(1));
    if (all <= kMostMemory) used_memory_kb = std::max(used_memory_kb, all);
  }
};

class Gatherer {
 public:
  Gatherer(SacctReader& reader, const SacctOptions& options) : reader_(reader), options_(options) {}

  SacctJobs gather() {
    for (SacctRow row; reader_.next(row);) {
      if (!row.id.step.empty()) {
        add_step(row);
        continue;
      }
      const auto wrong = row.refused ? std::nullopt : add_job(row);
      if (wrong) reader_.reject(row, *wrong);
      if (wrong || row.refused) ids_[row.id.job].last = kNone;
    }
    return finish();
  }

 private:
  // What became of a row.
  struct Slot {
    std::int64_t submit = 0;
    std::int64_t SacctReport::*left = nullptr;  // why it was left out
    bool again = false;                         // a further run of its ID
    SacctRun run;
    Steps steps;
    SacctJobId id;
    bool suspended = false, other_clock = false, started_early = false, unlimited = false, no_limit = false;
  };

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Of a job ID, places in slots_.
  struct Runs {
    std::size_t first = kNone;
    std::size_t last = kNone;  // of its last line, whose steps follow; none: that line was refused
  };

  void add_step(const SacctRow& row) {
    ++report().steps;
    const auto runs = ids_.find(row.id.job);
    if (runs == ids_.end() || runs->second.last == kNone)
      ++report().steps_without_job;
    else
      slots_[runs->second.last].steps.add(row);
  }

  // Where the run of an ID that was submitted then stands.
  std::size_t slot_of(const Runs& runs, std::int64_t submit) const {
    if (runs.first == kNone || slots_[runs.first].submit == submit) return runs.first;
    const auto found = further_.find({runs.first, submit});
    return found != further_.end() ? found->second : kNone;
  }

  // What is wrong with the row, if anything is.
  std::optional<std::string> add_job(const SacctRow& row) {
    const std::optional<Fate> fate = fate_of(row.state);
    if (!fate) return fmt::format("field State: \"{}\" is no state of a job", row.state.substr(0, 30));
    Slot slot;
    try {
      if (!row.node_list.empty()) slot.run.nodes = static_cast<std::int64_t>(expand_hostlist(row.node_list).size());
    } catch (const HostlistError& error) {
      return fmt::format("field NodeList: \"{}\": {}", row.node_list.substr(0, 60), error.what());
    }
    slot.submit = *row.submit;
    slot.id = row.id;
    if (auto wrong = fill(row, *fate, slot)) return wrong;
    ++report().jobs;
    Runs& runs = ids_[row.id.job];
    runs.last = slot_of(runs, slot.submit);
    if (runs.last != kNone) {  // listed again
      ++report().left_twice;
      slot.again = slots_[runs.last].again;
      slots_[runs.last] = std::move(slot);
      return std::nullopt;
    }
    runs.last = slots_.size();
    slot.again = runs.first != kNone;
    if (slot.again)
      further_.emplace(std::pair{runs.first, slot.submit}, runs.last);
    else
      runs.first = runs.last;
    slots_.push_back(std::move(slot));
    return std::nullopt;
  }

  std::optional<std::string> fill(const SacctRow& row, Fate fate, Slot& slot) {
    SacctRun& run = slot.run;
    run.id = row.id.job;
    run.arrival = *row.submit;
    if (fate == Fate::kLive) {
      const bool runs = row.start && row.state != "PENDING";
      slot.left = runs ? &SacctReport::left_running : &SacctReport::left_pending;
      run.start = runs ? *row.start : -1;
      run.node_list = row.node_list;
      return std::nullopt;
    }
    if (auto wrong = fill_times(row, fate, slot)) return wrong;
    if (run.start >= 0 && options_.from_eligible && row.eligible && *row.eligible <= run.start)
      run.arrival = std::max(run.arrival, *row.eligible);
    slot.started_early = run.start >= 0 && run.start < run.arrival;
    if (run.start < 0) fill_waiting(row, fate, slot);
    run.status = fate == Fate::kCompleted ? SwfStatus::kCompleted
                 : fate == Fate::kFailed  ? SwfStatus::kFailed
                                          : SwfStatus::kCancelled;
    fill_request(row, slot);
    if (row.joules) {
      run.joules = *row.joules;
      run.joules_from = JoulesFrom::kJob;
    }
    slot.steps.used_memory_kb = row.max_rss_kb.value_or(-1);
    for (const auto& [kind, name] : {std::pair{kUserName, &row.user},
                                     {kAccountName, &row.account},
                                     {kJobName, &row.name},
                                     {kQosName, &row.qos},
                                     {kPartitionName, &row.partition}})
      run.names[kind] = number_of(kind, *name);
    return std::nullopt;
  }

  // Start, end and run time. The clock of a place jumps twice a year; Elapsed is measured without it.
  static std::optional<std::string> fill_times(const SacctRow& row, Fate fate, Slot& slot) {
    SacctRun& run = slot.run;
    slot.suspended = row.suspended_s > 0;
    if (!row.start) {
      run.end = row.end.value_or(-1);
      return std::nullopt;
    }
    if (!row.end && !row.elapsed_s) return "fields End and Elapsed: one of them must be known of a job that has ended";
    if (row.end && *row.end < *row.start && !row.elapsed_s) return "field End: lies before Start";
    const std::int64_t between = row.end ? *row.end - *row.start : *row.elapsed_s + row.suspended_s;
    run.run_s = between - row.suspended_s;
    if (row.elapsed_s) {
      // Elapsed is without the suspension, if it is less than the time between.
      const bool with_suspension = slot.suspended && *row.elapsed_s == between;
      run.run_s = with_suspension ? between - row.suspended_s : *row.elapsed_s;
      const std::int64_t difference = between - row.suspended_s - run.run_s;
      slot.other_clock = difference < -1 || difference > 1;
    }
    if (run.run_s < 0) return "field Suspended: is longer than the job ran";
    const bool started = run.run_s > 0 || !row.node_list.empty() || fate == Fate::kCompleted;
    run.start = started ? *row.start : -1;
    run.end = slot.other_clock || !row.end ? *row.start + run.run_s + row.suspended_s : *row.end;
    return std::nullopt;
  }

  // Of a job that ended without a start.
  void fill_waiting(const SacctRow& row, Fate fate, Slot& slot) const {
    if (fate != Fate::kCancelled) {
      slot.left = &SacctReport::left_failed_waiting;
      return;
    }
    if (!options_.from_eligible || !reader_.has(SacctField::kEligible)) return;
    SacctRun& run = slot.run;
    if (!row.eligible || (run.end >= 0 && *row.eligible > run.end))
      slot.left = &SacctReport::left_never_eligible;
    else
      run.arrival = std::max(run.arrival, *row.eligible);
  }

  void fill_request(const SacctRow& row, Slot& slot) const {
    SacctRun& run = slot.run;
    slot.unlimited = row.limit == SacctLimit::kUnlimited || row.limit == SacctLimit::kOfPartition;
    slot.no_limit = row.limit == SacctLimit::kNotSaid;
    run.requested_s = row.limit == SacctLimit::kSeconds ? row.limit_s : options_.unlimited_s;
    run.cpus = row.allocated_cpus.value_or(0) > 0 ? *row.allocated_cpus : row.requested_cpus.value_or(-1);
    if (run.nodes < 0 && row.nodes.value_or(0) > 0) run.nodes = *row.nodes;
    if (row.requested_memory && row.requested_memory->kb > 0) {
      const SacctMemory& memory = *row.requested_memory;
      const std::int64_t times = memory.of == SacctMemory::Of::kJob    ? 1
                                 : memory.of == SacctMemory::Of::kNode ? run.nodes
                                                                       : run.cpus;
      const double all = memory.kb * static_cast<double>(times);
      if (times > 0 && all <= kMostMemory) run.memory_kb = all;
    }
    run.cpu_s = row.total_cpu_s.value_or(-1);
    run.accelerators = row.accelerators.value_or(-1);
    run.priority = row.priority.value_or(-1);
    run.node_list = row.node_list;
  }

  std::int32_t number_of(NameKind kind, const std::string& name) {
    if (name.empty()) return -1;
    std::vector<std::string>& all = jobs_.names[kind];
    const auto [at, added] = numbers_[kind].emplace(name, static_cast<std::int32_t>(all.size()));
    if (added) all.push_back(name);
    return at->second;
  }

  static void take_measured(Slot& slot) {
    SacctRun& run = slot.run;
    const Steps& steps = slot.steps;
    run.used_memory_kb = steps.used_memory_kb;
    if (run.joules > 0) return;
    const std::pair<double, JoulesFrom> sources[] = {{steps.extern_joules, JoulesFrom::kExtern},
                                                     {steps.other_joules, JoulesFrom::kSteps},
                                                     {steps.batch_joules, JoulesFrom::kBatch}};
    for (const auto& [joules, from] : sources) {
      if (joules <= 0) continue;
      run.joules = joules;
      run.joules_from = from;
      return;
    }
  }

  void count(const Slot& slot) {
    SacctReport& r = report();
    ++(slot.run.start >= 0 ? r.ran : r.cancelled_waiting);
    r.runs_again += slot.again;
    r.array_tasks += slot.id.array;
    r.components += slot.id.component;
    r.suspended += slot.suspended;
    r.other_clock += slot.other_clock;
    r.started_early += slot.started_early;
    r.unlimited += slot.unlimited;
    r.no_limit += slot.no_limit;
    r.no_cpus += slot.run.cpus <= 0;
  }

  SacctJobs finish() {
    for (Slot& slot : slots_) {
      if (slot.left) {
        ++(report().*slot.left);
        if (slot.left == &SacctReport::left_running)
          jobs_.running.push_back({slot.run.start, std::move(slot.run.node_list)});
      } else {
        take_measured(slot);
        count(slot);
        jobs_.runs.push_back(std::move(slot.run));
      }
    }
    std::stable_sort(jobs_.runs.begin(), jobs_.runs.end(),
                     [](const SacctRun& a, const SacctRun& b) { return a.arrival < b.arrival; });
    report().lines = reader_.lines();
    report().rejected = reader_.rejects().count;
    jobs_.reject_examples = reader_.rejects().examples;
    jobs_.source = reader_.name();
    if (jobs_.runs.empty())
      throw InputError(fmt::format("{}: holds no job that has ended ({} lines below the first, {} of them bad)",
                                   jobs_.source, report().lines, report().rejected));
    return std::move(jobs_);
  }

  SacctReport& report() { return jobs_.report; }

  SacctReader& reader_;
  SacctOptions options_;
  SacctJobs jobs_;
  std::vector<Slot> slots_;
  std::unordered_map<std::string, Runs> ids_;
  std::map<std::pair<std::size_t, std::int64_t>, std::size_t> further_;  // by an ID's first slot and the submission
  std::array<std::unordered_map<std::string, std::int32_t>, kNameKinds> numbers_;
};

}  // namespace

SacctJobs read_sacct(SacctReader& reader, const SacctOptions& options) { return Gatherer(reader, options).gather(); }

std::string describe_sacct(const SacctJobs& jobs) {
  const SacctReport& r = jobs.report;
  std::string text = fmt::format("{}: {} lines: {} of jobs, {} of steps\n", jobs.source, r.lines, r.jobs, r.steps);
  std::string heading;
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0) text += std::exchange(heading, "") + fmt::format("  {:>9} {}\n", count, what);
  };
  add(r.ran, "ran and are kept");
  add(r.cancelled_waiting, "were cancelled while they waited and are kept (status 5)");
  add(r.left_running, "were still running: left out");
  add(r.left_pending, "were still pending: left out");
  add(r.left_never_eligible, "were cancelled before they were eligible: left out");
  add(r.left_failed_waiting, "ended otherwise without a start: left out");
  add(r.left_twice, "are listed again below with the same submission: left out");
  add(r.rejected, "bad lines: left out");
  add(r.steps_without_job, "steps whose job is not listed before them, or was left out as a bad line: left out");
  heading = "of those kept\n";
  add(r.runs_again, "are further runs of a job (requeued), each a job of its own");
  add(r.array_tasks, "are tasks of arrays, each a job of its own");
  add(r.components, "are components of heterogeneous jobs, each a job of its own; together they start in Slurm only");
  add(r.suspended, "were suspended; their run time is without it");
  add(r.other_clock, "have another Elapsed than End - Start (a change of the clock?); Elapsed counts");
  add(r.started_early, "started before their submission; the wait counts as 0");
  add(r.unlimited, "have no limit of their own (UNLIMITED, Partition_Limit); see --default-limit");
  add(r.no_limit, "have no Timelimit");
  add(r.no_cpus, "have no number of CPUs");
  for (const std::string& example : jobs.reject_examples) text += fmt::format("bad line: {}\n", example);
  return text;
}

}  // namespace wattfill
