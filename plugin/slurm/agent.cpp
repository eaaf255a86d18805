// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/agent.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

namespace wattfill::slurm {
namespace {

constexpr int kRounds = 10;              // passes within one cycle: each refusal asks for another
constexpr std::int64_t kLookAfter = 10;  // seconds, though nothing has changed: a job's begin time may have come

std::string seconds_text(std::int64_t us) { return std::to_string(static_cast<double>(us) / 1e6) + " s"; }

}  // namespace

Agent::Agent(Host& host, std::string settings_file, std::string self, std::string cluster)
    : host_(host), settings_file_(std::move(settings_file)), self_(std::move(self)), cluster_(std::move(cluster)) {}

void Agent::start() {
  load_settings();
  act(false, "the controller starts");
  thread_ = std::thread([this] { run(); });
}

void Agent::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Agent::run() {
  while (!stopping_ && !host_.ready()) rest();
  while (!stopping_) {
    guarded_cycle();
    rest();
  }
}

// By the calendar clock: a clock that runs faster than time reaches pthread_cond_timedwait, not its newer sister.
void Agent::rest() {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(settings_.cycle_s),
                   [this] { return stopping_.load(); });
}

void Agent::guarded_cycle() {
  try {
    cycle();
  } catch (const PlannerError& error) {
    lose_planner(error.what());
  } catch (const std::exception& error) {
    lose_planner(std::string("an error of the plugin: ") + error.what());
  } catch (...) {
    lose_planner("an error of the plugin");
  }
}

void Agent::once(const std::string& topic, const std::string& text, bool is_error) {
  std::string& said = said_[topic];
  if (said == text) return;
  said = text;
  if (is_error) {
    host_.complain("wattfill: " + text);
  } else {
    host_.say("wattfill: " + text);
  }
}

void Agent::load_settings() {
  try {
    settings_ = read_settings_file(settings_file_);
    said_.erase("settings");
    once("mode", std::string("mode ") + name_of(settings_.mode) + ", planner at " + settings_.socket);
  } catch (const std::exception& error) {
    once("settings", std::string(error.what()) + "; the settings stay as they were", true);
  }
  tripped_ = false;
  reconnect_s_ = 0;
  looked_s_ = -1;
}

void Agent::cycle() {
  ++statistics_.cycles;
  if (reconfigured_.exchange(false)) {
    host_.reconfigure_stock();
    load_settings();
  }
  const std::int64_t now_s = host_.now_s();
  if (settings_.mode == Mode::kStock) {
    planner_.close();
    greeted_ = false;
    act(false, "mode stock");
  } else if (have_planner(now_s)) {
    if (due(now_s)) look_and_plan();
    watch_bounds(host_.now_s());
  }
  report(now_s);
}

void Agent::look_and_plan() {
  looked_s_ = host_.now_s();
  Snapshot snapshot = host_.look(!stock_on_, static_cast<std::uint32_t>(settings_.array_tasks));
  if (!settings_.power)
    for (NodeView& node : snapshot.nodes) node.may_sleep = false;
  plan(snapshot);
}

// In each cycle: a job waits also while nothing changes.
void Agent::watch_bounds(std::int64_t now_s) {
  statistics_.waiting = tracker_.waiting_count();
  statistics_.active = tracker_.active_count();
  statistics_.longest_wait_s = tracker_.longest_wait_s(now_s);
  if (!stock_on_ && tripped(now_s)) act(false, trip_reason_);
}

bool Agent::due(std::int64_t now_s) {
  return looked_s_ < 0 || host_.changed_since(looked_s_) || now_s >= looked_s_ + kLookAfter ||
         (wakeup_s_ != 0 && now_s >= wakeup_s_) || tracker_.power().has_late_orders() ||
         (!stock_on_ && now_s >= expectations_s_ + settings_.expected_interval_s);
}

bool Agent::have_planner(std::int64_t now_s) {
  if (planner_.connected()) return true;
  greeted_ = false;
  if (now_s < reconnect_s_) return false;
  try {
    planner_.connect(settings_.socket, settings_.planner_user, settings_.planner_deadline_ms);
    return true;
  } catch (const PlannerError& error) {
    lose_planner(error.what());
    return false;
  }
}

void Agent::lose_planner(const std::string& why) {
  if (greeted_) ++statistics_.planner_losses;
  planner_.close();
  greeted_ = false;
  act(false, "no planner");
  once("planner", "no planner: " + why);
  reconnect_s_ = host_.now_s() + reconnect_wait_s_;
  reconnect_wait_s_ = std::min(2 * reconnect_wait_s_, settings_.reconnect_most_s);
}

// What the planner's config says of boots is a guess; what they took is known.
void Agent::tell_boots(protocol::Hello& hello) {
  for (const auto& [type, seconds] : tracker_.power().tell_boots()) {
    protocol::BootTime& boot = *hello.add_boot_time();
    boot.set_node_type(type);
    boot.set_seconds(seconds);
    once("boots of " + type,
         "the planner is told that nodes of " + type + " boot in " + std::to_string(seconds) + " s");
  }
}

