// What a planner knows, taken out and put back.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "plugin/conversions.hpp"
#include "plugin/planner.hpp"
#include "plugin/state_file.hpp"

namespace wattfill {
namespace {

// A job's submission, start, overrun or end, as a planner was told of it.
struct Moment {
  // At one instant in this order; kEndAtOnce: of a job that ended as it started.
  enum class Kind : std::uint8_t { kEnd, kEnter, kStart, kBegin, kOverrun, kEndAtOnce };
  SimTime at{};
  Kind kind = Kind::kEnter;
  std::size_t index = 0;
  bool live = false;
  std::int64_t start_number = 0;  // of a start
};

// The last `remembered` of the ended jobs, and the live ones.
std::vector<Moment> moments_of(const plugin::State& state, std::size_t remembered) {
  std::vector<Moment> all;
  const int most = static_cast<int>(std::min(remembered, static_cast<std::size_t>(state.ended_size())));
  for (int i = state.ended_size() - most; i < state.ended_size(); ++i) {
    const plugin::EndedJob& job = state.ended(i);
    const auto index = static_cast<std::size_t>(i);
    all.push_back({time_of(job.entered_s()), Moment::Kind::kEnter, index, false});
    all.push_back({time_of(job.started_s()), Moment::Kind::kStart, index, false, job.start_number()});
    const bool at_once = job.ended_s() <= job.started_s();
    all.push_back({time_of(job.ended_s()), at_once ? Moment::Kind::kEndAtOnce : Moment::Kind::kEnd, index, false});
  }
  for (int i = 0; i < state.job_size(); ++i) {
    const plugin::LiveJob& job = state.job(i);
    const auto index = static_cast<std::size_t>(i);
    all.push_back({time_of(job.entered_s()), Moment::Kind::kEnter, index, true});
    // It may have run before the planner was told of it.
    const std::int64_t entered = job.entered_s();
    if (job.has_started_s())
      all.push_back(
          {time_of(std::max(entered, job.started_s())), Moment::Kind::kStart, index, true, job.start_number()});
    if (job.has_begun_s())
      all.push_back({time_of(std::max(entered, job.begun_s())), Moment::Kind::kBegin, index, true});
    for (const std::int64_t at : job.overrun_s()) all.push_back({time_of(at), Moment::Kind::kOverrun, index, true});
  }
  std::stable_sort(all.begin(), all.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at, a.kind, a.start_number) < std::tie(b.at, b.kind, b.start_number);
  });
  return all;
}

}  // namespace

plugin::State Planner::state() const {
  plugin::State out;
  out.set_version(protocol::CURRENT);
  out.set_time_s(now_);
  for (const RememberedJob& job : memory_->jobs()) {
    plugin::EndedJob& ended = *out.add_ended();
    *ended.mutable_job() = message_of(job.job);
    ended.set_entered_s(seconds_since_epoch(job.entered));
    ended.set_started_s(seconds_since_epoch(job.started));
    ended.set_ended_s(seconds_since_epoch(job.ended));
    ended.set_runtime_s(job.runtime.count());
    ended.set_start_number(job.start_number);
  }
  std::vector<const Known*> live;
  for (const auto& [id, entry] : jobs_) live.push_back(&entry);
  std::sort(live.begin(), live.end(), [](const Known* a, const Known* b) { return a->sequence < b->sequence; });
  for (const Known* entry : live) {
    plugin::LiveJob& job = *out.add_job();
    *job.mutable_job() = message_of(entry->job);
    job.set_entered_s(seconds_since_epoch(entry->entered));
    if (options_.policy.renewals > 0) {
      const BackfillScheduler::WaitEstimates estimates = scheduler_.wait_estimates(entry->handle);
      job.set_order_s(estimates.order.count());
      job.set_fill_s(estimates.fill.count());
    }
    if (!entry->started) continue;
    if (!nodes_ && !scheduler_.counts_plainly())
      throw std::invalid_argument(
          "state: of a machine whose processors are counted by several classes it cannot be told where jobs run");
    job.set_started_s(seconds_since_epoch(*entry->started));
    job.set_start_number(memory_->start_number(entry->job.id));
    if (entry->begun) job.set_begun_s(seconds_since_epoch(*entry->begun));
    const Allocation* nodes = entry->allocation ? entry->allocation : &entry->own;
    for (const std::int64_t at : entry->overruns) job.add_overrun_s(at);
    if (!nodes->nodes.empty()) write_allocation(*nodes, *job.mutable_nodes());
  }
  for (std::size_t node = 0; node < down_.size(); ++node)
    if (down_[node]) out.add_down_node(static_cast<std::int32_t>(node));
  std::vector<NodeIndex> asleep;
  for (std::size_t node = 0; node < asleep_.size(); ++node)
    if (asleep_[node]) asleep.push_back(static_cast<NodeIndex>(node));
  for_each_run(asleep, [&out](NodeRun run) { write_run(run, *out.add_asleep()); });
  for (const protocol::Reservation& r : reservations_) *out.add_reservation() = r;
  if (capacity_) out.set_capacity(*capacity_);
  return out;
}

