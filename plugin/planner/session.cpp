#include "plugin/planner/session.hpp"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <stdexcept>

#include "backfill/config/config.hpp"
#include "plugin/planner/node_power.hpp"

namespace wattfill {
namespace {

using protocol::Event;

constexpr std::int64_t kLongestBoot = 86'400;

// A host's cluster must not have this machine's files read.
std::string checked_cluster_text(const config::Cluster& cluster) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(cluster, &text);
  parse_cluster(text, "cluster", NamedFiles::kRefuse);
  return text;
}

config::NodeType& type_named(config::Cluster& cluster, const std::string& name, const char* field) {
  const auto type = std::ranges::find(*cluster.mutable_node_type(), name, &config::NodeType::name);
  if (type == cluster.mutable_node_type()->end())
    throw std::invalid_argument(fmt::format("hello: {}: \"{}\" is no node type", field, name));
  return *type;
}

// The host's cluster, with the power that the planner knows and the boots that the host has seen.
config::Cluster cluster_of(const protocol::Hello& hello, const NodePowers& powers) {
  config::Cluster cluster = hello.cluster();
  add_node_power(powers, cluster);
  for (const std::string& name : hello.always_awake()) {
    config::NodeType& type = type_named(cluster, name, "always_awake");
    if (type.has_power()) type.mutable_power()->clear_sleep();
  }
  for (const protocol::BootTime& boot : hello.boot_time()) {
    config::NodeType& type = type_named(cluster, boot.node_type(), "boot_time");
    if (boot.seconds() <= 0 || boot.seconds() > kLongestBoot)
      throw std::invalid_argument(
          fmt::format("hello: boot_time: {} s; from 1 to {} is right", boot.seconds(), kLongestBoot));
    if (!type.has_power()) continue;
    for (config::Sleep& state : *type.mutable_power()->mutable_sleep()) {
      state.mutable_leave()->set_seconds(static_cast<double>(boot.seconds()));
      state.mutable_leave()->clear_joules();  // they were those of another time
    }
  }
  return cluster;
}

static_assert(int{protocol::CAN_SLEEP} == WATTFILL_HOST_SLEEPS &&
              int{protocol::CAN_SET_FREQUENCIES} == WATTFILL_HOST_FREQUENCIES &&
              int{protocol::CAN_SHARE_NODES} == WATTFILL_HOST_SHARES_NODES);

// What this host and this planner can both do.
HostAbilities common(const protocol::Hello& hello, HostAbilities able) {
  constexpr std::uint32_t kSleeps = WATTFILL_HOST_SLEEPS;
  return {able.bits & (hello.has_abilities() ? hello.abilities() : ~kSleeps)};
}

void tell_who_may_sleep(const SchedulerOptions& options, protocol::Reply& reply) {
  if (!nodes_sleep(options.policy, *options.cluster)) return;
  std::int32_t first = 0;
  for (const NodeType& type : options.cluster->node_types) {
    if (!type.power.sleep.empty()) {
      protocol::NodeRun& run = *reply.add_may_sleep();
      run.set_first(first);
      run.set_length(type.count);
    }
    first += type.count;
  }
}

}  // namespace

Session::Session(plugin::Config config, HostAbilities most, plugin::State learned)
    : config_(std::move(config)), most_(most), learned_(std::move(learned)) {
  learned_.clear_job();
  learned_.clear_down_node();
  learned_.clear_reservation();
  learned_.clear_asleep();
  learned_.clear_capacity();
  learned_.set_version(protocol::CURRENT);
}

plugin::State Session::state() const { return planner_ ? planner_->planner().state() : learned_; }

