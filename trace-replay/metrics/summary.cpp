#include "trace-replay/metrics/summary.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "backfill/model/portable_math.hpp"
#include "trace-replay/metrics/terms.hpp"

namespace wattfill {
namespace {

// What stands at some places of the sorted order, asked for from low to high: what lies behind one place is all that
// the next has to sort. Reorders the values, of which there must be one.
class Ranks {
 public:
  explicit Ranks(std::vector<std::int64_t>& values) : values_(values) {}

  double median() {
    const std::size_t half = values_.size() / 2;
    const double upper = at_place(half);
    if (values_.size() % 2 == 1) return upper;
    return (static_cast<double>(*std::max_element(values_.begin(), at(half))) + upper) / 2;
  }
  // Nearest rank. In thousandths, because the rank is a matter of integers: 15 / 29 * 29 exceeds 15 in floating point.
  double percentile(std::size_t thousandths) {
    return at_place(std::max<std::size_t>(1, (values_.size() * thousandths + 999) / 1000) - 1);
  }
  std::int64_t highest() const { return *std::max_element(at(sorted_), values_.end()); }

 private:
  std::vector<std::int64_t>::iterator at(std::size_t place) const {
    return values_.begin() + static_cast<std::ptrdiff_t>(place);
  }
  double at_place(std::size_t place) {
    std::nth_element(at(sorted_), at(place), values_.end());
    sorted_ = place;
    return static_cast<double>(values_[place]);
  }

  std::vector<std::int64_t>& values_;
  std::size_t sorted_ = 0;  // no value from here on is lower than one before
};

// Sums over jobs, in the order of the jobs, so that the last bit is the same everywhere.
class Accumulator {
 public:
  explicit Accumulator(std::size_t expected) { waits_.reserve(expected); }

  void add(const Terms& terms, const TraceJob& job, const JobOutcome& outcome) {
    waits_.push_back(terms.wait);
    wait_ += terms.wait;
    flow_ += terms.flow;
    figures_.max_flow_s = std::max(figures_.max_flow_s, terms.flow);
    slowdown_ += terms.slowdown;
    log_slowdown_ += terms.log_slowdown;
    figures_.max_bounded_slowdown = std::max(figures_.max_bounded_slowdown, terms.slowdown);
    per_processor_ += terms.per_processor;
    figures_.backfilled_jobs += outcome.backfilled;
    figures_.boot_delayed_jobs += outcome.boot_s > 0;
    boot_wait_ += outcome.boot_s;
    if (job.job.user != kUnknown) {
      User& user = users_[job.job.user];
      user.slowdown += terms.slowdown;
      ++user.jobs;
    }
  }

  Figures finish() {
    const std::size_t n = waits_.size();
    figures_.jobs = static_cast<std::int64_t>(n);
    if (n == 0) return figures_;
    const auto count = static_cast<double>(n);
    figures_.mean_wait_s = static_cast<double>(wait_) / count;
    figures_.mean_boot_wait_s = static_cast<double>(boot_wait_) / count;
    figures_.mean_flow_s = static_cast<double>(flow_) / count;
    figures_.mean_bounded_slowdown = slowdown_ / count;
    figures_.geometric_mean_bounded_slowdown = portable_exp(log_slowdown_ / count);
    figures_.mean_per_processor_bounded_slowdown = per_processor_ / count;
    Ranks ranks(waits_);
    figures_.median_wait_s = ranks.median();
    figures_.p95_wait_s = ranks.percentile(950);
    figures_.p99_wait_s = ranks.percentile(990);
    figures_.p999_wait_s = ranks.percentile(999);
    figures_.max_wait_s = ranks.highest();
    figures_.fairness_jain = jain();
    return figures_;
  }

 private:
  struct User {
    double slowdown = 0;
    std::int64_t jobs = 0;
  };

  double jain() const {
    constexpr std::int64_t kEnoughJobs = 10;
    std::vector<double> means;  // summed in ascending order: a hash table's order is nobody's business
    for (const auto& [id, user] : users_)
      if (user.jobs >= kEnoughJobs) means.push_back(user.slowdown / static_cast<double>(user.jobs));
    std::sort(means.begin(), means.end());
    double sum = 0;
    double squares = 0;
    for (const double mean : means) {
      sum += mean;
      squares += mean * mean;
    }
    return means.empty() ? 1.0 : sum * sum / (static_cast<double>(means.size()) * squares);
  }

