#include "trace-replay/host/plugin_scheduler.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "backfill/config/config.hpp"
#include "plugin/config.pb.h"
#include "trace-replay/errors.hpp"

namespace wattfill {

// Each function of the ABI under its own name without the prefix.
// clang-format off
#define WATTFILL_FUNCTIONS(F) \
  F(abi_version) F(open) F(close) F(error) F(warning) F(submit) \
  F(modify) F(end) F(cancel) F(requeue) F(overrun) F(begun) \
  F(capacity_changed) F(node_changed) F(power_changed) F(reservation_changed) F(started) F(refused) \
  F(schedule) F(next_power_action) F(next_proposal) F(expected_start) F(get_statistics)
// clang-format on

struct PluginFunctions {
  explicit PluginFunctions(const std::string& path) : handle(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle) throw InputError(fmt::format("{}: cannot be loaded: {}", path, dlerror()));
    const auto find = [&](const char* name, auto& function) {
      void* symbol = dlsym(handle, name);
      if (!symbol) throw InputError(fmt::format("{}: has no function {}; it is no libwattfill.so", path, name));
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(symbol);
    };
#define FIND(name) find("wattfill_" #name, name);
    WATTFILL_FUNCTIONS(FIND)
#undef FIND
    if (abi_version() != WATTFILL_ABI_VERSION)
      throw InputError(
          fmt::format("{}: has version {} of the interface; {} is right", path, abi_version(), WATTFILL_ABI_VERSION));
  }
  // The library stays loaded: those that it needs do not like to be unloaded.

