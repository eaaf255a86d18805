#include "trace-replay/decisions/explain.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"
#include "plugin/rerun.hpp"

namespace wattfill {
namespace {

// A date, where the host's epoch can be Unix's.
std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t kEarliestDate = 500'000'000;  // 1985
  if (seconds < kEarliestDate) return fmt::format("{} s", seconds);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string duration_text(std::int64_t seconds) {
  constexpr std::int64_t kHour = 3600;
  return fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / 60, seconds % 60);
}

std::string free_text(std::int64_t count) { return fmt::format("{} {}", count, count == 1 ? "is" : "are"); }

std::string processors_text(std::int64_t count) { return fmt::format("{} processor{}", count, count == 1 ? "" : "s"); }

class Story {
 public:
  Story(JobId job, std::vector<std::string>& lines) : job_(job), lines_(lines) {}

  void tell(const std::string& file, const std::string& model) {
    Rerun rerun(file, model);
    rerun_ = &rerun;
    names_ = names_of(rerun);
    if (lines_.empty()) tell_what_was_before();
    while (rerun.step()) {
      const plugin::Record& record = rerun.record();
      if (record.has_event()) tell_event(record.event());
      if (record.has_pass()) tell_pass(record.pass());
    }
    if (rerun.difference())
      lines_.push_back(
          fmt::format("{}: record {}: is decided differently now; see rerun", file, rerun.difference()->record));
  }

 private:
  static std::vector<std::string> names_of(Rerun& rerun) {
    const auto& cluster = rerun.planner().options().cluster;
    return cluster ? node_names(*cluster) : std::vector<std::string>{};
  }

  Planner& planner() { return rerun_->planner(); }
  void line(std::int64_t time, const std::string& text) {
    lines_.push_back(fmt::format("{}  {}", time_text(time), text));
  }

  void tell_what_was_before() {
    if (!planner().knows(job_)) return;
    const Job& job = planner().job(job_);
    line(seconds_since_epoch(job.submit), request_text(job) + "; that was before this log begins");
    if (planner().is_running(job_)) line(planner().time(), "it runs");
  }

  std::string request_text(const Job& job) {
    return fmt::format("submitted: {} for at most {}, predicted to run {}", processors_text(job.processors),
                       duration_text(job.requested.count()), duration_text(planner().predicted(job_)));
  }

  std::string nodes_text(const protocol::Allocation& nodes) const {
    std::vector<std::string> names;
    for (const protocol::NodeRun& run : nodes.run())
      for (std::int32_t n = run.first(); n < run.first() + run.length(); ++n)
        names.push_back(names_[static_cast<std::size_t>(n)]);
    return names.empty() ? "" : " on " + compress_hostlist(names);
  }

  // Whom it passes.
  std::string passed_text() {
    const std::optional<JobId> head = planner().head();
    if (!head) return "";
    const auto start = planner().expected_start(*head, planner().time());
    return fmt::format("; the first that waits, job {}, {}", *head,
                       start ? "is still expected to start at " + time_text(*start) : "has no time to start yet");
  }

  void tell_pass(const protocol::Pass& pass) {
    for (const protocol::Proposal& p : pass.proposal()) {
      if (p.job() != job_) continue;
      std::string text = fmt::format("proposed to start{}, estimated to end at {}", nodes_text(p.nodes()),
                                     time_text(p.estimated_end_s()));
      if (p.boot_s() > 0) text += fmt::format("; nodes have to wake first, for {}", duration_text(p.boot_s()));
      if (p.backfilled())
        text += "; it fills a hole that those before it leave" + (pass.complete() ? passed_text() : "");
      else
        text += "; it is first in the queue, and there is room";
      line(pass.time_s(), text);
      return;
    }
    if (pass.complete() && planner().knows(job_) && !planner().is_running(job_)) tell_wait(pass.time_s());
  }

  // Once for each job at the head of the queue.
  void tell_wait(std::int64_t now) {
    const std::optional<JobId> head = planner().head();
    if (waits_behind_ == head && told_wait_) return;
    told_wait_ = true;
    waits_behind_ = head;
    line(now, wait_text(now));
  }

  std::string wait_text(std::int64_t now) {
    const std::vector<JobId> queue = planner().queue();
    const auto at = std::find(queue.begin(), queue.end(), job_);
    if (at == queue.end())
      return "waits: it was refused, or waits for cheap power, or can run on no node; it is not in the queue";
    const Job& job = planner().job(job_);
    const std::int64_t free = planner().free_processors();
    const auto expected = planner().expected_start(job_, now);
    const std::string expectation =
        expected ? fmt::format("; expected to start at {}", time_text(*expected)) : std::string();
    if (at == queue.begin())
      return fmt::format("waits: first in the queue, with a reservation; it needs {}, and {} free{}",
                         processors_text(job.processors), free_text(free), expectation);
    const JobId head = queue.front();
    const auto start = planner().expected_start(head, now);
    std::string text =
        fmt::format("waits: {} job{} before it; it needs {}, and {} free", at - queue.begin(),
                    at - queue.begin() == 1 ? " comes" : "s come", processors_text(job.processors), free_text(free));
    if (start)
      text += fmt::format("; job {} ({}) is first and expected to start at {}", head,
                          processors_text(planner().job(head).processors), time_text(*start));
    if (start && job.processors <= free)
      text += fmt::format("; with its limit this one could run until {}", time_text(now + job.requested.count()));
    return text + expectation;
  }

  void tell_event(const protocol::Event& event) {
    const std::int64_t now = event.time_s();
    switch (event.what_case()) {
      case protocol::Event::kSubmit:
        if (event.submit().id() == job_) line(now, request_text(planner().job(job_)));
        break;
      case protocol::Event::kModify:
        if (event.modify().id() == job_)
          line(now,
               fmt::format("modified: {} for at most {}, priority {}", processors_text(event.modify().processors()),
                           duration_text(event.modify().requested_s()), event.modify().priority()));
        break;
      case protocol::Event::kEnd:
        if (event.end() == job_) line(now, "ended");
        break;
      case protocol::Event::kCancel:
        if (event.cancel() == job_) line(now, "withdrawn, or not eligible any more");
        break;
      case protocol::Event::kRequeue:
        if (event.requeue() == job_) line(now, "requeued");
        break;
      case protocol::Event::kOverrun:
        if (event.overrun() == job_) line(now, "has outlived its estimate and goes on");
        break;
      case protocol::Event::kBegun:
        if (event.begun() == job_) line(now, "its nodes are awake; it runs");
        break;
      case protocol::Event::kStarted:
        if (event.started().job() == job_) line(now, "started by the host" + nodes_text(event.started().nodes()));
        break;
      case protocol::Event::kRefused:
        if (event.refused().job() == job_)
          line(now, event.refused().reason() == protocol::Refused::HELD ? "refused by the host until it is modified"
                                                                        : "refused by the host for now");
        break;
      default:
        break;
    }
    if (!planner().knows(job_)) told_wait_ = false;
  }

  JobId job_;
  std::vector<std::string>& lines_;
  Rerun* rerun_ = nullptr;
  std::vector<std::string> names_;
  bool told_wait_ = false;
  std::optional<JobId> waits_behind_;
};

}  // namespace

std::vector<std::string> explain(const std::vector<std::string>& files, JobId job, const std::string& model) {
  std::vector<std::string> lines;
  Story story(job, lines);
  for (const std::string& file : files) story.tell(file, model);
  return lines;
}

}  // namespace wattfill
