#include "runtime-predictor/features.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "backfill/model/portable_math.hpp"

namespace wattfill {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

double log2_of(double x) { return portable_log2(std::max(1.0, x)); }
double log2_of(Seconds s) { return log2_of(static_cast<double>(s.count())); }

float id(std::int32_t value) { return value == kUnknown ? kMissing : static_cast<float>(value); }

// Writes the columns from left to right.
class Columns {
 public:
  explicit Columns(FeatureRow& row) : row_(row) {}
  void put(double value) { row_[next_++] = static_cast<float>(value); }
  void put_if(bool known, double value) { row_[next_++] = known ? static_cast<float>(value) : kMissing; }
  void circle(double turns) {
    // sin and cos by the triangle's quarter waves: portable, smooth enough for a tree, which only compares.
    put(wave(turns));
    put(wave(turns + 0.25));
  }
  bool full() const { return next_ == kFeatureCount; }

 private:
  static double wave(double turns) {  // Bhaskara's approximation of the sine, within 0.002
    const double t = turns - std::floor(turns);
    const double half = t < 0.5 ? t : t - 0.5;
    const double p = 2 * half * (1 - 2 * half);
    return (t < 0.5 ? 16 : -16) * p / (5 - 4 * p);
  }
  FeatureRow& row_;
  std::size_t next_ = 0;
};

double turns(SimTime now, std::int64_t period) {
  const std::int64_t s = ((seconds_since_epoch(now) % period) + period) % period;
  return static_cast<double>(s) / static_cast<double>(period);
}

double longest_elapsed(const History& h, SimTime now) { return log2_of(now - h.running.front()); }

}  // namespace

FeatureRow FeatureExtractor::submitted(const Job& job, SimTime now) {
  cancelled(job, now);  // what was known of it, if anything
  Active active;
  for (std::size_t kind = 0; kind < kHistoryKinds; ++kind) {
    History& h = histories_.touch(history_key(static_cast<HistoryKind>(kind), job));
    ++h.in_system;  // from now on its address holds
    active.of[kind] = &h;
  }
  const FeatureRow result = row(job, now, active);
  for (History* h : active.of) {
    ++h->submitted;
    h->last_submit = now;
  }
  active_.emplace(job.id, active);
  return result;
}

std::optional<FeatureRow> FeatureExtractor::while_waiting(const Job& job, SimTime now, const FeatureRow& submitted) {
  constexpr std::array kOfSubmission = {feature_index("day_sin"),  feature_index("day_cos"),
                                        feature_index("week_sin"), feature_index("week_cos"),
                                        feature_index("user_gap"), feature_index("shape_gap")};
  static_assert(std::ranges::all_of(kOfSubmission, [](std::size_t column) { return column < kFeatureCount; }));
  const auto found = active_.find(job.id);
  if (found == active_.end()) return std::nullopt;
  FeatureRow result = row(job, now, found->second);
  for (const std::size_t column : kOfSubmission) result[column] = submitted[column];
  return result;
}

void FeatureExtractor::stop(const Job& job, Active& active) {
  if (!active.running) return;
  History& user = *active.of[kOfUser];
  user.running_cores -= job.processors;
  user.start_sum -= seconds_since_epoch(*active.in_user);
  user.running.erase(active.in_user);
  active.of[kOfShape]->running.erase(active.in_shape);
  active.running = false;
}