// Whatever the planner was told before it forgets with this.
void Agent::say_hello(const Snapshot& snapshot) {
  protocol::Request request;
  auto& hello = *request.mutable_hello();
  hello.set_version(protocol::CURRENT);
  hello.set_host(self_);
  *hello.mutable_cluster() = machine_->describe(cluster_);
  for (std::string& type : machine_->always_awake()) hello.add_always_awake(std::move(type));
  const bool sleeps = std::ranges::any_of(snapshot.nodes, &NodeView::may_sleep);
  if (sleeps) tell_boots(hello);
  hello.set_abilities(protocol::CAN_SHARE_NODES | (sleeps ? protocol::CAN_SLEEP : protocol::CAN_NOTHING));
  const protocol::Reply reply = planner_.ask(request, settings_.planner_deadline_ms);
  tracker_.forget(reply.may_sleep(), *machine_);
  greeted_ = true;
  first_pass_ = true;
  wakeup_s_ = 0;
  once("planner", "the planner is " + reply.planner() + "; it knows " + std::to_string(snapshot.nodes.size()) +
                      " nodes" + (reply.may_sleep().empty() ? "" : ", and decides which of them sleep"));
}

// Why the planner's proposals are not carried out; nothing: they are.
std::string Agent::why_stock(const Snapshot& snapshot) const {
  if (settings_.mode != Mode::kAct) return std::string("mode ") + name_of(settings_.mode);
  if (tripped_) return trip_reason_;
  if (!snapshot.not_understood.empty()) return snapshot.not_understood;
  for (const JobView& job : snapshot.jobs)
    if (!job.not_understood.empty()) return "job " + name_of(job.key) + " waits, which " + job.not_understood;
  return {};
}

void Agent::act(bool on, const std::string& why) {
  if (on) {
    once("who", "the planner schedules");
  } else {
    once("who", "stock scheduling: " + why);
  }
  if (stock_on_ != on) return;
  host_.stock(!on);
  stock_on_ = !on;
  statistics_.acting = on;
  ++statistics_.switches;
  acting_since_s_ = host_.now_s();
  refusals_.clear();
  looked_s_ = -1;
}

void Agent::plan(const Snapshot& snapshot) {
  if (tripped_ && tripped_until_s_ != 0 && snapshot.now_s >= tripped_until_s_) tripped_ = false;
  if (snapshot.hold_us > 0) count_hold(snapshot.hold_us);
  const std::string stock = why_stock(snapshot);
  const bool was_acting = !stock_on_;
  act(stock.empty(), stock);
  if (!was_acting && !stock_on_) return;  // stock may have started jobs since: look again
  if (snapshot.nodes.empty()) return;

  if (!machine_ || machine_->differs_from(snapshot.nodes, snapshot.shared)) {
    machine_.emplace(snapshot.nodes, snapshot.shared);
    tracker_.power().forget_boots();
    greeted_ = false;
  }
  machine_->count_licences(snapshot.licences);
  if (!greeted_ || !machine_->knows_all() || tracker_.power().has_learned_boots()) say_hello(snapshot);
  Tracker::Events events = tracker_.update(snapshot, *machine_, settings_.priority_band);
  if (!machine_->knows_all()) {  // a job asks for features or licences in a way that is new
    say_hello(snapshot);
    events = tracker_.update(snapshot, *machine_, settings_.priority_band);
  }

  report_begun();

  const std::int64_t now_s = host_.now_s();
  if (!stock_on_) set_power(tracker_.power().late_orders(now_s), events);
  bool schedule = !events.empty() || first_pass_ || (wakeup_s_ != 0 && now_s >= wakeup_s_);
  first_pass_ = false;
  for (int round = 1; schedule || !events.empty(); ++round) {
    const protocol::Reply reply = step(events, schedule, 0);
    events = stock_on_ ? decline(reply.pass()) : carry_out(reply.pass());
    const bool refused = std::any_of(events.begin(), events.end(), [](const auto& e) { return e.has_refused(); });
    // In observe mode every proposal is declined, and is not asked for again before something happens.
    schedule = schedule && round < kRounds && (!reply.pass().complete() || (refused && !stock_on_));
  }
  reconnect_wait_s_ = 1;
  if (!stock_on_ && settings_.expected_starts > 0 && now_s >= expectations_s_ + settings_.expected_interval_s) {
    expectations_s_ = now_s;
    publish(step(events, false, static_cast<std::size_t>(settings_.expected_starts)));
  }
}

protocol::Reply Agent::step(Tracker::Events& events, bool schedule, std::size_t expectations) {
  protocol::Request request;
  auto& step = *request.mutable_step();
  std::int64_t now_s = host_.now_s();
  for (auto& event : events) {
    now_s = std::max(now_s, event.time_s());
    *step.add_event() = std::move(event);
  }
  step.set_schedule(schedule);
  step.set_time_s(now_s);
  step.set_budget(settings_.work);
  if (expectations > 0)
    for (const std::int64_t id : tracker_.waiting(expectations)) step.add_expected_start_of(id);
  statistics_.events += step.event_size();
  protocol::Reply reply = planner_.ask(request, settings_.planner_deadline_ms);
  if (schedule) {
    ++statistics_.passes;
    statistics_.proposals += reply.pass().proposal_size();
    wakeup_s_ = reply.pass().next_wakeup_s();
  } else {
    reply.clear_pass();
  }
  return reply;
}

