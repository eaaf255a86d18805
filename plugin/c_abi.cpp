// The C ABI around a planner: C structs to messages and back, exceptions to statuses.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "backfill/config/config.hpp"
#include "plugin/logged_planner.hpp"
#include "plugin/state_file.hpp"
#include "plugin/wattfill.h"

using wattfill::HostAbilities;
using wattfill::LoggedPlanner;
namespace protocol = wattfill::protocol;

struct wattfill_planner {
  wattfill_planner(const wattfill::plugin::Config& config, HostAbilities host, const wattfill::plugin::State* state)
      : planner(config, host, state) {}

  LoggedPlanner planner;
  std::string error;
  protocol::Event event;
  const protocol::Pass* pass = nullptr;  // whose proposals are being fetched
  int next_proposal = 0;
  int next_action = 0;
  std::vector<wattfill_node_run> runs;  // of the proposal that was fetched last
  std::vector<std::uint64_t> cores;
};

namespace {

// What a call threw, as a status and a message.
wattfill_status status_of(const std::exception_ptr& thrown, std::string& message) {
  try {
    try {
      std::rethrow_exception(thrown);
    } catch (const wattfill::ConfigError& error) {
      message = error.what();
      return WATTFILL_BAD_CONFIG;
    } catch (const wattfill::StateFileError& error) {
      message = error.what();
      return WATTFILL_BAD_FILE;
    } catch (const std::invalid_argument& error) {
      message = error.what();
      return WATTFILL_WRONG_CALL;
    } catch (const std::exception& error) {
      message = error.what();
    } catch (...) {
      message = "an error without a description";
    }
  } catch (...) {
    message.clear();  // no memory even for the message
  }
  return WATTFILL_BROKEN;
}

template <class Call>
wattfill_status guarded(wattfill_planner* planner, Call&& call) noexcept {
  if (!planner) return WATTFILL_WRONG_CALL;
  try {
    return call(*planner);
  } catch (...) {
    return status_of(std::current_exception(), planner->error);
  }
}

// A struct as the caller knows it must have at least what version 1 has.
template <class Struct>
const Struct& checked(const Struct* given, const char* name) {
  if (!given) throw std::invalid_argument(fmt::format("{}: is NULL", name));
  if (given->size < sizeof(Struct))
    throw std::invalid_argument(
        fmt::format("{}: size is {}; set it to sizeof the struct, {}", name, given->size, sizeof(Struct)));
  return *given;
}
template <class Struct>
Struct& checked(Struct* given, const char* name) {
  return const_cast<Struct&>(checked(const_cast<const Struct*>(given), name));
}

template <class Fill>
wattfill_status tell(wattfill_planner* planner, int64_t now_s, int64_t* result, Fill&& fill) noexcept {
  return guarded(planner, [&](wattfill_planner& p) {
    p.event.Clear();
    p.event.set_time_s(now_s);
    fill(p.event);
    const std::int64_t value = p.planner.apply(p.event);
    if (result) *result = value;
    return WATTFILL_OK;
  });
}

void write(const wattfill_job& in, protocol::Job& out) {
  out.set_id(in.id);
  out.set_submit_s(in.submit_s);
  out.set_requested_s(in.requested_s);
  out.set_processors(in.processors);
  if (in.user != WATTFILL_UNKNOWN) out.set_user(in.user);
  if (in.group != WATTFILL_UNKNOWN) out.set_group(in.group);
  if (in.executable != WATTFILL_UNKNOWN) out.set_executable(in.executable);
  if (in.queue != WATTFILL_UNKNOWN) out.set_queue(in.queue);
  if (in.partition != WATTFILL_UNKNOWN) out.set_partition(in.partition);
  if (in.memory_kb_per_processor != WATTFILL_UNKNOWN) out.set_memory_kb_per_processor(in.memory_kb_per_processor);
  out.set_priority(in.priority);
}

void write(const wattfill_nodes& in, protocol::Allocation& out) {
  std::int64_t nodes = 0;
  for (std::size_t i = 0; i < in.run_count; ++i) {
    protocol::NodeRun& run = *out.add_run();
    run.set_first(in.runs[i].first);
    run.set_length(in.runs[i].length);
    if (in.runs[i].length > 0) nodes += in.runs[i].length;
  }
  if (!in.cores) return;
  for (std::int64_t node = 0; node < nodes; ++node) {
    auto& words = *out.add_cores();
    for (std::size_t w = 0; w < in.words_per_node; ++w)
      words.add_word(in.cores[static_cast<std::size_t>(node) * in.words_per_node + w]);
  }
}

void read(const protocol::Allocation& in, wattfill_planner& p, wattfill_nodes& out) {
  p.runs.clear();
  p.cores.clear();
  for (const protocol::NodeRun& run : in.run()) p.runs.push_back({run.first(), run.length()});
  int words = 0;
  for (const auto& cores : in.cores()) words = std::max(words, cores.word_size());
  for (const auto& cores : in.cores())
    for (int w = 0; w < words; ++w) p.cores.push_back(w < cores.word_size() ? cores.word(w) : 0);
  out = {sizeof(wattfill_nodes), p.runs.data(), p.runs.size(), p.cores.empty() ? nullptr : p.cores.data(),
         static_cast<std::size_t>(words)};
}

// Copied to a caller that may know a longer struct.
template <class Struct>
void give(const Struct& value, Struct& out) {
  const std::size_t size = out.size;
  out = value;
  out.size = size;
}

void copy(const std::string& message, char* to, std::size_t size) {
  if (!to || size == 0) return;
  const std::size_t length = std::min(message.size(), size - 1);
  std::memcpy(to, message.data(), length);
  to[length] = '\0';
}

}  // namespace

