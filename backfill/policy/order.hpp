// Queue orders: who comes first. Each is first-in-first-out among jobs that look alike to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "backfill/model/int128.hpp"
#include "backfill/model/job.hpp"

namespace wattfill {

// Lower score first. r: the order estimate in seconds, n: processors, s: submit time in seconds since the trace began
// (at least 1), w: seconds waited.
enum class Order : std::uint8_t {
  kFcfs,    // arrival
  kSjf,     // r
  kSaf,     // r n
  kWfp3,    // -(w / r)^3 n (Tang et al. 2009)
  kUnicep,  // -w / (log2(n) r), n at least 2 (Tang et al. 2009)
  kF1,      // log10(r) n + 870 log10(s)        (F1-F4: Carastan-Santos and de Camargo, SC'17)
  kF2,      // sqrt(r) n + 25600 log10(s)
  kF3,      // r n + 6.86e6 log10(s)
  kF4,      // r sqrt(n) + 5.3e5 log10(s)
  kHost,    // -priority, as the host gives it
  kSmith,   // r n^(1/4), where r is an index such as E[r] / E[w] (Smith 1956); the root is tuned (docs/prediction.md)
};

struct OrderInfo {
  Order order;
  std::string_view name;     // as written in policy files and on the command line
  std::string_view formula;  // for people
  bool arrival_ordered;      // no job is ever overtaken by one that arrived later
  bool time_varying;         // scores change while jobs wait
  bool uses_estimate;
};

std::span<const OrderInfo> all_orders();
const OrderInfo& info(Order order);
std::optional<Order> order_from_name(std::string_view name);

// A job's score as a line in time: value(t) = base - rate * (t - submit), in 128 bits; the lower value comes first.
// Static orders have rate 0. WFP3 is put through a cube root and so is linear too: -w n^(1/3) / r. Real-valued scores
// are quantised: F1-F4 to 2^-20, Smith's to 2^-10, rates to 2^-50, all to nearest.
struct Score {
  std::int64_t base = 0;
  std::int64_t rate = 0;
};

// `began`: the submit time of the trace's first job. estimate > 0.
Score estimate_score(Order order, const Job& job, Seconds estimate, SimTime began);
inline Score score(Order order, const Job& job, Seconds estimate, SimTime began) {
  if (order == Order::kFcfs) return {};
  return estimate_score(order, job, estimate, began);
}

// What besides the processors and the arrival decides a job's place: jobs of one width and one class are served first
// in, first out.
std::int64_t order_class(Order order, const Job& job, Seconds estimate);

// A job's place in a queue. Ties go by submit time, then by job id.
struct Rank {
  Score score;
  SimTime submit{};
  JobId id = 0;
};

// True when `a` comes before `b` at time `now`.
inline bool precedes(const Rank& a, const Rank& b, SimTime now) {
  if ((a.score.rate | b.score.rate) == 0) {
    if (a.score.base != b.score.base) return a.score.base < b.score.base;
  } else {
    const Int128 value_a = a.score.base - static_cast<Int128>(a.score.rate) * (now - a.submit).count();
    const Int128 value_b = b.score.base - static_cast<Int128>(b.score.rate) * (now - b.submit).count();
    if (value_a != value_b) return value_a < value_b;
  }
  if (a.submit != b.submit) return a.submit < b.submit;
  return a.id < b.id;
}

// The first time after `now` at which `b` comes before `a`, given that `a` comes before `b` now; kNever if that never
// is.
SimTime overtakes(const Rank& a, const Rank& b, SimTime now);

}  // namespace wattfill