FeatureRow FeatureExtractor::row(const Job& job, SimTime now, const Active& active) {
  const History& user = *active.of[kOfUser];
  const History& shape = *active.of[kOfShape];
  const History& program = *active.of[kOfProgram];
  const double request = log2_of(job.requested);
  const double cores = portable_log2(job.processors);
  FeatureRow result;
  Columns c(result);
  c.put(request);
  c.put(cores);
  c.put_if(job.memory_kb_per_processor > 0, log2_of(static_cast<double>(job.memory_kb_per_processor)));
  c.put(id(job.user));
  c.put(id(job.group));
  c.put(id(job.executable));
  c.put(id(job.queue));
  c.circle(turns(now, 86'400));
  c.circle(turns(now, 604'800));
  c.put(log2_of(static_cast<double>(user.count)));
  for (std::int64_t i = 0; i < 3; ++i) c.put_if(user.count > i, user.last[static_cast<std::size_t>(i)] - request);
  c.put_if(user.count > 0, user.mean - request);
  c.put_if(user.count > 1, user.spread);
  c.put_if(user.count > 0, user.ratio);
  c.put_if(user.count > 0, user.weight);
  c.put_if(user.count > 0, user.slow_weight);
  c.put_if(user.count > 0, user.limit_share);
  c.put_if(user.count > 0, log2_of(now - user.last_end));
  c.put_if(user.submitted > 0, log2_of(now - user.last_submit));
  const auto running = static_cast<std::int64_t>(user.running.size());
  c.put(static_cast<double>(running));
  c.put(static_cast<double>(user.running_cores));
  c.put_if(running > 0, log2_of(Seconds{running * seconds_since_epoch(now) - user.start_sum}));
  c.put_if(running > 0, running > 0 ? longest_elapsed(user, now) - request : 0);
  c.put(static_cast<double>(user.queued() - 1));
  c.put_if(user.count > 0, cores - user.cores);
  c.put(log2_of(static_cast<double>(shape.count)));
  c.put_if(shape.count > 0, shape.last[0] - request);
  c.put_if(shape.count > 1, shape.last[1] - request);
  c.put_if(shape.count > 0, shape.mean - request);
  c.put_if(shape.count > 1, shape.spread);
  c.put_if(shape.count > 0, shape.weight);
  c.put_if(shape.count > 0, log2_of(now - shape.last_end));
  c.put_if(shape.submitted > 0, log2_of(now - shape.last_submit));
  c.put(static_cast<double>(shape.running.size()));
  c.put_if(!shape.running.empty(), shape.running.empty() ? 0 : longest_elapsed(shape, now) - request);
  c.put(static_cast<double>(shape.queued() - 1));
  c.put(log2_of(static_cast<double>(program.count)));
  c.put_if(program.count > 0, program.last[0] - request);
  c.put_if(program.count > 0, program.mean - request);
  c.put_if(program.count > 0, program.weight);
  c.put_if(program.count > 1, program.spread);
  c.put_if(active.of[kOfGroup]->count > 0, active.of[kOfGroup]->ratio);
  c.put_if(active.of[kOfQueue]->count > 0, active.of[kOfQueue]->ratio);
  c.put_if(active.of[kOfRequest]->count > 0, active.of[kOfRequest]->ratio);
  c.put_if(active.of[kOfRequest]->count > 0, active.of[kOfRequest]->slow_weight);
  c.put_if(user.count > 1, std::min(0.0, log2_of((user.runtimes[0] + user.runtimes[1]) / 2) - request));
  const std::span<const double> similar = neighbours_.runtimes(job);
  const bool any = !similar.empty();
  const auto of_request = [&](double runtime) { return std::min(0.0, log2_of(runtime) - request); };
  c.put_if(any, any ? of_request(similar[similar.size() / 2]) : 0);
  c.put_if(any, any ? of_request(similar.front()) : 0);
  c.put_if(any, any ? of_request(similar.back()) : 0);
  double weight = 0;
  for (const double runtime : similar) weight += 10 / std::max(10.0, runtime);
  c.put_if(any, any ? weight / static_cast<double>(similar.size()) : 0);
  const Neighbours::Siblings siblings = neighbours_.siblings(job);
  for (const auto& sibling : {siblings.before, siblings.after}) {
    c.put_if(sibling.has_value(), sibling ? log2_of(sibling->runtime) - request : 0);
    c.put_if(sibling.has_value(), sibling ? log2_of(sibling->gap + Seconds{1}) : 0);
  }
  return result;
}

void FeatureExtractor::started(const Job& job, SimTime now) {
  const auto found = active_.find(job.id);
  if (found == active_.end()) return;
  Active& a = found->second;
  stop(job, a);  // it was requeued in between
  History& user = *a.of[kOfUser];
  History& shape = *a.of[kOfShape];
  user.running_cores += job.processors;
  user.start_sum += seconds_since_epoch(now);
  a.in_user = user.running.insert(user.running.end(), now);
  a.in_shape = shape.running.insert(shape.running.end(), now);
  a.running = true;
}

void FeatureExtractor::ended(const Job& job, SimTime now, Seconds runtime) {
  if (const auto found = active_.find(job.id); found != active_.end()) {
    for (History* h : found->second.of) h->add(job, now, runtime);
    neighbours_.ended(job, runtime);
    leave(job, found);
  }
}

void FeatureExtractor::cancelled(const Job& job, SimTime /*now*/) {
  if (const auto found = active_.find(job.id); found != active_.end()) leave(job, found);
}

void FeatureExtractor::leave(const Job& job, std::unordered_map<JobId, Active>::iterator which) {
  stop(job, which->second);
  for (History* h : which->second.of) --h->in_system;
  active_.erase(which);
}

}  // namespace wattfill