// In the order of time, the remembered jobs told to the sources alone. Nodes go down at last: a running job may hold
// one that is draining.
void Planner::restore(const plugin::State& state) {
  if (!is_understood(state))
    throw std::invalid_argument(fmt::format("state: of version {}; from {} to {} is understood",
                                            static_cast<int>(state.version()), static_cast<int>(protocol::FIRST),
                                            static_cast<int>(protocol::CURRENT)));
  const auto tell = [this](auto&& what) {
    what(*memory_);
    const EstimateSource* fit = options_.fit_estimates.get();
    EstimateSource* order = options_.order_estimates.get();
    EstimateSource* fill = options_.fill_estimates.get();
    if (order != fit) what(*order);
    if (fill && fill != fit && fill != order) what(*fill);
  };
  protocol::Event event;
  for (const Moment& moment : moments_of(state, memory_->most())) {
    if (moment.start_number > 0) memory_->count_starts_from(moment.start_number);
    if (moment.live) {
      const plugin::LiveJob& live = state.job(static_cast<int>(moment.index));
      event.Clear();
      event.set_time_s(seconds_since_epoch(moment.at));
      if (moment.kind == Moment::Kind::kEnter) {
        *event.mutable_submit() = live.job();
      } else if (moment.kind == Moment::Kind::kBegin) {
        event.set_begun(live.job().id());
      } else if (moment.kind == Moment::Kind::kOverrun) {
        event.set_overrun(live.job().id());
      } else {
        event.mutable_started()->set_job(live.job().id());
        if (live.started_s() < live.entered_s()) event.mutable_started()->set_since_s(live.started_s());
        if (live.has_nodes()) *event.mutable_started()->mutable_nodes() = live.nodes();
      }
      apply(event);
      continue;
    }
    const plugin::EndedJob& ended = state.ended(static_cast<int>(moment.index));
    const Job job = job_of(ended.job());
    if (moment.kind == Moment::Kind::kEnter) tell([&](EstimateSource& s) { s.at_submit(job, moment.at); });
    if (moment.kind == Moment::Kind::kStart) tell([&](EstimateSource& s) { s.started(job, moment.at); });
    if (moment.kind == Moment::Kind::kEnd || moment.kind == Moment::Kind::kEndAtOnce)
      tell([&](EstimateSource& s) { s.ended(job, moment.at, Seconds{ended.runtime_s()}); });
  }
  now_ = std::max(now_, state.time_s());
  for (const plugin::LiveJob& job : state.job())
    if (job.has_order_s() && job.has_fill_s())
      scheduler_.set_wait_estimates(known(job.job().id()).handle, {Seconds{job.order_s()}, Seconds{job.fill_s()}},
                                    time_of(now_));
  if (state.has_capacity()) scheduler_.capacity_changed(*(capacity_ = state.capacity()), time_of(now_));
  for (const protocol::Reservation& r : state.reservation()) reserve(r, time_of(now_));
  for (const protocol::NodeRun& run : state.asleep()) {
    protocol::PowerChange change;
    *change.mutable_nodes() = run;
    power_changed(change, time_of(now_));
  }
  for (const std::int32_t node : state.down_node()) {
    protocol::NodeChange change;
    change.set_node(node);
    node_changed(change, time_of(now_));
  }
}

}  // namespace wattfill