  void* handle;
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define DECLARE(name) decltype(&wattfill_##name) name = nullptr;
  WATTFILL_FUNCTIONS(DECLARE)
#undef DECLARE
};

namespace {

constexpr std::uint32_t kAbilities = WATTFILL_HOST_SLEEPS | WATTFILL_HOST_SHARES_NODES;
constexpr std::size_t kLongestError = 4096;

SimTime time_or_never(std::int64_t seconds) { return seconds == WATTFILL_NEVER ? kNever : SimTime{Seconds{seconds}}; }

wattfill_job job_of(const Job& job) {
  return {sizeof(wattfill_job),
          job.id,
          seconds_since_epoch(job.submit),
          job.requested.count(),
          job.processors,
          job.user,
          job.group,
          job.executable,
          job.queue,
          job.partition,
          job.memory_kb_per_processor,
          job.priority};
}

void write_out_of_work(const std::vector<StepSeries>& out_of_work, plugin::Config& config) {
  if (std::ranges::all_of(out_of_work, &StepSeries::constant)) {
    for (const StepSeries& series : out_of_work) config.add_out_of_work(static_cast<std::int32_t>(series.highest()));
    return;
  }
  for (const StepSeries& series : out_of_work) {
    plugin::OutOfWork& of_type = *config.add_out_of_work_over_time();
    of_type.set_period_s(series.period().count());
    for (const StepSeries::Step& step : series.steps()) {
      plugin::OutOfWork::Step& out = *of_type.add_step();
      out.set_from_s(seconds_since_epoch(step.from));
      out.set_nodes(static_cast<std::int32_t>(step.value));
    }
  }
}

}  // namespace

std::string plugin_config(const SchedulerOptions& options, const std::string& model_directory,
                          const std::string& log_directory) {
  plugin::Config config;
  config.set_policy_text(policy_text(options.policy));
  if (options.cluster) {
    Cluster cluster = *options.cluster;
    std::replace(cluster.name.begin(), cluster.name.end(), ' ', '-');  // that of "--procs 100"
    config.set_cluster_text(cluster_text(cluster));
  } else {
    config.set_processors(static_cast<std::uint32_t>(options.processors));
  }
  config.set_limit(std::string(name(options.limit)));
  config.set_estimated_ends_free(options.free_rule == FreeRule::kEstimated);
  write_out_of_work(options.out_of_work, config);
  config.set_model(model_directory);
  if (!log_directory.empty()) config.mutable_log()->set_directory(log_directory);
  std::string text;
  google::protobuf::TextFormat::PrintToString(config, &text);
  return text;
}

PluginScheduler::PluginScheduler(const std::string& library, const std::string& config, const Cluster* cluster)
    : library_(std::make_unique<PluginFunctions>(library)),
      has_nodes_(cluster && cluster->allocation != AllocationMode::kCounts) {
  if (has_nodes_)
    for (const NodeType& type : cluster->node_types)
      cores_of_node_.insert(cores_of_node_.end(), static_cast<std::size_t>(type.count), type.processors);
  std::array<char, kLongestError> error{};
  if (library_->open(config.c_str(), kAbilities, nullptr, &planner_, error.data(), error.size()) != WATTFILL_OK)
    throw InputError(fmt::format("{}: {}", library, error.data()));
  for (std::size_t i = 0; const char* warning = library_->warning(planner_, i); ++i)
    fmt::print(stderr, "{}: {}\n", library, warning);
}

PluginScheduler::~PluginScheduler() { library_->close(planner_); }

void PluginScheduler::check(wattfill_status status, const char* call) const {
  if (status == WATTFILL_OK) return;
  const std::string message = fmt::format("wattfill_{}: {}", call, library_->error(planner_));
  if (status == WATTFILL_WRONG_CALL) throw std::invalid_argument(message);
  throw std::runtime_error(message);
}

JobId PluginScheduler::id(JobHandle job) const {
  if (job.slot >= slots_.size() || !slots_[job.slot].used || slots_[job.slot].generation != job.generation)
    throw std::invalid_argument("plugin: a job that is not known");
  return slots_[job.slot].job;
}

void PluginScheduler::forget(JobHandle job) {
  Slot& slot = slots_[job.slot];
  slot_of_.erase(slot.job);
  slot = {0, slot.generation + 1, false, {}};
  free_slots_.push_back(job.slot);
}

JobHandle PluginScheduler::submit(const Job& job, SimTime now) {
  const wattfill_job message = job_of(job);
  check(library_->submit(planner_, &message, seconds_since_epoch(now)), "submit");
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  slots_[index].job = job.id;
  slots_[index].used = true;
  slot_of_[job.id] = index;
  return {index, slots_[index].generation};
}

void PluginScheduler::modify(JobHandle job, const Job& changed, SimTime now) {
  wattfill_job message = job_of(changed);
  message.id = id(job);
  check(library_->modify(planner_, &message, seconds_since_epoch(now)), "modify");
}

void PluginScheduler::end(JobHandle job, SimTime now) {
  check(library_->end(planner_, id(job), seconds_since_epoch(now)), "end");
  forget(job);
}

void PluginScheduler::cancel(JobHandle job, SimTime now) {
  check(library_->cancel(planner_, id(job), seconds_since_epoch(now)), "cancel");
  forget(job);
}

void PluginScheduler::requeue(JobHandle job, SimTime now) {
  check(library_->requeue(planner_, id(job), seconds_since_epoch(now)), "requeue");
}

SimTime PluginScheduler::overrun(JobHandle job, SimTime now) {
  std::int64_t end = 0;
  check(library_->overrun(planner_, id(job), seconds_since_epoch(now), &end), "overrun");
  return SimTime{Seconds{end}};
}

SimTime PluginScheduler::begun(JobHandle job, SimTime now) {
  std::int64_t end = 0;
  check(library_->begun(planner_, id(job), seconds_since_epoch(now), &end), "begun");
  return SimTime{Seconds{end}};
}

void PluginScheduler::capacity_changed(std::int32_t processors, SimTime now) {
  check(library_->capacity_changed(planner_, processors, seconds_since_epoch(now)), "capacity_changed");
}

void PluginScheduler::node_changed(NodeIndex node, bool available, SimTime now) {
  check(library_->node_changed(planner_, node, available, seconds_since_epoch(now)), "node_changed");
}

void PluginScheduler::power_changed(NodeRun nodes, bool awake, SimTime now) {
  check(library_->power_changed(planner_, {nodes.first, nodes.length}, awake, seconds_since_epoch(now)),
        "power_changed");
}

void PluginScheduler::reservation_changed(const AdvanceReservation& r, SimTime now) {
  const wattfill_reservation message = {sizeof(wattfill_reservation), r.id,         seconds_since_epoch(r.start),
                                        seconds_since_epoch(r.end),   r.processors, r.node_type};
  check(library_->reservation_changed(planner_, &message, seconds_since_epoch(now)), "reservation_changed");
}

SimTime PluginScheduler::started(JobHandle job, SimTime now) {
  std::int64_t end = 0;
  check(library_->started(planner_, id(job), nullptr, seconds_since_epoch(now), &end), "started");
  return SimTime{Seconds{end}};
}

SimTime PluginScheduler::started_on(JobHandle job, const Allocation& allocation, SimTime now) {
  std::vector<wattfill_node_run> runs;
  for_each_run(allocation.nodes, [&runs](NodeRun run) { runs.push_back({run.first, run.length}); });
  std::vector<std::uint64_t> cores;
  std::size_t words = 0;
  for (const CoreSet& set : allocation.cores) words = std::max(words, set.words());
  for (const CoreSet& set : allocation.cores)
    for (std::size_t w = 0; w < words; ++w) cores.push_back(set.word_at(w));
  const wattfill_nodes nodes = {sizeof(wattfill_nodes), runs.data(), runs.size(),
                                cores.empty() ? nullptr : cores.data(), words};
  std::int64_t end = 0;
  check(library_->started(planner_, id(job), &nodes, seconds_since_epoch(now), &end), "started");
  return SimTime{Seconds{end}};
}

void PluginScheduler::refused(JobHandle job, Refusal reason, SimTime now) {
  check(library_->refused(planner_, id(job), reason == Refusal::kHeld ? WATTFILL_HELD : WATTFILL_NOT_NOW,
                          seconds_since_epoch(now)),
        "refused");
}

void PluginScheduler::read(const wattfill_nodes& in, Allocation& out) const {
  out.nodes.clear();
  out.cores.clear();
  for (std::size_t i = 0; i < in.run_count; ++i)
    for (std::int32_t n = 0; n < in.runs[i].length; ++n) out.nodes.push_back(in.runs[i].first + n);
  if (!in.cores) return;
  for (std::size_t i = 0; i < out.nodes.size(); ++i) {
    CoreSet& cores = out.cores.emplace_back(cores_of_node_[static_cast<std::size_t>(out.nodes[i])]);
    for (std::size_t w = 0; w < std::min(in.words_per_node, cores.words()); ++w)
      cores.set_word(w, in.cores[i * in.words_per_node + w]);
  }
}

Pass PluginScheduler::schedule(SimTime now, Budget budget) {
  wattfill_pass pass = {};
  pass.size = sizeof(pass);
  const std::int64_t work = budget.work == Budget{}.work ? 0 : budget.work;
  check(library_->schedule(planner_, seconds_since_epoch(now), work, &pass), "schedule");
  actions_.clear();
  for (std::size_t i = 0; i < pass.power_actions; ++i) {
    wattfill_power_action action = {};
    action.size = sizeof(action);
    check(library_->next_power_action(planner_, &action), "next_power_action");
    actions_.push_back({{action.nodes.first, action.nodes.length}, action.wake != 0, action.sleep_state});
  }
  proposals_.clear();
  for (std::size_t i = 0; i < pass.proposals; ++i) {
    wattfill_proposal in = {};
    in.size = sizeof(in);
    check(library_->next_proposal(planner_, &in), "next_proposal");
    const std::uint32_t index = slot_of_.at(in.job);
    Proposal& out = proposals_.emplace_back();
    out.job = {index, slots_[index].generation};
    out.estimated_end = SimTime{Seconds{in.estimated_end_s}};
    out.backfilled = in.backfilled != 0;
    out.speed = Speed{in.speed_millionths};
    out.node_type = in.node_type;
    out.boot = Seconds{in.boot_s};
    if (!has_nodes_) continue;
    read(in.nodes, slots_[index].allocation);
    out.allocation = &slots_[index].allocation;
  }
  return {proposals_, time_or_never(pass.next_wakeup_s), pass.jobs_need_wakeup != 0, actions_, pass.complete != 0};
}

SimTime PluginScheduler::expected_start(JobHandle job, SimTime now) {
  std::int64_t start = 0;
  check(library_->expected_start(planner_, id(job), seconds_since_epoch(now), &start), "expected_start");
  return time_or_never(start);
}

wattfill_statistics PluginScheduler::figures() const {
  wattfill_statistics figures = {};
  figures.size = sizeof(figures);
  check(library_->get_statistics(planner_, &figures), "get_statistics");
  return figures;
}

SchedulerStatistics PluginScheduler::statistics() const {
  const wattfill_statistics f = figures();
  return {f.passes, f.started, f.backfilled, f.refused, f.candidate_searches, f.reservations_moved};
}

std::size_t PluginScheduler::queued() const { return static_cast<std::size_t>(figures().queued); }
std::size_t PluginScheduler::running() const { return static_cast<std::size_t>(figures().running); }

}  // namespace wattfill
