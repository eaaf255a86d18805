#include "trace-replay/validate/backfill_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "trace-replay/validate/instants.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;
constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

// What one pass knows once the heads that fit have started.
struct Reservation {
  std::int64_t free = 0;       // processors free now
  std::size_t head = kNobody;  // the first queued job, which waits
  SimTime shadow = kNever;
  std::int64_t extra = 0;
};

class BackfillJudge {
 public:
  BackfillJudge(const std::vector<JudgedJob>& jobs, BackfillRule rule, ValidationReport& report)
      : jobs_(jobs),
        rule_(rule),
        report_(report),
        findings_(report),
        machine_(report.request.processors),
        each_event_(report.request.pass == ValidationRequest::Pass::kEachEvent),
        starts_now_(jobs.size(), false),
        gone_(jobs.size(), false),
        blamed_(jobs.size(), false) {
    findings_.performed({Check::kNoRoom, Check::kHeadWaited});
    if (rule == BackfillRule::kNone) findings_.performed({Check::kOutOfOrder});
    if (rule != BackfillRule::kNone) {
      findings_.performed({Check::kHeadDelayed, Check::kBackfillOrder, Check::kBackfillMissed});
    }
  }

  void run() {
    for (Instants instants(jobs_); instants.next();) {
      now_ = instants.now;
      for (std::size_t job : instants.started) starts_now_[job] = true;
      passed_over_.clear();
      const std::int64_t passes_before = report_.passes;
      if (each_event_) {
        decide_each_event(instants);
      } else {
        end_jobs();
        for (std::size_t job : instants.submitted) enqueue(job);
        pass();
      }
      // The schedule starts something although nothing happened; a pass finds out what is right now.
      if (report_.passes == passes_before && !instants.started.empty()) pass();
      settle(instants.started);
      for (std::size_t job : instants.started) starts_now_[job] = false;
    }
  }

 private:
  struct Running {
    std::size_t job;
    SimTime estimated_end;
  };

  Seconds estimate(std::size_t job) const { return pick(report_.request.estimates, job); }
  Seconds order_estimate(std::size_t job) const { return pick(report_.request.order_estimates, job); }
  Seconds pick(ValidationRequest::Estimates source, std::size_t job) const {
    return source == ValidationRequest::Estimates::kRequested ? jobs_[job].entry.requested : jobs_[job].entry.runtime;
  }
  std::int64_t width(std::size_t job) const { return jobs_[job].entry.processors; }
  JobId id(std::size_t job) const { return jobs_[job].entry.id; }

  // --- events ---

  void enqueue(std::size_t job) {
    if (gone_[job]) return;  // started before it was submitted: reported with the physical checks
    queue_.push_back(job);   // jobs_ is in queue order
    const auto place = std::lower_bound(candidates_.begin(), candidates_.end(), job,
                                        [this](std::size_t a, std::size_t b) { return is_tried_before(a, b); });
    candidates_.insert(place, job);
  }

  bool is_tried_before(std::size_t a, std::size_t b) const {
    if (rule_ != BackfillRule::kShortestFirst) return a < b;
    return std::pair{order_estimate(a), a} < std::pair{order_estimate(b), b};
  }

  void end_jobs() {
    std::erase_if(running_, [this](const Running& r) { return jobs_[r.job].end <= now_; });
  }

  void decide_each_event(const Instants& instants) {
    for (std::size_t job : instants.submitted) {
      enqueue(job);
      pass();
    }
    // running_ is in order of the starts, the order in which terminations of one instant are handled. Jobs that a pass
    // starts go to its end and, having run for no time at all, are never among those that end.
    for (std::size_t i = 0; i < running_.size();) {
      if (jobs_[running_[i].job].end > now_) {
        ++i;
        continue;
      }
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      pass();
    }
  }

  void start(std::size_t job) {
    gone_[job] = true;
    std::erase(queue_, job);
    std::erase(candidates_, job);
    if (jobs_[job].end > now_) running_.push_back({job, now_ + estimate(job)});
  }

  // --- the definition ---

  // Whether a running job still holds its processors in the eyes of this pass.
  bool counts(const Running& r) const { return !each_event_ || r.estimated_end > now_; }

  // Shadow time and extra processors of the queue's first job, from the running jobs sorted by estimated end.
  Reservation reserve() const {
    Reservation r;
    r.free = machine_;
    std::vector<std::pair<SimTime, std::int64_t>> releases;
    for (const Running& run : running_) {
      if (!counts(run)) continue;
      r.free -= width(run.job);
      // A job that outlives its estimate (a schedule with a wrong run time) may end at any moment, but not now.
      releases.emplace_back(std::max(run.estimated_end, now_ + Seconds{1}), width(run.job));
    }
    if (queue_.empty()) return r;
    r.head = queue_.front();
    std::sort(releases.begin(), releases.end());
    std::int64_t available = r.free;
    r.shadow = now_;
    for (const auto& [at, processors] : releases) {
      if (available >= width(r.head) && at > r.shadow) break;
      r.shadow = at;
      available += processors;
    }
    r.extra = available - width(r.head);
    return r;
  }

  bool may_backfill(std::size_t job, const Reservation& r) const {
    return width(job) <= r.free && (now_ + estimate(job) <= r.shadow || width(job) <= r.extra);
  }

