#include "trace-replay/validate/conservative_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "trace-replay/validate/instants.hpp"
#include "trace-replay/validate/usage_profile.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

class ConservativeJudge {
 public:
  ConservativeJudge(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report)
      : jobs_(jobs),
        machine_(machine),
        report_(report),
        findings_(report),
        profile_(machine.units(0)),
        promised_(jobs.size(), kNever),
        held_(jobs.size(), kNever),
        gone_(jobs.size(), false),
        starts_now_(jobs.size(), false),
        blamed_(jobs.size(), false) {
    findings_.performed({Check::kReservationSlipped, Check::kReservationDisplaced});
    if (report.request.exact) findings_.performed({Check::kReservationInexact});
  }

  void run() {
    const bool each_event = report_.request.pass == ValidationRequest::Pass::kEachEvent;
    for (Instants instants(jobs_); instants.next();) {
      now_ = instants.now;
      for (std::size_t job : instants.started) starts_now_[job] = true;
      renew_missed();
      if (each_event) {
        decide_each_event(instants);
      } else {
        decide_once(instants);
      }
      settle(instants.started);
      for (std::size_t job : instants.started) starts_now_[job] = false;
    }
  }

 private:
  Seconds estimate(std::size_t job) const {
    const TraceEntry& entry = jobs_[job].entry;
    const bool requested = report_.request.estimates == ValidationRequest::Estimates::kRequested;
    return machine_.duration(requested ? entry.requested : entry.runtime, jobs_[job].use.taken);
  }
  std::int64_t width(std::size_t job) const { return jobs_[job].use.taken.front().units; }

  // --- the definition ---

  void hold(std::size_t job, SimTime start) {
    held_[job] = start;
    profile_.add(start, start + estimate(job), width(job));
  }
  void let_go(std::size_t job) { profile_.remove(held_[job], held_[job] + estimate(job), width(job)); }

  SimTime earliest(std::size_t job, SimTime limit) const {
    return profile_.earliest_fit(now_, width(job), estimate(job), limit);
  }

  void submit(std::size_t job) {
    if (gone_[job]) return;  // started before it was submitted: reported with the physical checks
    hold(job, earliest(job, kNever));
    promised_[job] = held_[job];
    queue_.push_back(job);  // jobs_ is in queue order
  }

  // Removes a running job from the profile. True when it ended before its estimate.
  bool end(std::size_t job) {
    let_go(job);
    return now_ < held_[job] + estimate(job);
  }

  void compress() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t job : queue_) {
        if (held_[job] <= now_) continue;
        let_go(job);
        const SimTime start = earliest(job, held_[job]);
        moved = moved || start < held_[job];
        hold(job, start);
      }
    }
  }

  // Starts the jobs whose reservation has come, as far as the schedule starts them too.
  void start_due() {
    ++report_.passes;
    for (std::size_t i = 0; i < queue_.size();) {
      const std::size_t job = queue_[i];
      if (held_[job] > now_ || !starts_now_[job]) {
        ++i;
        continue;
      }
      start(job);
    }
  }

  // The reservation that the job holds becomes the time it is estimated to run.
  void start(std::size_t job) {
    gone_[job] = true;
    std::erase(queue_, job);
    if (jobs_[job].end > now_) {
      running_.push_back(job);
    } else {
      let_go(job);
    }
  }

  void decide_once(const Instants& instants) {
    bool early = false;
    std::erase_if(running_, [&](std::size_t job) {
      if (jobs_[job].end > now_) return false;
      early = end(job) || early;
      return true;
    });
    if (early) compress();
    for (std::size_t job : instants.submitted) submit(job);
    start_due();
  }

  void decide_each_event(const Instants& instants) {
    for (std::size_t job : instants.submitted) {
      submit(job);
      start_due();
    }
    for (std::size_t i = 0; i < running_.size();) {
      if (jobs_[running_[i]].end > now_) {
        ++i;
        continue;
      }
      const std::size_t job = running_[i];
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      if (end(job)) compress();
      start_due();
    }
    start_due();  // a reservation may come due though nothing else happens
  }

  // --- verdicts, and following the schedule ---

  // A reservation of the past that was not used is lost: the job holds the earliest one that there still is.
  void renew_missed() {
    for (std::size_t job : queue_) {
      if (held_[job] >= now_) continue;
      blame_for_waiting(job);
      let_go(job);
      hold(job, earliest(job, kNever));
    }
  }

  void settle(const std::vector<std::size_t>& started) {
    for (std::size_t job : started) {
      if (promised_[job] < now_) {
        findings_.add(Check::kReservationSlipped, jobs_[job].entry.id, now_, [&] {
          return std::pair{
              fmt::format("started {} s late", (now_ - promised_[job]).count()),
              fmt::format("by {} s, the reservation made at its submission at {} s",
                          seconds_since_epoch(promised_[job]), seconds_since_epoch(jobs_[job].entry.submit))};
        });
      }
      if (!gone_[job]) start_ahead(job);
    }
    for (std::size_t job : queue_) {
      if (held_[job] <= now_) blame_for_waiting(job);
    }
  }

  // The schedule starts a job that holds a later reservation, or none yet.
  void start_ahead(std::size_t job) {
    const bool queued = std::binary_search(queue_.begin(), queue_.end(), job);
    const SimTime held = held_[job];
    if (queued) {
      let_go(job);
      if (earliest(job, now_ + Seconds{1}) > now_) {
        findings_.add(Check::kReservationDisplaced, jobs_[job].entry.id, now_, [&] {
          return std::pair{fmt::format("started on {} processors that until {} s are in use or promised to others",
                                       jobs_[job].entry.processors, seconds_since_epoch(now_ + estimate(job))),
                           fmt::format("by its own reservation, at {} s", seconds_since_epoch(held))};
        });
      }
      if (report_.request.exact) {
        findings_.add(Check::kReservationInexact, jobs_[job].entry.id, now_, [&] {
          return std::pair{std::string("started now"),
                           fmt::format("at {} s, the reservation it holds", seconds_since_epoch(held))};
        });
      }
    }
    hold(job, now_);
    start(job);
  }

  // With `exact` only: the reservation has come and the job did not start. Once a job.
  void blame_for_waiting(std::size_t job) {
    if (!report_.request.exact || blamed_[job]) return;
    blamed_[job] = true;
    findings_.add(Check::kReservationInexact, jobs_[job].entry.id, held_[job], [&] {
      return std::pair{fmt::format("starts at {} s", seconds_since_epoch(jobs_[job].start)),
                       fmt::format("at {} s, the reservation it holds", seconds_since_epoch(held_[job]))};
    });
  }

  const std::vector<JudgedJob>& jobs_;
  const NodeMachine& machine_;
  ValidationReport& report_;
  Findings findings_;

  SimTime now_{};
  UsageProfile profile_;              // running jobs until their estimated ends, and all reservations held
  std::vector<std::size_t> queue_;    // waiting, in queue order
  std::vector<std::size_t> running_;  // in order of the starts
  std::vector<SimTime> promised_;     // the reservation made at submission
  std::vector<SimTime> held_;         // the reservation now; once started, the start
  std::vector<bool> gone_;            // started
  std::vector<bool> starts_now_;      // the schedule starts it at this instant
  std::vector<bool> blamed_;
};

}  // namespace

void check_conservative(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report) {
  ConservativeJudge(jobs, machine, report).run();
}

}  // namespace wattfill::judge
