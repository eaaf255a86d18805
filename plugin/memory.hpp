// The jobs that have ended, as far back as a planner remembers them: what a predictor has to be told to know again what
// it knew.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "backfill/model/estimate_source.hpp"

namespace wattfill {

struct RememberedJob {
  Job job;
  SimTime entered{};
  SimTime started{};
  SimTime ended{};
  Seconds runtime{};              // at the reference speed
  std::int64_t start_number = 0;  // of all starts, in their order: an instant may have several
};

// Stands before a source, passes everything on and remembers.
class Memory final : public EstimateSource {
 public:
  Memory(std::shared_ptr<EstimateSource> source, std::size_t most) : source_(std::move(source)), most_(most) {}

  std::string_view name() const override { return source_->name(); }
  bool upper_bound() const override { return source_->upper_bound(); }
  Seconds after_overrun(const Job& job, Seconds initial, int overruns) override {
    return source_->after_overrun(job, initial, overruns);
  }
  Seconds at_submit(const Job& job, SimTime now) override {
    // A modified job is asked about again, but entered when it did.
    pending_.try_emplace(job.id, RememberedJob{job, now, now, now, {}}).first->second.job = job;
    return source_->at_submit(job, now);
  }
  std::optional<Seconds> while_waiting(const Job& job, SimTime now) override {
    return source_->while_waiting(job, now);
  }
  void started(const Job& job, SimTime now) override {
    if (const auto at = pending_.find(job.id); at != pending_.end()) {
      at->second.started = now;
      at->second.start_number = ++starts_;
    }
    source_->started(job, now);
  }
  // A running job has run since then.
  void began(JobId job, SimTime since) {
    if (const auto at = pending_.find(job); at != pending_.end()) at->second.started = since;
  }
  void ended(const Job& job, SimTime now, Seconds runtime) override {
    source_->ended(job, now, runtime);
    const auto at = pending_.find(job.id);
    if (at == pending_.end()) return;
    at->second.ended = now;
    at->second.runtime = runtime;
    jobs_.push_back(at->second);
    pending_.erase(at);
    if (jobs_.size() > most_) jobs_.pop_front();
  }
  void cancelled(const Job& job, SimTime now) override {
    pending_.erase(job.id);
    source_->cancelled(job, now);
  }

  // Of a job that runs; 0 for one that has not started.
  std::int64_t start_number(JobId job) const {
    const auto at = pending_.find(job);
    return at == pending_.end() ? 0 : at->second.start_number;
  }

  // The next start has this number.
  void count_starts_from(std::int64_t number) { starts_ = number - 1; }

  std::size_t most() const { return most_; }
  const std::deque<RememberedJob>& jobs() const { return jobs_; }

 private:
  std::shared_ptr<EstimateSource> source_;
  std::size_t most_;
  std::unordered_map<JobId, RememberedJob> pending_;
  std::deque<RememberedJob> jobs_;
  std::int64_t starts_ = 0;
};

}  // namespace wattfill