  void take(std::size_t job, Reservation& r) {
    r.free -= width(job);
    if (now_ + estimate(job) > r.shadow) r.extra -= width(job);
    start(job);
  }

  // One scheduling pass: starts what the rule starts and the schedule started too, and remembers what the rule starts
  // and the schedule did not. What the schedule started against the rule is left for settle().
  void pass() {
    ++report_.passes;
    if (queue_.empty()) return;
    std::int64_t free = reserve().free;
    while (!queue_.empty() && width(queue_.front()) <= free) {
      const std::size_t head = queue_.front();
      if (!starts_now_[head]) {
        pass_over(head, true, free);
        break;
      }
      free -= width(head);
      start(head);
    }
    if (rule_ == BackfillRule::kNone || queue_.empty() || free == 0) return;
    Reservation r = reserve();
    const std::vector<std::size_t> candidates = candidates_;
    for (std::size_t job : candidates) {
      if (r.free == 0) break;
      if (job == r.head || !may_backfill(job, r)) continue;
      if (starts_now_[job]) {
        take(job, r);
      } else {
        pass_over(job, false, r.free);
      }
    }
  }

  // --- verdicts ---

  struct PassedOver {
    std::size_t job;
    bool as_head;
    std::int64_t free;
  };

  // A job is blamed for waiting once, at the first pass that would have started it.
  void pass_over(std::size_t job, bool as_head, std::int64_t free) {
    if (blamed_[job]) return;
    blamed_[job] = true;
    passed_over_.push_back({job, as_head, free});
  }

  // After the last pass of an instant: reports what differs, then follows the schedule.
  void settle(const std::vector<std::size_t>& started) {
    for (std::size_t job : started) {
      if (gone_[job]) continue;
      const bool queued = std::binary_search(queue_.begin(), queue_.end(), job);
      if (queued) report_illegal(job, reserve());
      start(job);
    }
    const auto last_tried = std::max_element(started.begin(), started.end(),
                                             [this](std::size_t a, std::size_t b) { return is_tried_before(a, b); });
    const std::size_t usurper = last_tried == started.end() ? kNobody : *last_tried;
    for (const PassedOver& waited : passed_over_) report_waiting(waited, usurper);
  }

  void report_illegal(std::size_t job, const Reservation& r) {
    if (width(job) > r.free) {
      findings_.add(Check::kNoRoom, id(job), now_, [&] {
        return std::pair{fmt::format("started on {} processors while {} were free", width(job), r.free),
                         std::string("it waits")};
      });
    } else if (rule_ == BackfillRule::kNone) {
      findings_.add(Check::kOutOfOrder, id(job), now_, [&] {
        return std::pair{fmt::format("started while job {} was the head of the queue", id(r.head)),
                         fmt::format("job {} starts first", id(r.head))};
      });
    } else {
      findings_.add(Check::kHeadDelayed, id(job), now_, [&] {
        return std::pair{
            fmt::format("backfilled on {} processors with estimated end {} s", width(job),
                        seconds_since_epoch(now_ + estimate(job))),
            fmt::format("it ends by {} s, the shadow time of head {}, or uses at most the {} extra processors",
                        seconds_since_epoch(r.shadow), id(r.head), r.extra)};
      });
    }
  }

  void report_waiting(const PassedOver& waited, std::size_t usurper) {
    const std::size_t job = waited.job;
    if (waited.as_head) {
      findings_.add(Check::kHeadWaited, id(job), now_, [&] {
        return std::pair{fmt::format("head of the queue, {} processors, waited with {} free; starts at {} s",
                                     width(job), waited.free, seconds_since_epoch(jobs_[job].start)),
                         std::string("it starts now")};
      });
      return;
    }
    // With everything started that the schedule started, is there still room for the job? If not, another took its
    // place.
    const Reservation r = reserve();
    const bool still_possible = usurper == kNobody || (r.head == job ? width(job) <= r.free : may_backfill(job, r));
    const Check check = still_possible ? Check::kBackfillMissed : Check::kBackfillOrder;
    findings_.add(check, id(job), now_, [&] {
      const std::string shape =
          fmt::format("{} processors with estimated end {} s", width(job), seconds_since_epoch(now_ + estimate(job)));
      if (still_possible) return std::pair{shape + " could have been backfilled", std::string("it starts now")};
      return std::pair{fmt::format("{} was passed over; job {} was started", shape, id(usurper)),
                       std::string("the candidate that the order names starts first")};
    });
  }

  const std::vector<JudgedJob>& jobs_;
  const BackfillRule rule_;
  ValidationReport& report_;
  Findings findings_;
  const std::int64_t machine_;
  const bool each_event_;

  SimTime now_{};
  std::vector<std::size_t> queue_;       // waiting, in queue order
  std::vector<std::size_t> candidates_;  // the same, in backfill order
  std::vector<Running> running_;         // in order of the starts
  std::vector<PassedOver> passed_over_;  // at this instant
  std::vector<bool> starts_now_;         // the schedule starts it at this instant
  std::vector<bool> gone_;               // started
  std::vector<bool> blamed_;             // already reported for waiting
};

}  // namespace

void check_backfill(const std::vector<JudgedJob>& jobs, BackfillRule rule, ValidationReport& report) {
  BackfillJudge(jobs, rule, report).run();
}

}  // namespace wattfill::judge
