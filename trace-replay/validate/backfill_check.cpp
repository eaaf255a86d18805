#include "trace-replay/validate/backfill_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "trace-replay/validate/instants.hpp"
#include "trace-replay/validate/way_choice.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;
constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

// What one pass knows once the heads that fit have started.
struct Reservation {
  Units free;                   // now
  std::size_t head = kNobody;   // the first queued job, which waits
  Choice choice;                // of the head
  std::vector<SimTime> shadow;  // by node type: kNever where the head reserves nothing
  Units extra;
};

class BackfillJudge {
 public:
  BackfillJudge(const std::vector<JudgedJob>& jobs, BackfillRule rule, const NodeMachine& machine,
                ValidationReport& report)
      : jobs_(jobs),
        rule_(rule),
        report_(report),
        findings_(report),
        machine_(machine),
        choice_(machine),
        each_event_(report.request.pass == ValidationRequest::Pass::kEachEvent),
        starts_now_(jobs.size(), false),
        gone_(jobs.size(), false),
        blamed_(jobs.size(), false) {
    findings_.performed({Check::kNoRoom, Check::kHeadWaited});
    if (rule == BackfillRule::kNone) findings_.performed({Check::kOutOfOrder});
    if (rule != BackfillRule::kNone) {
      findings_.performed({Check::kHeadDelayed, Check::kBackfillOrder, Check::kBackfillMissed});
    }
    if (machine.types() > 1) findings_.performed({Check::kTypeChoice});
    ways_.reserve(jobs.size());
    for (std::size_t job = 0; job < jobs.size(); ++job) ways_.push_back(machine.ways(jobs[job].entry, estimate(job)));
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
  const TraceEntry& entry(std::size_t job) const { return jobs_[job].entry; }
  const std::vector<TypeUnits>& taken(std::size_t job) const { return jobs_[job].use.taken; }
  // When a job that starts now is estimated to end, on the nodes that the schedule gives it.
  SimTime estimated_end(std::size_t job) const { return now_ + machine_.duration(estimate(job), taken(job)); }
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
    if (jobs_[job].end > now_) running_.push_back({job, estimated_end(job)});
  }

  // --- the definition ---

  // Whether a running job still holds its processors in the eyes of this pass.
  bool counts(const Running& r) const { return !each_event_ || r.estimated_end > now_; }

  Units free_now() const {
    Units free(machine_.types());
    for (std::size_t type = 0; type < free.size(); ++type) free[type] = machine_.units(type);
    for (const Running& run : running_)
      if (counts(run))
        for (const TypeUnits& held : taken(run.job)) free[held.type] -= held.units;
    return free;
  }

  // In order of time.
  std::vector<Release> releases() const {
    std::vector<Release> releases;
    for (const Running& run : running_) {
      if (!counts(run)) continue;
      // A job that outlives its estimate (a schedule with a wrong run time) may end at any moment, but not now.
      for (const TypeUnits& held : taken(run.job))
        releases.push_back({std::max(run.estimated_end, now_ + Seconds{1}), held});
    }
    std::sort(releases.begin(), releases.end(), [](const Release& a, const Release& b) { return a.at < b.at; });
    return releases;
  }

  // The choice of the queue's first job, with its shadow time and extra units. With an empty queue, what is free.
  Reservation reserve() const {
    Reservation r;
    r.free = r.extra = free_now();
    r.shadow.assign(machine_.types(), kNever);
    if (queue_.empty()) return r;
    r.head = queue_.front();
    const std::vector<Release> freed = releases();
    r.choice = choice_.choose(entry(r.head), ways_[r.head], now_, r.free, freed);
    Units then = r.free;
    for (const Release& release : freed)
      if (release.at <= r.choice.start) then[release.units.type] += release.units.units;
    if (r.choice.start == kNever) return r;
    for (const TypeUnits& needed : choice_.takes(entry(r.head), r.choice.way, then)) {
      r.shadow[needed.type] = r.choice.start;
      r.extra[needed.type] = then[needed.type] - needed.units;
    }
    return r;
  }

  // Units that a job may take now that runs until `end`.
  Units room_until(SimTime end, const Reservation& r) const {
    Units room = r.free;
    for (std::size_t type = 0; type < room.size(); ++type)
      if (end > r.shadow[type]) room[type] = std::min(room[type], r.extra[type]);
    return room;
  }

  // How it is to be backfilled: start is `now`, or kNever where it may not start.
  Choice backfilled(std::size_t job, const Reservation& r) const {
    Choice best;
    for (const Way& way : ways_[job]) {
      const SimTime finish = now_ + way.duration;
      if (finish < best.finish && choice_.fits(entry(job), way, room_until(finish, r))) best = {way, now_, finish};
    }
    return best;
  }
  bool may_backfill(std::size_t job, const Reservation& r) const { return backfilled(job, r).start == now_; }

  void take(std::size_t job, Reservation& r) {
    const SimTime end = estimated_end(job);
    for (const TypeUnits& units : taken(job)) {
      r.free[units.type] -= units.units;
      if (end > r.shadow[units.type]) r.extra[units.type] -= units.units;
    }
    start(job);
  }

  static bool any(const Units& free) {
    return std::any_of(free.begin(), free.end(), [](std::int64_t units) { return units > 0; });
  }