  Figures figures_;
  std::vector<std::int64_t> waits_;
  std::int64_t wait_ = 0;
  std::int64_t flow_ = 0;
  std::int64_t boot_wait_ = 0;
  double slowdown_ = 0;
  double log_slowdown_ = 0;
  double per_processor_ = 0;
  std::unordered_map<std::int32_t, User> users_;
};

// The mean wait of the eighth of the jobs with the most processors; where the eighth cuts through jobs of one width,
// that width counts in proportion, so that no tie rule is needed.
double widest_eighth_mean_wait(const Workload& workload, const ReplayResult& result, const auto& counts) {
  struct Width {
    std::int64_t jobs = 0;
    std::int64_t wait = 0;
  };
  std::unordered_map<std::int32_t, Width> by_width;
  std::int64_t jobs = 0;
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const JobOutcome& outcome = result.outcomes[i];
    if (!ran(outcome) || !counts(outcome)) continue;
    Width& width = by_width[workload.jobs[i].job.processors];
    ++width.jobs;
    width.wait += (outcome.start - outcome.submit).count();
    ++jobs;
  }
  std::vector<std::pair<std::int32_t, Width>> widths(by_width.begin(), by_width.end());
  std::sort(widths.begin(), widths.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const double eighth = static_cast<double>(jobs) / 8;
  double taken = 0;
  double wait = 0;
  for (const auto& [processors, width] : widths) {
    const double share = std::min(1.0, (eighth - taken) / static_cast<double>(width.jobs));
    if (share <= 0) break;
    taken += share * static_cast<double>(width.jobs);
    wait += share * static_cast<double>(width.wait);
  }
  return taken > 0 ? wait / taken : 0;
}

struct Limit {
  double most;
  const char* name;
};
constexpr std::array<Limit, 4> kWidths = {
    {{0, "1 processor"}, {0.0625, "up to 1/16"}, {0.25, "up to 1/4"}, {1, "over 1/4"}}};
constexpr std::array<Limit, 4> kLengths = {
    {{60, "up to 1 min"}, {3600, "up to 1 h"}, {28800, "up to 8 h"}, {1e18, "over 8 h"}}};

template <std::size_t N>
std::size_t class_of(const std::array<Limit, N>& limits, double value) {
  std::size_t i = 0;
  while (i + 1 < N && value > limits[i].most) ++i;
  return i;
}

std::vector<WaitClass> waits_by_class(const Workload& workload, const ReplayResult& result, std::int32_t processors) {
  std::vector<WaitClass> classes;
  for (const Limit& width : kWidths)
    for (const Limit& length : kLengths) classes.push_back({width.name, length.name, 0, 0, 0});
  std::vector<std::int64_t> sums(classes.size());
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const JobOutcome& outcome = result.outcomes[i];
    if (!ran(outcome)) continue;
    const std::int32_t width = workload.jobs[i].job.processors;
    const double share = width == 1 ? 0 : static_cast<double>(width) / processors;
    const std::size_t k = class_of(kWidths, share) * kLengths.size() +
                          class_of(kLengths, static_cast<double>(workload.jobs[i].runtime.count()));
    const std::int64_t wait = (outcome.start - outcome.submit).count();
    ++classes[k].jobs;
    sums[k] += wait;
    classes[k].max_wait_s = std::max(classes[k].max_wait_s, wait);
  }
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (classes[k].jobs > 0)
      classes[k].mean_wait_s = static_cast<double>(sums[k]) / static_cast<double>(classes[k].jobs);
  return classes;
}

double utilization(const Workload& workload, const ReplayResult& result, const TimeWindow& window,
                   std::int32_t processors) {
  double work = 0;
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    if (result.outcomes[i].start == kNever) continue;
    const SimTime from = std::max(result.outcomes[i].start, window.from);
    const SimTime to = std::min(result.outcomes[i].end, window.to);
    if (from < to) work += static_cast<double>((to - from).count()) * workload.jobs[i].job.processors;
  }
  const double time = static_cast<double>((window.to - window.from).count());
  return time > 0 ? work / (time * processors) : 0;
}

}  // namespace

Summary summarise(const Workload& workload, const ReplayResult& result, const SummaryOptions& options) {
  const std::size_t n = workload.jobs.size();
  SimTime first = n > 0 ? result.outcomes.front().submit : SimTime{};
  SimTime last = first;
  for (const JobOutcome& outcome : result.outcomes) {
    first = std::min(first, outcome.submit);
    last = std::max(last, outcome.submit);
  }
  const TimeWindow steady = steady_window(first, last, options.warm_up, options.cool_down);

  Summary out;
  Accumulator all(n);
  Accumulator middle(n);
  SimTime end = first;
  for (std::size_t i = 0; i < n; ++i) {
    const JobOutcome& outcome = result.outcomes[i];
    out.unfinished += outcome.fate == JobFate::kUnfinished;
    out.cancelled += outcome.fate == JobFate::kCancelledWaiting || outcome.fate == JobFate::kCancelledRunning;
    out.killed_at_limit += outcome.fate == JobFate::kKilledAtLimit;
    if (outcome.start != kNever) end = std::max(end, result.outcomes[i].end);
    if (!ran(outcome)) continue;
    out.work_processor_s += work_done(workload, result, i).count() * workload.jobs[i].job.processors;
    const Terms terms(workload.jobs[i], outcome);
    all.add(terms, workload.jobs[i], outcome);
    if (steady.holds(outcome.submit)) middle.add(terms, workload.jobs[i], outcome);
  }
  out.all = all.finish();
  out.all.widest_eighth_mean_wait_s = widest_eighth_mean_wait(workload, result, [](const JobOutcome&) { return true; });
  out.steady = middle.finish();
  out.steady.widest_eighth_mean_wait_s =
      widest_eighth_mean_wait(workload, result, [&](const JobOutcome& o) { return steady.holds(o.submit); });
  out.makespan_s = (end - first).count();
  out.utilization = utilization(workload, result, {first, end}, options.processors);
  out.steady_utilization = utilization(workload, result, steady, options.processors);
  out.longest_queue = static_cast<std::int64_t>(result.longest_queue);
  out.scheduler = result.scheduler;
  out.waits_by_class = waits_by_class(workload, result, options.processors);
  return out;
}

}  // namespace wattfill
