#include "backfill/policy/order.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr std::array<OrderInfo, 11> kOrders = {{
    {Order::kFcfs, "fcfs", "arrival", true, false, false},
    {Order::kSjf, "sjf", "r", false, false, true},
    {Order::kSaf, "saf", "r n", false, false, true},
    {Order::kWfp3, "wfp3", "-(w / r)^3 n", false, true, true},
    {Order::kUnicep, "unicep", "-w / (log2(n) r)", false, true, true},
    {Order::kF1, "f1", "log10(r) n + 870 log10(s)", false, false, true},
    {Order::kF2, "f2", "sqrt(r) n + 25600 log10(s)", false, false, true},
    {Order::kF3, "f3", "r n + 6.86e6 log10(s)", false, false, true},
    {Order::kF4, "f4", "r sqrt(n) + 5.3e5 log10(s)", false, false, true},
    {Order::kHost, "host", "-priority", false, false, false},
    {Order::kSmith, "smith", "r n^(1/4)", false, false, true},
}};

constexpr double kScoreUnit = 1048576.0;            // 2^20
constexpr double kSmithUnit = 1024.0;               // 2^10
constexpr double kRateUnit = 1125899906842624.0;    // 2^50
constexpr double kLargest = 4611686018427387904.0;  // 2^62

std::int64_t quantise(double value, double unit) {
  return static_cast<std::int64_t>(std::floor(std::clamp(value * unit, -kLargest, kLargest) + 0.5));
}

// Higher priorities first; the lowest of all has no opposite.
std::int64_t lower_first(std::int64_t priority) {
  return priority == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max() : -priority;
}

double log10_of_submit(const Job& job, SimTime began) {
  return portable_log10(static_cast<double>(std::max<std::int64_t>(1, (job.submit - began).count())));
}

}  // namespace

std::span<const OrderInfo> all_orders() { return kOrders; }

const OrderInfo& info(Order order) { return kOrders[static_cast<std::size_t>(order)]; }

std::optional<Order> order_from_name(std::string_view name) {
  for (const OrderInfo& o : kOrders)
    if (o.name == name) return o.order;
  return std::nullopt;
}

Score estimate_score(Order order, const Job& job, Seconds estimate, SimTime began) {
  const std::int64_t n = job.processors;
  const std::int64_t r = estimate.count();
  const auto nf = static_cast<double>(n);
  const auto rf = static_cast<double>(r);
  switch (order) {
    case Order::kFcfs:
      return {};
    case Order::kSjf:
      return {r, 0};
    case Order::kSaf:
      return {r > std::numeric_limits<std::int64_t>::max() / n ? std::numeric_limits<std::int64_t>::max() : r * n, 0};
    case Order::kWfp3:
      return {0, std::max<std::int64_t>(1, quantise(portable_cbrt(nf) / rf, kRateUnit))};
    case Order::kUnicep:
      return {0, std::max<std::int64_t>(1, quantise(1.0 / (portable_log2(std::max(2.0, nf)) * rf), kRateUnit))};
    case Order::kF1:
      return {quantise(portable_log10(rf) * nf + 870.0 * log10_of_submit(job, began), kScoreUnit), 0};
    case Order::kF2:
      return {quantise(std::sqrt(rf) * nf + 25600.0 * log10_of_submit(job, began), kScoreUnit), 0};
    case Order::kF3:
      return {quantise(rf * nf + 6.86e6 * log10_of_submit(job, began), kScoreUnit), 0};
    case Order::kF4:
      return {quantise(rf * std::sqrt(nf) + 5.3e5 * log10_of_submit(job, began), kScoreUnit), 0};
    case Order::kHost:
      return {lower_first(job.priority), 0};
    case Order::kSmith:
      return {quantise(rf * std::sqrt(std::sqrt(nf)), kSmithUnit), 0};
  }
  return {};
}

std::int64_t order_class(Order order, const Job& job, Seconds estimate) {
  if (order == Order::kHost) return lower_first(job.priority);
  return info(order).uses_estimate ? estimate.count() : 0;
}

SimTime overtakes(const Rank& a, const Rank& b, SimTime now) {
  const Int128 gain = static_cast<Int128>(b.score.rate) - a.score.rate;
  if (gain <= 0) return kNever;
  // b leads at t when lead + gain t > 0, or = 0 and b wins the tie.
  const Int128 lead = static_cast<Int128>(a.score.base) - b.score.base +
                      static_cast<Int128>(a.score.rate) * seconds_since_epoch(a.submit) -
                      static_cast<Int128>(b.score.rate) * seconds_since_epoch(b.submit);
  const bool wins_tie = b.submit != a.submit ? b.submit < a.submit : b.id < a.id;
  const Int128 negative = -lead;
  Int128 t = negative / gain;                     // towards zero
  if (negative % gain != 0 && negative > 0) ++t;  // now the ceiling
  if (!wins_tie && t * gain == negative) ++t;
  t = std::max<Int128>(t, seconds_since_epoch(now) + 1);
  return t >= seconds_since_epoch(kNever) ? kNever : SimTime{Seconds{static_cast<std::int64_t>(t)}};
}

}  // namespace wattfill