extern "C" {

uint32_t wattfill_abi_version(void) { return WATTFILL_ABI_VERSION; }
const char* wattfill_version(void) { return WATTFILL_VERSION; }

wattfill_status wattfill_open(const char* config, uint32_t host, const char* state_file, wattfill_planner** planner,
                              char* error, size_t error_size) {
  if (!planner) return WATTFILL_WRONG_CALL;
  *planner = nullptr;
  std::string message;
  wattfill_status status = WATTFILL_OK;
  try {
    if (!config) throw std::invalid_argument("config: is NULL");
    const wattfill::plugin::Config parsed = wattfill::parse_config(config, "config");
    wattfill::plugin::State state;
    if (state_file) state = wattfill::read_state(state_file);
    *planner = new wattfill_planner(parsed, HostAbilities{host}, state_file ? &state : nullptr);
  } catch (...) {
    status = status_of(std::current_exception(), message);
  }
  copy(message, error, error_size);
  return status;
}

void wattfill_close(wattfill_planner* planner) { delete planner; }

const char* wattfill_error(const wattfill_planner* planner) { return planner ? planner->error.c_str() : "no planner"; }

const char* wattfill_warning(const wattfill_planner* planner, size_t index) {
  if (!planner || index >= planner->planner.warnings().size()) return nullptr;
  return planner->planner.warnings()[index].c_str();
}

wattfill_status wattfill_submit(wattfill_planner* planner, const wattfill_job* job, int64_t now_s) {
  return tell(planner, now_s, nullptr,
              [&](protocol::Event& event) { write(checked(job, "job"), *event.mutable_submit()); });
}

wattfill_status wattfill_modify(wattfill_planner* planner, const wattfill_job* job, int64_t now_s) {
  return tell(planner, now_s, nullptr,
              [&](protocol::Event& event) { write(checked(job, "job"), *event.mutable_modify()); });
}

wattfill_status wattfill_end(wattfill_planner* planner, int64_t job, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) { event.set_end(job); });
}

wattfill_status wattfill_cancel(wattfill_planner* planner, int64_t job, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) { event.set_cancel(job); });
}

wattfill_status wattfill_requeue(wattfill_planner* planner, int64_t job, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) { event.set_requeue(job); });
}

wattfill_status wattfill_overrun(wattfill_planner* planner, int64_t job, int64_t now_s, int64_t* estimated_end_s) {
  return tell(planner, now_s, estimated_end_s, [&](protocol::Event& event) { event.set_overrun(job); });
}

wattfill_status wattfill_begun(wattfill_planner* planner, int64_t job, int64_t now_s, int64_t* estimated_end_s) {
  return tell(planner, now_s, estimated_end_s, [&](protocol::Event& event) { event.set_begun(job); });
}

wattfill_status wattfill_capacity_changed(wattfill_planner* planner, int32_t processors, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) { event.set_capacity(processors); });
}

wattfill_status wattfill_node_changed(wattfill_planner* planner, int32_t node, int available, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) {
    event.mutable_node()->set_node(node);
    event.mutable_node()->set_available(available != 0);
  });
}

wattfill_status wattfill_power_changed(wattfill_planner* planner, wattfill_node_run nodes, int awake, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) {
    protocol::PowerChange& power = *event.mutable_power();
    power.mutable_nodes()->set_first(nodes.first);
    power.mutable_nodes()->set_length(nodes.length);
    power.set_awake(awake != 0);
  });
}

wattfill_status wattfill_reservation_changed(wattfill_planner* planner, const wattfill_reservation* reservation,
                                             int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) {
    const wattfill_reservation& in = checked(reservation, "reservation");
    protocol::Reservation& out = *event.mutable_reservation();
    out.set_id(in.id);
    out.set_start_s(in.start_s);
    out.set_end_s(in.end_s);
    out.set_processors(in.processors);
    out.set_node_type(in.node_type);
  });
}

