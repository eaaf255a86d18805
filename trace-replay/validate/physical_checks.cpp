#include "trace-replay/validate/physical_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

std::vector<std::size_t> in_order_of_start(const std::vector<JudgedJob>& jobs) {
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return jobs[a].start < jobs[b].start; });
  return order;
}

}  // namespace

void check_capacity(const std::vector<JudgedJob>& jobs, ValidationReport& report) {
  Findings findings(report);
  findings.performed({Check::kCapacity});
  struct Change {
    SimTime at;
    std::int64_t processors;  // negative: given back; sorts first, because intervals are half-open
    JobId job;
  };
  std::vector<Change> changes;
  changes.reserve(2 * jobs.size());
  for (const JudgedJob& job : jobs) {
    if (job.end <= job.start) continue;  // holds nothing; its run time is reported elsewhere
    changes.push_back({job.start, job.entry.processors, job.entry.id});
    changes.push_back({job.end, -job.entry.processors, job.entry.id});
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::tie(a.at, a.processors, a.job) < std::tie(b.at, b.processors, b.job);
  });
  std::int64_t used = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    used += changes[i].processors;
    const bool instant_ends = i + 1 == changes.size() || changes[i + 1].at != changes[i].at;
    if (!instant_ends || changes[i].processors < 0 || used <= report.request.processors) continue;
    findings.add(Check::kCapacity, changes[i].job, changes[i].at, [&] {
      return std::pair{fmt::format("{} processors in use once this job has started", used),
                       fmt::format("at most {}", report.request.processors)};
    });
  }
}

namespace {

// Which job holds each processor, and until when, while the jobs are gone through in order of start.
class Processors {
 public:
  Processors(const std::vector<JudgedJob>& jobs, std::int64_t count)
      : jobs_(jobs),
        until_(static_cast<std::size_t>(count), SimTime::min()),
        holder_(static_cast<std::size_t>(count), 0) {}

  // Takes the job's processors. Reports at most one clash a job.
  void take(std::size_t index, Findings& findings) {
    const JudgedJob& job = jobs_[index];
    bool clashed = false;
    for (const ProcessorRange& range : job.allocation) {
      const std::int64_t last = std::min(range.last, static_cast<std::int64_t>(until_.size()) - 1);
      for (std::int64_t p = std::max<std::int64_t>(range.first, 0); p <= last; ++p) {
        const auto at = static_cast<std::size_t>(p);
        if (until_[at] > job.start && !clashed) {
          clashed = true;
          findings.add(Check::kAllocationOverlap, job.entry.id, job.start, [&] {
            return std::pair{fmt::format("processor {} is still held by job {} until {} s", p,
                                         jobs_[holder_[at]].entry.id, seconds_since_epoch(until_[at])),
                             std::string("one job at a time on a processor")};
          });
        }
        until_[at] = std::max(until_[at], job.end);
        holder_[at] = index;
      }
    }
  }

 private:
  const std::vector<JudgedJob>& jobs_;
  std::vector<SimTime> until_;
  std::vector<std::size_t> holder_;
};

}  // namespace

void check_allocations(const std::vector<JudgedJob>& jobs, ValidationReport& report) {
  const bool named =
      std::any_of(jobs.begin(), jobs.end(), [](const JudgedJob& job) { return !job.allocation.empty(); });
  if (!named) {
    report.notes.emplace_back("The schedule names no processors: their number in use is checked, not their identity.");
    return;
  }
  Findings findings(report);
  findings.performed({Check::kAllocationWidth, Check::kAllocationRange, Check::kAllocationOverlap});
  Processors processors(jobs, report.request.processors);
  for (std::size_t index : in_order_of_start(jobs)) {
    const JudgedJob& job = jobs[index];
    std::int64_t width = 0;
    bool inside = true;
    for (const ProcessorRange& range : job.allocation) {
      width += range.last - range.first + 1;
      inside = inside && range.last < report.request.processors;
    }
    if (width != job.entry.processors) {
      findings.add(Check::kAllocationWidth, job.entry.id, job.start, [&] {
        return std::pair{fmt::format("{} processors allocated", width), fmt::format("{}", job.entry.processors)};
      });
    }
    if (!inside) {
      findings.add(Check::kAllocationRange, job.entry.id, job.start, [&] {
        return std::pair{std::string("a processor outside the machine"),
                         fmt::format("processors 0 to {}", report.request.processors - 1)};
      });
    }
    processors.take(index, findings);
  }
}

}  // namespace wattfill::judge
