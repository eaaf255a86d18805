#include "tests/trace-replay/validate/brute_force.hpp"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>

namespace wattfill::judge {

std::vector<TraceEntry> random_trace(std::uint32_t seed, std::size_t jobs, std::int64_t machine) {
  boost::random::mt19937 generator(seed);
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  std::vector<TraceEntry> trace;
  std::int64_t submit = 0;
  for (std::size_t i = 0; i < jobs; ++i) {
    // Steps of five seconds make submissions, ends and estimated ends fall together often.
    if (draw(0, 2) != 0) submit += 5 * draw(0, 6);
    const std::int64_t processors =
        draw(0, 3) == 0 ? draw(1, machine) : draw(1, std::max<std::int64_t>(1, machine / 4));
    const std::int64_t requested = 5 * draw(1, 20);
    const std::int64_t run = draw(0, 2) == 0   ? requested
                             : draw(0, 1) == 0 ? 5 * draw(1, requested / 5)
                                               : draw(1, requested);
    trace.push_back(
        {static_cast<JobId>(i + 1), SimTime{Seconds{submit}}, processors, Seconds{requested}, Seconds{run}});
  }
  return trace;
}

namespace {

class Ticker {
 public:
  Ticker(const std::vector<TraceEntry>& trace, const ValidationRequest& request)
      : trace_(trace),
        request_(request),
        starts_(trace.size(), -1),
        promises_(trace.size(), -1),
        reserved_(trace.size(), -1) {
    std::int64_t horizon = trace.empty() ? 0 : seconds_since_epoch(trace.back().submit);
    for (const TraceEntry& job : trace) horizon += job.requested.count();
    usage_.assign(static_cast<std::size_t>(2 * horizon + 2), 0);
  }

  BruteForceResult run() {
    std::size_t next = 0;
    std::size_t ended = 0;
    for (now_ = 0; ended < trace_.size(); ++now_) {
      std::vector<std::size_t> submitted;
      while (next < trace_.size() && submit(next) == now_) submitted.push_back(next++);
      std::vector<std::size_t> ends;
      for (std::size_t job : running_) {
        if (starts_[job] + runtime(job) == now_) ends.push_back(job);
      }
      ended += ends.size();
      if (request_.pass == ValidationRequest::Pass::kEachEvent) {
        for (std::size_t job : submitted) handle({job}, {});
        for (std::size_t job : ends) handle({}, {job});
      } else if (!submitted.empty() || !ends.empty()) {
        handle(submitted, ends);
      }
      if (conservative()) start_reserved();
      if (static_cast<std::size_t>(now_) >= usage_.size()) throw std::logic_error("brute force does not end");
    }
    return {starts_, promises_};
  }

 private:
  bool conservative() const { return request_.policy == "conservative"; }
  std::int64_t submit(std::size_t job) const { return seconds_since_epoch(trace_[job].submit); }
  std::int64_t runtime(std::size_t job) const { return trace_[job].runtime.count(); }
  std::int64_t width(std::size_t job) const { return trace_[job].processors; }
  std::int64_t estimate(std::size_t job) const {
    const bool requested = request_.estimates == ValidationRequest::Estimates::kRequested;
    return (requested ? trace_[job].requested : trace_[job].runtime).count();
  }

  void handle(const std::vector<std::size_t>& submitted, const std::vector<std::size_t>& ends) {
    bool early = false;
    for (std::size_t job : ends) {
      std::erase(running_, job);
      if (conservative()) {
        paint(now_, starts_[job] + estimate(job), -width(job));
        early = early || now_ < starts_[job] + estimate(job);
      }
    }
    if (conservative() && early) compress();
    for (std::size_t job : submitted) {
      waiting_.push_back(job);
      if (conservative()) reserve(job, now_ + static_cast<std::int64_t>(usage_.size()));
      promises_[job] = reserved_[job];
    }
    if (conservative()) {
      start_reserved();
    } else {
      pass();
    }
  }

  void start(std::size_t job) {
    starts_[job] = now_;
    running_.push_back(job);
    std::erase(waiting_, job);
  }

  // --- fcfs, easy ---

  std::int64_t estimated_free(std::int64_t at) const {
    std::int64_t free = request_.processors;
    for (std::size_t job : running_) {
      if (starts_[job] + estimate(job) > at) free -= width(job);
    }
    return free;
  }

  void pass() {
    while (!waiting_.empty() && width(waiting_.front()) <= estimated_free(now_)) start(waiting_.front());
    if (waiting_.empty() || request_.policy == "fcfs") return;
    const std::size_t head = waiting_.front();
    std::int64_t shadow = now_ + 1;
    while (estimated_free(shadow) < width(head)) ++shadow;
    std::vector<std::size_t> candidates(waiting_.begin() + 1, waiting_.end());
    if (request_.policy == "easy-sjbf") {
      std::stable_sort(candidates.begin(), candidates.end(),
                       [this](std::size_t a, std::size_t b) { return estimate(a) < estimate(b); });
    }
    for (std::size_t job : candidates) {
      if (width(job) > estimated_free(now_)) continue;
      const bool still_there = now_ + estimate(job) > shadow;
      if (estimated_free(shadow) - (still_there ? width(job) : 0) >= width(head)) start(job);
    }
  }

  // --- conservative ---

  void paint(std::int64_t from, std::int64_t to, std::int64_t processors) {
    for (std::int64_t t = from; t < to; ++t) usage_.at(static_cast<std::size_t>(t)) += processors;
  }

  bool fits(std::size_t job, std::int64_t at) const {
    for (std::int64_t t = at; t < at + estimate(job); ++t) {
      if (usage_.at(static_cast<std::size_t>(t)) + width(job) > request_.processors) return false;
    }
    return true;
  }

  void reserve(std::size_t job, std::int64_t limit) {
    std::int64_t at = now_;
    while (at < limit && !fits(job, at)) ++at;
    reserved_[job] = at;
    paint(at, at + estimate(job), width(job));
  }

  void compress() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t job : waiting_) {
        const std::int64_t before = reserved_[job];
        paint(before, before + estimate(job), -width(job));
        reserve(job, before);
        moved = moved || reserved_[job] < before;
      }
    }
  }

  void start_reserved() {
    const std::vector<std::size_t> waiting = waiting_;
    for (std::size_t job : waiting) {
      if (reserved_[job] == now_) start(job);
    }
  }

  const std::vector<TraceEntry>& trace_;
  const ValidationRequest& request_;
  std::int64_t now_ = 0;
  std::vector<std::size_t> waiting_;
  std::vector<std::size_t> running_;  // in order of the starts
  std::vector<std::int64_t> starts_;
  std::vector<std::int64_t> promises_;
  std::vector<std::int64_t> reserved_;
  std::vector<std::int64_t> usage_;  // conservative: processors promised in each second
};

}  // namespace

BruteForceResult brute_force(const std::vector<TraceEntry>& trace, const ValidationRequest& request) {
  return Ticker(trace, request).run();
}

}  // namespace wattfill::judge
