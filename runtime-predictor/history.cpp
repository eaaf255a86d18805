#include "runtime-predictor/history.hpp"

#include <algorithm>
#include <cmath>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr double kSlowest = 1.0 / 8;
constexpr double kSlower = 1.0 / 64;

std::uint64_t mixed(std::uint64_t x) {  // splitmix64's finaliser
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

void History::add(const Job& job, SimTime now, Seconds runtime) {
  ++count;
  const double newest = std::max(1.0 / static_cast<double>(count), kSlowest);
  const auto average = [newest](double& of, double value) { of += newest * (value - of); };
  const double run = portable_log2(static_cast<double>(std::max<std::int64_t>(1, runtime.count())));
  const double request = portable_log2(static_cast<double>(job.requested.count()));
  if (count > 1) average(spread, std::fabs(run - mean));
  average(mean, run);
  average(ratio, run - request);
  const double cost = 10.0 / static_cast<double>(std::max<std::int64_t>(10, runtime.count()));
  average(weight, cost);
  slow_weight += std::max(1.0 / static_cast<double>(count), kSlower) * (cost - slow_weight);
  average(limit_share, runtime >= job.requested ? 1.0 : 0.0);
  average(cores, portable_log2(job.processors));
  last = {run, last[0], last[1]};
  runtimes = {runtime, runtimes[0]};
  last_end = now;
}

HistoryKey history_key(HistoryKind kind, const Job& job) {
  switch (kind) {
    case kOfUser:
      return {kind, job.user};
    case kOfShape:
      return {kind, job.user, job.processors, job.requested.count()};
    case kOfProgram:
      return {kind, job.user, job.executable};
    case kOfGroup:
      return {kind, job.group};
    case kOfQueue:
      return {kind, job.queue};
    default:
      return {kind, job.requested.count()};
  }
}

std::size_t HistoryKeyHash::operator()(const HistoryKey& key) const noexcept {
  std::uint64_t h = mixed(key.kind + 0x9e3779b97f4a7c15ULL);
  for (const std::int64_t part : {key.a, key.b, key.c}) h = mixed(h ^ static_cast<std::uint64_t>(part));
  return h;
}

History& HistoryTable::touch(const HistoryKey& key) {
  const auto found = index_.find(key);
  if (found != index_.end()) {
    by_age_.splice(by_age_.begin(), by_age_, found->second);
    return found->second->history;
  }
  if (index_.size() >= most_) forget_oldest();
  by_age_.push_front({key, {}});
  index_.emplace(key, by_age_.begin());
  return by_age_.front().history;
}

// One that is in use is kept and counts as touched now.
void HistoryTable::forget_oldest() {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries && !by_age_.empty(); ++i) {
    const auto oldest = std::prev(by_age_.end());
    if (oldest->history.in_system == 0) {
      index_.erase(oldest->key);
      by_age_.erase(oldest);
      return;
    }
    by_age_.splice(by_age_.begin(), by_age_, oldest);
  }
}

}  // namespace wattfill