wattfill_status wattfill_started(wattfill_planner* planner, int64_t job, const wattfill_nodes* nodes, int64_t now_s,
                                 int64_t* estimated_end_s) {
  return tell(planner, now_s, estimated_end_s, [&](protocol::Event& event) {
    event.mutable_started()->set_job(job);
    if (nodes) write(checked(nodes, "nodes"), *event.mutable_started()->mutable_nodes());
  });
}

wattfill_status wattfill_refused(wattfill_planner* planner, int64_t job, int reason, int64_t now_s) {
  return tell(planner, now_s, nullptr, [&](protocol::Event& event) {
    if (reason != WATTFILL_NOT_NOW && reason != WATTFILL_HELD)
      throw std::invalid_argument(fmt::format("reason {}: WATTFILL_NOT_NOW or WATTFILL_HELD is right", reason));
    event.mutable_refused()->set_job(job);
    event.mutable_refused()->set_reason(reason == WATTFILL_HELD ? protocol::Refused::HELD : protocol::Refused::NOT_NOW);
  });
}

wattfill_status wattfill_schedule(wattfill_planner* planner, int64_t now_s, int64_t budget, wattfill_pass* pass) {
  return guarded(planner, [&](wattfill_planner& p) {
    wattfill_pass& out = checked(pass, "pass");
    p.pass = nullptr;
    p.pass = &p.planner.schedule(now_s, budget);
    p.next_proposal = p.next_action = 0;
    give<wattfill_pass>(
        {0, static_cast<std::size_t>(p.pass->proposal_size()), static_cast<std::size_t>(p.pass->power_size()),
         p.pass->next_wakeup_s() == 0 ? WATTFILL_NEVER : p.pass->next_wakeup_s(), p.pass->complete(),
         p.pass->jobs_need_wakeup()},
        out);
    return WATTFILL_OK;
  });
}

wattfill_status wattfill_next_power_action(wattfill_planner* planner, wattfill_power_action* action) {
  return guarded(planner, [&](wattfill_planner& p) {
    wattfill_power_action& out = checked(action, "action");
    if (!p.pass || p.next_action >= p.pass->power_size()) return WATTFILL_NO_MORE;
    const protocol::PowerAction& next = p.pass->power(p.next_action++);
    give<wattfill_power_action>({0, {next.nodes().first(), next.nodes().length()}, next.wake(), next.sleep_state()},
                                out);
    return WATTFILL_OK;
  });
}

wattfill_status wattfill_next_proposal(wattfill_planner* planner, wattfill_proposal* proposal) {
  return guarded(planner, [&](wattfill_planner& p) {
    wattfill_proposal& out = checked(proposal, "proposal");
    if (!p.pass || p.next_proposal >= p.pass->proposal_size()) return WATTFILL_NO_MORE;
    const protocol::Proposal& next = p.pass->proposal(p.next_proposal++);
    wattfill_nodes nodes;
    read(next.nodes(), p, nodes);
    give<wattfill_proposal>({0, next.job(), nodes, next.estimated_end_s(), next.predicted_s(), next.boot_s(),
                             next.speed_millionths(), next.node_type(), next.backfilled()},
                            out);
    return WATTFILL_OK;
  });
}

wattfill_status wattfill_expected_start(wattfill_planner* planner, int64_t job, int64_t now_s, int64_t* start_s) {
  return guarded(planner, [&](wattfill_planner& p) {
    if (!start_s) throw std::invalid_argument("start_s: is NULL");
    *start_s = p.planner.expected_start(job, now_s).value_or(WATTFILL_NEVER);
    return WATTFILL_OK;
  });
}

wattfill_status wattfill_get_statistics(wattfill_planner* planner, wattfill_statistics* statistics) {
  return guarded(planner, [&](wattfill_planner& p) {
    wattfill_statistics& out = checked(statistics, "statistics");
    const wattfill::SchedulerStatistics s = p.planner.planner().statistics();
    give<wattfill_statistics>({0, s.passes, s.started, s.backfilled, s.refused, s.candidate_searches,
                               s.reservations_moved, static_cast<int64_t>(p.planner.planner().queued()),
                               static_cast<int64_t>(p.planner.planner().running()), p.planner.log_failures()},
                              out);
    return WATTFILL_OK;
  });
}

wattfill_status wattfill_save(wattfill_planner* planner, const char* state_file) {
  return guarded(planner, [&](wattfill_planner& p) {
    if (!state_file) throw std::invalid_argument("state_file: is NULL");
    wattfill::write_state(p.planner.planner().state(), state_file);
    return WATTFILL_OK;
  });
}

}  // extern "C"
