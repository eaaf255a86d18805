#include "trace-replay/energy/power_integral.hpp"

#include <algorithm>
#include <limits>

namespace wattfill {
namespace {

constexpr std::int64_t kMillijoulesPerKwh = 3'600'000'000;

// To the nearest, halves away from zero.
std::int64_t per_kwh(Int128 millijoules_times_value) {
  const Int128 half = millijoules_times_value < 0 ? -kMillijoulesPerKwh / 2 : kMillijoulesPerKwh / 2;
  const Int128 quotient = checked_add(millijoules_times_value, half) / kMillijoulesPerKwh;
  if (quotient > std::numeric_limits<std::int64_t>::max() || quotient < std::numeric_limits<std::int64_t>::min())
    throw std::overflow_error("metering: cost or CO2 overflows");
  return static_cast<std::int64_t>(quotient);
}

}  // namespace

PowerIntegral::PowerIntegral(const Facility& facility, SimTime begin, bool record)
    : pue_millionths_(facility.pue_millionths),
      begin_(begin),
      now_(begin),
      record_(record),
      any_series_(!facility.power_cap.empty() || !facility.tariff.empty() || !facility.carbon.empty()),
      cap_{&facility.power_cap},
      tariff_{&facility.tariff},
      carbon_{&facility.carbon} {
  for (Cursor* cursor : {&cap_, &tariff_, &carbon_}) cursor->move(begin);
}

// The energy by component, as every other part of the whole, cannot overflow where the total does not: no power is
// negative.
void PowerIntegral::add(SimTime to, const Parts<Milliwatts>& power) {
  const Seconds duration = to - now_;
  const Milliwatts it = power.total();
  const Milliwatts facility = facility_power(it, pue_millionths_);
  it_total_ = checked_add(it_total_, checked_multiply(it.count, duration.count()));
  facility_ = checked_add(facility_, checked_multiply(facility.count, duration.count()));
  for (const Component c : kComponents) it_[c] += power[c] * duration;
  peak_ = std::max(peak_, it);
  if (record_) recorded_.append(now_, power);
  if (any_series_) add_series(to, it, facility);
  now_ = to;
}

void PowerIntegral::add_series(SimTime to, Milliwatts it, Milliwatts facility) {
  for (SimTime from = now_; from < to;) {
    const SimTime until = std::min({to, cap_.until, tariff_.until, carbon_.until});
    const Int128 energy = (facility * (until - from)).count;
    cost_ = checked_add(cost_, energy * tariff_.value);
    carbon_mg_ = checked_add(carbon_mg_, energy * carbon_.value);
    if (!cap_.series->empty() && it.count > cap_.value) {
      excess_.above += until - from;
      excess_.excess += Milliwatts{it.count - cap_.value} * (until - from);
    }
    for (Cursor* cursor : {&cap_, &tariff_, &carbon_})
      if (cursor->until <= until) cursor->move(until);
    from = until;
  }
}

void PowerIntegral::fill(EnergyReport& report) {
  report.begin = begin_;
  report.end = now_;
  report.it = it_;
  report.facility = {facility_};
  report.peak_it = peak_;
  report.pue_millionths = pue_millionths_;
  if (!tariff_.series->empty()) report.cost_millionths = per_kwh(cost_);
  if (!carbon_.series->empty()) report.carbon_mg = per_kwh(carbon_mg_);
  if (!cap_.series->empty()) report.cap = excess_;
  report.power = std::move(recorded_);
}

}  // namespace wattfill