  // One scheduling pass: starts what the rule starts and the schedule started too, and remembers what the rule starts
  // and the schedule did not. What the schedule started against the rule is left for settle().
  void pass() {
    ++report_.passes;
    if (!start_heads() || rule_ == BackfillRule::kNone) return;
    Reservation r = reserve();
    const std::vector<std::size_t> candidates = candidates_;
    for (std::size_t job : candidates) {
      if (!any(r.free)) break;
      if (job == r.head) continue;
      const Choice choice = backfilled(job, r);
      if (choice.start != now_) continue;
      if (starts_now_[job]) {
        check_types(job, choice_.takes(entry(job), choice.way, room_until(choice.finish, r)));
        take(job, r);
      } else {
        pass_over(job, false, r.free);
      }
    }
  }

  // False when nothing is left that could be backfilled.
  bool start_heads() {
    while (!queue_.empty()) {
      const Units free = free_now();
      if (!any(free)) return false;
      const std::size_t head = queue_.front();
      const Choice choice = choice_.choose(entry(head), ways_[head], now_, free, releases());
      if (choice.start != now_) return true;
      if (!starts_now_[head]) {
        pass_over(head, true, free);
        return true;
      }
      check_types(head, choice_.takes(entry(head), choice.way, free));
      start(head);
    }
    return false;
  }

  // --- verdicts ---

  struct PassedOver {
    std::size_t job;
    bool as_head;
    Units free;
  };

  // A job is blamed for waiting once, at the first pass that would have started it.
  void pass_over(std::size_t job, bool as_head, const Units& free) {
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

  // A job that may start now starts on other node types than the rule says.
  void check_types(std::size_t job, const std::vector<TypeUnits>& right) {
    if (std::equal(right.begin(), right.end(), taken(job).begin(), taken(job).end(),
                   [](const TypeUnits& a, const TypeUnits& b) { return a.type == b.type; }))
      return;
    findings_.add(Check::kTypeChoice, id(job), now_, [&] {
      return std::pair{
          fmt::format("started on {}, estimated end {} s", choice_.types_text(taken(job)),
                      seconds_since_epoch(estimated_end(job))),
          fmt::format("it starts on {}, the way that is estimated to finish first", choice_.types_text(right))};
    });
  }

  void report_illegal(std::size_t job, const Reservation& r) {
    const bool room = std::all_of(taken(job).begin(), taken(job).end(),
                                  [&](const TypeUnits& units) { return units.units <= r.free[units.type]; });
    if (!room) {
      findings_.add(Check::kNoRoom, id(job), now_, [&] {
        return std::pair{
            fmt::format("started on {} processors while {} were free", width(job), choice_.units_text(r.free)),
            std::string("it waits")};
      });
    } else if (job == r.head) {
      findings_.add(Check::kTypeChoice, id(job), now_, [&] {
        return std::pair{fmt::format("started on {}, estimated end {} s", choice_.types_text(taken(job)),
                                     seconds_since_epoch(estimated_end(job))),
                         r.choice.start == kNever
                             ? std::string("it waits")
                             : fmt::format("it waits until {} s, for an estimated end at {} s",
                                           seconds_since_epoch(r.choice.start), seconds_since_epoch(r.choice.finish))};
      });
    } else if (rule_ == BackfillRule::kNone) {
      findings_.add(Check::kOutOfOrder, id(job), now_, [&] {
        return std::pair{fmt::format("started while job {} was the head of the queue", id(r.head)),
                         fmt::format("job {} starts first", id(r.head))};
      });
    } else {
      findings_.add(Check::kHeadDelayed, id(job), now_, [&] {
        return std::pair{fmt::format("backfilled on {} processors with estimated end {} s", width(job),
                                     seconds_since_epoch(estimated_end(job))),
                         fmt::format("it ends by {} s, the shadow time of head {}, or uses at most the {} extra "
                                     "processors",
                                     seconds_since_epoch(r.choice.start), id(r.head), choice_.units_text(r.extra))};
      });
    }
  }

  void report_waiting(const PassedOver& waited, std::size_t usurper) {
    const std::size_t job = waited.job;
    if (waited.as_head) {
      findings_.add(Check::kHeadWaited, id(job), now_, [&] {
        return std::pair{
            fmt::format("head of the queue, {} processors, waited with {} free; starts at {} s", width(job),
                        choice_.units_text(waited.free), seconds_since_epoch(jobs_[job].start)),
            std::string("it starts now")};
      });
      return;
    }
    // With everything started that the schedule started, is there still room for the job? If not, another took its
    // place.
    const Reservation r = reserve();
    const bool still_possible = usurper == kNobody || (r.head == job ? r.choice.start == now_ : may_backfill(job, r));
    const Check check = still_possible ? Check::kBackfillMissed : Check::kBackfillOrder;
    findings_.add(check, id(job), now_, [&] {
      const std::string shape =
          fmt::format("{} processors that request {} s", width(job), jobs_[job].entry.requested.count());
      if (still_possible) return std::pair{shape + " could have been backfilled", std::string("it starts now")};
      return std::pair{fmt::format("{} was passed over; job {} was started", shape, id(usurper)),
                       std::string("the candidate that the order names starts first")};
    });
  }

  const std::vector<JudgedJob>& jobs_;
  const BackfillRule rule_;
  ValidationReport& report_;
  Findings findings_;
  const NodeMachine& machine_;
  const WayChoice choice_;
  const bool each_event_;

  std::vector<std::vector<Way>> ways_;  // of each job
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

void check_backfill(const std::vector<JudgedJob>& jobs, BackfillRule rule, const NodeMachine& machine,
                    ValidationReport& report) {
  BackfillJudge(jobs, rule, machine, report).run();
}

}  // namespace wattfill::judge