protocol::Reply Session::answer(const protocol::Request& request) {
  protocol::Reply reply;
  reply.set_sequence(request.sequence());
  try {
    switch (request.what_case()) {
      case protocol::Request::kHello:
        hello(request.hello(), reply);
        break;
      case protocol::Request::kStep:
        step(request.step(), reply);
        break;
      case protocol::Request::WHAT_NOT_SET:
        throw std::invalid_argument("request: says nothing; it may be of a later version");
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    reply.clear_pass();
    reply.clear_expected();
    reply.set_error(error.what());
  }
  return reply;
}

void Session::hello(const protocol::Hello& hello, protocol::Reply& reply) {
  if (hello.version() != protocol::CURRENT)
    throw std::invalid_argument(fmt::format("hello: version {} of the protocol; {} is right",
                                            static_cast<int>(hello.version()), static_cast<int>(protocol::CURRENT)));
  plugin::Config config = config_;
  config.set_cluster_text(checked_cluster_text(cluster_of(hello, config_.node_power())));
  config.clear_node_power();
  if (planner_) {
    plugin::State state = planner_->planner().state();
    learned_.mutable_ended()->Swap(state.mutable_ended());
  }
  planner_.reset();
  renewals_ = 0;
  ends_.clear();
  end_of_.clear();
  // A host's clock may have been set back since; what was learned keeps its order.
  learned_.clear_time_s();
  planner_ = std::make_unique<LoggedPlanner>(config, common(hello, most_), &learned_);
  ++hellos_;
  tell_who_may_sleep(planner_->planner().options(), reply);
  reply.set_planner(
      fmt::format("wattfilld {}, policy {}", WATTFILL_VERSION, planner_->planner().options().policy.name));
}

void Session::step(const protocol::Step& step, protocol::Reply& reply) {
  if (!planner_) throw std::invalid_argument("step: before hello");
  const std::int64_t now = step.time_s();
  for (int index = 0; index < step.event_size(); ++index) {
    try {
      apply(step.event(index));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("event {}: {}", index, error.what()));
    }
  }
  if (step.schedule()) {
    report_overruns(now);
    *reply.mutable_pass() = planner_->schedule(now, step.budget());
    if (planner_->renewals() != renewals_) watch_anew();
  }
  for (const std::int64_t job : step.expected_start_of()) {
    protocol::ExpectedStart& expected = *reply.add_expected();
    expected.set_job(job);
    expected.set_predicted_s(planner_->planner().predicted(job));
    if (const auto start = planner_->expected_start(job, now)) expected.set_start_s(*start);
  }
}

void Session::apply(const Event& event) {
  const std::int64_t estimated_end = planner_->apply(event);
  const auto forget = [this](std::int64_t job) {
    const auto at = end_of_.find(job);
    if (at == end_of_.end()) return;
    ends_.erase(at->second);
    end_of_.erase(at);
  };
  switch (event.what_case()) {
    case Event::kStarted:
      watch(event.started().job(), estimated_end);
      break;
    case Event::kBegun:
      watch(event.begun(), estimated_end);
      break;
    case Event::kOverrun:
      watch(event.overrun(), estimated_end);
      break;
    case Event::kEnd:
      ++ended_;
      forget(event.end());
      break;
    case Event::kRequeue:
      forget(event.requeue());
      break;
    default:
      break;
  }
}

void Session::watch(std::int64_t job, std::int64_t estimated_end) {
  if (const auto at = end_of_.find(job); at != end_of_.end()) ends_.erase(at->second);
  end_of_[job] = ends_.emplace(estimated_end, job);
}

// The planner was made anew, and estimates otherwise.
void Session::watch_anew() {
  renewals_ = planner_->renewals();
  std::vector<std::int64_t> running;
  for (const auto& [job, at] : end_of_) running.push_back(job);
  for (const std::int64_t job : running) watch(job, planner_->estimated_end(job));
}

// The host does not know the estimates: whoever still runs when its estimate has passed goes on.
void Session::report_overruns(std::int64_t now) {
  Event event;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    event.set_time_s(now);
    event.set_overrun(ends_.begin()->second);
    apply(event);
  }
}

}  // namespace wattfill
