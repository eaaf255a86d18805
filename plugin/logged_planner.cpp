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
  begin_file(planner_->state(), planner_->time());
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

// False where it cannot be written; that is told.
bool LoggedPlanner::begin_file(const plugin::State& state, std::int64_t now) {
  record_.Clear();
  plugin::Opened& opened = *record_.mutable_opened();
  opened.set_version(WATTFILL_VERSION);
  *opened.mutable_config() = config_;
  opened.set_host(host_.bits);
  *opened.mutable_state() = state;
  try {
    log_->begin(record_);
    return true;
  } catch (const LogError& error) {
    failed(error, now);
    return false;
  }
}

// A new file, and the planner goes on from what stands at its beginning. Where either cannot be, all stays.
void LoggedPlanner::renew(std::int64_t now) {
  try {
    const plugin::State state = planner_->state();
    auto next = std::make_unique<Planner>(config_, host_, &state);
    if (!begin_file(state, now)) return;
    planner_ = std::move(next);
    ++renewals_;
  } catch (const std::invalid_argument& error) {
    log_->close();
    failed(LogError(std::string("no new file can be begun: ") + error.what()), now);
  }
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
  if (due && (planner_->settled() || log_->overfull())) renew(now);
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
    record_.mutable_asked()->set_job(job);
    record_.mutable_asked()->set_time_s(now);
    log.append(record_);
  });
  return start;
}

}  // namespace wattfill