Tracker::Events Agent::decline(const protocol::Pass& pass) {
  Tracker::Events events;
  for (const auto& proposal : pass.proposal()) events.push_back(tracker_.decline(proposal.job(), host_.now_s()));
  tracker_.power().decline(pass, *machine_, host_.now_s(), events);
  return events;
}

Tracker::Events Agent::carry_out(const protocol::Pass& pass) {
  std::vector<Offer> offers;
  std::size_t stale = 0;
  Tracker::Events events;
  set_power(tracker_.power().orders(pass, *machine_, host_.now_s(), events), events);
  for (const auto& proposal : pass.proposal()) {
    if (auto offer = tracker_.offer(proposal, *machine_)) {
      offers.push_back(std::move(*offer));
    } else {
      events.push_back(tracker_.decline(proposal.job(), host_.now_s()));
      ++stale;
    }
  }
  if (offers.empty()) return events;
  const CommitReport report = host_.commit(offers, {settings_.hold_ms, settings_.pause_ms});
  count(report, stale);
  auto told = tracker_.answer(report.answers, *machine_, host_.now_s());
  events.insert(events.end(), std::make_move_iterator(told.begin()), std::make_move_iterator(told.end()));
  return events;
}

void Agent::set_power(const std::vector<PowerOrder>& orders, Tracker::Events& events) {
  if (orders.empty()) return;
  const PowerReport report = host_.set_power(orders, {settings_.hold_ms, settings_.pause_ms});
  tracker_.power().answer(orders, report.done, *machine_, host_.now_s(), events);
  for (const std::int64_t us : report.hold_us) count_hold(us);
}

void Agent::report_begun() {
  for (const auto& [key, waited_s] : tracker_.take_begun()) {
    ++statistics_.booted_jobs;
    statistics_.boot_wait_s += waited_s;
    host_.say("wattfill: job " + name_of(key) + " runs, " + std::to_string(waited_s) +
              " s after it was started on nodes that had to boot");
  }
}

void Agent::count(const CommitReport& report, std::size_t stale) {
  auto refused = static_cast<std::int64_t>(stale);
  for (const Answer& answer : report.answers) {
    if (answer.outcome == Outcome::kStarted) {
      ++statistics_.started;
    } else {
      ++refused;
    }
  }
  statistics_.refused += refused;
  refusals_.add(host_.now_s(), refused);
  for (const std::int64_t us : report.hold_us) count_hold(us);
}

void Agent::count_hold(std::int64_t us) {
  statistics_.add_hold(us);
  if (settings_.trip_hold_ms > 0 && us > 1'000 * settings_.trip_hold_ms)
    trip(host_.now_s(), "the write lock was held for " + seconds_text(us) + ", beyond trip_hold_ms");
}

bool Agent::tripped(std::int64_t now_s) {
  const std::int64_t refused = refusals_.count(now_s, settings_.trip_window_s);
  if (settings_.trip_refusals > 0 && refused >= settings_.trip_refusals)
    trip(now_s, std::to_string(refused) + " starts were refused within trip_window_seconds, as many as trip_refusals");
  const std::int64_t waited = std::min(statistics_.longest_wait_s, now_s - acting_since_s_);
  if (settings_.trip_wait_s > 0 && waited >= settings_.trip_wait_s)
    trip(now_s, "a job has waited for " + std::to_string(waited) + " s, as long as trip_wait_seconds");
  return tripped_;
}

void Agent::trip(std::int64_t now_s, const std::string& why) {
  if (tripped_) return;
  tripped_ = true;
  ++statistics_.trips;
  tripped_until_s_ = settings_.trip_pause_s == 0 ? 0 : now_s + settings_.trip_pause_s;
  trip_reason_ = why + (settings_.trip_pause_s == 0 ? "; until a reconfigure"
                                                    : "; for " + std::to_string(settings_.trip_pause_s) + " s");
  host_.complain("wattfill: back to stock scheduling: " + trip_reason_);
}

void Agent::publish(const protocol::Reply& reply) {
  std::vector<Expectation> out;
  for (const auto& expected : reply.expected())
    if (const auto key = tracker_.key_of(expected.job()))
      out.push_back({*key, expected.start_s(), expected.predicted_s()});
  if (!out.empty()) count_hold(host_.publish(out, settings_.admin_comment));
}

void Agent::report(std::int64_t now_s) {
  (void)now_s;
  statistics_.mode = settings_.mode;
  statistics_.connected = planner_.connected();
  statistics_.power = tracker_.power().figures();
  if (settings_.prometheus_file.empty()) return;
  const std::string error = write_prometheus(statistics_, settings_.prometheus_file);
  if (error.empty()) {
    said_.erase("prometheus");
  } else {
    once("prometheus", "statistics cannot be written: " + error, true);
  }
}

}  // namespace wattfill::slurm
