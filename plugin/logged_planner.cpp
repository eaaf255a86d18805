#include "plugin/logged_planner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wattfill {
namespace {

constexpr std::int64_t kRetryAfterS = 60;

}  // namespace

LoggedPlanner::LoggedPlanner(const plugin::Config& config, HostAbilities host, const plugin::State* state)
    : config_(resolved(config)), host_(host), planner_(std::make_unique<Planner>(config_, host, state)) {
  warnings_ = planner_->warnings();
  if (!config_.has_log()) return;
  log_.emplace(config_.log());
  begin_file(planner_->time());
}

// Tells the log something if it is open. A failure closes it for a while, and is told once.
template <class Write>
void LoggedPlanner::record(std::int64_t now, Write&& write) {
  if (!log_ || !log_->open()) return;
  try {
    write(*log_);
  } catch (const LogError& error) {
    failed(error, now);
  }
}

void LoggedPlanner::failed(const LogError& error, std::int64_t now) {
  ++log_failures_;
  retry_at_ = now + kRetryAfterS;
  const std::string warning = fmt::format("decision log: {}", error.what());
  constexpr std::size_t kMost = 16;
  if (warnings_.size() < kMost && std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
    warnings_.push_back(warning);
}

void LoggedPlanner::begin_file(std::int64_t now) {
  record_.Clear();
  plugin::Opened& opened = *record_.mutable_opened();
  opened.set_version(WATTFILL_VERSION);
  *opened.mutable_config() = config_;
  opened.set_host(host_.bits);
  *opened.mutable_state() = planner_->state();
  try {
    log_->begin(record_);
  } catch (const LogError& error) {
    failed(error, now);
  }
}

// A new file, and the planner goes on from what stands at its beginning.
void LoggedPlanner::renew(std::int64_t now) {
  const plugin::State state = planner_->state();
  planner_ = std::make_unique<Planner>(config_, host_, &state);
  begin_file(now);
}

std::int64_t LoggedPlanner::apply(const protocol::Event& event) {
  const std::int64_t result = planner_->apply(event);
  record(event.time_s(), [&](DecisionLog& log) {
    *record_.mutable_event() = event;
    log.append(record_);
  });
  return result;
}

const protocol::Pass& LoggedPlanner::schedule(std::int64_t now, std::int64_t budget) {
  const bool due = log_ && (log_->open() ? log_->full() : now >= retry_at_);
  if (due && planner_->settled()) renew(now);
  const protocol::Pass& pass = planner_->schedule(now, budget);
  record(now, [&](DecisionLog& log) {
    *record_.mutable_pass() = pass;
    log.append(record_);
    log.flush();
  });
  return pass;
}

std::optional<std::int64_t> LoggedPlanner::expected_start(JobId job, std::int64_t now) {
  const auto start = planner_->expected_start(job, now);
  record(now, [&](DecisionLog& log) {
    record_.set_asked(job);
    log.append(record_);
  });
  return start;
}

}  // namespace wattfill
