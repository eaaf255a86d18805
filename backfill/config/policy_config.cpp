#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>

#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
#include "backfill/config/policy.pb.h"
#include "backfill/config/text_format.hpp"

namespace wattfill {
namespace {

// The enums stand in the same order; policy_config_test holds them together.
Order from_config(config::Order order) { return static_cast<Order>(static_cast<int>(order)); }
config::Order to_config(Order order) { return static_cast<config::Order>(static_cast<int>(order)); }

[[noreturn]] void fail(std::string_view file, const std::string& message) {
  throw ConfigError(fmt::format("{}: {}", file, message));
}

// proto3 keeps unknown enum numbers.
Order checked(config::Order order, const char* field, std::string_view file) {
  if (config::Order_IsValid(order)) return from_config(order);
  std::string known;
  for (const OrderInfo& o : all_orders())
    known += fmt::format("{}{}", known.empty() ? "" : ", ", config::Order_Name(to_config(o.order)));
  fail(file, fmt::format("{}: {} is no order; known are {}", field, static_cast<int>(order), known));
}

constexpr double kMostSlowdown = 1000;
constexpr std::uint32_t kMostNodes = 1'000'000'000;

std::int32_t bounded(std::uint32_t value, const char* field, std::string_view file) {
  if (value > kMostNodes) fail(file, fmt::format("power.{}: at most {}", field, kMostNodes));
  return static_cast<std::int32_t>(value);
}

PowerSpec power_of(const config::PowerManagement& in, std::string_view file) {
  PowerSpec out;
  try {
    if (!in.strategy().empty()) out = power_from_text(in.strategy());
  } catch (const std::invalid_argument& error) {
    fail(file, std::string("power.strategy: ") + error.what());
  }
  out.warm_spares = bounded(in.warm_spares(), "warm_spares", file);
  out.sleeps_per_day = bounded(in.sleeps_per_day(), "sleeps_per_day", file);
  out.boots_at_once = bounded(in.boots_at_once(), "boots_at_once", file);
  return out;
}

constexpr std::uint64_t kLongestPromotion = 100ULL * 365 * 24 * 3600;
constexpr std::uint32_t kDeepest = 1'000'000;
constexpr std::uint32_t kLargestBacklogPercent = 1'000'000;
constexpr std::uint32_t kLargestAgePercent = 1000;
constexpr std::uint32_t kMostRenewals = 1000;

}  // namespace

PolicySpec parse_policy(std::string_view text, std::string_view file) {
  config::Policy in;
  parse_text(text, file, in);
  PolicySpec out;
  if (in.name().empty()) fail(file, "name: missing; give the policy a name");
  if (in.name().find_first_of(" \t\n,/") != std::string::npos)
    fail(file, fmt::format("name: \"{}\" holds a blank, a comma or a slash; use one word", in.name()));
  out.name = in.name();
  out.description = in.description();
  out.queue_order = checked(in.queue_order(), "queue_order", file);
  if (in.has_backfill_order()) out.backfill_order = checked(in.backfill_order(), "backfill_order", file);
  if (in.reservations_case() == config::Policy::kReservationDepth) {
    if (in.reservation_depth() > kDeepest)
      fail(file, fmt::format("reservation_depth: at most {}; use reserve_all: true for all jobs", kDeepest));
    out.reservation_depth = static_cast<std::int32_t>(in.reservation_depth());
  } else if (in.reserve_all()) {
    out.reservation_depth = kReserveAll;
  }
  if (!in.fit_estimates().empty()) out.fit_estimates = in.fit_estimates();
  if (!in.order_estimates().empty()) out.order_estimates = in.order_estimates();
  out.fill_estimates = in.fill_estimates();
  if (!out.fill_estimates.empty() && out.reservation_depth > 1)
    fail(file, "fill_estimates: only with a reservation_depth of 0 or 1");
  try {
    if (!in.placement().empty()) out.placement = placement_from_text(in.placement());
  } catch (const std::invalid_argument& error) {
    fail(file, std::string("placement: ") + error.what());
  }
  if (in.has_promotion_age_s()) {
    if (in.promotion_age_s() > kLongestPromotion) fail(file, "promotion_age_s: longer than 100 years; leave it out");
    out.promotion_age = Seconds{static_cast<std::int64_t>(in.promotion_age_s())};
  }
  if (in.has_energy_slowdown()) {
    if (!(in.energy_slowdown() >= 0 && in.energy_slowdown() <= kMostSlowdown))
      fail(file,
           fmt::format("energy_slowdown: {}; a share from 0 to {} is right", in.energy_slowdown(), kMostSlowdown));
    out.energy_slowdown = std::llround(in.energy_slowdown() * 1e6);
  }
  if (in.has_power()) out.power = power_of(in.power(), file);
  try {
    if (!in.shift().empty()) out.shift = shift_from_text(in.shift());
  } catch (const std::invalid_argument& error) {
    fail(file, error.what());
  }
  if (in.renewals() > kMostRenewals) fail(file, fmt::format("renewals: at most {}", kMostRenewals));
  out.renewals = static_cast<std::int32_t>(in.renewals());
  if (in.promotion_backlog_percent() > 0) {
    if (!out.promotion_age) fail(file, "promotion_backlog_percent: only with promotion_age_s, which may be 0");
    if (in.promotion_backlog_percent() > kLargestBacklogPercent)
      fail(file, fmt::format("promotion_backlog_percent: at most {}", kLargestBacklogPercent));
    out.promotion_backlog_percent = static_cast<std::int32_t>(in.promotion_backlog_percent());
  }
  if (in.promotion_age_percent() > 0) {
    if (out.promotion_backlog_percent == 0)
      fail(file, "promotion_age_percent: only with promotion_backlog_percent; without it the turn takes no time");
    if (in.promotion_age_percent() > kLargestAgePercent)
      fail(file, fmt::format("promotion_age_percent: at most {}", kLargestAgePercent));
    out.promotion_age_percent = static_cast<std::int32_t>(in.promotion_age_percent());
  }
  return out;
}

std::string policy_text(const PolicySpec& policy) {
  config::Policy out;
  out.set_name(policy.name);
  out.set_description(policy.description);
  out.set_queue_order(to_config(policy.queue_order));
  if (policy.backfill_order) out.set_backfill_order(to_config(*policy.backfill_order));
  if (policy.reservation_depth == kReserveAll)
    out.set_reserve_all(true);
  else
    out.set_reservation_depth(static_cast<std::uint32_t>(policy.reservation_depth));
  out.set_fit_estimates(policy.fit_estimates);
  out.set_order_estimates(policy.order_estimates);
  out.set_fill_estimates(policy.fill_estimates);
  if (!policy.placement.terms.empty()) out.set_placement(to_string(policy.placement));
  if (policy.promotion_age) out.set_promotion_age_s(static_cast<std::uint64_t>(policy.promotion_age->count()));
  if (policy.energy_slowdown) out.set_energy_slowdown(static_cast<double>(*policy.energy_slowdown) / 1e6);
  if (policy.shift != ShiftSpec{}) out.set_shift(to_string(policy.shift));
  if (policy.power != PowerSpec{}) {
    config::PowerManagement& power = *out.mutable_power();
    power.set_strategy(to_string(policy.power));
    power.set_warm_spares(static_cast<std::uint32_t>(policy.power.warm_spares));
    power.set_sleeps_per_day(static_cast<std::uint32_t>(policy.power.sleeps_per_day));
    power.set_boots_at_once(static_cast<std::uint32_t>(policy.power.boots_at_once));
  }
  out.set_renewals(static_cast<std::uint32_t>(policy.renewals));
  out.set_promotion_backlog_percent(static_cast<std::uint32_t>(policy.promotion_backlog_percent));
  out.set_promotion_age_percent(static_cast<std::uint32_t>(policy.promotion_age_percent));
  std::string text;
  google::protobuf::TextFormat::PrintToString(out, &text);
  return text;
}

const std::vector<PolicySpec>& policy_presets() {
  static const std::vector<PolicySpec> presets = [] {
    std::vector<PolicySpec> all;
    for (const EmbeddedText& e : embedded_policies()) all.push_back(parse_policy(e.text, e.file));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
  }();
  return presets;
}

const PolicySpec* find_policy(std::string_view name) {
  for (const PolicySpec& p : policy_presets())
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace wattfill
